"""(Run, recorded step) -> frames of attention whose matrices condense."""

from collections.abc import Sequence

import numpy as np

from ..experiments import Experiment
from ..frames import Array, SimilarityFrame, ticks
from ..frames.attention import AttentionFrame
from ..frames.symmetry import Curve, CurvesFrame
from ..measures import effective_rank, matrices, mean_cosine, random_cosine
from ..measures.neurons import unit_vectors
from ..models import Params
from ..problems import TeacherHeads
from ..training import Run
from .condensation import loss_history
from .remarks import risen
from .runs import number

__all__ = ["ANSWERS", "active_heads", "answers", "attention_frame", "chain", "levels", "teaching"]

HEARD = 0.1
"""A head is active if |W_Q W_K^T| |W_V W_O^T| is above this share of the largest."""
ANSWERS = {
    "heads": ("W_Q W_K^T", "W_V W_O^T"),
    "anchors": ("held out", "inferential", "symmetric"),
}
"""Names of the curves of `answers`: of heads that learn a head, and of the anchor functions."""
LESS = 0.6
"""A matrix has condensed if of its effective rank above 1 less than this share is left ..."""
MOSTLY = 0.5
"""... and the mean |cos| of its rows is above this;"""
KEPT = 0.8
"""it has not if more than this share is left."""
AS_WELL = 0.05
"""Accuracies that differ by less than this are alike."""

_NONE: Curve = np.zeros(0), np.zeros(0)


def chain(cosine: Array) -> Array:
    """An order of the rows in which each is followed by the one most aligned with it.

    Clusters become blocks on the diagonal. It starts with the row that is closest to all others.

    Examples
    --------
    >>> chain(np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])).tolist()
    [2, 0, 1]
    """
    left = np.array(cosine, dtype=float)
    here = int(left.sum(axis=1).argmax())
    order = [here]
    while len(order) < len(left):
        left[:, here] = -1.0
        here = int(left[here].argmax())
        order.append(here)
    return np.array(order)


def teaching(experiment: Experiment) -> dict[str, Array]:
    """The matrices of the teacher's heads, by name; nothing where there is no teacher."""
    if not isinstance(experiment.problem, TeacherHeads):
        return {}
    return matrices(*experiment.problem.teacher())


def levels(experiment: Experiment, params: Params) -> Array:
    """Effective rank, mean |cos|, and |cos| to the nearest row of the teacher's; shape [k, 3].

    A row for each matrix; the last is a mean over its rows, and NaN where there is no teacher.
    """
    taught = teaching(experiment)
    rows = []
    for name, matrix in matrices(experiment.model, params).items():
        near = float("nan")
        if name in taught:
            cosine = np.abs(unit_vectors(matrix) @ unit_vectors(taught[name]).T)
            near = float(cosine.max(axis=1).mean())
        rows.append((effective_rank(matrix), mean_cosine(matrix), near))
    return np.array(rows)


def active_heads(matrix: dict[str, Array]) -> int:
    """How many heads of an `Attention` do something, by its matrices."""
    strength = np.prod([np.linalg.norm(one, axis=1) for one in matrix.values()], axis=0)
    return int((strength > HEARD * strength.max()).sum())


def _pair(run: Run, index: int, name: str) -> tuple[SimilarityFrame, SimilarityFrame]:
    model, taught = run.experiment.model, teaching(run.experiment)
    sides = [matrices(model, run.at(i))[name] for i in (0, index)]
    own = [unit_vectors(side) for side in sides]
    order = chain(np.abs(own[1] @ own[1].T))
    frames = []
    for side, unit in zip(sides, own, strict=True):
        rows = unit[order]
        if name in taught:  # the teacher's come last
            rows = np.concatenate([rows, unit_vectors(taught[name])])
        cosine = np.clip(np.abs(rows @ rows.T), 0.0, 1.0)
        frames.append(SimilarityFrame(cosine, f"{mean_cosine(side):.2f}"))
    return frames[0], frames[1]


def answers(run: Run, history: Array) -> list[Array]:
    """The curves that `ANSWERS` names, each [T]."""
    if isinstance(run.experiment.problem, TeacherHeads):
        return [*history[:, :, 2].T]
    return [*run.scores.values()]


