"""(Escape, recorded step) -> frame."""

import numpy as np

from ..frames import Array, powers
from ..frames.symmetry import CurvesFrame, PlaneFrame, SymmetryFrame
from ..symmetry import Escape, flat, layer_of
from ..symmetry.candidates import Motion, motion
from ..symmetry.escape import places
from ..training import Outcome, Run
from .runs import number

__all__ = ["DECADES", "LEVELS", "bent", "symmetry_frame"]

FLOOR = 1e-18
"""A distance of exactly zero has no logarithm: it is drawn here, all others ten times as high."""
DECADES = (-18.0, -12.0, -6.0, 0.0)
"""Ticks of the axis of distances; the first one is that floor, and its name is 0."""
LEVELS = (-1e2, -1.0, -1e-2, 0.0, 1e-2, 1.0, 1e2)
"""Ticks of an axis for eigenvalues of both signs and all sizes."""
_SIGNS = {"stays on it": "✔", "leaves it": "✘"}


def bent(values: Array) -> Array:
    """Eigenvalues for drawing: linear up to 1e-3, logarithmic beyond, on both sides of 0."""
    return np.asarray(np.sign(values) * np.log10(1.0 + np.abs(values) / 1e-3))


def _time(run: Run) -> Array:
    """log10 of flow time, or of steps; the start is drawn where the first step is."""
    t = run.time if run.experiment.optimizer.over_time else run.step.astype(float)
    first = t[1] if len(t) > 1 and t[1] > 0.0 else 1.0
    return np.asarray(np.log10(np.maximum(t, first)))


def _log(values: Array, floor: float) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(np.clip(values, floor, 1e30)))


def _distances(values: Array) -> Array:
    """Logarithms, of which those of zeros alone are on the floor."""
    return np.where(values > 0.0, _log(values, 10.0 * FLOOR), np.log10(FLOOR))


def symmetry_frame(found: Escape, index: int) -> SymmetryFrame:
    """Everything that `condensekit.labs.SymmetryLab` shows of one recorded step of the pushed run.

    Parameters
    ----------
    found : Escape
        The three runs.
    index : int
        A recorded step of ``found.off.run``; the others are shown at the same time.
    """
    on, off = found.on.run, found.off.run
    times = [_time(on), _time(off)]
    flows = on.experiment.optimizer.over_time
    low = min(float(t[0]) for t in times)
    high = max(float(times[1][-1]) + 0.3, low + 3.0)
    x_range = (low, high)
    label = "flow time t" if flows else "step"
    cursor = float(times[1][index])
    there = int(np.clip(np.searchsorted(times[0], cursor + 1e-12, side="right") - 1, 0, None))

    growth = (np.zeros(0), np.zeros(0))
    candidate = found.on.candidate
    bent_at_zero = layer_of(candidate.model, candidate.layer).homogeneous  # ReLU
    bounded = flows and found.on.claim.invariant and found.kick and not bent_at_zero
    if bounded and found.eigenvalues.shape[1]:
        inside = found.growth < 1e3  # it ends where it leaves the picture
        growth = (times[0][found.moments][inside], _distances(found.growth)[inside])
    here, apart = found.on.distance[there], found.off.distance[index]
    aligned = (np.zeros(0), np.zeros(0))
    told = f"on {number(here)} · off {number(apart)}"
    if len(found.aligned):
        aligned = (times[1], _distances(found.aligned))
        told += f" · w, b {number(float(found.aligned[index]))}"
    distance = CurvesFrame(
        (
            (times[0], _distances(found.on.distance)),
            (times[1], _distances(found.off.distance)),
            aligned,
            growth,
        ),
        cursor,
        label,
        x_range,
        (DECADES[0] - 1.0, 3.0),
        DECADES,
        told,
    )
    losses = [on.loss, off.loss] if found.narrow is None else [on.loss, off.loss, found.narrow.loss]
    least = min(float(np.nanmin(loss[loss > 0.0], initial=1.0)) for loss in losses)
    narrow = (np.zeros(0), np.zeros(0))
    told = "no narrow network is known here"
    if found.narrow is not None and found.error is not None:
        narrow = (_time(found.narrow), _log(found.narrow.loss, 1e-30))
        told = f"narrow and wide differ by {number(float(found.error.max()))}"
    heights = (min(-3.0, float(np.floor(np.log10(least)))) - 0.3, 2.0)
    lines = ((times[0], _log(on.loss, 1e-30)), narrow, (times[1], _log(off.loss, 1e-30)))
    decades = tuple(powers(*heights, most=5))
    loss = CurvesFrame(lines, cursor, label, x_range, heights, decades, told)
    values = found.eigenvalues
    bundle, said = (np.zeros(0), np.zeros(0)), "the set is curved"
    if values.shape[1]:
        bundle = (times[0][found.moments], bent(values.T))
        k = int(np.searchsorted(found.moments, there, side="right")) - 1
        below = int((values[k] < -1e-12).sum())
        said = f"lowest {number(float(values[k].min()))} · {below} of {values.shape[1]} negative"
        if bent_at_zero:
            said = f"{below} of {values.shape[1]} negative · kinks left out"
    eigenvalues = CurvesFrame(
        (bundle, (np.array(x_range), np.zeros(2))),
        cursor,
        label,
        x_range,
        (float(bent(np.array([-300.0]))[0]), float(bent(np.array([300.0]))[0])),
        tuple(bent(np.array(LEVELS)).tolist()),
        said,
    )
    return SymmetryFrame(
        distance,
        loss,
        eigenvalues,
        _plane(found, index, there),
        _verdict(found),
    )


