"""(Run, recorded step) -> frames of attention whose matrices condense."""

import itertools
from collections.abc import Sequence

import numpy as np

from ..experiments import Experiment
from ..frames import (
    COLOURS,
    DASHES,
    GROUPS,
    Array,
    Curve,
    CurvesFrame,
    CurvesLook,
    SimilarityFrame,
    Style,
    grown,
    ticks,
)
from ..measures import chain, matrices, mean_cosine, random_cosine, teaching
from ..measures.neurons import unit_vectors
from ..problems import TeacherHeads
from ..training import Run
from ..words import transposed
from .runs import time_axis

__all__ = [
    "attention_answers",
    "attention_cosines",
    "attention_pair",
    "attention_ranks",
]

_HEADS = ("W_Q W_K^T", "W_V W_O^T")
_COLOURS = [*GROUPS, COLOURS["last"], COLOURS["inactive"]]
_ROWS = (
    Style("rows", COLOURS["network"]),
    Style("random directions", COLOURS["theory"], "dashed", 1.5),
)
COSINES = CurvesLook("Mean |cosine|", "mean |cos|", _ROWS, {})


def _look(title: str, label: str, names: Sequence[str]) -> CurvesLook:
    named = zip(map(transposed, names), _COLOURS, itertools.cycle(DASHES), strict=False)
    styles = tuple(Style(name, colour, dash, width=2.0) for name, colour, dash in named)
    return CurvesLook(title, label, styles, {})


RANKS = {
    "heads": _look("Effective rank", "effective rank", _HEADS),
    "anchors": _look(
        "Effective rank", "effective rank", ("E", "Q", "K", "V", "O", "FFN in", "FFN out", "U")
    ),
}
ANSWERS = {
    "heads": _look("|cos| to the teacher", "|cos|", _HEADS),
    "anchors": _look("Accuracy", "accuracy", ("held out", "inferential", "symmetric")),
}


def _task(experiment: Experiment) -> str:
    """Heads that learn a head, or anchor functions."""
    return "heads" if isinstance(experiment.problem, TeacherHeads) else "anchors"


def attention_pair(run: Run, index: int, name: str) -> tuple[SimilarityFrame, SimilarityFrame]:
    """|cos| between the rows of a matrix at initialization and now, in one order for both.

    Where there is a teacher, its rows come last.
    """
    model, taught = run.experiment.model, teaching(run.experiment)
    sides = [matrices(model, run.at(i))[name] for i in (0, index)]
    own = [unit_vectors(side) for side in sides]
    order = chain(np.abs(own[1] @ own[1].T))
    frames = []
    for side, unit in zip(sides, own, strict=True):
        rows = unit[order]
        if name in taught:
            rows = np.concatenate([rows, unit_vectors(taught[name])])
        cosine = np.clip(np.abs(rows @ rows.T), 0.0, 1.0)
        frames.append(SimilarityFrame(cosine, f"{mean_cosine(side):.2f}"))
    return frames[0], frames[1]


def attention_ranks(
    run: Run, index: int, name: str, shown: Sequence[str], history: Array
) -> CurvesFrame:
    """Effective rank of matrices over training.

    Parameters
    ----------
    run, index
        The run, and the recorded step.
    name : str
        The matrix of which the caption speaks.
    shown : sequence of str
        The matrices that are drawn.
    history : array, shape [T, k, 3]
        What `condensekit.measures.levels` gives at each recorded step.
    """
    names = [*matrices(run.experiment.model, run.at(index))]
    ranks = {one: history[:, names.index(one), 0] for one in (name, *shown)}
    most = [float(ranks[one][0]) for one in shown]
    top = grown(1.08 * max(*most, 2.0), max(float(ranks[one].max()) for one in shown))
    said = f"{transposed(name)} {ranks[name][0]:.1f} → {ranks[name][index]:.1f}"
    look = RANKS[_task(run.experiment)]
    return _curves(run, index, look, [(run.step, ranks[one]) for one in shown], top, said)


def attention_cosines(run: Run, index: int, name: str, history: Array) -> CurvesFrame:
    """Mean |cos| of the rows of a matrix over training, and its random level."""
    found = matrices(run.experiment.model, run.at(index))
    cosine = history[:, [*found].index(name), 1]
    level = random_cosine(found[name].shape[1])
    said = f"{cosine[index]:.2f} · random {level:.2f}"
    across = (time_axis(run, index).ends, np.repeat(level, 2))
    return _curves(run, index, COSINES, [(run.step, cosine), across], 1.05, said)


def attention_answers(run: Run, index: int, history: Array) -> CurvesFrame:
    """What the problem asks on test points, or how close the heads are to the teacher's."""
    task, index = _task(run.experiment), run.place(index)
    told = [*history[:, :, 2].T] if task == "heads" else [*run.scores.values()]
    said = " · ".join(f"{values[index]:.2f}" for values in told)
    return _curves(run, index, ANSWERS[task], [(run.step, one) for one in told], 1.05, said)


def _curves(
    run: Run, index: int, look: CurvesLook, curves: Sequence[Curve], high: float, caption: str
) -> CurvesFrame:
    axis, ends, marks = time_axis(run, index), (-0.02 * high, high), tuple(ticks(0.0, high, 5))
    return CurvesFrame(look, axis, tuple(curves), ends, marks, caption)
