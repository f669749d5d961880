"""Plateaus: what each plateau of a run is. A saddle, a channel to infinity, a minimum?"""

import dataclasses
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..measures import Neurons, neurons
from ..models import MatrixFactorization, TwoLayer
from ..models.parameters import flat
from ..problems import Data
from ..training import Run
from .critical import landscape, slope
from .events import FALL, LAST, Span, spans
from .narrow import Narrow, narrow
from .nearest import Critical, nearest
from .runaway import Runaway, runaway
from .sentences import sentence
from .steepness import lowest_eigenvalue

__all__ = ["CRITICAL", "Plateau", "plateaus"]

Array = np.ndarray[Any, np.dtype[Any]]

CRITICAL = 0.1
"""A network is near a critical point if it is not farther than this share of its length (see
`Critical`)."""
DECADE, MOMENTS = 4, (6, 20)
"""Recorded steps that are looked at in each factor of ten of time, at least, and at most."""
FLAT = 1e-8
"""An eigenvalue is zero if it is below this share of the largest one."""
SOLVED = 1e-6
"""A loss below this share of the mean square of the labels is the lowest there can be."""


@dataclasses.dataclass(frozen=True)
class Plateau:
    """What a plateau of a run is; `str` says it in a sentence or two.

    Attributes
    ----------
    kind : str
        ``"saddle"``: the run passes near a critical point with a direction in which the loss bends
        down; `runaway` is set if it then goes down a channel, too. ``"channel to infinity"``:
        output weights run away, and no critical point that is near was found.
        ``"minimum"``: it is near a critical point with no such direction, to second order.
        ``"undecided"``: none of these could be shown.
    first, last : int
        Recorded steps where it begins and where it has been left (or the last recorded one).
    begins, ends : float
        The same as times.
    left : bool
        Whether the run has left it.
    levels : tuple of float
        The loss where it begins, and the last one before it is left.
    index : int
        The recorded step, of those looked at, where the gradient is smallest.
    width : int or None
        Merged width there: the neurons of the narrowest network that computes nearly the same (see
        `condensekit.measures.merge`), or the rank of A B; None for other models.
    widths : tuple of int
        The different merged widths along the plateau, in their order.
    output, weight : array, shapes [k] and [k, d + 1]
        The merged neurons at `index`; empty where there are none.
    gradient : float
        |grad L| |theta| / L there: by how many percent the loss would change, to first order, if
        the parameters went one percent of their length along the gradient.
    lowest : float
        Lowest eigenvalue of the Hessian there, or a little more; NaN if the model is too large.
    critical : Critical or None
        The nearest critical point that was found, however far.
    runaway : Runaway or None
        How output weights run away, if they do.
    """

    kind: str
    first: int
    last: int
    begins: float
    ends: float
    left: bool
    levels: tuple[float, float]
    index: int
    width: int | None
    widths: tuple[int, ...]
    output: Array
    weight: Array
    gradient: float
    lowest: float
    critical: Critical | None
    runaway: Runaway | None
    text: str = ""

    def __str__(self) -> str:
        """Kind and numbers, in words."""
        return self.text


@public()
def plateaus(
    run: Run, fall: float = FALL, last: float = LAST, near: float = CRITICAL
) -> list[Plateau]:
    """The anatomy of each plateau that `events` lists, in their order.

    A few moments of each plateau are merged into narrower networks. From these, a critical point is
    sought by Newton's method: for a two-layer network in the narrow network (its critical points
    are critical points of the wide one, too), for others in all parameters. Only then the distance
    in the parameters of the run decides whether it is near. Where output weights run away and no
    critical point is near, the limit of the loss is extrapolated.

    Parameters
    ----------
    run : Run
        A run with about 100 recorded steps or more.
    fall, last : float
        What a plateau is, see `events`.
    near : float
        Largest relative distance of a critical point that counts as near, between 0 and 1.

    Raises
    ------
    ValueError
        If a threshold is outside its range, or the run was recorded without some parameters.
    """
    a_number("near", near, above=0.0, below=1.0)
    missing = [name for name in run.experiment.model.shapes() if name not in run.params]
    if missing:
        raise ValueError(f"This run was recorded without its parameters {', '.join(missing)}.")
    data = run.experiment.data()
    return [_anatomy(run, span, data, near) for span in spans(run, fall, last)]


