"""Notebooks that train for longer than `make test` should last, with what their cells print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONG = re.search(r"^LONG := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1].split()


@pytest.mark.parametrize("name", LONG)
def test_it_runs_and_prints_what_is_stored(name):
    options = ["-q", "-p", "no:cacheprovider", "--nbval-lax"]
    path = f"notebooks/{name}.ipynb"
    command = [sys.executable, "-m", "pytest", *options, path]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
