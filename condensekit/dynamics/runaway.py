"""Runaway: output weights that grow without bound while input weights close in.

The outputs stay finite, since the neurons cancel each other: in the limit some of them become a
derivative of the activation, or powers of its argument. The loss falls along such a *channel to
infinity*, and has a limit (Martinelli et al. 2025, arXiv:2506.14951).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import a_count
from ..doors import public
from ..measures import Neurons
from ..plain import quoted
from ..problems import Data

__all__ = ["GROWN", "Runaway", "line_fit", "line_level", "runaway"]

Array = np.ndarray[Any, np.dtype[Any]]

GROWN, WITH_IT = 5.0, 2.0
"""Output weights run away if the largest grows by the first factor at least before the last moment,
when the run may be leaving; those that grow by the second one are among them. None may have slowed
down ..."""
CLOSED = 1.5
"""... while the distance between input weights, or their length, shrinks by this factor ..."""
SPAN = 10.0
"""... and the time grows by this one."""
FEWEST = 6
"""Moments that are needed to tell."""
ON_LINE = 0.99
"""|cosine| of neurons on one line."""


@dataclasses.dataclass(frozen=True)
class Runaway:
    """How neurons run away on a plateau.

    Attributes
    ----------
    neurons, of : int
        How many, and of how many merged neurons.
    towards : str
        ``"zero"`` (their input weights vanish) or ``"each other"``.
    index : array of int, shape [S]
        The recorded steps that were looked at.
    output : array, shape [S, neurons]
        Their output weights, the largest |a| first, with all (w, b) turned to the side of the first
        one where a sign makes no difference.
    weight : array, shape [S, neurons]
        |(w, b)| of these.
    rate : float
        sum |a| grows as time to this power, over the last half of the steps but for the very last.
    closing : float
        The distance that closes shrinks as sum |a| to this power, a negative number.
    limit : float
        The level that the loss tends to: a polynomial of degree 2 in the square of this distance,
        fitted to the loss of the last half of the steps, but for the very last one (where the run
        may be leaving), and extrapolated to zero.
    uncertainty : float
        How far `limit` is from what a polynomial of degree 1 gives, or one that is fitted one step
        later, whichever is more. No bound.
    line : float
        Where all of them stand on one line and their input weights vanish: the least-squares loss
        of the odd polynomials of degree 2 k - 1, see `line_level`; else NaN.
    """

    neurons: int
    of: int
    towards: str
    index: Array
    output: Array
    weight: Array
    rate: float
    closing: float
    limit: float
    uncertainty: float
    line: float


def runaway(
    time: Array, loss: Array, index: Sequence[int], layers: Sequence[Neurons], data: Data
) -> Runaway | None:
    """How merged neurons run away, if they do; None if they do not, or if it cannot be told.

    Parameters
    ----------
    time, loss : array, shape [S]
        Of the moments looked at, in their order.
    index : sequence of int
        Their recorded steps.
    layers : sequence of Neurons
        The merged network at each of them, all of one width k.
    data : Data
        The samples.
    """
    if len(layers) < FEWEST or time[-1] < SPAN * time[0]:
        return None
    ranked = [_ranked(layer) for layer in layers]
    signed = np.array([layer.output for layer in ranked])
    output = np.abs(signed)
    grown = output[-2]
    length = np.array([np.linalg.norm(layer.weight, axis=1) for layer in ranked])
    gone = (grown >= WITH_IT * output[0]) & _grows_on(time, output)
    if not (gone & (grown >= GROWN * output[0])).any():
        return None
    total = output[:, gone].sum(axis=1)
    towards, distance = "zero", length[:, gone].max(axis=1)
    if distance[0] < CLOSED * distance[-1]:
        towards = "each other"
        distance = np.array([_spread(layer.weight[gone]) for layer in ranked])
        if not distance[-1] > 0.0 or distance[0] < CLOSED * distance[-1]:
            return None
    half = slice(len(layers) // 2, None)
    late = slice(len(layers) // 2 - 1, -1)  # without the last moment, too
    straight = _limit(distance[late], loss[late], 1)
    limit = _limit(distance[late], loss[late], 2)
    shifted = _limit(distance[half], loss[half], 2)
    if not limit < loss[-1]:
        return None
    on_line = towards == "zero" and bool(gone.all())
    return Runaway(
        neurons=int(gone.sum()),
        of=len(gone),
        towards=towards,
        index=np.array(index),
        output=signed[:, gone],
        weight=length[:, gone],
        rate=_slope(np.log(time[late]), np.log(total[late])),
        closing=_slope(np.log(total), np.log(distance)),
        limit=limit,
        uncertainty=max(abs(limit - straight), abs(limit - shifted)),
        line=_line(ranked[-1], data) if on_line else np.nan,
    )


def _ranked(layer: Neurons) -> Neurons:
    """The neurons by |a|, turned to the side of the first where a sign makes no difference."""
    order = np.argsort(-np.abs(layer.output), kind="stable")
    weight, output = layer.weight[order], layer.output[order]
    back = (weight @ weight[0] < 0.0) & (layer.activation.odd or layer.activation.even)
    sign = np.where(back, -1.0, 1.0)
    turned = output * sign if layer.activation.odd else output
    return Neurons(weight * sign[:, None], turned, layer.activation)


def _grows_on(time: Array, output: Array) -> Array:
    """Which output weights [k] grow in the last third at least half as fast as before, in log t."""
    third = max(2, len(time) // 3)
    late = np.log(output[-1] / output[-third]) / np.log(time[-1] / time[-third])
    whole = np.log(output[-1] / output[0]) / np.log(time[-1] / time[0])
    return np.asarray(late >= 0.5 * whole)


def _spread(weight: Array) -> float:
    return float(np.linalg.norm(weight[:, None] - weight[None], axis=2).max())


def _slope(x: Array, y: Array) -> float:
    return float(np.polyfit(x, y, 1)[0])


def _limit(distance: Array, loss: Array, degree: int) -> float:
    """The loss at distance 0, by a polynomial in the square of the distance."""
    return float(np.polyfit(distance**2, loss, degree)[-1])


def _line(layer: Neurons, data: Data) -> float:
    """`line_level` for neurons on a line, if they are tanh neurons on one line; else NaN."""
    unit = layer.weight / np.linalg.norm(layer.weight, axis=1)[:, None]
    if layer.activation.name != "tanh" or np.abs(unit @ unit.T).min() < ON_LINE:
        return np.nan
    return line_level(data.x.numpy(), data.y.numpy(), unit[0], len(layer.output))


@public()
def line_level(x: Array, y: Array, direction: Array, k: int) -> float:
    """Lowest mean squared error of the odd polynomials of degree 2 k - 1 on a line.

    k tanh neurons whose (w_j, b_j) are multiples s_j of one vector v compute sum_j a_j tanh(s_j z)
    with z = v . (x, 1). Let all s_j tend to zero: with the k output weights the coefficients of z,
    z^3, ..., z^(2k-1) can be kept at any values (a Vandermonde system in s_j^2), so that |a_j|
    grows as s^-(2k-1), while all further ones vanish. So every odd polynomial of degree 2 k - 1 in
    z is a limit of them, and this level is a limit of losses, below which a line of k neurons may
    also get with finite weights.

    Parameters
    ----------
    x, y : array, shapes [n, d] and [n]
        Samples.
    direction : array, shape [d] or [d + 1]
        The vector v; with d + 1 parts the last one is the bias.
    k : int
        Neurons, from 1 to 1,000.

    Raises
    ------
    ValueError
        If k is below 1, or the direction does not fit the samples or is zero.

    Examples
    --------
    >>> from condensekit import three_tanh
    >>> data = three_tanh().data(50)
    >>> f"{line_level(data.x.numpy(), data.y.numpy(), np.array([1.0]), 2):.6f}"
    '0.096764'
    """
    fitted = line_fit(x, y, direction, k, x)
    return float(np.square(fitted - np.asarray(y, dtype=float)).mean())


@public()
def line_fit(x: Array, y: Array, direction: Array, k: int, at: Array) -> Array:
    """The best odd polynomial of `line_level` at other inputs.

    Parameters
    ----------
    x, y, direction, k
        As for `line_level`, with the same errors.
    at : array, shape [N, d]
        Inputs.

    Returns
    -------
    array, shape [N]
    """
    a_count("k", k, 1, 1_000)
    x, y, direction, at = (np.asarray(part, dtype=float) for part in (x, y, direction, at))
    if x.ndim != 2 or not len(x) or y.shape != (len(x),) or at.shape[1:] != x.shape[1:]:
        raise ValueError(
            "x, y and at must have shapes [n, d], [n] and [N, d], n from 1 up, but have "
            f"{[*x.shape]}, {[*y.shape]} and {[*at.shape]}."
        )
    if direction.shape not in {(x.shape[1],), (x.shape[1] + 1,)} or not direction.any():
        raise ValueError(
            f"direction must hold {x.shape[1]} or {x.shape[1] + 1} numbers that are not all zero, "
            f"but is {quoted(direction)}."
        )
    along, there = (p @ direction[: x.shape[1]] + direction[x.shape[1] :].sum() for p in (x, at))
    size = np.abs(along).max() or 1.0
    powers, wanted = ((z / size)[:, None] ** np.arange(1, 2 * k, 2) for z in (along, there))
    found: Array = wanted @ np.linalg.lstsq(powers, y, rcond=None)[0]
    return found
