"""(Run, recorded step) -> frames of kernels that align."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..experiments import Experiment
from ..frames import HistoryFrame, Mark, TilesFrame
from ..frames import SimilarityFrame as Similarity
from ..frames.kernels import KernelFrame
from ..frames.symmetry import CurvesFrame
from ..measures import Blocks, FirstDirection, blocks, first_direction, orientations
from ..models import Conv
from ..training import Run
from .condensation import history
from .remarks import risen

__all__ = ["SCORE", "kernel_frame", "kernel_verdict"]

Array = np.ndarray[Any, np.dtype[Any]]

SCORE = "test accuracy"
MOST = 96  # kernels that are drawn


@functools.lru_cache(maxsize=32)
def expected(experiment: Experiment) -> FirstDirection | None:
    """The direction that theory expects, where there is such a theory."""
    try:
        return first_direction(experiment)
    except ValueError:
        return None


def _sorted(run: Run, index: int, order: Array, said: str) -> Similarity:
    unit = orientations(run.experiment.model, run.at(index))[order]
    return Similarity(np.clip(np.abs(unit @ unit.T), 0.0, 1.0), said)


def _tiles(run: Run, index: int, order: Array, now: Blocks) -> TilesFrame:
    model: Any = run.experiment.model
    theory, unit = expected(run.experiment), orientations(model, run.at(index))
    group = np.full(len(unit), -1)
    for number, members in enumerate(now.members):
        if len(members) > 1:
            group[members] = number
    main = np.linalg.svd(unit, full_matrices=False)[2][0] if theory is None else theory.direction
    main = main * (1.0 if main.sum() >= 0.0 else -1.0)
    turned = unit * np.where(unit @ main < 0.0, -1.0, 1.0)[:, None]
    shown = order[:MOST]
    said = "no theory for this network" if theory is None else "of one entry: nothing to compare"
    if theory is not None and len(main) > 1:
        said = f"mean |cos| with theory {theory.agreement(model, run.at(index)):.2f}"
    tiles = np.stack([_square(kernel, model.size) for kernel in turned[shown]])
    drawn = None if theory is None else _square(main, model.size)
    return TilesFrame(tiles, group[shown], drawn, said)


def _square(kernel: Array, size: int) -> Array:
    largest = np.abs(kernel).max()
    scaled: Array = (kernel / largest if largest else kernel).reshape(size, size)
    return scaled


def _learning(run: Run, index: int, axis: HistoryFrame, other: Run | None) -> CurvesFrame:
    """Accuracy, and the loss as a share of that at the start, over log10 of the step."""
    x, score = np.log10(np.maximum(axis.x, 10.0 ** axis.log_x[0])), run.score(SCORE)
    beside = (np.zeros(0), np.zeros(0))
    if other is not None:
        beside = np.log10(np.maximum(other.step, 10.0 ** axis.log_x[0])), other.score(SCORE)
    return CurvesFrame(
        ((x, score), (x, run.loss / run.loss[0]), beside),
        float(np.log10(max(axis.cursor, 10.0 ** axis.log_x[0]))),
        axis.x_label,
        axis.log_x,
        (-0.02, 1.12),
        (0.0, 0.5, 1.0),
        f"accuracy {score[index]:.3f} · loss {run.loss[index]:.2f}",
    )


def kernel_verdict(run: Run, index: int, found: Blocks | None = None) -> str:
    """In how many blocks the kernels are, how well they agree with theory, and the accuracy.

    Kernels of a network whose loss has risen may align as well: that is said first.
    """
    model = run.experiment.model
    said = [risen(run, index), str(found or blocks(model, run.at(index)))]
    theory = expected(run.experiment)
    if theory is not None and len(theory.direction) > 1:  # of one entry, all agree
        agreed = theory.agreement(model, run.at(index))
        said.append(f"Mean |cos| with theory's direction {agreed:.2f}.")
    said.append(f"Test accuracy {run.score(SCORE)[index]:.3f}.")
    return " ".join(part for part in said if part)


def kernel_frame(
    run: Run, index: int, counts: Array, events: Sequence[Mark] = (), other: Run | None = None
) -> KernelFrame:
    """Everything that `condensekit.labs.KernelLab` shows of one moment of a run.

    Parameters
    ----------
    run, index
        The run of a `Conv`, and the recorded step.
    counts : array of int, shape [T]
        Blocks at each recorded step.
    events : sequence of Mark
        What to mark in the history.
    other : Run, optional
        Another run, whose accuracy is drawn beside.

    Raises
    ------
    ValueError
        If the network has no kernels, or the problem no accuracy.
    """
    model = run.experiment.model
    if not isinstance(model, Conv):
        raise ValueError(f"There are kernels in a Conv, but this is {model}.")
    now = blocks(model, run.at(index))
    order = blocks(model, run.final).order
    axis = history(run, index, counts, events, model.kernels)
    return KernelFrame(
        _sorted(run, 0, order, f"{blocks(model, run.at(0)).mean:.2f}"),
        _sorted(run, index, order, f"{now.mean:.2f}, random {now.random:.2f}"),
        _tiles(run, index, order, now),
        _learning(run, index, axis, other),
        axis,
        kernel_verdict(run, index, now),
    )
