"""(Run, recorded step) -> frames of neurons that gather."""

import dataclasses
from collections.abc import Sequence

import torch

from ..derivatives import evaluate
from ..dynamics import Event
from ..frames import Array, FitFrame, HistoryFrame, Mark, NeuronFrame, SimilarityFrame
from ..measures import GAP, STRONG, Merged, cluster_labels, neurons, orientations
from ..problems import Problem
from ..training import Outcome, Run
from ..words import many, number
from .runs import cosines, neuron_map, time_axis

__all__ = ["aligned", "cluster_map", "history", "labelled", "marks", "merged_fit", "noun"]

MOST = 160  # rows of a drawn matrix, whose picture has no more pixels


def cluster_map(run: Run, index: int, gap: float = GAP, active: float = STRONG) -> NeuronFrame:
    """Angle against log amplitude, with the clusters of orientations; see `neuron_map`."""
    labels = labelled(run, index, gap, active)
    found, strong = int(labels.max(initial=-1)) + 1, int((labels >= 0).sum())
    said = f"{noun(run, found)}, {strong:,} active"
    return neuron_map(run, index, labels, said, 0.05, (0.5, 0.0, 0.0))


def labelled(run: Run, index: int, gap: float = GAP, active: float = STRONG) -> Array:
    """Cluster of each neuron [m], or -1; lines where opposite neurons are the same up to sign."""
    model, params = run.experiment.model, run.at(index)
    up_to_sign = neurons(model, params).up_to_sign
    return cluster_labels(model, params, gap, active, up_to_sign, run.data().x)


def noun(run: Run, count: int | None = None) -> str:
    """What is counted of a run: clusters, or lines where the sign of (w, b) does not matter."""
    name = "line" if neurons(run.experiment.model, run.at(0)).up_to_sign else "cluster"
    return f"{name}s" if count is None else many(count, name)


def marks(run: Run, events: Sequence[Event]) -> tuple[Mark, ...]:
    """Events as marks on the axis of time: steps, or flow time."""
    x = run.time if run.experiment.optimizer.over_time else run.step
    return tuple(Mark(e.index, float(x[e.index]), e.kind, e.text) for e in events)


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
    now = int(counts[index])
    end = "" if run.outcome is Outcome.RUNNING else f", {int(counts[-1])} at the end"
    shown = HistoryFrame(time_axis(run, index), counts, top, tuple(events), f"{now} now{end}")
    if not what:
        return shown
    # More are drawn as so many.
    return dataclasses.replace(shown, title=what.capitalize(), label=f"{what} (up to {top})")


def aligned(run: Run, index: int, active: float = STRONG) -> SimilarityFrame:
    """Cosines of all pairs of active neurons, sorted by angle; thinned evenly above 160."""
    model, params = run.experiment.model, run.at(index)
    unit = orientations(model, params)[labelled(run, index, active=active) >= 0]
    return cosines(unit, MOST, neurons(model, params).up_to_sign)


def merged_fit(frame: FitFrame, merged: Merged, problem: Problem) -> FitFrame:
    """The fit with the curve of a merged network over it, and how far their outputs are apart."""
    x = problem.standardized(torch.from_numpy(frame.x)[:, None])
    curve = problem.in_units(x, evaluate(merged.model, merged.params, x))[1].numpy()
    c = merged.comparison  # at samples and test points, which the drawn ones may miss
    share = c.difference / c.largest if c and c.largest else 0.0
    said = f"merged: {'the same to' if merged.exact else 'off by'} {number(100.0 * share)} %"
    return dataclasses.replace(frame, merged=curve, caption=said)
