"""Tables of older versions, which lack a column: what can be told without training is filled in."""

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments import Experiment
from ..measures import target_square
from ..training import Outcome
from ..training.storage import decode
from .cells import VARIABLES, reached, theory_of
from .grid import Grid

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["is_older", "judged_anew"]

JUDGED = ("relative_error", "optimistic_sample_size", "sample_rank", "allowed", "reached")
"""What follows from the settings and the test error."""


def is_older(found: "xr.Dataset") -> bool:
    """Whether a table was made before theory was asked about the very samples."""
    return not {"sample_rank", "relative_error"} <= {str(name) for name in found.data_vars}


def judged_anew(found: "xr.Dataset") -> "xr.Dataset":
    """A sweep with all that theory says and training reached; as it is, unless it is older.

    In older tables *allowed* was n >= O, whatever the samples, and *reached* a test error that is
    small as it stands. Both are told anew, by what they mean now.
    """
    if not is_older(found):
        return found
    names = json.loads(found.attrs["axes"])
    axes = {name: found[name].values.tolist() for name in names}
    grid = Grid.of(decode(json.loads(found.attrs["base"])), axes)
    errors = found["test_loss"].transpose(*names).values.ravel()
    outcomes = found["outcome"].transpose(*names).values.ravel()
    rows = [_judged(*row) for row in zip(grid.experiments, errors, outcomes, strict=True)]
    columns: dict[str, Any] = {
        name: (names, np.array([row[name] for row in rows]).reshape(grid.shape)) for name in JUDGED
    }
    whole = found.assign(columns)
    for name in JUDGED:
        whole[name].attrs["long_name"] = VARIABLES[name]
    rest = [name for name in whole.data_vars if name not in VARIABLES]
    return whole[[*(name for name in VARIABLES if name in whole), *rest]]


def _judged(experiment: Experiment, error: float, outcome: str) -> dict[str, float]:
    scale = target_square(experiment)
    met = {"relative_error": math.nan, "reached": math.nan}
    if outcome == Outcome.DIVERGED:
        met["reached"] = math.nan if scale is None else 0.0
    elif not math.isnan(error):
        met = reached(float(error), scale)
    return theory_of(experiment) | met