def attention_frame(
    run: Run, index: int, name: str, shown: Sequence[str], history: Array, beside: Sequence[Run]
) -> AttentionFrame:
    """Everything that `condensekit.labs.AttentionLab` shows of one recorded step.

    Parameters
    ----------
    run, index
        The run, and the recorded step.
    name : str
        The matrix whose rows are compared.
    shown : sequence of str
        The matrices whose effective ranks are drawn.
    history : array, shape [T, k, 3]
        What `levels` gives at each recorded step.
    beside : sequence of Run
        Trained runs that differ from this one in their optimizer only.
    """
    names = [*matrices(run.experiment.model, run.at(index))]
    axis = loss_history(run, index)
    x = np.maximum(np.log10(np.maximum(run.step, 0.5)), axis.log_x[0])  # step 0 at the left end
    cursor = float(x[index])
    at = names.index(name)
    rank, cosine = history[:, at, 0], history[:, at, 1]
    start, now = _pair(run, index, name)
    columns = matrices(run.experiment.model, run.at(index))[name].shape[1]
    level = random_cosine(columns)
    top = 1.08 * max(float(history[:, [names.index(one) for one in shown], 0].max()), 2.0)

    def curves(lines: Sequence[Curve], high: float, caption: str) -> CurvesFrame:
        marks = tuple(ticks(0.0, high, 5))
        return CurvesFrame(
            tuple(lines), cursor, "step", axis.log_x, (-0.02 * high, high), marks, caption
        )

    told = answers(run, history)
    values = " · ".join(f"{values[index]:.2f}" for values in told)
    return AttentionFrame(
        start,
        now,
        curves(
            [(x, history[:, names.index(one), 0]) for one in shown],
            top,
            f"{name} {rank[0]:.1f} → {rank[index]:.1f}",
        ),
        curves(
            [(x, cosine), (np.array(axis.log_x), np.repeat(level, 2))],
            1.05,
            f"{cosine[index]:.2f} · random {level:.2f}",
        ),
        axis,
        curves([(x, one) for one in told], 1.05, values),
        tuple(_verdict(run, index, name, at, history, level, beside)),
    )


def _verdict(
    run: Run,
    index: int,
    name: str,
    at: int,
    history: Array,
    level: float,
    beside: Sequence[Run],
) -> list[tuple[str, str]]:
    rank, cosine = history[:, at, 0], history[:, at, 1]
    rows = [_condensed(name, rank[index], rank[0], cosine[index], level)]
    if warned := risen(run, index):
        rows = [("⚠ Not trained well:", warned), ("Rows:", rows[0][1])]
    test = f"test loss {number(run.test_loss[index])}"
    if run.scores:
        told = ", ".join(f"{key} {values[index]:.2f}" for key, values in run.scores.items())
        rows.append(("Answers:", f"{told}; training loss {number(run.loss[index])}."))
    else:
        heads = matrices(run.experiment.model, run.at(index))
        total = len(heads[name])
        near = f"|cos| to the teacher {history[index, at, 2]:.2f}"
        rows.append(("Heads:", f"{active_heads(heads)} of {total} active, {near}; {test}."))
    return rows + [_other(run, index, name, other, rank) for other in beside]


def _left(rank: float, before: float) -> float:
    """Which share of an effective rank is left: rows on one line have a rank of 1, not of 0."""
    return float((rank - 1.0) / max(before - 1.0, 1e-12))


def _condensed(
    name: str, rank: float, before: float, cosine: float, level: float
) -> tuple[str, str]:
    """Whether the rows of a matrix have gathered, where there are two to compare.

    The effective rank falls as well where a few rows are much longer than the others.
    """
    told = f"{name} has effective rank {rank:.1f} of {before:.1f} at the start"
    if not np.isfinite(cosine):
        return "○ Nothing to compare:", f"{told}, and fewer than two rows that are not zero."
    if level > 1.0 - 1e-12:
        return "○ Nothing to compare:", f"{told}; rows of one number differ in sign and size only."
    share = _left(rank, before)
    if share > KEPT:
        head = "○ Not condensed:"
    elif share >= LESS:
        head = "◐ Partly condensed:"
    else:
        head = "✔ Condensed:" if cosine > MOSTLY else "◐ Low rank, but few rows are aligned:"
    return head, f"{told}, mean |cos| {cosine:.2f} (random {level:.2f})."


def _other(run: Run, index: int, name: str, other: Run, rank: Array) -> tuple[str, str]:
    """What the same start became under another optimizer, and what follows."""
    model = other.experiment.model
    found = matrices(model, other.final)
    theirs = effective_rank(found[name]), effective_rank(matrices(model, other.at(0))[name])
    kind, own = type(other.experiment.optimizer).__name__, type(run.experiment.optimizer).__name__
    if not run.scores:
        mean = mean_cosine(found[name])
        return (
            f"{kind} from the same start:",
            f"{active_heads(found)} of {len(found[name])} heads active, mean |cos| {mean:.2f}, "
            f"test loss {number(other.test_loss[-1])}.",
        )
    key = next(iter(run.scores))
    ours, its = run.scores[key][index], other.scores[key][-1]
    told = ", ".join(f"{one} {values[-1]:.2f}" for one, values in other.scores.items())
    said = f"{told}; effective rank {theirs[0]:.1f} of {theirs[1]:.1f}."
    left = _left(rank[index], rank[0]), _left(*theirs)
    condensed, kept = [share < LESS for share in left], [share > KEPT for share in left]
    for this, that, gains, loses in ((0, 1, ours, its), (1, 0, its, ours)):
        if condensed[this] and kept[that] and loses > gains - AS_WELL:
            said += (
                f" From this start {name} condenses with {(own, kind)[this]} and not with "
                f"{(own, kind)[that]}, whose {key} is no lower."
            )
    return f"{kind} from the same start:", said
