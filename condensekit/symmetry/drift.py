"""Does training leave a set? The theorem's condition on it, and runs that start on it."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..derivatives import Landscape, jacobian
from ..doors import public
from ..experiments import Experiment
from ..models import Params
from ..models.parameters import flat, named
from ..plain import quoted
from ..training import Outcome, Run, train, up_to
from ..words import many, number
from .candidates import Candidate, Claim, FlatSet, Motion, check_placed, motion
from .sets import SETS

__all__ = [
    "Drift",
    "drift",
    "drift_of",
    "drifts",
    "invariance_table",
    "kicked",
    "tangency",
    "transverse",
]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Drift:
    """A run that started on a set, and how far it went from it.

    Attributes
    ----------
    candidate : Candidate
        The set.
    run : Run
        The run.
    distance : array, shape [T]
        To the set, at each recorded step; for curved sets as `Candidate.distances` says.
    size : array, shape [T]
        Norm of all parameters.
    claim : Claim
        What theory says for the optimizer of this run.
    """

    candidate: Candidate
    run: Run
    distance: Array
    size: Array
    claim: Claim

    @property
    def largest(self) -> float:
        """The largest distance on the way."""
        return float(self.distance.max())

    @property
    def stayed(self) -> bool:
        """Whether the distance is never above what rounding, or the integrator, explains."""
        optimizer = self.run.experiment.optimizer
        return bool((self.distance <= self.candidate.explained(optimizer, self.size)).all())

    def until(self, index: int) -> "Drift":
        """The same run as far as a recorded step."""
        to = index + 1
        run = up_to(self.run, int(self.run.step[index]))
        return dataclasses.replace(self, run=run, distance=self.distance[:to], size=self.size[:to])

    @property
    def rounded(self) -> bool:
        """Whether rounding pushed the run off a set that theory says it keeps.

        So it is if the first distance that is not 0 is one that rounding explains: where a set
        repels, it grows from there as any push does.
        """
        off = np.flatnonzero(self.distance)
        kept = isinstance(self.candidate, FlatSet) and self.claim.invariant
        if self.stayed or not kept or not len(off):
            return False
        allowed = self.candidate.explained(self.run.experiment.optimizer, self.size)
        return bool(self.distance[off[0]] <= allowed[off[0]])

    @property
    def finding(self) -> tuple[str, str]:
        """What the run did, and what is to be said beside theory's word; '' if nothing is."""
        optimizer = self.run.experiment.optimizer
        if self.run.outcome is Outcome.DIVERGED:
            return "diverges", "That says nothing about the set: take smaller steps."
        if self.rounded:
            first = self.distance[np.flatnonzero(self.distance)[0]]
            return (
                "leaves it by rounding",
                f"Rounding pushed it off, by {number(first, 1)} at first, and the set repels.",
            )
        if not self.stayed:
            return "leaves it", ""
        if self.claim.invariant or len(self.run) < 2:
            return "stays on it", ""
        if not isinstance(self.candidate, FlatSet) and motion(optimizer) is Motion.FLOW:
            return "cannot tell", "What it moved is less than the integrator's own error may be."
        return "stays on it", "Theory speaks of all data; these samples do not move it off."

    def __str__(self) -> str:
        """What theory says, and what was measured, apart."""
        told = (
            f"{self.candidate.name}: {self.candidate.formula}. Theory: {self.claim} Measured: the "
            f"largest distance from the set is {number(self.largest)} after "
            f"{many(int(self.run.step[-1]), 'step')} of "
            f"{type(self.run.experiment.optimizer).__name__}. {self.finding[1]}"
        )
        return told.rstrip()


@public(check_placed)
def drift(experiment: Experiment, candidate: Candidate, init: Params | None = None) -> Drift:
    """Put a network on a set, train it, and measure how far it goes from the set.

    Parameters
    ----------
    experiment : Experiment
        What to train, and how.
    candidate : Candidate
        A set of the model of the experiment.
    init : dict of Tensor, optional
        Where to start, exactly; by default on the set, near the experiment's own draw.

    Raises
    ------
    ValueError
        If the set is one of another model.
    """
    return drifts(experiment, [candidate], None if init is None else [init])[0]


