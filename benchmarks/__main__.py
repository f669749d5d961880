"""``python -m benchmarks [name ...]``: print tables, and keep each in ``benchmarks/results/``.

Without names: all that are quick, and at the end a summary of what they say of speed. The others
are studies, made once for a decision.
"""

import datetime as dt
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from .summary import Claim, summary

QUICK = ("training", "training_avx2", "flow", "ranks")
STUDIES = (
    *("notch", "kernels", "attention", "methods", "scipy_solvers", "stiff_end", "redraw", "sweeps"),
    *("imports", "threads"),
)
RESULTS = Path(__file__).parent / "results"
SUMMARY = "Summary: what condensekit claims of its speed"
SUMMED = """\
Each row is one claim, against the tool that a user would pick instead, from the tables of the same
run, which say how it was measured. Both sides of a ratio take turns; given is its median over
rounds, with the least and the most. Above 1, condensekit is faster. "Computed" are seconds of which
a part was measured, since nobody would wait for."""


def machine() -> str:
    """What the figures depend on."""
    names = ("torch", "numpy", "scipy", "llvmlite", "jax")
    versions = ", ".join(f"{name} {_version(name)}" for name in names)
    return (
        f"{dt.date.today()}, {platform.system()} on {_processor()} ({os.cpu_count()} cores), "
        f"{torch.backends.cpu.get_cpu_capability()}, Python {platform.python_version()}, "
        f"{versions}, one thread, float64."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """The name of the processor, where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main(names: list[str]) -> None:
    """Measure, print, write."""
    unknown = set(names) - {*QUICK, *STUDIES}
    if unknown:
        sys.exit(f"No such table: {', '.join(unknown)}; there are {', '.join(QUICK + STUDIES)}.")
    claims: list[Claim] = []
    for name in names or QUICK:
        table = import_module(f".{name}", __package__)
        found = table.measure()
        text, some = found if isinstance(found, tuple) else (found, [])
        _write(name, table.TITLE, table.EXPLANATION, text)
        claims += some
    if not names:
        _write("summary", SUMMARY, SUMMED, summary(claims))


def _write(name: str, title: str, explanation: str, table: str) -> None:
    text = f"# {title}\n\nMeasured {machine()}\n\n{explanation}\n\n{table}\n"
    print(text)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
