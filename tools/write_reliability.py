"""Write docs/reliability.md from the reports of the last ``make test-all``: ``make reliability``.

``--begin`` stands before the first test, and writes down what this run runs on. The reports of the
run before are kept if it came to its end without a failure on the same commit, processor and
versions; if not, all are forgotten: what is kept are runs in a row. A test says what it tried by
``record_property("reliability: inputs tried", 200)``; such numbers are added up by their name.
"""

import dataclasses
import datetime as dt
import importlib.metadata
import json
import platform
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from condensekit.sweeps.processor import processor

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "build" / "reports"
ROW = ROOT / "build" / "repetitions"
"""Runs before, in a row: a folder of reports each, by number."""
PAGE = ROOT / "docs" / "reliability.md"
BEGUN = "run.json"
SUITES = {
    "units": "units, doctests and notebooks",
    "browser": "labs in real browsers",
    "slow": "laws over thousands of cases, and what is slow",
    "browser-slow": "what is slow in browsers",
    "graders": "otter-grader and nbgrader",
}
"""The reports of a run, as the Makefile names them, each with what it tests."""
MARK = "reliability: "
"""How a property begins that belongs on the page."""
PACKAGES = ("torch", "numpy", "sympy", "ipywidgets", "bqplot", "jupyterlab", "playwright")

NOT_COVERED = """## What is not covered

- **Safari**, touch screens, VS Code and Colab: nobody has tried ([where labs work](hosts.md)).
- **Windows and macOS**: no test was run there. Where code differs by system, that part is tested
  here by taking away what the other system lacks.
- **Binder itself** was not asked: `make binder-check` replays what it does.
- **GPUs**: everything is computed on processors, with the build of PyTorch without CUDA.
- **Networks** that fail, or are slow, between browser and server.
- **A Dask scheduler that stands still**: one that is gone is told as soon as its client gives up;
  one that is only stopped is waited for.
- **Disks that fail otherwise** than by being full.
- **Other versions** than those above, but for `make test-versions`, which runs a part of the tests
  with the oldest and the newest libraries that it can get.
- Weeks of use: the longest sequence of these tests takes minutes.
- What nobody thought of.
"""


@dataclasses.dataclass(frozen=True)
class Suite:
    """What one report says.

    Attributes
    ----------
    passed, failed, skipped : int
        Numbers of tests; an error counts as a failure, an expected failure as skipped.
    seconds : float
        How long it took.
    begun : str
        When.
    tried : Counter
        What its tests say they tried, by name.
    """

    passed: int
    failed: int
    skipped: int
    seconds: float
    begun: str
    tried: Counter[str]


@dataclasses.dataclass(frozen=True)
class Run:
    """A run that came to its end without a failure.

    Attributes
    ----------
    on : dict of str
        What it ran on; see `here`.
    suites : dict of Suite
        What it did, by the names of `SUITES`.
    """

    on: dict[str, str]
    suites: dict[str, Suite]

    @property
    def tried(self) -> Counter[str]:
        """What its tests say they tried, by name."""
        return sum((suite.tried for suite in self.suites.values()), Counter[str]())


def read(path: Path) -> Suite:
    """A report in the form of JUnit.

    Raises
    ------
    ValueError
        If it is not there, is damaged, or a number in it is none.
    """
    try:
        root = ET.parse(path).getroot()
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: say make test-all first, to its end.") from None
    except ET.ParseError as error:
        raise ValueError(f"{path} is damaged ({error}): say make test-all again.") from None
    cases = [*root.iter("testcase")]
    failed = sum(
        any(case.find(kind) is not None for kind in ("failure", "error")) for case in cases
    )
    skipped = sum(case.find("skipped") is not None for case in cases)
    tried: Counter[str] = Counter()
    for one in root.iter("property"):
        name, value = one.get("name", ""), one.get("value", "")
        if name.startswith(MARK):
            if not value.isdecimal():
                raise ValueError(f"{path}: {name!r} must be a whole number, but is {value!r}.")
            tried[name.removeprefix(MARK)] += int(value)
    suites = [*root.iter("testsuite")]
    seconds = sum(float(suite.get("time", 0.0)) for suite in suites)
    begun = min((suite.get("timestamp", "") for suite in suites), default="")
    passed = len(cases) - failed - skipped
    return Suite(passed, failed, skipped, seconds, begun[:16].replace("T", " "), tried)


