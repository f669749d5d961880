"""Run some tests with the oldest and the newest libraries: ``make test-versions``.

Each environment is one line below. What cannot be got here is said at the end, with the reason; it
is no failure, but at least one environment must run. Needs `uv` (the extra ``release``).
"""

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "versions"
UV = Path(sys.executable).with_name("uv")
TORCH_CPU = "https://download.pytorch.org/whl/cpu"


@dataclasses.dataclass(frozen=True)
class Environment:
    """Python, PyTorch, and whether all else is the oldest that pyproject allows, or the newest."""

    python: str
    torch: str
    others: str

    def __str__(self) -> str:
        """As it is told."""
        return f"Python {self.python}, torch {self.torch}, {self.others} libraries"


ENVIRONMENTS = (
    Environment("3.11", "2.6.0", "oldest"),
    Environment("3.11", "2.13.0", "oldest"),
    Environment("3.11", "2.13.0", "newest"),
    Environment("3.14", "2.13.0", "newest"),
)
TESTS = (
    *("formats", "stored_files", "csv_files", "own_problems", "cells", "figures", "views"),
    *("labs", "replays", "presets", "notebooks", "exact_rank", "flow", "welcome"),
)
"""Of each library that has a lower bound, tests that use it; none opens a browser."""


class Missing(Exception):
    """What an environment needs cannot be got here."""


def make(one: Environment, folder: Path) -> Path:
    """Make an environment; give its Python.

    Raises
    ------
    Missing
        If that Python, that PyTorch or a library is not to be had here.
    """
    shutil.rmtree(folder, ignore_errors=True)
    _get(UV, "venv", "--quiet", "--seed", "--no-python-downloads", "--python", one.python, folder)
    python = folder / "bin" / "python"
    # Without CUDA, which takes gigabytes: on Linux these builds have a name of their own.
    torch = f"torch=={one.torch}{'+cpu' if sys.platform == 'linux' else ''}"
    pip = ("-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--only-binary", ":all:")
    _get(python, *pip, "--retries", "1", "--extra-index-url", TORCH_CPU, torch)
    (folder / "torch.txt").write_text(f"{torch}\n", "utf-8")
    resolution = {"oldest": "lowest-direct", "newest": "highest"}[one.others]
    libraries = ("-r", ROOT / "pyproject.toml", "--extra", "test", "--resolution", resolution)
    _get(UV, "pip", "install", "--python", python, *libraries, "--override", folder / "torch.txt")
    return python


def _get(*command: object) -> None:
    """Run a command; what it complains of is what is missing."""
    told = [str(part) for part in command]
    done = subprocess.run(told, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines()]
        wrong = " ".join(line for line in lines if line and not line.startswith("WARNING"))
        raise Missing(wrong[:300] or f"{told[0]} ended with {done.returncode}")


def run(python: Path) -> bool:
    """Whether the tests pass; warnings of other versions of libraries are no failures."""
    options = ("-q", "-n", "2", "--dist", "loadfile", "-W", "default", "--disable-warnings")
    options += ("-p", "no:nbval", "-p", "no:cacheprovider")
    tests = (f"tests/test_{name}.py" for name in TESTS)
    command = (python, "-m", "pytest", *options, *tests)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main(only: list[str]) -> int:
    """All environments, or those named by all of these words; 1 if one fails or none runs."""
    chosen = [one for one in ENVIRONMENTS if all(word in str(one) for word in only)]
    told, passed = [], []
    for number, one in enumerate(chosen):
        print(f"\n{one}", flush=True)
        try:
            python = make(one, FOLDER / str(number))
        except Missing as error:
            told.append(f"NOT RUN  {one}: {error}")
            continue
        passed.append(run(python))
        told.append(f"{'passed ' if passed[-1] else 'FAILED '}  {one}")
    print("", *told, sep="\n")
    if not passed:
        print("No environment could be made here: nothing is known.")
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
