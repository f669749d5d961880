"""The map with which the lab opens, trained for the package.

``make recordings`` trains it anew; a test trains some of its cells, and compares.
"""

import json
from importlib import resources
from pathlib import Path

from ...experiments import Experiment
from ...models import TwoLayer
from ...optimizers import GradientFlow
from ...problems import three_tanh
from ...sweeps import Grid
from ...sweeps.cells import Cell, cells

__all__ = ["PHASE", "record_map", "recorded_map"]

BASE = Experiment(TwoLayer(1, 50), three_tanh(), GradientFlow(stop_loss=1e-9, max_steps=2_000))
PHASE = Grid.of(
    BASE,
    {
        "n_samples": range(3, 31, 3),
        "init_std": [1e-7, 1e-5, 1e-3, 1e-2, 1e-1, 1.0],
        "seed": range(3),
    },
)
"""The map with which the lab opens."""


def recorded_map() -> dict[int, Cell]:
    """The cells of `PHASE` as they were trained for the package."""
    source = resources.files(__package__.rpartition(".")[0]) / "recorded" / "phase.json"
    held = json.loads(source.read_text(encoding="utf-8"))
    if held["sweep"] != PHASE.identity():
        raise ValueError("The recorded map is of another sweep; make it anew with make recordings.")
    return {int(k): cell for k, cell in held["cells"].items()}


def record_map(folder: Path) -> None:
    """Train `PHASE` and write its cells to `folder`."""
    experiments = PHASE.experiments
    found: dict[int, Cell] = {}
    for block in PHASE.blocks():
        for ended in cells([experiments[k] for k in block], {}):
            found |= {block[row]: _rounded(cell) for row, cell in ended.items()}
    held = {"sweep": PHASE.identity(), "cells": {str(k): found[k] for k in sorted(found)}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phase.json").write_text(json.dumps(held) + "\n", encoding="utf-8")


def _rounded(cell: Cell) -> Cell:
    """Four digits are more than a colour shows."""
    return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in cell.items()}
