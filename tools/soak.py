"""Run and scrub a lab of the web app for minutes, and say whether its kernel or its page grows.

Each minute is a line of CSV: what the kernel holds, and what the page does after its garbage was
collected. After the first quarter, in which caches fill, neither may grow by more than a bound.
"""

import argparse
import csv
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from app_server import AppServer
from browser_page import button, timeline
from browser_server import CHROMIUM, FLAGS

KERNEL, PAGE = 50.0, 20.0
"""Bounds of the growth, in MB."""
PATIENCE = 300_000
"""Milliseconds for one answer, on a machine that others use as well."""
COLUMNS = ("minute", "runs", "moves", "kernel_mb", "page_mb", "nodes")


def resident(process):
    """What a process holds, in MB."""
    words = Path(f"/proc/{process}/status").read_text("ascii").split()
    return int(words[words.index("VmRSS:") + 1]) / 1e3


def held(devtools):
    """What a page holds after its garbage was collected: MB of JavaScript, and nodes."""
    devtools.send("HeapProfiler.collectGarbage")
    found = {
        one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]
    }
    return found["JSHeapUsedSize"] / 1e6, int(found["Nodes"])


def measured(app, page, minutes):
    """A row for each minute, while the lab is run and scrubbed without a pause."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    (kernel,) = app.kernels().values()
    begin, runs, moves = time.monotonic(), 0, 0
    for minute in range(minutes + 1):
        while time.monotonic() < begin + 60 * minute:
            button(page, "Run").click()
            expect(button(page, "Stop")).to_be_disabled(timeout=PATIENCE)
            runs += 1
            handle = timeline(page)
            for key in ("Home", *["PageUp"] * 10, *["ArrowLeft"] * 20):
                handle.press(key)
                moves += 1
        yield minute, runs, moves, resident(kernel), *held(devtools)


def grown(rows, column):
    """By how much the last quarter is above the second, of medians."""
    quarter = max(1, len(rows) // 4)
    values = [row[COLUMNS.index(column)] for row in rows]
    early, late = sorted(values[quarter : 2 * quarter]), sorted(values[-quarter:])
    return late[len(late) // 2] - early[len(early) // 2]


def main():
    """Measure, write and judge; the status is 1 if something grew."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=int, default=30, help="from 4 on (default: 30)")
    parser.add_argument("--lab", default="CondensationLab", help="a lab that trains")
    minutes, lab = (options := parser.parse_args()).minutes, options.lab
    if minutes < 4:
        parser.error(f"--minutes must be a whole number from 4 on, but is {minutes}.")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        app = AppServer(Path(folder), "--most", "1")
        try:
            path = next(filter(None, map(shutil.which, CHROMIUM)))
            browser = driver.chromium.launch(executable_path=path, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.set_default_timeout(PATIENCE)
            page.goto(f"{app.page(lab)}?token={app.token}")
            expect(button(page, "Run")).to_be_visible(timeout=PATIENCE)
            table, rows = csv.writer(sys.stdout), []
            table.writerow(COLUMNS)
            for row in measured(app, page, minutes):
                rows.append(row)
                table.writerow(
                    [f"{value:.1f}" if isinstance(value, float) else value for value in row]
                )
                sys.stdout.flush()
            browser.close()
        finally:
            app.stop()
    kernel, heap = grown(rows, "kernel_mb"), grown(rows, "page_mb")
    good = kernel <= KERNEL and heap <= PAGE
    print(
        f"{'Does not grow' if good else 'GROWS'} in {minutes} minutes: the kernel by {kernel:.1f} "
        f"MB (at most {KERNEL:g}), the page by {heap:.1f} MB (at most {PAGE:g})."
    )
    return not good


if __name__ == "__main__":
    sys.exit(main())
