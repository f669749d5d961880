"""(Run, recorded step) -> frames of neurons that gather."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..derivatives import evaluate
from ..dynamics import Event
from ..frames import FitFrame, HistoryFrame, LossFrame, Mark, NeuronFrame, RegimeFrame
from ..frames import SimilarityFrame as Similarity
from ..measures import (
    GAP,
    STRONG,
    Merged,
    amplitudes,
    cluster_labels,
    gathering,
    neurons,
    orientations,
    overshoot,
)
from ..training import Run
from .runs import cosines, fit, log10, loss, moment, number

__all__ = [
    "aligned",
    "cluster_map",
    "history",
    "labelled",
    "loss_history",
    "marks",
    "merged_fit",
    "noun",
    "regime_frame",
    "regime_verdict",
]

Array = np.ndarray[Any, np.dtype[Any]]

MOST = 160  # rows of a drawn matrix, whose picture has no more pixels


def cluster_map(run: Run, index: int, gap: float = GAP, active: float = STRONG) -> NeuronFrame:
    """Angle against log amplitude, with the clusters of orientations.

    Raises
    ------
    ValueError
        If (w, b) is not a vector of the plane.
    """
    model, params = run.experiment.model, run.at(index)
    unit = orientations(model, params)
    if unit.shape[1] != 2:
        raise ValueError(
            f"Only (w, b) in the plane has an angle; here it has {unit.shape[1]} parts."
        )
    labels = labelled(run, index, gap, active)
    start = log10(amplitudes(model, run.at(0)))
    size = log10(amplitudes(model, params))
    low = float(np.floor(np.quantile(start, 0.05))) - 0.5
    high = max(1.0, float(np.ceil(size.max())))
    found = int(labels.max(initial=-1)) + 1
    return NeuronFrame(
        np.arctan2(unit[:, 1], unit[:, 0]),
        np.maximum(size, low),
        labels,
        (low, high),
        f"{noun(run, found)}, {int((labels >= 0).sum()):,} active",
    )


def labelled(run: Run, index: int, gap: float = GAP, active: float = STRONG) -> Array:
    """Cluster of each neuron [m], or -1; lines where opposite neurons are the same up to sign."""
    model, params = run.experiment.model, run.at(index)
    up_to_sign = neurons(model, params).up_to_sign
    return cluster_labels(model, params, gap, active, up_to_sign, run.experiment.data().x)


def noun(run: Run, count: int | None = None) -> str:
    """What is counted of a run: clusters, or lines where the sign of (w, b) does not matter."""
    name = "line" if neurons(run.experiment.model, run.at(0)).up_to_sign else "cluster"
    return f"{name}s" if count is None else f"{count:,} {name}{'s' * (count != 1)}"


def marks(run: Run, events: Sequence[Event]) -> tuple[Mark, ...]:
    """Events as marks on the axis of time: steps, or flow time."""
    x = run.time if run.experiment.optimizer.over_time else run.step
    return tuple(Mark(e.index, float(x[e.index]), e.kind, e.text) for e in events)


def loss_history(run: Run, index: int) -> LossFrame:
    """Training and test loss, without a level at which a target counts as recovered."""
    return dataclasses.replace(loss(run, index), threshold=None)


def history(
    run: Run,
    index: int,
    counts: Array,
    events: Sequence[Mark] = (),
    top: int = 10,
    what: str = "",
) -> HistoryFrame:
    """Number of clusters over the time of a run.

    Parameters
    ----------
    run, index
        The run, and the recorded step that the other pictures show.
    counts : array of int, shape [T]
        The clusters at each recorded step (see `condensekit.measures.cluster_counts`).
    events : sequence of Mark
        What to mark.
    top : int
        Highest number to show.
    what : str
        What is counted, where the picture does not know.
    """
    axis = loss(run, index)
    now = int(counts[index])
    return HistoryFrame(
        axis.x,
        counts,
        axis.x_label,
        axis.cursor,
        axis.log_x,
        top,
        tuple(events),
        f"{now} now, {int(counts[-1])} at the end",
        what,
    )


def aligned(run: Run, index: int, active: float = STRONG) -> Similarity:
    """Cosines of all pairs of active neurons, sorted by angle; thinned evenly above 160."""
    model, params = run.experiment.model, run.at(index)
    unit = orientations(model, params)[labelled(run, index, active=active) >= 0]
    return cosines(unit, MOST, neurons(model, params).up_to_sign)


def merged_fit(frame: FitFrame, merged: Merged) -> FitFrame:
    """The fit with the curve of a merged network over it, and how far their outputs are apart."""
    x = torch.from_numpy(frame.x)[:, None]
    curve = evaluate(merged.model, merged.params, x).numpy()
    c = merged.comparison  # at samples and test points, which the drawn ones may miss
    share = c.difference / c.largest if c and c.largest else 0.0
    said = f"merged: {'the same to' if merged.exact else 'off by'} {number(100.0 * share)} %"
    return dataclasses.replace(frame, merged=curve, caption=said)


def regime_verdict(run: Run, index: int) -> str:
    """In how many clusters the neurons are, how many effectively, and what the loss is."""
    model, params = run.experiment.model, run.at(index)
    lines, x = neurons(model, params).up_to_sign, run.experiment.data().x
    found, warned = gathering(model, params, up_to_sign=lines, x=x), overshoot(run, index=index)
    told, level = str(found), f"raining loss {number(run.loss[index])}."
    if found.active:
        weighed = f"{found.effective:.1f}"
        what = f"{'line' if lines else 'cluster'}{'s' * (weighed != '1.0')}"
        told = f"{told} Effectively {weighed} {what}; t{level}"
    else:
        told = f"{told} T{level}"
    return f"{told} ⚠ {warned}" if warned else told


def regime_frame(
    run: Run, index: int, counts: Array, events: Sequence[Mark] = (), top: int = 10
) -> RegimeFrame:
    """Everything that `condensekit.labs.CondensationLab` shows of one moment of one run."""
    return RegimeFrame(
        fit(run, index),
        cluster_map(run, index),
        loss_history(run, index),
        history(run, index, counts, events, top, noun(run)),
        aligned(run, index),
        regime_verdict(run, index),
        moment(run, index),
    )
