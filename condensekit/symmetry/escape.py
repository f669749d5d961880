"""Three runs side by side: on a set, pushed off it, and the narrow network that the set is."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..experiments import Experiment
from ..models import Params, TwoLayer
from ..training import Run, Snapshot, train
from .candidates import Candidate, FlatSet
from .drift import Drift, drift_of, drifts, kicked, transverse
from .reduced import condensed, reduce, unreduce
from .strata import Stratum, stratum_of
from .subspace import flat

__all__ = ["Escape", "blocks", "escape", "escaped"]

Array = np.ndarray[Any, np.dtype[Any]]

EIGENVALUES = 40
"""At so many moments of a run the Hessian across the set is taken."""


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
    error : array, shape [T], or None
        Relative distance between the run on the set and the narrow one, in parameters.
    moments : array of int, shape [E]
        Recorded steps of `on` at which the eigenvalues were taken.
    eigenvalues : array, shape [E, codimension]
        Of the Hessian across the set; no columns for a curved set.
    """

    on: Drift
    off: Drift
    kick: float
    stratum: Stratum | None
    narrow: Run | None
    error: Array | None
    moments: np.ndarray[Any, np.dtype[np.int64]]
    eigenvalues: Array

    @property
    def growth(self) -> Array:
        """The most that linear theory allows, kick exp(-integral of the lowest eigenvalue) dt.

        At `moments`; for small deviations, and a motion along the set as that of `on`.
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
            f"Measured: started on the set, the network goes at most {self.on.largest:.2g} from "
            f"it; pushed off by {self.kick:.2g}, {self.off.largest:.2g}, and ends at "
            f"{self.off.distance[-1]:.2g}.",
        ]
        if self.narrow is not None and self.error is not None:
            told.append(
                f"On the set {self.on.run.experiment.model.n_parameters} parameters move as "
                f"{self.narrow.experiment.model.n_parameters}: the narrow network differs by "
                f"{self.error.max():.1e}."
            )
        return " ".join(told)


def blocks(model: TwoLayer, k: int) -> FlatSet:
    """The set on which the neurons form k blocks of equal ones, of nearly equal sizes.

    Raises
    ------
    ValueError
        If k is not a whole number from 1 to the number of neurons.
    """
    if not 1 <= k <= model.m:
        raise ValueError(f"k must be a whole number from 1 to {model.m}, but is {k!r}.")
    parts = np.array_split(np.arange(model.m), k)
    space = Stratum(model, tuple(tuple((int(j), 1) for j in part) for part in parts)).space
    reason = "Exchanging equal neurons is a symmetry; this is what all exchanges leave as it is."
    return FlatSet(model, f"{k} blocks", f"{k} blocks of equal neurons", True, reason, space)


def escape(
    experiment: Experiment,
    candidate: Candidate,
    kick: float = 1e-6,
    init: Params | None = None,
    on_step: Callable[[Snapshot], object] | None = None,
) -> Escape:
    """Train a network on a set, one that was pushed off it, and the narrow one.

    Parameters
    ----------
    experiment : Experiment
        What is trained, and how.
    candidate : Candidate
        A set of its model.
    kick : float
        Length of the push across the set; its direction is drawn with the seed of the experiment.
    init : dict of Tensor, optional
        The set is entered at the point nearest to these parameters; by default to the experiment's
        own draw.
    on_step : callable, optional
        As for `condensekit.train`: a return value of True cancels.
    """
    start = candidate.place(experiment.init() if init is None else init)
    pushed = kicked(candidate, start, kick, experiment.seed)
    both = drifts(experiment, [candidate, candidate], [start, pushed], on_step)
    runs = [found.run for found in both]
    stratum = _stratum(candidate, start)
    if stratum is not None:
        inner = dataclasses.replace(experiment, model=condensed(stratum))
        runs.append(train(inner, on_step, reduce(stratum, start)))
    return escaped(candidate, kick, runs)


def escaped(candidate: Candidate, kick: float, runs: Sequence[Run]) -> Escape:
    """`Escape` of runs that were trained before: on the set, off it, and perhaps the narrow one."""
    on, off = (drift_of(candidate, run) for run in runs[:2])
    experiment, narrow, error = on.run.experiment, None, None
    stratum = _stratum(candidate, on.run.at(0))
    if stratum is not None and len(runs) > 2:
        narrow = runs[2]
        error = _error(on.run, narrow, stratum)
    moments = np.unique(np.linspace(0, len(on.run) - 1, EIGENVALUES).round().astype(np.int64))
    values = np.zeros((len(moments), 0))
    if isinstance(candidate, FlatSet):
        values = np.array([transverse(experiment, candidate, on.run.at(i)) for i in moments])
    return Escape(on, off, kick, stratum, narrow, error, moments, values)


def _stratum(candidate: Candidate, start: Params) -> Stratum | None:
    """The blocks of a network on a set, if they are all that there is to the set."""
    model = candidate.model
    if not isinstance(model, TwoLayer) or not isinstance(candidate, FlatSet):
        return None
    found = stratum_of(model, start)
    alike = found.dimension == candidate.space.dimension < model.n_parameters
    return found if alike and found.blocks else None


def _error(wide: Run, narrow: Run, stratum: Stratum) -> Array:
    steps = min(len(wide), len(narrow))
    here = flat(stratum.model, wide.params)[:steps]
    there = flat(stratum.model, unreduce(stratum, narrow.params))[:steps]
    length = np.linalg.norm(here, axis=1)
    apart = np.linalg.norm(here - there, axis=1)
    return np.asarray(np.divide(apart, length, out=np.zeros(steps), where=length > 0.0))
