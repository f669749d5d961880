"""(Escape, recorded step of the pushed run) -> frames."""

import numpy as np

from ..frames import (
    COLOURS,
    Array,
    Axis,
    Curve,
    CurvesFrame,
    CurvesLook,
    PlaneFrame,
    Range,
    Style,
    powers,
    roomy,
)
from ..symmetry import Escape, flat, layer_of
from ..symmetry.escape import clock, places
from ..words import discrepancy, number
from .runs import time_axis

__all__ = ["bent", "distances", "eigenvalues", "losses", "plane"]

FLOOR = 1e-18
"""A distance of exactly zero has no logarithm: it is drawn here, all others ten times as high."""
_NOTHING: Curve = np.zeros(0), np.zeros(0)


def bent(values: Array) -> Array:
    """Eigenvalues for drawing: linear up to 1e-3, logarithmic beyond, on both sides of 0."""
    return np.asarray(np.sign(values) * np.log10(1.0 + np.abs(values) / 1e-3))


_BLUE, _ORANGE, _GREEN = COLOURS["network"], COLOURS["last"], COLOURS["theory"]
DISTANCES = CurvesLook(
    "Distance",
    "distance to the set",
    (
        Style("on it", _BLUE),
        Style("pushed off", _ORANGE, width=2.0),
        Style("incoming", _ORANGE, "dotted", 1.5),
        Style("at most, linear theory", _GREEN, "dashed", 1.5),
    ),
    {-18.0: "0", -12.0: "10⁻¹²", -6.0: "10⁻⁶", 0.0: "1"},
)
LOSSES = CurvesLook(
    "Loss",
    "loss",
    (
        Style("on the set", _BLUE, width=5.0),
        Style("narrow network", COLOURS["sample"], "dashed", 1.5),
        Style("pushed off", _ORANGE, width=2.0),
    ),
)
LEVELS = {-1e2: "-100", -1.0: "-1", -1e-2: "-.01", 0.0: "0", 1e-2: ".01", 1.0: "1", 1e2: "100"}
EIGENVALUES = CurvesLook(
    "Hessian across",
    "eigenvalue",
    (
        Style("eigenvalues; below the line: a deviation grows", _BLUE, width=1.2),
        Style("", "#555555", "dotted", 1.0),
    ),
    {float(bent(np.array(level))): text for level, text in LEVELS.items()},
)


def _axis(found: Escape, index: int) -> Axis:
    return time_axis(found.off.run, index, ahead=3.0)


def _kinked(found: Escape) -> bool:
    """Whether the activation has a kink at zero, as ReLU; a product has none."""
    units = layer_of(found.on.candidate.model, found.on.candidate.layer)
    return units.homogeneous and units.acts


def _log(values: Array, floor: float) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(np.clip(values, floor, 1e30)))


def _logs(values: Array) -> Array:
    """Logarithms of distances, of which those of zeros alone are on the floor."""
    return np.where(values > 0.0, _log(values, 10.0 * FLOOR), np.log10(FLOOR))


def distances(found: Escape, index: int) -> CurvesFrame:
    """How far the networks are from the set, and how far the pushed one can be by theory."""
    on, off, growth, aligned = clock(found.on.run), clock(found.off.run), _NOTHING, _NOTHING
    flows = found.on.run.experiment.optimizer.over_time
    bounded = flows and found.on.claim.invariant and found.kick and not _kinked(found)
    if bounded and found.eigenvalues.shape[1]:
        inside = found.growth < 1e3  # it ends where it leaves the picture
        growth = (on[found.moments][inside], _logs(found.growth)[inside])
    here, apart = found.on.distance[found.there(index)], found.off.distance[index]
    told = f"on {number(here)} · off {number(apart)}"
    if len(found.aligned):
        aligned = (off, _logs(found.aligned))
        told += f" · incoming {number(float(found.aligned[index]))}"
    both = (on, _logs(found.on.distance)), (off, _logs(found.off.distance))
    ticks = tuple(DISTANCES.names or ())
    ends = (ticks[0] - 1.0, 3.0)
    curves = (*both, aligned, growth)
    return CurvesFrame(DISTANCES, _axis(found, index), curves, ends, ticks, told)


def losses(found: Escape, index: int) -> CurvesFrame:
    """Losses of the network on the set, of the narrow one, and of the one pushed off."""
    on, off, narrow = found.on.run, found.off.run, found.narrow
    every = [on.loss, off.loss] if narrow is None else [on.loss, off.loss, narrow.loss]
    least = min(float(np.nanmin(loss[loss > 0.0], initial=1.0)) for loss in every)
    told, third = "no narrow network is known here", _NOTHING
    if narrow is not None and found.error is not None:
        third = (clock(narrow), _log(narrow.loss, 1e-30))
        so_far = found.error[: found.there(index) + 1]
        told = f"narrow and wide differ by {discrepancy(float(so_far.max()))}"
    ends = (min(-3.0, float(np.floor(np.log10(least)))) - 0.3, 2.0)
    curves = (clock(on), _log(on.loss, 1e-30)), third, (clock(off), _log(off.loss, 1e-30))
    ticks = tuple(powers(*ends, most=5))
    return CurvesFrame(LOSSES, _axis(found, index), curves, ends, ticks, told)


def eigenvalues(found: Escape, index: int) -> CurvesFrame:
    """Eigenvalues of the Hessian across the set, over time."""
    values, axis = found.eigenvalues, _axis(found, index)
    bundle, said = _NOTHING, "the set is curved"
    if values.shape[1]:
        bundle = (clock(found.on.run)[found.moments], bent(values.T))
        k = int(np.searchsorted(found.moments, found.there(index), side="right")) - 1
        below = int((values[k] < -1e-12).sum())
        said = f"lowest {number(float(values[k].min()))} · {below} of {values.shape[1]} negative"
        if _kinked(found):
            said = f"{below} of {values.shape[1]} negative · kinks left out"
    low, high = bent(np.array([-300.0, 300.0])).tolist()
    zero = (axis.ends, np.zeros(2))
    ticks = tuple(EIGENVALUES.names or ())
    return CurvesFrame(EIGENVALUES, axis, (bundle, zero), (low, high), ticks, said)


def plane(found: Escape, index: int) -> PlaneFrame:
    """The units as points of two of their weights."""
    candidate, there = found.on.candidate, found.there(index)
    units = layer_of(candidate.model, candidate.layer)
    way = flat(candidate.model, found.off.run.params)[:, units.point]
    still = flat(candidate.model, found.on.run.params)[:, units.point]
    both = np.abs(np.concatenate([way, still])).reshape(-1, 2)

    def reach(column: int) -> Range:
        end = roomy(1.15 * max(float(np.quantile(both[:, column], 0.995)), 1e-3))
        return -end, end

    return PlaneFrame(
        still[there],
        way[index],
        way[: index + 1].swapaxes(0, 1),
        *units.axes,
        reach(0),
        reach(1),
        f"places: {places(still[there])} on the set · {places(way[index])} pushed off",
    )