def _plane(found: Escape, index: int, there: int) -> PlaneFrame:
    candidate = found.on.candidate
    units = layer_of(candidate.model, candidate.layer)
    # The bias is the last of the incoming weights.
    biased = candidate.model.values()["bias"]
    second = units.incoming[:, -1] if biased else units.outgoing[:, 0]
    shown = np.stack([units.incoming[:, 0], second], axis=1)
    way = flat(candidate.model, found.off.run.params)[:, shown]
    still = flat(candidate.model, found.on.run.params)[:, shown]
    both = np.abs(np.concatenate([way, still])).reshape(-1, 2)
    width, height = (1.15 * np.maximum(np.quantile(both, 0.995, axis=0), 1e-3)).tolist()
    return PlaneFrame(
        still[there],
        way[index],
        way[: index + 1].swapaxes(0, 1),
        "weight from neuron 1" if candidate.layer else "input weight w",
        "bias b" if biased else "output weight a",
        (-width, width),
        (-height, height),
        f"places: {places(still[there])} on the set · {places(way[index])} pushed off",
    )


def _verdict(found: Escape) -> tuple[tuple[str, str], ...]:
    on, claim = found.on, found.on.claim
    rows = [
        (
            "✔ Invariant by theory:" if claim.invariant else "✘ Not invariant by theory:",
            claim.reason,
        )
    ]
    pushed = f"pushed off by {number(found.kick)}, it " if found.kick else "the other has no push, "
    if len(on.run) < 2:
        begins = "starts beside it" if found.kick else "and starts there, too"
        rows.append(("Not trained yet:", f"it starts on the set; {pushed}{begins}."))
    else:
        did, remark = on.finding
        ends = "is at" if on.run.outcome is Outcome.RUNNING else "ends at"
        ends = ends if found.kick else f"and {ends}"
        rows.append(
            (
                f"{_SIGNS.get(did, '◐')} The run {did}:",
                f"largest distance {number(on.largest)}; {pushed}{ends} "
                f"{number(float(found.off.distance[-1]))}. {remark}".rstrip(),
            )
        )
    if found.narrow is not None:
        m = on.run.experiment.model.n_parameters
        k = found.narrow.experiment.model.n_parameters
        # Adam does not see lengths, which a block of several neurons changes.
        adam = motion(on.run.experiment.optimizer) is Motion.ENTRIES
        several = found.stratum is not None and max(map(len, found.stratum.blocks)) > 1
        rates = ", but at other rates than the narrow network's" if adam and several else ""
        rows.append((f"{m} parameters", f"move as {k} there{rates}."))
    return tuple(rows)
