"""(Run of a `Conv`, recorded step) -> frames of kernels that align."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ..frames import (
    COLOURS,
    Array,
    CurvesFrame,
    CurvesLook,
    HistoryFrame,
    Mark,
    SimilarityFrame,
    Style,
    TilesFrame,
)
from ..measures import blocks, expected_direction, orientations
from ..models import Conv
from ..training import Run
from .condensation import history
from .runs import time_axis

__all__ = ["SCORE", "kernel_history", "kernel_learning", "kernel_pair", "kernel_tiles"]

SCORE = "test accuracy"
MOST = 96  # kernels that are drawn
LEARNING = CurvesLook(
    "Learning",
    "share",
    (
        Style("test accuracy", COLOURS["network"]),
        Style("loss / loss at start", COLOURS["others"], "dashed", 2.0),
        Style("default: accuracy", COLOURS["last"], width=2.0),
    ),
    {0.0: "0", 0.5: "0.5", 1.0: "1"},
)


def _model(run: Run) -> Conv:
    model = run.experiment.model
    if not isinstance(model, Conv):
        raise ValueError(f"There are kernels in a Conv, but this is {model}.")
    return model


def kernel_pair(run: Run, index: int) -> tuple[SimilarityFrame, SimilarityFrame]:
    """|cosine| of all pairs of kernels at the start and now, both sorted as at the end.

    Raises
    ------
    ValueError
        If the network has no kernels.
    """
    model = _model(run)
    order = blocks(model, run.final).order
    start, now = blocks(model, run.at(0)), blocks(model, run.at(index))

    def ordered(at: int, said: str) -> SimilarityFrame:
        unit = orientations(model, run.at(at))[order]
        return SimilarityFrame(np.clip(np.abs(unit @ unit.T), 0.0, 1.0), said)

    return (
        ordered(0, f"{start.mean:.2f}"),
        ordered(index, f"{now.mean:.2f}, random {now.random:.2f}"),
    )


def kernel_tiles(run: Run, index: int) -> TilesFrame:
    """The kernels as images, and the direction that theory expects."""
    model = _model(run)
    order = blocks(model, run.final).order[:MOST]
    theory, unit = expected_direction(run.experiment), orientations(model, run.at(index))
    group = np.full(len(unit), -1)
    for number, members in enumerate(blocks(model, run.at(index)).members):
        if len(members) > 1:
            group[members] = number
    main = np.linalg.svd(unit, full_matrices=False)[2][0] if theory is None else theory.direction
    main = main * (1.0 if main.sum() >= 0.0 else -1.0)
    turned = unit * np.where(unit @ main < 0.0, -1.0, 1.0)[:, None]
    said = "no theory for this network" if theory is None else "of one entry: nothing to compare"
    if theory is not None and len(main) > 1:
        said = f"mean |cos| with theory {theory.agreement(model, run.at(index)):.2f}"
    tiles = np.stack([_square(kernel, model.size) for kernel in turned[order]])
    drawn = None if theory is None else _square(main, model.size)
    return TilesFrame(tiles, group[order], drawn, said)


def _square(kernel: Array, size: int) -> Array:
    largest = np.abs(kernel).max()
    scaled: Array = (kernel / largest if largest else kernel).reshape(size, size)
    return scaled


def kernel_learning(run: Run, index: int, other: Run | None = None) -> CurvesFrame:
    """Accuracy, and the loss as a share of that at the start; the accuracy of another run beside.

    Raises
    ------
    ValueError
        If the problem has no accuracy.
    """
    score, index = run.score(SCORE), run.place(index)
    beside = (np.zeros(0), np.zeros(0)) if other is None else (other.step, other.score(SCORE))
    return CurvesFrame(
        LEARNING,
        time_axis(run, index),
        ((run.step, score), (run.step, run.loss / run.loss[0]), beside),
        (-0.02, 1.12),
        (0.0, 0.5, 1.0),
        f"accuracy {score[index]:.3f} · loss {run.loss[index]:.2f}",
    )


def kernel_history(
    run: Run, index: int, counts: Array, events: Sequence[Mark] = ()
) -> HistoryFrame:
    """Blocks of kernels over the time of a run, see `history`."""
    frame = history(run, index, counts, events, _model(run).kernels)
    return dataclasses.replace(frame, title="Blocks of kernels", label="blocks")