def finished(reports: Path) -> Run:
    """The run of these reports.

    Raises
    ------
    ValueError
        If a report is missing, no test of one was run, or a test failed.
    """
    suites = {name: read(reports / f"{name}.xml") for name in SUITES}
    failed = {name: suite.failed for name, suite in suites.items() if suite.failed}
    if failed:
        told = ", ".join(f"{number} of {name}" for name, number in failed.items())
        raise ValueError(f"Tests failed ({told}): the page is written of a run without failures.")
    empty = [name for name, suite in suites.items() if not suite.passed]
    if empty:
        raise ValueError(f"No test of {', '.join(empty)} was run: the page would say too much.")
    if not (reports / BEGUN).exists():
        raise ValueError(f"{reports / BEGUN} is missing: say make test-all first, to its end.")
    return Run(json.loads((reports / BEGUN).read_text("utf-8")), suites)


def begin(reports: Path, row: Path) -> None:
    """Keep the run before if it belongs in a row with this one, and begin this one."""
    now = here()
    try:
        in_a_row = finished(reports).on | {"Day": now["Day"]} == now
    except ValueError:
        in_a_row = False
    if in_a_row and not now["Commit"].endswith("-dirty"):  # which says not what is in it
        row.mkdir(parents=True, exist_ok=True)
        reports.rename(row / str(len([*row.iterdir()]) + 1))
    else:
        shutil.rmtree(row, ignore_errors=True)
        shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    (reports / BEGUN).write_text(json.dumps(now, indent=1), "utf-8")


def kept(row: Path) -> list[Path]:
    """The reports of the runs before, the first one first."""
    return sorted(row.iterdir(), key=lambda path: int(path.name)) if row.exists() else []


def here() -> dict[str, str]:
    """The day, the commit, the machine and the versions."""
    git = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")
    commit = subprocess.run(git, check=False, capture_output=True, text=True).stdout.strip()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    return {
        "Day": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        "Commit": commit or "not known",
        "System": f"{platform.system()} on {platform.machine()}",
        "Instructions": processor(),
        "Python": platform.python_version(),
        "Versions": ", ".join(versions),
    }


def page(runs: Sequence[Run]) -> str:
    """The page of runs in a row: what the last one did, and how all of them ended."""
    last = runs[-1]
    tried = ((what, f"{count:,}") for what, count in sorted(last.tried.items()))
    return "\n".join(
        [
            "# What was tried",
            "",
            "Written by `make reliability` from the last run of `make test-all`.",
            "",
            *_table(("", "this run"), last.on.items()),
            *_table(("what tests tried", "how often"), tried),
            *_table(
                ("tests", "passed", "failed", "skipped", "time"),
                ((SUITES[name], *_counts([suite])) for name, suite in last.suites.items()),
            ),
            "## Runs in a row",
            "",
            "All of these tests, one run after the other on the same commit, processor and",
            "versions. A run with a failure, or that did not come to its end, ends the row.",
            "",
            *_table(
                ("run", "begun", "passed", "failed", "skipped", "time"),
                (
                    (str(number), run.suites["units"].begun, *_counts(run.suites.values()))
                    for number, run in enumerate(runs, start=1)
                ),
            ),
            NOT_COVERED,
        ]
    )


def _counts(suites: Iterable[Suite]) -> tuple[str, ...]:
    every = [*suites]
    counts = (
        sum(suite.passed for suite in every),
        sum(suite.failed for suite in every),
        sum(suite.skipped for suite in every),
    )
    minutes, seconds = divmod(round(sum(suite.seconds for suite in every)), 60)
    return (*(f"{count:,}" for count in counts), f"{minutes}:{seconds:02d} min")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(row)} |" for row in lines), ""]


def main(arguments: Sequence[str]) -> int:
    """Begin a run, or write the page of it; 1 with a sentence if that cannot be done."""
    if [*arguments] == ["--begin"]:
        begin(REPORTS, ROW)
        return 0
    try:
        text = page([*map(finished, [*kept(ROW), REPORTS])])
    except ValueError as error:
        print(f"{error} {PAGE.name} stays as it is.", file=sys.stderr)
        return 1
    PAGE.write_text(text, "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
