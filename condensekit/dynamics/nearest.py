"""Nearest: the critical point of a narrower network that a plateau is near to."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..activations import activation
from ..measures import merge
from ..models import MatrixFactorization, Model, TwoLayer
from ..models.parameters import flat, named
from ..training import Run
from .critical import critical_point, landscape, slope
from .events import FALL
from .narrow import Narrow, embedded, narrow
from .steepness import extreme_eigenvalues

__all__ = ["MOST_PARAMETERS", "Critical", "nearest"]

Array = np.ndarray[Any, np.dtype[Any]]

MOST_PARAMETERS = 300
"""Parameters of the largest network in which a critical point is sought."""
STARTS = 3
"""Moments of each merged width from which it is sought."""
EXACT = 1e-8
"""A network is critical if |gradient| |theta| is below this share of the mean square of labels."""


@dataclasses.dataclass(frozen=True)
class Critical:
    """A critical point near a plateau.

    Attributes
    ----------
    width : int or None
        Width, or rank, of the narrowest network that computes the same; None for other models.
    zero : bool
        Whether all its parameters are zero.
    level : float
        Its loss.
    distance : float
        How near the network came, as a share of the length of all parameters of the critical point;
        if that is zero, of the network where the plateau ends.
    index : int
        The recorded step where it came nearest, of those looked at.
    lowest, largest : float
        Lowest and largest eigenvalue of the Hessian at the critical point; of networks with many
        parameters, the lowest or a little more.
    """

    width: int | None
    zero: bool
    level: float
    distance: float
    index: int
    lowest: float
    largest: float


def nearest(
    run: Run, index: Sequence[int], end: int, small: Sequence[Narrow], slopes: Sequence[float]
) -> Critical | None:
    """The nearest critical point that is found; None if there is none.

    It is sought from the flattest moments of each merged width, and from zero. Its level must be
    that of the plateau, or passed on it.

    Parameters
    ----------
    run : Run
        A run.
    index : sequence of int
        The recorded steps to look at.
    end : int
        The recorded step where the plateau ends.
    small, slopes : sequences, as long as `index`
        The narrower network, and the relative gradient, at each of them.
    """
    model = run.experiment.model
    if isinstance(model, TwoLayer) and activation(model.activation).homogeneous:
        return None  # not smooth: no Hessian at zero
    points = [flat(model, run.at(i)) for i in index]
    size = float(np.linalg.norm(flat(model, run.at(end))))
    low, high = (1.0 - FALL) * run.loss[index[-1]], (1.0 + FALL) * run.loss[index[0]]
    best: tuple[float, int, Array] | None = None
    for source, theta in _found(run, small, slopes):
        if not low <= landscape(run.experiment, source, theta).loss()[0] <= high:
            continue
        for at, point in zip(index, points, strict=True):
            there = _in_wide(run, at, source, theta)
            if there is None:
                continue
            scale = float(np.linalg.norm(there)) or size or 1.0
            distance = float(np.linalg.norm(point - there)) / scale
            if (best is None or distance < best[0]) and _is_critical(run, there, size):
                best = distance, at, there
    if best is None:
        return None
    level = float(landscape(run.experiment, model, best[2]).loss()[0])
    lowest, largest = extreme_eigenvalues(landscape(run.experiment, model, best[2]))
    return Critical(
        _width(run, best[2]), not best[2].any(), level, best[0], best[1], lowest, largest
    )


def _found(
    run: Run, small: Sequence[Narrow], slopes: Sequence[float]
) -> Iterator[tuple[Model, Array]]:
    """Critical points, each in the network in which it was found."""
    model = run.experiment.model
    yield model, np.zeros(model.n_parameters)
    tried: Counter[int | None] = Counter()
    for i in np.argsort(slopes).tolist():
        one = small[i]
        if one.width == 0 or tried[one.width] == STARTS or one.model.n_parameters > MOST_PARAMETERS:
            continue
        tried[one.width] += 1
        found = critical_point(run.experiment, one.model, flat(one.model, one.params))
        if found is not None:
            yield one.model, found


def _in_wide(run: Run, at: int, source: Model, theta: Array) -> Array | None:
    """A critical point in the parameters of the run, near to where that was."""
    model = run.experiment.model
    if not theta.any() or not (isinstance(source, TwoLayer) and isinstance(model, TwoLayer)):
        return theta
    found = embedded(model, run.at(at), source, named(source, theta))
    return None if found is None else flat(model, found)


def _is_critical(run: Run, theta: Array, size: float) -> bool:
    found = slope(landscape(run.experiment, run.experiment.model, theta))
    scale = float(run.experiment.data().y.double().square().mean())
    return found * max(size, float(np.linalg.norm(theta))) <= EXACT * scale


def _width(run: Run, theta: Array) -> int | None:
    """How many neurons, or which rank, compute the same at the critical point."""
    model, data = run.experiment.model, run.experiment.data()
    if isinstance(model, TwoLayer):
        joined = merge(model, named(model, theta))
        return joined.model.m if bool(joined.params["a"].any()) else 0
    if isinstance(model, MatrixFactorization):
        return narrow(model, named(model, theta), data).width
    return None
