// Plays a recording of widgets: the same views as in a notebook, without Python.
"use strict";

const decoded = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));

async function unpacked(id) {
  const stream = new Blob([decoded(id)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

// Inside of the page, or beside it.
async function library(id) {
  const { at } = document.getElementById(id).dataset;
  if (at) return new URL(at, document.baseURI).href;
  return URL.createObjectURL(new Blob([await unpacked(id)], { type: "text/javascript" }));
}

function script(url) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = done;
    element.onerror = () => failed(new Error("A library could not be read."));
    document.head.append(element);
  });
}

const required = (names) => new Promise((done, failed) => require(names, (...all) => done(all), failed));

class Replay {
  constructor(manager, data, bytes) {
    Object.assign(this, { manager, data, bytes });
    this.run = data.shown;
    this.index = data.runs[this.run].length - 1;
    this.at = new Map(); // which value of a trait is on screen, where it is not the first
    this.working = this.playing = null;
    this.own = false; // whether it is this page that moves a control, and not the reader
  }

  // Bytes into a state.
  filled(value) {
    if (Array.isArray(value)) return value.map((one) => this.filled(one));
    if (value === null || typeof value !== "object") return value;
    if ("_blob" in value) return this.blob(...value._blob);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.filled(one)]));
  }

  // A copy: views take all of the buffer that they are given.
  blob(first, length) {
    const start = this.data.start + first;
    return new DataView(this.bytes.slice(start, start + length));
  }

  async open(element) {
    const state = {};
    for (const [id, traits] of Object.entries(this.data.models)) {
      state[id] = {
        model_name: traits._model_name,
        model_module: traits._model_module,
        model_module_version: traits._model_module_version,
        state: this.filled(traits),
      };
    }
    await this.manager.set_state({ version_major: 2, version_minor: 0, state });
    this.models = {};
    for (const id of Object.keys(this.data.models)) this.models[id] = await this.manager.get_model(id);
    await this.draw();
    const view = await this.manager.create_view(this.models[this.data.root]);
    await this.manager.display_view(view, element);
    this.connect();
  }

  // What is on screen: the last value of each trait that is not after the moment.
  async draw() {
    const run = this.data.runs[this.run];
    const moment = run.first + this.index;
    const jobs = [];
    for (const [id, traits] of Object.entries(this.data.tracks)) {
      const changed = {};
      for (const [name, values] of Object.entries(traits)) {
        const at = last(values, moment);
        if (id === this.data.slider && name === "value") continue; // it stays where the reader put it
        const key = `${id} ${name}`;
        if ((this.at.get(key) ?? 0) === at) continue;
        this.at.set(key, at);
        changed[name] = this.filled(values[at][1]);
      }
      if (!Object.keys(changed).length) continue;
      const model = this.models[id];
      jobs.push(
        model.constructor._deserialize_state(changed, this.manager).then((state) => {
          this.own = true;
          model.set_state(state);
          this.own = false;
        }),
      );
    }
    await Promise.all(jobs);
    this.place();
  }

  // The slider, which may have another end in this run.
  place() {
    const time = this.models[this.data.slider];
    if (!time) return;
    this.own = true;
    const end = this.data.runs[this.run].length - 1;
    time.set({ max: Math.max(1, end), value: this.index });
    this.own = false;
  }

  // Go somewhere; of many wishes while something is drawn, the last one counts.
  async go(index, run = this.run) {
    this.run = run;
    this.index = Math.max(0, Math.min(index, this.data.runs[run].length - 1));
    if (this.working) {
      this.again = true;
      return this.working;
    }
    this.working = (async () => {
      do {
        this.again = false;
        await this.draw();
      } while (this.again);
      this.working = null;
    })();
    return this.working;
  }

  connect() {
    const { slider, play, back, next, events, folds, controls, clicks } = this.data;
    const act = (id, what) => {
      if (this.models[id]) this.models[id].send = what;
    };
    if (slider) {
      const time = this.models[slider];
      time.on("change:value", () => {
        if (this.own) return;
        this.pause();
        this.go(time.get("value"));
      });
      // noUiSlider's End key goes to the end that there was when the slider was made.
      const atEnd = async (event) => {
        if (event.key !== "End") return;
        for (const view of Object.values(time.views)) {
          if ((await view).el.contains(event.target)) this.go(this.data.runs[this.run].length - 1);
        }
      };
      document.addEventListener("keyup", atEnd);
      act(play, () => (this.playing ? this.pause() : this.play()));
      act(back, () => this.jump(-1));
      act(next, () => this.jump(1));
      for (const [id, index] of Object.entries(events)) act(id, () => (this.pause(), this.go(index)));
    }
    for (const { heads, layouts } of folds) {
      heads.forEach((head, i) => this.models[head].on("change:value", () => this.unfold(heads, layouts, i)));
    }
    for (const control of controls) {
      for (const [id, trait] of [[control.slider, "value"], [control.text, "value"], [control.choice, "index"]]) {
        if (id) this.models[id].on(`change:${trait}`, () => this.turn(control, id, trait));
      }
    }
    for (const { marks, controls: names } of clicks) {
      for (const id of marks) {
        const mark = this.models[id];
        mark.send = ({ event, data }) => event === "element_click" && this.click(names, place(mark, data));
      }
    }
  }

  unfold(heads, layouts, chosen) {
    const on = this.models[heads[chosen]].get("value");
    heads.forEach((head, i) => {
      const here = on && i === chosen;
      if (on || i === chosen) {
        this.models[head].set({ value: here, icon: here ? "caret-down" : "caret-right" });
        this.models[layouts[i]].set("display", here ? "" : "none");
      }
    });
  }

  play() {
    const run = this.data.runs[this.run];
    if (this.index >= run.length - 1) this.go(0);
    const button = this.models[this.data.play];
    button.set("description", this.data.texts.end);
    const from = this.index >= run.length - 1 ? 0 : this.index;
    const began = performance.now();
    const step = () => {
      const index = from + Math.floor(((performance.now() - began) / 1000 / this.data.seconds) * run.length);
      this.go(index);
      if (index >= run.length - 1) this.pause();
      else this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.models[this.data.play]?.set("description", this.data.texts.play);
  }

  jump(direction) {
    this.pause();
    const stops = this.data.runs[this.run].events;
    const there = direction > 0 ? stops.find((at) => at > this.index) : stops.findLast((at) => at < this.index);
    if (there !== undefined) this.go(there);
  }

  // A control that was recorded snaps to the run whose own value is nearest.
  async turn(control, id, trait) {
    if (this.own) return;
    const wanted = this.models[id].get(trait);
    const number = (value) => (trait === "value" ? Number.parseFloat(String(value).replaceAll(",", "")) : value);
    const scaled = (value) => (id === control.text && control.log ? Math.log(number(value)) : number(value));
    this.at.set(`${id} ${trait}`, -1); // what the reader entered is not what was recorded
    await this.snap([control], (run) => Math.abs(scaled(run.shows[id]) - scaled(wanted)));
  }

  // So does a cell that is clicked.
  click(names, where) {
    const chosen = this.data.controls.filter((one) => names.includes(one.name));
    const apart = (run) => Math.hypot(...chosen.map((one) => run.shows[one.choice] - where[names.indexOf(one.name)]));
    return this.snap(chosen, apart);
  }

  // To the run that is least apart, of those that differ in these controls only.
  async snap(free, apart) {
    this.pause();
    const here = this.data.runs[this.run];
    const others = (run) => this.data.controls.every((one) => free.includes(one) || run.at[one.name] === here.at[one.name]);
    let best = this.run;
    let least = Infinity;
    this.data.runs.forEach((run, i) => {
      if (others(run) && apart(run) < least) [best, least] = [i, apart(run)];
    });
    const share = this.index / Math.max(1, here.length - 1);
    await this.go(Math.round(share * (this.data.runs[best].length - 1)), best);
  }
}

// Column and row of a cell, or of a sign above it.
function place(mark, { index, column, row }) {
  const borders = column !== undefined;
  return borders ? [Math.round(column + 0.5), Math.round(row + 0.5)] : ["x", "y"].map((name) => Math.round(mark.get(name)[index]));
}

function last(values, moment) {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle][0] <= moment) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function main() {
  await script(await library("require"));
  require.config({ paths: { bqplot: await library("bqplot"), bqscales: await library("bqscales") }, waitSeconds: 60 });
  await script(await library("html-manager"));
  const [{ HTMLManager }] = await required(["@jupyter-widgets/html-manager"]);
  const bytes = await unpacked("recording");
  const length = new DataView(bytes).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  data.start = 4 + length;
  const loader = (name) => required([name]).then(([found]) => found);
  window.replay = new Replay(new HTMLManager({ loader }), data, bytes);
  await window.replay.open(document.getElementById("lab"));
  document.getElementById("wait").remove();
  document.body.dataset.ready = Math.round(performance.now());
}

main().catch((error) => {
  document.getElementById("wait").textContent =
    `This page could not be opened: ${error.message} A browser of 2023 or later is needed.`;
  throw error;
});
