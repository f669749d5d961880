"""``python -m benchmarks``: print every table, and keep it in ``benchmarks/RESULTS.md``."""

import datetime as dt
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import training

TABLES = (training,)


def machine() -> str:
    """What the figures depend on."""
    names = ("torch", "numpy", "jax")
    versions = ", ".join(f"{name} {_version(name)}" for name in names)
    return (
        f"{dt.date.today()}, {platform.system()} on {_processor()} ({os.cpu_count()} cores), "
        f"Python {platform.python_version()}, {versions}, one thread, float64."
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


def main() -> None:
    """Measure, print, write."""
    text = f"# Benchmarks\n\nMade by `make bench`: {machine()}\n"
    for table in TABLES:
        text += f"\n## {table.TITLE}\n\n{table.EXPLANATION}\n\n{table.measure()}\n"
    print(text)
    (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
