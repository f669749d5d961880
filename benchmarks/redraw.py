"""How often all linked pictures of a lab are redrawn while a reader scrubs, in Chromium."""

import itertools
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser_page import moment, ran, timeline
from browser_server import CHROMIUM, FLAGS, Server, opened

TITLE = "Redraws while scrubbing, in a browser"
EXPLANATION = """\
A lab in JupyterLab under headless Chromium at 1,200 pixels, with a trained run of 500 neurons; the
handle of its slider is dragged from the first recorded step to the last and back. A picture is
redrawn when something in its SVG changes; a frame is complete when the slowest of the pictures has
been redrawn. Given are the times between complete frames, and how far the picture was behind the
mouse when the drag ended. Processor time for each frame tells what it costs where other work
runs beside: browser, kernel and Jupyter's server can work at the same time on two cores. The bar is
20 frames a second, or 50 ms."""

LABS = {
    "CondensationLab, 2 x 500 neurons, 6 pictures": (
        "CondensationLab(width=500, steps=3_000, lr=0.02)",
        6,
        (0, 1, 2, 3, 4, 5),
    ),
    "RecoveryLab, 500 neurons, 4 pictures": ("RecoveryLab()", 4, (0, 1, 2, 3)),
}
WATCH = """(watched) => {
  window.redraws = watched.map(() => []);
  watched.forEach((number, i) => {
    const figure = document.querySelectorAll('.bqplot')[number];
    new MutationObserver(() => {
      const times = window.redraws[i], now = performance.now();
      if (!times.length || now - times.at(-1) > 4) times.push(now);
    }).observe(figure, {subtree: true, attributes: true, childList: true});
  });
}"""


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


def _row(browser: object, server: Server, name: str) -> str:
    code, pictures, watched = LABS[name]
    server.write(
        "redraw.ipynb",
        f"from condensekit.labs import *\nlab = {code}\n"
        "if len(lab.result) == 1:\n    lab.run(live=False)\nlab",
    )
    page = opened(browser, server, "redraw.ipynb", 1200, 900)
    ran(page, pictures)
    page.wait_for_timeout(2_000)
    track = page.locator(".widget-hslider", has_text="step").last.locator(".noUi-target")
    box = track.bounding_box()
    handle = timeline(page).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(handle["x"] + handle["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"], y)
    page.wait_for_timeout(1_000)
    page.evaluate(WATCH, list(watched))
    before = _processor_ms()
    places = [i / 150 for i in range(150)] + [1 - i / 150 for i in range(150)]
    for place in places:
        page.mouse.move(box["x"] + place * box["width"], y)
        page.wait_for_timeout(25)
    page.mouse.up()
    ended = page.evaluate("performance.now()")
    page.wait_for_timeout(2_000)
    assert moment(page) < 5
    redraws = page.evaluate("window.redraws")
    after = _processor_ms()
    page.close()
    server.close_sessions()
    slowest = min(redraws, key=len)
    behind = max(times[-1] for times in redraws) - ended
    gaps = [later - sooner for sooner, later in itertools.pairwise(slowest)]
    median, worst = statistics.median(gaps), statistics.quantiles(gaps, n=20)[-1]
    used = ", ".join(f"{k} {(after[k] - before[k]) / len(slowest):.0f}" for k in after)
    return (
        f"| {name} | {len(slowest)} | {median:.0f} | {worst:.0f} | **{1000 / median:.0f}** "
        f"| {1000 / worst:.0f} | {max(behind, 0):.0f} | {used} |"
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
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            rows += [_row(browser, server, name) for name in LABS]
        finally:
            browser.close()
            server.process.terminate()
            server.process.wait(timeout=20)
    return "\n".join(rows)
