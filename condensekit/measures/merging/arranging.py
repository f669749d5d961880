"""Where the places of a few neurons may be: several starts, since none is good for all networks.

A trained network can be three neurons among hundreds that cancel, two groups that run away from
each other, or a line of neurons of all lengths. Each way to start is good for one of these.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..neurons import SAME
from .joining import lengths
from .places import Placed, PlacedLayer, settled

__all__ = ["arrangements"]

Array = np.ndarray[Any, np.dtype[Any]]

THOROUGH = 12
"""Up to so many places all starts are tried; with more, only those that are spread out."""
MANY = 60
"""Most places that are tried: with more, it would be hard to speak of a few neurons."""
MATES = 64  # bits of a whole number, which tells sets apart
"""Bunches of like neurons whose sums are looked at, the strongest ones."""
PAIRS, _WIDTH = MATES * (MATES - 1) // 2, 200
"""Sets of bunches that are kept while they grow: all pairs, and the best larger ones."""
BEST = 2
"""Sets of bunches of each size that are tried."""
_CANDIDATES = 160
"""Neurons at which the next place may be, half of them the strongest, the rest evenly thinned."""
WEAK = 1e-3
"""Bunches start at neurons whose amplitude is above this share of the largest."""


def arrangements(layer: PlacedLayer, enough: float) -> Iterator[list[Placed]]:
    """The neurons at 0, 1, 2, ... places: for each number what the starts lead to."""
    nobody = Placed(
        layer,
        np.zeros((0, layer.inputs.shape[1])),
        np.full(len(layer.square), -1),
        np.zeros(len(layer.square)),
    )
    yield [nobody]
    most = min(len(layer.square), MANY)
    sums, far = _summing(layer), _spread(layer, most, nobody.places)
    if settled(layer, far, idle=False).off(enough) > enough:
        # Fewer are not enough either, unless the rest cancels.
        for k in range(1, min(THOROUGH, most) + 1):
            starts = [*next(sums, []), far[:k]]
            yield [settled(layer, places, idle=True) for places in starts]
        return
    spread, last = nobody.places, nobody
    for k in range(1, min(THOROUGH, most) + 1):
        line = settled(layer, _spread(layer, k, spread), idle=False)
        spread = line.places
        grown = np.concatenate([last.places, _next(layer, last)])
        starts = [*next(sums, []), far[:k], spread, grown]
        found = [settled(layer, places, idle=True) for places in starts]
        found += [line, settled(layer, grown, idle=False)]
        last = min(found, key=lambda one: one.off(enough))
        yield found
    k = THOROUGH
    while k < most:
        k = min(most, k + k // 4)
        found = [settled(layer, _spread(layer, k, spread), idle) for idle in (False, True)]
        spread = found[0].places
        yield found


def _bunches(layer: PlacedLayer) -> list[tuple[Array, Array]]:
    """Neurons near a strong one, and their factors there; the strongest first, no neuron twice."""
    size = np.abs(layer.neurons.output) * np.sqrt(layer.square)
    rest = np.argsort(-size, kind="stable")
    rest = rest[(size[rest] > WEAK * size.max(initial=0.0)) & ~layer.dead[rest]]
    found = list[tuple[Array, Array]]()
    while len(rest) and len(found) < 4 * MATES:
        first = layer.neurons.weight[rest[:1]]
        if layer.scaling:
            first = first / lengths(first)[:, None]
        distance, factor = layer.distances(first)
        far, near = distance[rest, 0], layer.square[rest]
        if not layer.scaling:
            near = np.maximum(near, layer.square[rest[0]])
        same = far <= SAME**2 * near
        same[0] = True
        found.append((rest[same], factor[rest[same], 0]))
        rest = rest[~same]
    return found


def _summing(layer: PlacedLayer) -> Iterator[list[Array]]:
    """For 1, 2, 3, ... the places of the bunches whose functions add up to nearly the whole one.

    The rest then cancels, or is nothing. A beam search over sets: all pairs, and of larger sets
    those with the smallest sum of squares so far.
    """
    bunches = _bunches(layer)
    if not bunches:
        return
    places = np.array([layer.centre(*bunch) for bunch in bunches])
    strength = np.array([layer.strengths(factor, members).sum() for members, factor in bunches])
    parts = layer.functions(places, layer.few) * strength
    chosen = np.argsort(-np.vecdot(parts.T, parts.T), kind="stable")[:MATES]
    parts, places = parts[:, chosen], places[chosen]
    gram, aim = parts.T @ parts, parts.T @ layer.goal
    alone = np.diag(gram)
    sets, missing = np.zeros((1, 0), dtype=int), np.array([layer.goal @ layer.goal])
    names, one = np.zeros(1, dtype=np.uint64), np.uint64(1)  # a bit for each bunch of a set
    added = np.zeros((1, len(gram)))  # sums of the rows of gram that belong to a set
    for k in range(1, len(places) + 1):
        inner = aim - added  # of what a set misses with each bunch
        grown = missing[:, None] + alone - 2.0 * inner
        np.put_along_axis(grown, sets, np.inf, axis=1)
        width = min(grown.size, k * (PAIRS if k == 2 else _WIDTH))
        some = np.argpartition(grown, width - 1, axis=None)[:width]
        old, new = np.unravel_index(some, grown.shape)
        missing = grown[old, new]
        longer = names[old] + (one << new.astype(np.uint64))
        _, first = np.unique(longer, return_index=True)
        first = first[np.argsort(missing[first], kind="stable")][: PAIRS if k == 2 else _WIDTH]
        old, new, missing, names = old[first], new[first], missing[first], longer[first]
        sets, added = np.column_stack([sets[old], new]), added[old] + gram[new]
        yield [places[chosen] for chosen in sets[:BEST]]


def _spread(layer: PlacedLayer, k: int, places: Array) -> Array:
    """Go on to k places, each at the neuron that is farthest from all so far, weighted by |a|."""
    if len(places):
        far = np.minimum(layer.square, layer.distances(places)[0].min(axis=1))
    else:
        far = layer.square
    size = np.abs(layer.neurons.output) * ~layer.dead
    while len(places) < k:
        place = _at(layer, [int(np.argmax(size * far))])
        places = np.concatenate([places, place])
        far = np.minimum(far, layer.distances(place)[0][:, 0])
    return places


def _next(layer: PlacedLayer, last: Placed) -> Array:
    """One more place, at the neuron where it makes up best for what is missing."""
    size = np.abs(layer.neurons.output) * np.sqrt(layer.square)
    order = np.argsort(-size, kind="stable")
    half = _CANDIDATES // 2
    if len(order) > _CANDIDATES:
        order = np.unique(np.concatenate([order[:half], order[:: -(-len(order) // half)]]))
    places = _at(layer, order)
    now = np.vecdot(layer.neurons.weight - last.weight, layer.neurons.weight - last.weight)
    distance, factor = layer.distances(places)
    moves = distance < now[:, None]
    keeps = layer.strengths(np.ones(len(now)))[:, None]
    if layer.neurons.activation.odd or layer.scaling:
        keeps = keeps * factor
    gained = layer.functions(places, layer.few) * (keeps * moves).sum(axis=0)
    on = np.flatnonzero(last.labels >= 0)
    if len(on):
        leaving = np.zeros((len(last.places), len(now)))
        leaving[last.labels[on], on] = layer.strengths(last.factor)[on]
        gained -= layer.functions(last.places, layer.few) @ (leaving @ moves)
    missed = last.changes(layer.thin).sum(axis=1)[:, None] - gained
    return places[[int(np.argmin(np.vecdot(missed.T, missed.T)))]]


def _at(layer: PlacedLayer, chosen: Any) -> Array:
    """Places at some of the neurons."""
    weight: Array = layer.neurons.weight[chosen]
    if layer.scaling:
        length = lengths(weight)[:, None]
        weight = weight / np.where(length > 0.0, length, 1.0)
    return weight