def _anatomy(run: Run, span: Span, data: Data, near: float) -> Plateau:
    model = run.experiment.model
    index = _moments(run, span)
    small = [narrow(model, run.at(i), data) for i in index]
    slopes = [_slope(run, i) for i in index]
    best = int(np.argmin(slopes))
    there = index[best]
    layer = _layer(small[best])
    away = _runaway(run, index, small, data)
    critical = nearest(run, index, span.last, small, slopes)
    found = Plateau(
        kind=_kind(critical, away, near, bool(np.isfinite(span.left)), data),
        first=span.first,
        last=span.last,
        begins=float(run.time[span.first]),
        ends=float(run.time[span.last]),
        left=bool(np.isfinite(span.left)),
        levels=(float(run.loss[span.first]), float(run.loss[index[-1]])),
        index=there,
        width=small[best].width,
        widths=tuple(width for width, _ in groupby(s.width for s in small) if width is not None),
        output=layer.output if layer else np.zeros(0),
        weight=layer.weight if layer else np.zeros((0, 0)),
        gradient=slopes[best],
        lowest=_lowest(run, there),
        critical=critical,
        runaway=away,
    )
    matrix = isinstance(model, MatrixFactorization)
    return dataclasses.replace(found, text=sentence(found, matrix))


def _moments(run: Run, span: Span) -> list[int]:
    """Recorded steps of a plateau, its first and its last one among them."""
    last = max(span.first, span.last - int(np.isfinite(span.left)))
    start, end = np.log10(run.time[[span.first, last]])
    number = int(np.clip(DECADE * (end - start), *MOMENTS))
    wanted = 10.0 ** np.linspace(start, end, number)
    steps = {span.first, last, *(run.index_at_time(t * (1.0 + 1e-12)) for t in wanted)}
    return sorted(step for step in steps if span.first <= step <= last)


def _slope(run: Run, index: int) -> float:
    model = run.experiment.model
    theta = flat(model, run.at(index))
    length = float(np.linalg.norm(theta))
    return slope(landscape(run.experiment, model, theta)) * length / (run.loss[index] or np.nan)


def _layer(small: Narrow) -> Neurons | None:
    if small.width and isinstance(small.model, TwoLayer):
        return neurons(small.model, small.params)
    return None


def _runaway(run: Run, index: Sequence[int], small: Sequence[Narrow], data: Data) -> Runaway | None:
    """Looked for in the longest stretch of moments with one merged width in which there is one."""
    stretches, first = [], 0
    for width, some in groupby(s.width for s in small):
        length = len([*some])
        stretches.append((length if width else 0, first))
        first += length
    for length, first in sorted(stretches, reverse=True):
        part = slice(first, first + length)
        layers = [layer for s in small[part] if (layer := _layer(s)) is not None]
        steps = [*index[part]]
        away = runaway(run.time[steps], run.loss[steps], steps, layers, data)
        if away is not None:
            return away
    return None


def _kind(
    critical: Critical | None, away: Runaway | None, near: float, left: bool, data: Data
) -> str:
    """What can be said; a critical point that is near comes first (`sentence` tells of both)."""
    if critical is not None and critical.distance <= near:
        if critical.lowest < -FLAT * critical.largest:
            return "saddle"
        solved = critical.level <= SOLVED * float(data.y.square().mean())
        if not left and (solved or critical.lowest > FLAT * critical.largest):
            return "minimum"
    elif away is not None:
        return "channel to infinity"
    return "undecided"


def _lowest(run: Run, index: int) -> float:
    try:
        return lowest_eigenvalue(run, index)
    except ValueError:  # too large
        return np.nan
