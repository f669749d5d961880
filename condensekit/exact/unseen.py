"""What samples cannot tell of a network: bounds of the rank of its tangent functions from above.

Three reasons are looked for, in exact arithmetic at the floats of weights and samples: neurons that
are equal on all samples up to sign, coordinates that depend on each other there, and a mirror that
samples and neurons have in common. There may be others, of which nothing is said.
"""

from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np

from ..models import Model, Params, TwoLayer, TwoLayerConv
from .tangents import rational_rank

__all__ = ["rank_bound"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Point = tuple[Fraction, ...]


@singledispatch
def rank_bound(model: Model, params: Params, points: Array) -> int:
    """A bound for the rank of the tangent functions of a network on samples, proven.

    Parameters
    ----------
    model, params
        A `TwoLayer` or `TwoLayerConv` with an odd activation, its neurons different up to sign and
        with a positive first weight, as in `at_the_target`.
    points : array, shape [n, d]
        The samples, no two of them equal.
    """
    raise NotImplementedError


@rank_bound.register
def _convolution_at_most(model: TwoLayerConv, params: Params, points: Array) -> int:
    """Without biases all tangent functions are odd."""
    del params
    if model.bias:
        return len(points)
    centre = (Fraction(0),) * model.input_dim
    return _mirrored({*_exact(points)}, centre, len(points), 0)


@rank_bound.register
def _two_layer_at_most(model: TwoLayer, params: Params, points: Array) -> int:
    b = params["b"].tolist() if model.bias else [0.0] * model.m
    weights = _exact(np.column_stack([params["w"].numpy(), b]))
    samples = _exact(points)
    # Neurons that are equal on the samples up to sign, and coordinates that depend on each other.
    seen = {_upright([_dot(w, x) + c for x in samples]) for *w, c in weights}
    free = rational_rank(np.column_stack([points, np.ones(len(points))]) if model.bias else points)
    best = min(len(samples), sum((1 if any(z) else 0) + free for z in seen))
    # A mirror x -> 2 c - x maps the neuron (w, b) to (w, -b - 2 w . c), up to sign.
    known, whole = {*weights}, model.d + 1 + model.bias
    for centre in _centres(model, weights, points):
        images = [(*w, -c - 2 * _dot(w, centre)) for *w, c in weights]
        if not known.issuperset(images) or not (model.bias or not any(centre)):
            continue
        own = sum(image == weight for image, weight in zip(images, weights, strict=True))
        rest = (len(weights) - own) * whole // 2
        odd, even = own * (model.d + 1) + rest, own * model.bias + rest
        best = min(best, _mirrored({*samples}, centre, odd, even))
    return best


def _mirrored(samples: set[Point], centre: Point, odd: int, even: int) -> int:
    """Largest rank of so many functions, odd and even about a centre, on samples.

    On pairs of mirrored samples the odd and the even functions have ranks of their own, each at
    most the number of pairs; at the centre the odd ones are zero.
    """
    images = {tuple(2 * c - e for c, e in zip(centre, x, strict=True)) for x in samples}
    both = len(samples & images)
    middle = centre in samples
    pairs = (both - middle) // 2
    return min(pairs, odd) + min(pairs + middle, even) + len(samples) - both


def _centres(model: TwoLayer, weights: list[Point], points: Array) -> set[Point]:
    """Where a mirror may stand: at 0, amid the samples, or amid the neurons of one input."""
    low, high = _exact(np.stack([points.min(axis=0), points.max(axis=0)]))
    found = {(Fraction(0),) * model.d, tuple((a + b) / 2 for a, b in zip(low, high, strict=True))}
    if model.d == 1:
        w, b = (sum(side, Fraction(0)) for side in zip(*weights, strict=True))
        found.add((-b / w,))  # all w are positive
    return found


def _exact(points: Array) -> list[Point]:
    return [tuple(map(Fraction, row)) for row in points.tolist()]


def _dot(one: Any, other: Any) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def _upright(values: list[Fraction]) -> Point:
    """A vector up to its sign."""
    first = next((value for value in values if value), Fraction(1))
    return tuple(value if first > 0 else -value for value in values)
