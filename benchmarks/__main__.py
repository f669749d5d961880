"""``python -m benchmarks [name ...]``: print tables, and keep each in ``benchmarks/results/``.

Without names: all that are quick. The others are studies, made once for a decision.
"""

import datetime as dt
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

QUICK = ("training", "flow", "ranks")
STUDIES = (
    *("notch", "kernels", "attention", "methods", "scipy_solvers", "redraw", "sweeps"),
    "imports",
)
RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """What the figures depend on."""
    names = ("torch", "numpy", "scipy", "jax")
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
    for name in names or QUICK:
        table = import_module(f".{name}", __package__)
        text = (
            f"# {table.TITLE}\n\nMeasured {machine()}\n\n{table.EXPLANATION}\n\n{table.measure()}\n"
        )
        print(text)
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
