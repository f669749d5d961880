"""A reader who does anything in any order in a lab, and what must hold after each act."""

import asyncio
import contextlib
import functools
import gc
import sys
import threading
import weakref
from collections import Counter
from unittest import mock

import hypothesis
import ipywidgets
import numpy as np
from cases import LABS
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from waiting import until

import condensekit as ck
from condensekit.labs import screen, stage
from condensekit.labs.axes import Axes
from condensekit.labs.controls import NumberControl
from condensekit.subjects import State
from condensekit.subjects.memory import KEPT
from condensekit.sweeps import Cells, fill
from condensekit.symmetry import escape
from condensekit.views.loss import LossView
from condensekit.widgets.lifetime import take_place

CLOSED = "This lab is closed; make another one."
ERROR = "✖"
GOING_ON = ("Training ", "Stopping", "Computing", "Paused", "This run goes on")
BAD = ["", "many", "-7", "1e400", "nan", "1,5,", "٣x"]
PLACES = st.sampled_from(["here", "another thread", "the loop of a notebook"])
LIVE = st.booleans()
MOST_MORE = 100  # widgets that a lab may make beyond those that it opened with
MOST_STEPS = 2_000  # a run that has gone on so far is not doubled again


@functools.cache
def trained(experiments):
    """The whole runs, from a training that no lab has seen."""
    return ck.train([*experiments])


@functools.cache
def escaped(settings):
    found = escape(settings.experiment, settings.set(), settings.kick)
    on, off, *narrow = found.runs()
    return [off, on, *narrow]


@functools.cache
def filled(grid):
    return [*fill(Cells(grid))][-1]


def check_beginning(shown, whole):
    """What is shown of a run is its beginning; the last step may be between two recorded."""
    recorded = len(shown) - (shown.step[-1] not in whole.step)
    np.testing.assert_array_equal(shown.step[:recorded], whole.step[:recorded])
    # Not to the last bit: other runs in the batch put a row elsewhere in memory.
    np.testing.assert_allclose(shown.loss[:recorded], whole.loss[:recorded], rtol=1e-6)
    np.testing.assert_allclose(shown.test_loss[:recorded], whole.test_loss[:recorded], rtol=1e-6)


def seen(lab):
    """What is read on the screen, but for the status line."""
    return lab.verdict.value, lab.below.value, lab.timeline.moment.value, lab.progress.value


def says_paused(lab):
    return lab.pause_button.description == "Go on" and not lab.stop_button.disabled


