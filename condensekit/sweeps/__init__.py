"""Sweeps: many runs over the axes of some knobs, as one labelled table, here or on a cluster."""

from .cells import FAILED
from .execute import connect
from .grid import Grid, experiment_at
from .progress import Bar, Progress
from .run import sweep

__all__ = [
    "FAILED",
    "Bar",
    "Grid",
    "Progress",
    "connect",
    "experiment_at",
    "sweep",
]
