"""How often all linked pictures of a lab are redrawn while a reader scrubs, in Chromium."""

import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser_page import moment, ran, timeline
from browser_server import CHROMIUM, FLAGS, Server, opened

TITLE = "Redraws while scrubbing, in a browser"
EXPLANATION = """\
A lab in JupyterLab under headless Chromium at 1,200 pixels, with a trained run of 500 neurons; the
handle of its slider is dragged from the first recorded step to the last and back, twice, by a hand
that takes 4 seconds for each way, however far behind the pictures are. A frame begins when the
clock below the slider shows another step, and is whole when the last picture of it was redrawn,
before the clock goes on; one that was overtaken, or in which a picture with a line at the moment
was not redrawn, does not count. The images of cosines follow in every 4th or 5th frame. Given are
the times between whole frames, and how far the picture was behind the mouse when the drag ended.
Processor time for each whole frame tells what it costs where other work runs beside: browser,
kernel and Jupyter's server can work at the same time on two cores. "A server that waits" is one
without `condensekit_server`, as where condensekit is installed beside the kernel only. "As it was"
is such a server, and the same lab with a message for each widget, an element for each dot, and a
kernel that says that it is busy. The bar is 25 frames a second in the median and 15 in the 95th
percentile."""

PICTURES = {
    "CondensationLab, 2 x 500 neurons, 6 pictures": (
        "CondensationLab(width=500, steps=3_000, lr=0.02)",
        6,
        (3, 4),
    ),
    "RecoveryLab, 500 neurons, 4 pictures": ("RecoveryLab()", 4, (2,)),
}
"""How a lab is made, how many pictures it has, and which of them have a line at the moment."""
AS_IT_WAS = """\
import contextlib, condensekit.widgets.quiet
from condensekit.views.neurons import NeuronView, PolarView
for view in (NeuronView, PolarView):
    view.moving = property(lambda view: False, lambda view, moving: None)
lab.gate.frame = contextlib.nullcontext; condensekit.widgets.quiet._MOVED.clear()
"""
WAYS = {", as it was": (True, True), ", a server that waits": (False, True), "": (False, False)}
"""Whether the lab is as it was, and whether the server waits."""
WAITS = {"ServerApp": {"jpserver_extensions": {"condensekit_server": False}}}
SWEEP = 4.0  # seconds from one end to the other
MOUSE = 40.0  # places a second that a mouse tells
WATCH = """() => {
  const clock = document.querySelector('.condensekit-moment');
  const figures = [...document.querySelectorAll('.condensekit-lab .bqplot')];
  window.begun = [];
  window.redraws = figures.map(() => []);
  const noted = (times) => new MutationObserver(() => times.push(performance.now()));
  noted(window.begun).observe(clock, {subtree: true, childList: true, characterData: true});
  figures.forEach((figure, i) => noted(window.redraws[i])
    .observe(figure, {subtree: true, attributes: true, childList: true}));
}"""


def whole(begun: list[float], redraws: list[list[float]], needed: tuple[int, ...]) -> list[float]:
    """When frames were whole, of those that were."""
    found = []
    for now, then in itertools.pairwise([*begun, float("inf")]):
        drawn = [[t for t in times if now <= t < then] for times in redraws]
        if all(drawn[number] for number in needed):
            found.append(max(times[-1] for times in drawn if times))
    return found


KINDS = {"ipykernel": "kernel", "jupyterlab": "server", "chrom": "browser"}


def _processor_ms() -> dict[str, float]:
    """Processor time that our own processes have used so far, by kind, in milliseconds."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        found.append((int(folder.name), command, int(fields[11]) + int(fields[12])))
    used = dict.fromkeys(KINDS.values(), 0.0)
    for process, command, ticks in found:
        ancestor = process
        while ancestor in parents and ancestor != os.getpid():
            ancestor = parents[ancestor]
        kind = next((kind for word, kind in KINDS.items() if word in command), None)
        if ancestor == os.getpid() and kind is not None:
            used[kind] += 1000.0 * ticks / os.sysconf("SC_CLK_TCK")
    return used


def _row(browser: object, server: Server, name: str, way: str) -> str:
    code, pictures, needed = PICTURES[name]
    server.write(
        "redraw.ipynb",
        f"from condensekit.labs import *\nlab = {code}\n"
        "if len(lab.result) == 1:\n    lab.run(live=False)\n"
        f"{AS_IT_WAS * WAYS[way][0]}lab",
    )
    page = opened(browser, server, "redraw.ipynb", 1200, 900)
    ran(page, pictures)
    page.wait_for_timeout(2_000)
    timeline(page).scroll_into_view_if_needed()
    track = page.locator(".widget-hslider", has_text="step").last.locator(".noUi-target")
    box = track.bounding_box()
    handle = timeline(page).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(handle["x"] + handle["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"], y)
    page.wait_for_timeout(1_000)
    page.evaluate(WATCH)
    before = _processor_ms()
    began = time.monotonic()
    while (told := time.monotonic() - began) < 4 * SWEEP:
        ways, place = divmod(told / SWEEP, 1.0)
        page.mouse.move(box["x"] + (1.0 - place if ways % 2 else place) * box["width"], y)
        rest = 1.0 / MOUSE - (time.monotonic() - began - told)
        page.wait_for_timeout(1_000 * max(rest, 0.0))
    page.mouse.move(box["x"], y)
    page.mouse.up()
    ended = page.evaluate("performance.now()")
    after = _processor_ms()
    page.wait_for_timeout(2_000)
    assert moment(page) < 5
    begun, redraws = page.evaluate("[window.begun, window.redraws]")
    page.close()
    server.close_sessions()
    frames = whole([time for time in begun if time < ended], redraws, needed)
    gaps = [later - sooner for sooner, later in itertools.pairwise(frames)]
    median, worst = statistics.median(gaps), statistics.quantiles(gaps, n=20)[-1]
    used = ", ".join(f"{k} {(after[k] - before[k]) / len(frames):.0f}" for k in after)
    return (
        f"| {name}{way} | {len(frames)} | {median:.0f} | {worst:.0f} "
        f"| **{1000 / median:.0f}** | {1000 / worst:.0f} | {max(begun[-1] - ended, 0):.0f} "
        f"| {used} |"
    )


def measure() -> str:
    """The table; it needs Chromium and playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  optional

    path = next(filter(None, map(shutil.which, CHROMIUM)))
    rows = [
        "| lab | frames | median, ms | 95th percentile, ms | frames a second | 95th percentile "
        "| behind at the end, ms | processor, ms a frame |",
        "|---|---|---|---|---|---|---|---|",
    ]
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Path(folder) / "waits"
        (settings / "jupyter_server_config.d").mkdir(parents=True)
        told = settings / "jupyter_server_config.d" / "condensekit_server.json"
        told.write_text(json.dumps(WAITS), encoding="utf-8")
        servers = {
            True: Server(Path(folder) / "waiting", JUPYTER_CONFIG_PATH=str(settings)),
            False: Server(Path(folder) / "at-once"),
        }
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            rows += [
                _row(browser, servers[waits], name, way)
                for name in PICTURES
                for way, (_, waits) in WAYS.items()
            ]
        finally:
            browser.close()
            for server in servers.values():
                server.process.terminate()
                server.process.wait(timeout=20)
    loads = f"{load:.0f} before and {os.getloadavg()[0]:.0f} after"
    rows += ["", f"Processes that wanted a core, other work among them: {loads}."]
    return "\n".join(rows)
