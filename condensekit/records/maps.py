"""Maps that were trained for the package: a small one, and a published one.

``make recordings`` trains the first anew; tests train some cells of both, and compare.
"""

import json
from importlib import resources
from pathlib import Path

from ..experiments import Experiment
from ..measures import target_square
from ..models import TwoLayer
from ..optimizers import GradientFlow
from ..problems import three_tanh
from ..sweeps import Cell, Cells, Grid, fill
from ..sweeps.cell import reached, theory_of
from ..training.storage import decode
from .sliding_tanh import FLOW, sliding_tanh_cells, sliding_tanh_experiment, sliding_tanh_plan

__all__ = ["PHASE", "SLIDING", "record_map", "recorded_map"]

BASE = Experiment(TwoLayer(1, 50), three_tanh(), GradientFlow(stop_loss=1e-9, max_steps=2_000))
PHASE = Grid(
    BASE,
    (
        ("n_samples", (*range(3, 31, 3),)),
        ("init_std", (1e-7, 1e-5, 1e-3, 1e-2, 1e-1, 1.0)),
        ("seed", (0, 1, 2)),
    ),
)
"""Three tanh: from how many samples, and from which start, 50 neurons recover them."""


_FLOWS = [c for c in sliding_tanh_plan() if (c.family, c.lr) == ("full", FLOW)]
SLIDING = Grid(
    sliding_tanh_experiment(_FLOWS[0]),
    tuple(
        (name, (*sorted({getattr(cell, name) for cell in _FLOWS}),))
        for name in ("n_samples", "width", "seed")
    ),
)
"""The map of arXiv:2307.08921, Figure 4, with the gradient flow: up to 2,100 parameters."""


def recorded_map(grid: Grid) -> Cells:
    """`PHASE` or `SLIDING` as they were trained for the package; of others nothing is known."""
    if grid == SLIDING:
        return _sliding()
    return _phase() if grid == PHASE else Cells(grid)


def _sliding() -> Cells:
    number = {trained: k for k, trained in enumerate(SLIDING.experiments)}
    found: dict[int, Cell] = {}
    for cell in sliding_tanh_cells():
        if (cell.family, cell.lr) == ("full", FLOW):
            trained = sliding_tanh_experiment(cell)
            found[number[trained]] = Cell(
                test_loss=cell.test_error,
                outcome=cell.outcome,
                **theory_of(trained),
                **reached(cell.test_error, target_square(trained)),
            )
    return Cells(SLIDING, found)


def _phase() -> Cells:
    source = resources.files(__package__) / "recorded" / "phase.json"
    held = json.loads(source.read_text(encoding="utf-8"))
    base, axes = decode(held["sweep"]["base"]), held["sweep"]["axes"]
    if (base, axes) != (PHASE.base, PHASE.identity()["axes"]):
        raise ValueError("The recorded map is of another sweep; make it anew with make recordings.")
    return Cells(PHASE, {int(k): Cell.of(row) for k, row in held["cells"].items()})


def record_map(folder: Path) -> None:
    """Train `PHASE` and write its cells to `folder`."""
    *_, cells = fill(Cells(PHASE))
    rows = {str(k): _rounded(cells.known[k].row()) for k in sorted(cells.known)}
    held = {"sweep": PHASE.identity(), "cells": rows}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phase.json").write_text(json.dumps(held) + "\n", encoding="utf-8")


def _rounded(row: dict[str, float | str]) -> dict[str, float | str]:
    """Four digits are more than a colour shows."""
    return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in row.items()}
