"""Three runs side by side: on a set, pushed off it, and the narrow network that the set is."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..models import Params
from ..models.parameters import flat
from ..training import Outcome, Run, record_steps
from ..words import discrepancy, many, number
from .candidates import Candidate, FlatSet
from .drift import Drift, drift_of, transverse
from .layers import layer_of
from .reduced import has_narrow, unreduce
from .strata import Stratum, stratum_of

__all__ = ["Escape", "escaped", "places", "stratum_at"]

Array = np.ndarray[Any, np.dtype[Any]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

EIGENVALUES = 40
"""At about so many moments of a run the Hessian across the set is taken ..."""
PRODUCTS = 2_500
"""... or, for models without a closed form, at fewer: at most so many products with vectors."""
PLACES = 1e-3
"""Neurons of which (w, b) is nearer than this share of the largest are seen at one place."""


@dataclasses.dataclass(frozen=True, eq=False)
class Escape:
    """What became of a network on a set, of one beside it, and of the narrow one.

    Attributes
    ----------
    on, off : Drift
        The run that started exactly on the set, and the one that was pushed off it.
    kick : float
        How far it was pushed.
    stratum : Stratum or None
        The blocks of equal neurons that the set makes, where theory says that they stay.
    narrow : Run or None
        The narrow network of these blocks, trained for itself.
    error : array, shape [S], or None
        Relative distance between the run on the set and the narrow one, in parameters, at the
        recorded steps that both have.
    moments : array of int, shape [E]
        Indices of recorded steps of `on` at which the eigenvalues were taken.
    eigenvalues : array, shape [E, codimension]
        Of the Hessian across the set; no columns for a curved set.
    """

    on: Drift
    off: Drift
    kick: float
    stratum: Stratum | None
    narrow: Run | None
    error: Array | None
    moments: Ints
    eigenvalues: Array

    def runs(self) -> list[Run]:
        """The runs: on the set, off it, and the narrow one, if there is one."""
        return [self.on.run, self.off.run, *([self.narrow] if self.narrow is not None else [])]

    def there(self, index: int) -> int:
        """The recorded step of the run on the set at the time of one of the pushed run."""
        now = float(clock(self.off.run)[index])
        times = clock(self.on.run)
        return max(int(np.searchsorted(times, now * (1.0 + 1e-12), side="right")) - 1, 0)

    @functools.cached_property
    def aligned(self) -> Array:
        """How far w and b alone of the pushed network are from the set, shape [T].

        Output weights that were pushed apart may stay so for ever, where the loss does not see
        them: that these distances fall again is all that "return" can mean. Empty for curved sets.
        """
        candidate = self.off.candidate
        if not isinstance(candidate, FlatSet):
            return np.zeros(0)
        apart = candidate.space.residual(flat(candidate.model, self.off.run.params))
        into = layer_of(candidate.model, candidate.layer).incoming.ravel()
        return np.asarray(np.linalg.norm(apart[:, into], axis=1))

    @functools.cached_property
    def places(self) -> Ints:
        """Number of different points (w, b) of the layer, as far as an eye can tell, shape [T]."""
        layer = layer_of(self.off.candidate.model, self.off.candidate.layer)
        theta = flat(self.off.candidate.model, self.off.run.params)
        return np.array([places(units) for units in theta[:, layer.incoming]])

    @property
    def growth(self) -> Array:
        """The most that linear theory allows, kick exp(-integral of the lowest eigenvalue) dt.

        At `moments`; for small deviations, a motion along the set as that of `on`, and smooth
        activations: no Hessian sees the kinks of ReLU, at which deviations grow as well.
        """
        time = self.on.run.time[self.moments]
        low = self.eigenvalues.min(axis=1, initial=0.0)
        pieces = -np.diff(time) * (low[1:] + low[:-1]) / 2.0
        with np.errstate(over="ignore"):
            return np.asarray(self.kick * np.exp(np.concatenate([[0.0], np.cumsum(pieces)])))

    def __str__(self) -> str:
        """Theory, what was measured, and the narrow network, each in a sentence."""
        told = [
            f"Theory: {self.on.claim}",
            f"Measured: started on the set, the network goes at most {number(self.on.largest)} "
            "from "
            f"it; pushed off by {number(self.kick)}, {number(self.off.largest)}, and ends at "
            f"{number(self.off.distance[-1])}.",
            self.on.finding[1],
        ]
        if self.narrow is not None and self.error is not None:
            told.append(
                f"On the set {many(self.on.run.experiment.model.n_parameters, 'parameter')} move "
                f"as {self.narrow.experiment.model.n_parameters}: the narrow network differs by "
                f"{discrepancy(self.error.max())}."
            )
        return " ".join(part for part in told if part)


def clock(run: Run) -> Array:
    """Where recorded steps are in time: of a flow its time, else the steps."""
    return run.time if run.experiment.optimizer.over_time else run.step.astype(float)


def places(points: Array) -> int:
    """How many different points [m, q] there are, to three digits of the largest."""
    size = max(float(np.abs(points).max()), 1e-300)
    return len(np.unique(np.round(points / (size * PLACES)), axis=0))


@public()
def escaped(
    candidate: Candidate,
    kick: float,
    runs: Sequence[Run],
    known: dict[int, Array] | None = None,
) -> Escape:
    """`Escape` of runs that were trained before.

    Parameters
    ----------
    candidate : Candidate
        The set.
    kick : float
        How far the second run was pushed off it.
    runs : sequence of Run
        On the set, off it, and perhaps the narrow network.
    known : dict, optional
        Eigenvalues by the step of the first run at which they were taken; new ones are added.
    """
    a_number("kick", kick, 0.0)
    on, off = (drift_of(candidate, run) for run in runs[:2])
    narrow, error = None, None
    stratum = stratum_at(candidate, on.run.at(0))
    if stratum is not None and len(runs) > 2 and len(runs[2]):
        narrow = runs[2]
        error = _error(on.run, narrow, stratum)
    moments, values = _across(on, {} if known is None else known)
    return Escape(on, off, kick, stratum, narrow, error, moments, values)


def _across(on: Drift, known: dict[int, Array]) -> tuple[Ints, Array]:
    """The moments at which eigenvalues across the set are taken, and these."""
    run, optimizer = on.run, on.run.experiment.optimizer
    most = len(record_steps(optimizer.most_steps, optimizer.record_ratio))
    often = EIGENVALUES
    if on.candidate.model.broadcasts:
        often = min(often, max(5, PRODUCTS // max(1, _codimension(on.candidate))))
    moments = np.arange(0, len(run), max(1, round(most / often)))
    if run.outcome is not Outcome.RUNNING:
        moments = np.union1d(moments, len(run) - 1)
    if not isinstance(on.candidate, FlatSet):
        return moments, np.zeros((len(moments), 0))
    for moment in moments.tolist():
        step = int(run.step[moment])
        if step not in known:
            known[step] = transverse(run.experiment, on.candidate, run.at(moment))
    return moments, np.array([known[int(step)] for step in run.step[moments]])


def _codimension(candidate: Candidate) -> int:
    """How many directions are across a flat set; 0 for a curved one."""
    space = candidate.space if isinstance(candidate, FlatSet) else None
    return 0 if space is None else candidate.model.n_parameters - space.dimension


def stratum_at(candidate: Candidate, start: Params) -> Stratum | None:
    """The blocks of a network on a set, if they are all that there is to the set."""
    model = candidate.model
    if not has_narrow(model, candidate.layer) or not isinstance(candidate, FlatSet):
        return None
    found = stratum_of(model, start, candidate.layer)
    alike = found.dimension == candidate.space.dimension < model.n_parameters
    return found if alike and found.blocks else None


def _error(wide: Run, narrow: Run, stratum: Stratum) -> Array:
    both = min(len(wide), len(narrow))
    apart = np.flatnonzero(wide.step[:both] != narrow.step[:both])  # the last, while they train
    steps = int(apart[0]) if len(apart) else both
    here = flat(stratum.model, wide.params)[:steps]
    there = flat(stratum.model, unreduce(stratum, narrow.params))[:steps]
    length = np.linalg.norm(here, axis=1)
    error = np.linalg.norm(here - there, axis=1)
    return np.asarray(np.divide(error, length, out=np.zeros(steps), where=length > 0.0))
