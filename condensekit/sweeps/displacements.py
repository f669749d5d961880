"""The regime of training, measured: how the displacement of input weights grows with the width.

Luo, Xu, Ma and Zhang 2021 (JMLR 22(71), arXiv:2007.07497): over the width m the relative
displacement RD falls in the linear regime, stays on the boundary and grows in the condensed regime.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import a_count
from ..doors import public
from ..experiments import Experiment
from ..measures.displacement import relative_displacement
from ..models import Params, ScaledTwoLayer
from ..plain import quoted
from ..training import Outcome, trajectory
from ..words import many, number

__all__ = ["FAMILY", "Displacements", "displacements", "trained_widths"]

Array = np.ndarray[Any, np.dtype[Any]]

FAMILY = (1_000, 3_000, 10_000, 20_000)
"""Widths of a family, if nothing else is said."""


@dataclasses.dataclass(frozen=True, eq=False)
class Displacements:
    """Relative displacements of a family of widths, for several seeds.

    Attributes
    ----------
    widths : array, shape [W]
        The widths m.
    relative : array, shape [W, S]
        RD at the end of each run; NaN where the loss did not come down.
    """

    widths: np.ndarray[Any, np.dtype[np.int64]]
    relative: Array

    @property
    def slopes(self) -> Array:
        """The slope of log RD over log m for each seed [S]; NaN where a run did not come down."""
        x = np.log(self.widths) - np.log(self.widths).mean()
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(x @ np.log(self.relative) / (x @ x))

    @property
    def slope(self) -> float:
        """The mean of the slopes of all seeds."""
        return float(self.slopes.mean())

    @property
    def spread(self) -> float:
        """The standard deviation of the slopes over the seeds."""
        return float(self.slopes.std())

    def __str__(self) -> str:
        """The slope in a sentence."""
        failed = int(np.isnan(self.relative).sum())
        if failed:
            return f"{failed} of {many(self.relative.size, 'run')} did not come down to stop_loss."
        return (
            f"RD goes as m^({self.slope:.3f} ± {self.spread:.3f}) over widths "
            f"{self.widths[0]:,} to {self.widths[-1]:,}, {many(len(self.slopes), 'seed')}: "
            f"from {number(self.relative[0].mean())} to {number(self.relative[-1].mean())}."
        )


@public()
def displacements(
    experiment: Experiment, widths: Sequence[int] = FAMILY, seeds: int = 5
) -> Displacements:
    """Train networks of several widths, and measure how far their input weights move.

    The runs of a width are one batch, of which nothing is kept but where they begin and end. On 4
    samples, five runs of width 40,000 take 0.2 GB; one that is recorded, by `condensekit.train`,
    takes as much, and 1 MB for each recorded step. The matrices of the flow grow with samples times
    width; what they or a record cannot hold is refused in a sentence.

    What differs from the paper, with `condensekit.records.REGIMES`: the gradient flow instead of
    descent with a small learning rate, which is its limit; and widths that a lecture has time for.

    Parameters
    ----------
    experiment : Experiment
        With a `ScaledTwoLayer`, whose width is turned, and a `stop_loss` to be reached.
    widths : sequence of int
        At least two.
    seeds : int
        Each width is trained from so many seeds, that of the experiment the first.

    Returns
    -------
    Displacements

    Raises
    ------
    ValueError
        If the model does not scale its start with the width, there are fewer than two widths, or
        the networks do not fit into memory.

    Examples
    --------
    >>> from condensekit import regime
    >>> from condensekit.records import REGIMES
    >>> found = displacements(REGIMES.replace(gamma=1.75), [100, 400, 1600])
    >>> bool(found.slope > 0.3), regime(1.75)
    (True, 'condensed')
    """
    if not isinstance(experiment.model, ScaledTwoLayer):
        raise ValueError(
            "The start of a family of widths must follow the width, as that of a ScaledTwoLayer "
            f"does, but the model is a {type(experiment.model).__name__}."
        )
    family = [experiment.replace(width=m) for m in sorted(set(widths))]
    if len(family) < 2:
        raise ValueError(f"widths must hold two widths or more, but is {quoted(widths)}.")
    seeds = a_count("seeds", seeds, 1, 1_000)
    return trained_widths(family, seeds)


def trained_widths(family: Sequence[Experiment], seeds: int) -> Displacements:
    """`displacements` of experiments that differ in their width."""
    rows = [_ends([one.replace(seed=one.seed + k) for k in range(seeds)]) for one in family]
    return Displacements(np.array([one.values()["width"] for one in family]), np.array(rows))


def _ends(experiments: Sequence[Experiment]) -> list[float]:
    """RD at the end of each run; NaN if its loss did not come down."""
    found = [math.nan] * len(experiments)
    starts: list[Params] = [one.init() for one in experiments]
    for snapshot in trajectory(experiments, record_ratio=math.inf):
        for i, row in enumerate(snapshot.rows.tolist()):
            if snapshot.outcome[i] is Outcome.CONVERGED:
                end = {name: leaf[i] for name, leaf in snapshot.params.items()}
                model = experiments[row].model
                found[row] = float(relative_displacement(model, starts[row], end))
    return found
