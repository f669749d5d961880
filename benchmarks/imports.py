"""What importing takes more than `import torch`, and the first lab."""

import os
import statistics
import subprocess
import sys
import tempfile

TITLE = "Imports, and the first lab"
EXPLANATION = """\
Each in a Python of its own, with compiled files that are there; the lines take turns, so that other
work on the machine meets all of them. Given is processor time: the least, the median, and by how
much both are more than those of `import torch`. The bars: 0.15 s more for `condensekit`, 0.5 s for
`condensekit.labs`. The last line holds the first lab too, to the widgets that a page draws."""

ROUNDS = 15
LINES = (
    "import torch",
    "import condensekit",
    "import condensekit.labs",
    "from condensekit.labs import RecoveryLab; RecoveryLab()",
)


def _seconds(line: str, compiled: str) -> float:
    """Processor time of a line in a Python of its own, its start not counted."""
    clock = "import time; start = time.process_time()"
    code = f"{clock}\n{line}\nprint(time.process_time() - start)"
    command = [sys.executable, "-X", f"pycache_prefix={compiled}", "-c", code]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # else none is
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return float(done.stdout)


def measure() -> str:
    """The table."""
    rows = [
        "| line | least, s | median, s | more than torch: least, s | median, s |",
        "|---|---|---|---|---|",
    ]
    took: dict[str, list[float]] = {line: [] for line in LINES}
    with tempfile.TemporaryDirectory() as compiled:
        for line in LINES:
            _seconds(line, compiled)
        for _ in range(ROUNDS):
            for line in LINES:
                took[line].append(_seconds(line, compiled))
    torch = took[LINES[0]]
    for line, times in took.items():
        least, middle = min(times) - min(torch), statistics.median(times) - statistics.median(torch)
        rows.append(
            f"| `{line}` | {min(times):.2f} | {statistics.median(times):.2f} "
            f"| **{least:.2f}** | **{middle:.2f}** |"
        )
    return "\n".join(rows)
