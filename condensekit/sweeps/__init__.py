"""Sweeps: many runs over the axes of some knobs, as one labelled table, here or on a cluster."""

from .cell import COLUMNS, FAILED, Cell
from .cells import Cells, fill
from .displacements import FAMILY, Displacements, displacements
from .execute import connect
from .grid import Grid, experiment_at
from .progress import Bar, Progress
from .run import sweep
from .series import series, series_text

__all__ = [
    "COLUMNS",
    "FAILED",
    "FAMILY",
    "Bar",
    "Cell",
    "Cells",
    "Displacements",
    "Grid",
    "Progress",
    "connect",
    "displacements",
    "experiment_at",
    "fill",
    "series",
    "series_text",
    "sweep",
]
