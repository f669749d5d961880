"""What the guide for contributors says of the code is true."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.slow
def test_its_lab_opens_trains_and_is_what_is_promised():
    """In a Python of its own: a lab that is defined stays known to all others."""
    (lines,) = [block for block in BLOCKS if "(Lab)" in block]
    lines += (
        "lab.width = 7\nlab.run(live=False)\nassert lab.result.experiment.model.m == 7\n"
        "assert FitLab(lab.result).result is lab.result\n"
        "assert FitLab.from_state(lab.state()).state() == lab.state()\n"
        "assert len(lab.figure().axes) == 1\n"
        "exec(lab.code())\n"
    )
    subprocess.run([sys.executable, "-c", lines], check=True, timeout=120)


def test_the_tree_has_every_module_in_the_order_of_the_contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    height = {name: k for k, layer in enumerate(layers) for name in layer}
    (tree,) = re.findall(r"(?:^    .*\n)*^    labs/.*\n(?:^    .*\n)*", TEXT, re.MULTILINE)
    named = [name for line in tree.splitlines() for name in re.findall(r"(\w+)(?:/|\.py)", line)]
    assert sorted(named) == sorted(height)
    assert [height[name] for name in named] == sorted(height.values())