@public()
def drifts(
    experiment: Experiment,
    candidates: Sequence[Candidate],
    init: Sequence[Params] | None = None,
) -> list[Drift]:
    """`drift` for several sets, trained as one batch."""
    for candidate in candidates:
        check_model(candidate, experiment)
    own = experiment.init()
    starts = [candidate.place(own) for candidate in candidates] if init is None else init
    together = {name: torch.stack([start[name] for start in starts]) for name in own}
    runs = train([experiment] * len(candidates), init=together)
    return [drift_of(candidate, run) for candidate, run in zip(candidates, runs, strict=True)]


def check_model(candidate: Candidate, experiment: Experiment) -> None:
    """Raise a ValueError unless the set is one of the model that the experiment trains."""
    if candidate.model != experiment.model:
        raise ValueError(
            f"The set is one of {candidate.model}, but the experiment trains {experiment.model}."
        )


@public()
def drift_of(candidate: Candidate, run: Run) -> Drift:
    """How far a run that was trained before went from a set."""
    theta = flat(candidate.model, run.params)
    size = np.asarray(np.linalg.norm(theta, axis=-1))
    claim = candidate.theory(run.experiment.optimizer)
    return Drift(candidate, run, candidate.distances(theta), size, claim)


@public()
def invariance_table(
    experiments: Sequence[Experiment], sets: Sequence[str] = tuple(SETS)
) -> list[Drift]:
    """Every set for every experiment: what theory says beside what a run does.

    Parameters
    ----------
    experiments : sequence of Experiment
        Models, data and optimizers of your choice.
    sets : sequence of str
        Names of `SETS`.
    """
    return [
        row
        for experiment in experiments
        for row in drifts(experiment, [SETS[name](experiment.model) for name in sets])
    ]


@public(check_placed)
def tangency(candidate: Candidate, params: Params, x: Tensor) -> float:
    """Largest part of grad F(theta)(x) across the set, as a share of the gradient there.

    Zero for all theta of the set and all x is what the theorem asks for; then dL/dtheta, a
    combination of these gradients, is tangent for every loss, all data and every mini-batch.

    Parameters
    ----------
    candidate : Candidate
        The set.
    params : dict of Tensor
        A network; its place on the set is what counts.
    x : Tensor, shape [n, d]
        Inputs.
    """
    model, on = candidate.model, candidate.place(params)
    gradients = jacobian(model, on, x).numpy()
    across = candidate.across(flat(model, on), gradients)
    length = np.linalg.norm(gradients, axis=1)
    return float((np.linalg.norm(across, axis=1) / np.where(length > 0.0, length, 1.0)).max())


@public(check_placed)
def kicked(candidate: Candidate, params: Params, size: float, seed: int = 0) -> Params:
    """The network on the set, pushed off it by a random vector of length `size` across the set.

    Parameters
    ----------
    candidate : Candidate
        The set.
    params : dict of Tensor
        A network.
    size : float
        Length of the push; 0 leaves the network where it is.
    seed : int
        Of its direction.
    """
    if not (np.isfinite(size) and size >= 0.0):
        raise ValueError(f"size must be a number that is not negative, but is {quoted(size)}.")
    theta = flat(candidate.model, candidate.place(params))
    push = candidate.across(theta, np.random.default_rng(seed).standard_normal(len(theta)))
    length = float(np.linalg.norm(push))
    return named(candidate.model, theta + (size / length * push if length else 0.0))


@public(check_placed)
def transverse(experiment: Experiment, candidate: Candidate, params: Params) -> Array:
    """Eigenvalues of the Hessian of the training loss across a flat set, smallest first.

    Negative ones say how fast a small deviation grows. Across the equal set of s neurons they are
    those of [[0, g], [g, a M]], the block of one neuron, s - 1 times, so that with g != 0 one of
    them is always negative.

    Parameters
    ----------
    experiment : Experiment
        Gives the loss.
    candidate : Candidate
        A flat set.
    params : dict of Tensor
        A network; its place on the set is what counts.

    Returns
    -------
    array, shape [codimension]

    Raises
    ------
    ValueError
        If the set is not flat, or the model too large for its Hessian.
    """
    space = getattr(candidate, "space", None)
    if space is None:
        raise ValueError(f"The set '{candidate.name}' is curved, so nothing is simply across it.")
    normal, data = space.normal(), experiment.data()
    theta = flat(candidate.model, candidate.place(params))[None]
    of = experiment.problem.loss
    hessian = Landscape(candidate.model, theta, data.x[None], data.y[None], of).curvature()
    return np.asarray(np.linalg.eigvalsh(normal @ hessian.products(normal).T))
