"""``python -m benchmarks``: print every table, and keep it in ``benchmarks/RESULTS.md``."""

import datetime as dt
import platform
from importlib.metadata import version
from pathlib import Path

from . import training

TABLES = (training,)


def machine() -> str:
    """What the figures depend on."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy"))
    return (
        f"{dt.date.today()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {versions}, one thread, float64."
    )


def main() -> None:
    """Measure, print, write."""
    text = f"# Benchmarks\n\nMade by `make bench`: {machine()}\n"
    for table in TABLES:
        text += f"\n## {table.TITLE}\n\n{table.EXPLANATION}\n\n{table.measure()}\n"
    print(text)
    (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
