"""Neighbours among directions: close, and closer than chance would have it.

In a wide network any direction has others close by. A fixed angle alone would chain a thousand
random directions of the plane into one component, and the count would say "one cluster" of a
network in which nothing has gathered. So an angle counts only where more neurons are found within
it than random directions would put there.
"""

import functools
import math
from typing import Any

import numpy as np

__all__ = ["DENSE", "arcs", "cap_share", "components", "radii"]

Array = np.ndarray[Any, np.dtype[Any]]

DENSE = 10.0
"""Neighbours lie within an angle that holds so many times more neurons than chance puts there."""

_ROWS = 500  # of the matrix of angles at a time, which for wide networks is large


def cap_share(angle: float, dim: int) -> float:
    """Share of all directions of `dim` dimensions within `angle` (radians) of one; dim >= 2.

    The integral of sin^(dim - 2) from 0 to `angle`, over that from 0 to pi.

    Examples
    --------
    >>> round(cap_share(math.pi / 2, 6), 12), round(cap_share(math.radians(3.0), 2) * 60, 12)
    (0.5, 1.0)
    """
    power = dim - 2
    nodes, weights = _gauss()
    part = 0.5 * angle * float(weights @ np.sin(0.5 * angle * (1.0 + nodes)) ** power)
    whole = math.lgamma((power + 1) / 2) - math.lgamma(power / 2 + 1)
    return part / math.sqrt(math.pi) / math.exp(whole)


@functools.cache
def _gauss() -> tuple[Array, Array]:
    """Nodes and weights on [-1, 1], where they are first needed: they take some milliseconds."""
    return np.polynomial.legendre.leggauss(64)


@functools.lru_cache(maxsize=4096)
def radii(
    m: int, dim: int, gap: float, up_to_sign: bool = False, dense: float = DENSE
) -> tuple[tuple[int, float], ...]:
    """Numbers n = 1, 2, 4, ... and the angle within which n neurons are `dense` times too many.

    Among `m` random directions, one has (m - 1) c(r) others within the angle r, on average, where c
    is `cap_share`, and twice as many up to sign. The angle of n is the r at which this is n /
    `dense`, and at most `gap`. The list ends where it is `gap`, and where n is half of the others:
    these are enough within `gap`, which may be too wide for ten times more than chance. In one
    dimension there are but two directions, on which chance cannot be told from gathering: there
    only `gap` counts.

    Parameters
    ----------
    m, dim : int
        Number of directions, and of their coordinates.
    gap : float
        Radians, up to pi / 2.
    up_to_sign : bool
        Whether opposite directions are the same.
    dense : float
        How many times more neurons than by chance.

    Returns
    -------
    tuple of (int, float)
        Each n with its angle in radians.
    """
    if dim == 1 or m < 2:
        return ((1, gap),)
    chance, half = (m - 1) * (2.0 if up_to_sign else 1.0), m // 2
    found: list[tuple[int, float]] = []
    for n in (2**power for power in range(m.bit_length())):
        wanted = n / (dense * chance)
        if n >= half or cap_share(gap, dim) <= wanted:
            return (*found, (min(n, half), gap))
        low, high = 0.0, gap
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if cap_share(middle, dim) <= wanted else (low, middle)
        found.append((n, low))
    return tuple(found)


def components(unit: Array, gap: float, up_to_sign: bool = False) -> list[Array]:
    """Connected components of directions, neighbours being joined.

    Two directions are neighbours if the angle between them is at most the reach of one of them: the
    largest angle of `radii` within which it has as many others as asked there.

    Parameters
    ----------
    unit : array, shape [m, dim]
        Unit vectors.
    gap : float
        Largest angle between neighbours, in radians.
    up_to_sign : bool
        Whether opposite directions are the same.

    Returns
    -------
    list of array of int
        The members of each component.
    """
    scales = radii(*unit.shape, gap, up_to_sign)
    chord = [(n, 2.0 * math.sin(0.5 * angle)) for n, angle in scales]
    reach = np.zeros(len(unit))
    for start in range(0, len(unit), _ROWS):
        rows = slice(start, start + _ROWS)
        distance = _distances(unit[rows], unit, up_to_sign)
        for n, length in chord:
            enough = (distance <= length).sum(axis=1) > n  # one of them is the neuron itself
            reach[rows][enough] = length
    rest = np.arange(len(unit))
    found: list[Array] = []
    while len(rest):
        front, rest = rest[:1], rest[1:]
        component = [front]
        while len(front) and len(rest):
            distance = _distances(unit[rest], unit[front], up_to_sign)
            near = (distance <= np.maximum(reach[rest, None], reach[front])).any(axis=1)
            front, rest = rest[near], rest[~near]
            component.append(front)
        found.append(np.concatenate(component))
    return found


def _distances(left: Array, right: Array, up_to_sign: bool) -> Array:
    """Chords between unit vectors, shape [rows, columns]; rounding leaves 1e-8 of equal ones."""
    product = left @ right.T
    product = np.abs(product) if up_to_sign else product
    return np.sqrt(np.maximum(0.0, 2.0 - 2.0 * product))


def arcs(unit: Array, gap: float, up_to_sign: bool = False) -> list[Array]:
    """The same as `components` for directions of the plane, by sorting: m log m instead of m^2."""
    m = len(unit)
    if not m:
        return []
    turn = math.pi if up_to_sign else 2.0 * math.pi
    angle = np.arctan2(unit[:, 1], unit[:, 0]) % turn
    order = np.argsort(angle, kind="stable")
    angle = angle[order]
    around = np.concatenate([angle - turn, angle, angle + turn])
    reach = np.zeros(m)
    for n, length in radii(m, 2, gap, up_to_sign):
        last = np.searchsorted(around, angle + length, side="right")
        first = np.searchsorted(around, angle - length, side="left")
        reach[last - first > n] = length
    ahead = np.maximum.accumulate(around + np.tile(reach, 3))[m : 2 * m]
    behind = np.minimum.accumulate((around - np.tile(reach, 3))[::-1])[::-1][m + 1 : 2 * m + 1]
    following = around[m + 1 : 2 * m + 1]
    cuts = np.flatnonzero((ahead < following) & (behind > angle))
    if not len(cuts):
        return [order]
    order = np.roll(order, -(int(cuts[-1]) + 1))  # start after a cut
    ends = (cuts - cuts[-1] - 1) % m + 1
    return np.split(order, np.sort(ends)[:-1])