class Reader(RuleBasedStateMachine):
    """One lab, and everything that may be done to it; `tally` counts what was done."""

    name = ""
    tally: Counter = Counter()

    @initialize()
    def open(self):
        """The lab, as the output of a cell."""
        self.loop, self.lab, self.tokens, self.spoiled = asyncio.new_event_loop(), None, [], None
        self.threads = {*threading.enumerate()}
        self.tally["sequences"] += 1
        self.run_cell("here")

    def act(self, do, where="here"):
        """Do something; what is refused is refused with a ValueError, and nothing else is raised.

        Returns the message, or '' if it was done.
        """
        self.tally["actions"] += 1
        raised = []

        def guarded():
            try:
                do()
            except Exception as error:  # noqa: BLE001  it is looked at below
                raised.append(error)

        async def in_loop():
            guarded()

        if where == "here":
            guarded()
        elif where == "another thread":
            other = threading.Thread(target=guarded, daemon=True)
            other.start()
            other.join(60.0)
            assert not other.is_alive(), "it hangs"
        else:
            self.loop.run_until_complete(in_loop())
        if not raised:
            return ""
        if not isinstance(raised[0], ValueError):
            raise raised[0]
        self.tally["refusals"] += 1
        return str(raised[0])

    # Controls ----------------------------------------------------------------------------------

    @rule(data=st.data(), where=PLACES)
    def turn(self, data, where):
        case = LABS[self.name]
        offered = [
            (name, values[name])
            for values in (case.knobs, case.turned)
            for name in values
            if name in self.lab.controls
        ]
        if offered:
            name, value = data.draw(st.sampled_from(offered))
            if not self.act(lambda: setattr(self.lab, name, value), where):
                assert getattr(self.lab, name) == value

    @rule(data=st.data(), bad=st.sampled_from([-7, "many", None, float("nan")]), where=PLACES)
    def turn_to_nothing(self, data, bad, where):
        self.mend("here")  # what a reader has spoiled has no value to be held
        name = data.draw(st.sampled_from([*self.lab.controls]))
        held = getattr(self.lab, name)
        assert self.act(lambda: setattr(self.lab, name, bad), where)
        assert getattr(self.lab, name) == held

    @rule(data=st.data(), bad=st.sampled_from(BAD), where=PLACES)
    def spoil(self, data, bad, where):
        self.mend("here")
        texts = []
        for box in self.lab.controls.values():
            if isinstance(box, NumberControl) and box.layout.display != "none":
                texts.append(box.text)
            elif isinstance(box, Axes):
                texts += box.values.values()
        if texts:
            text = data.draw(st.sampled_from(texts))
            self.spoiled = text, text.value
            assert not self.act(lambda: setattr(text, "value", bad), where)
            assert ERROR in self.lab.status.value

    @rule(where=PLACES)
    def mend(self, where):
        if self.spoiled is not None:
            (text, value), self.spoiled = self.spoiled, None
            assert not self.act(lambda: setattr(text, "value", value), where)

    @rule(where=PLACES)
    def compare(self, where):
        box = self.lab.compare
        assert not self.act(lambda: setattr(box, "value", not box.value), where)

    @rule(data=st.data(), where=PLACES)
    def look(self, data, where):
        looks = self.lab.form.looks
        if looks:
            box = looks[data.draw(st.sampled_from(sorted(looks)))]
            index = data.draw(st.integers(0, len(box.options) - 1))
            assert not self.act(lambda: setattr(box, "index", index), where)

    @rule(data=st.data(), where=PLACES)
    def unfold(self, data, where):
        which = data.draw(st.none() | st.integers(0, len(self.lab.folds.titles) - 1))
        assert not self.act(lambda: setattr(self.lab.folds, "selected_index", which), where)

    # Work --------------------------------------------------------------------------------------

    @rule(live=LIVE, where=PLACES)
    def run(self, live, where):
        self.act(lambda: self.lab.run(live=live), where)

    @rule(where=PLACES)
    def pause(self, where):
        if all(run.experiment.optimizer.most_steps < MOST_STEPS for run in self.lab.runs()):
            self.act(self.lab.pause, where)

    @rule(live=LIVE, where=PLACES)
    def go_on(self, live, where):
        if all(run.experiment.optimizer.most_steps < MOST_STEPS for run in self.lab.runs()):
            self.act(lambda: self.lab.go_on(live=live), where)

    @rule(wait=st.booleans(), where=PLACES)
    def stop(self, wait, where):
        assert not self.act(lambda: self.lab.stop(wait=wait), where)

    @rule(where=PLACES)
    def reset(self, where):
        assert not self.act(self.lab.reset, where)
        assert self.lab.last is None
        self.spoiled = None

    @rule(live=LIVE, where=PLACES)
    def play(self, live, where):
        self.act(lambda: self.lab.play(live=live), where)

    @rule(step=st.sampled_from([0, 1, 3, 20, 1e9, -1, float("nan"), "two", None]), where=PLACES)
    def go_to(self, step, where):
        self.act(lambda: self.lab.go_to(step), where)

    @rule(index=st.integers(-3, 60), where=PLACES)
    def slide(self, index, where):
        assert not self.act(lambda: setattr(self.lab.timeline.slider, "value", index), where)

    @rule(direction=st.sampled_from([-1, 1, 0, "up"]), where=PLACES)
    def jump(self, direction, where):
        assert bool(self.act(lambda: self.lab.jump(direction), where)) == (direction in (0, "up"))

    @rule(which=st.sampled_from(["run", "stop", "reset", "play", "next", "back"]), where=PLACES)
    def press(self, which, where):
        owner = self.lab if hasattr(self.lab, f"{which}_button") else self.lab.timeline
        button = getattr(owner, f"{which}_button")
        if not button.disabled:
            assert not self.act(button.click, where)
            if which == "reset":
                self.spoiled = None

    @rule()
    def wait(self):
        player = self.lab.player
        until(lambda: player.state is not State.WORKING, "end, or pause")

    # Tokens ------------------------------------------------------------------------------------

    @rule(where=PLACES)
    def keep(self, where):
        assert not self.act(lambda: self.tokens.append(self.lab.state()), where)

    @rule(data=st.data(), live=LIVE, where=PLACES)
    def restore(self, data, live, where):
        if self.tokens:
            token = data.draw(st.sampled_from(self.tokens))
            assert not self.act(lambda: self.lab.restore(token, live=live), where)
            self.spoiled = None
            self.wait()
            assert self.lab.state() == token

    @rule(data=st.data(), by_button=st.booleans(), where=PLACES)
    def restore_damaged(self, data, by_button, where):
        token = data.draw(st.sampled_from([*self.tokens, "ck2-AAAA", ""]))
        at = data.draw(st.integers(0, max(len(token) - 1, 0)))
        token = token[:at] + data.draw(st.sampled_from(["", "A", "é", "\n"])) + token[at + 2 :]
        if token.strip() in self.tokens:
            return
        if by_button:
            self.lab.folds.token.value = token
            assert not self.act(self.lab.folds.restore_button.click, where)
            assert ERROR in self.lab.status.value
        else:
            assert self.act(lambda: self.lab.restore(token), where)

    # Ends --------------------------------------------------------------------------------------

    @rule(where=PLACES)
    def run_cell(self, where):
        """The lab of the cell before it ends, and leaves nothing."""
        before = None if self.lab is None else weakref.ref(self.lab)
        made = []

        def cell():
            made.append(LABS[self.name].make())
            take_place(made[0], "a cell")

        assert not self.act(cell, where)
        if before is not None:
            assert self.lab.comm is None, "it is closed"
            self.check_closed()
            self.lab = self.spoiled = None
            self.let_go(before)
        self.lab, self.spoiled = made.pop(), None
        self.opened_with = len(ipywidgets.widgets.widget._instances)

    def check_closed(self):
        lab = self.lab
        assert lab.player.state is State.IDLE
        for do in (lab.run, lab.play, lab.reset, lab.go_on, lambda: lab.restore(lab.state())):
            assert CLOSED in self.act(do)
        lab.stop()

    def let_go(self, gone):
        self.loop.run_until_complete(asyncio.sleep(2 * screen.REST))
        gc.collect()
        assert gone() is None, "a closed lab is collected"
        assert not asyncio.all_tasks(self.loop)
        assert not [timer for timer in self.loop._scheduled if not timer.cancelled()]

    def teardown(self):
        try:
            if getattr(self, "lab", None) is not None:
                self.lab.close()
                self.check_closed()
                gone, self.lab, self.spoiled = weakref.ref(self.lab), None, None
                if sys.exc_info()[0] is None:  # else the traceback of what failed holds the lab
                    self.let_go(gone)
                    assert {*threading.enumerate()} <= self.threads, "a thread is left"
        finally:
            with contextlib.suppress(AttributeError):
                self.loop.close()

    # What holds after each act -----------------------------------------------------------------

    @invariant()
    def tells_the_truth(self):
        lab = self.lab
        status = lab.status.value
        for kind in ("Error", "Exception", "Interrupted"):
            assert kind not in status, status
        assert len(lab.subject.memory._finished) <= KEPT
        assert len(ipywidgets.widgets.widget._instances) <= self.opened_with + MOST_MORE
        if lab.player.state is State.PAUSED:  # or goes on at this very moment
            until(lambda: lab.player.state is not State.PAUSED or says_paused(lab), "word of it")
        elif lab.player.state is State.IDLE:
            assert lab.player.join(30.0)
            if lab.player._thread is not None:
                assert not lab.player._thread.is_alive()
            self.check_rest(lab)

    def check_rest(self, lab):
        """Nothing goes on: buttons, status and pictures say so, and the numbers hold."""
        assert not lab.run_button.disabled
        assert lab.stop_button.disabled
        assert lab.timeline.play_button.description == "Play"
        assert not any(f">{words}" in lab.status.value for words in GOING_ON), lab.status.value
        shown = seen(lab)
        lab.redraw()
        assert seen(lab) == shown, "what is on screen is what is there"
        self.tally["states checked"] += 1
        subject = lab.subject
        what = subject.what(lab.shown)
        if isinstance(lab, ck.labs.RankLab):
            assert self.spoiled is not None or lab.entered() == what
        elif isinstance(lab, ck.labs.PhaseLab):
            whole = filled(what).known
            for number, cell in lab.shown.cells.known.items():
                if cell.trained:
                    np.testing.assert_equal(cell.row(), whole[number].row())
        else:
            runs = lab.runs()
            whole = escaped(what) if isinstance(lab, ck.labs.SymmetryLab) else trained(what)
            for one, all_of_it in zip(runs, whole, strict=True):
                check_beginning(one, all_of_it)
            assert lab.timeline.moment.value == subject.moment(lab.shown, lab._index)
            view = lab.views.get("loss")
            if isinstance(view, LossView):
                drawn = np.asarray(view.train.y)
                np.testing.assert_allclose(drawn, np.log10(np.maximum(runs[0].loss, 1e-300)))


def explore(name, examples, steps):
    """Let readers do anything in a lab; how many sequences, actions, refusals and checks."""
    kind = type("Reader", (Reader,), {"name": name, "tally": Counter()})
    chosen = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    with mock.patch.object(stage, "REPLAY_SECONDS", 0.0), mock.patch.object(screen, "REST", 0.0):
        run(kind, settings=chosen)
    return kind.tally


def told(tally):
    """What was done, in the words of the page on reliability, and how often."""
    words = {
        "sequences": "sequences of actions in labs",
        "actions": "actions",
        "refusals": "actions refused with a reason",
        "states checked": "states of labs checked",
    }
    return [(f"reliability: {words[name]}", count) for name, count in sorted(tally.items())]
