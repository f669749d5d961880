"""Tables of older versions, which lack a column: what can be told without training is filled in."""

import dataclasses
from typing import TYPE_CHECKING

from ..experiments import Experiment
from ..measures import target_square
from .cell import Cell, reached, theory_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["NEWER", "is_older", "judged_anew"]

NEWER = ("sample_rank", "relative_error")
"""The columns that older tables lack."""


def is_older(found: "xr.Dataset") -> bool:
    """Whether a table was made before theory was asked about the very samples."""
    return any(name not in found.data_vars for name in NEWER)


def judged_anew(experiment: Experiment, cell: Cell) -> Cell:
    """A cell of an older table with all that theory says and training reached.

    There *allowed* was n >= O, whatever the samples, and *reached* a test error that is small as it
    stands. Both are told anew, by what they mean now.
    """
    met = reached(cell.test_loss, target_square(experiment))
    return dataclasses.replace(cell, **theory_of(experiment), **met)
