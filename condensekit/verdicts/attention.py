"""What has become of the rows of a matrix, of heads, and under another optimizer."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ..dynamics import Stages, stages
from ..measures import (
    STAYS,
    RowGathering,
    RowsAre,
    active_heads,
    alone,
    effective_rank,
    matrices,
    mean_cosine,
    random_cosine,
)
from ..models import Transformer
from ..training import Run
from ..words import number, transposed
from .runs import Rows, risen

__all__ = ["attention_verdict", "rows_verdict", "stages_verdict"]

Array = np.ndarray[Any, np.dtype[Any]]

_SIGNS = {RowsAre.CONDENSED: "✔", RowsAre.APART: "○"}


def attention_verdict(
    run: Run, index: int, name: str, history: Array, beside: Sequence[Run] = ()
) -> Rows:
    """Whether the rows of a matrix have gathered, what the network answers, and its twins do.

    Parameters
    ----------
    run, index
        The run, and the recorded step.
    name : str
        The matrix.
    history : array, shape [T, k, 3]
        What `condensekit.measures.levels` gives at each recorded step.
    beside : sequence of Run
        Trained runs that differ from this one in their optimizer only.
    """
    found = matrices(run.experiment.model, run.at(index))
    at = [*found].index(name)
    rank = history[:, at, 0]
    level = random_cosine(found[name].shape[1])
    now = RowGathering(rank[index], rank[0], history[index, at, 1], level)
    rows = [rows_verdict(name, now)]
    if warned := risen(run, index):
        rows = [("⚠ Not trained well:", warned), ("Rows:", rows[0][1])]
    if run.scores:
        told = ", ".join(f"{key} {values[index]:.2f}" for key, values in run.scores.items())
        rows.append(("Answers:", f"{told}; training loss {number(run.loss[index])}."))
    else:
        test = f"test loss {number(run.test_loss[index])}"
        near = f"|cos| to the teacher {history[index, at, 2]:.2f}"
        active = f"{active_heads(found)} of {len(found[name])} active"
        rows.append(("Heads:", f"{active}, {near}; {test}."))
    if isinstance(run.experiment.model, Transformer):
        layer = name.rpartition(" ")[2]
        at_layer = int(layer) - 1 if layer.isdigit() else 0
        rows.append(stages_verdict(run, stages(run, at_layer, history[..., 0])))
    return (*rows, *(_other(run, index, name, other, now) for other in beside))


def rows_verdict(name: str, found: RowGathering) -> tuple[str, str]:
    """Whether the rows of a matrix have gathered: a head, and its numbers."""
    status = found.status()
    told = (
        f"{transposed(name)} has effective rank {found.rank:.1f} of {found.before:.1f} at the start"
    )
    if not status.known:
        joint = ", and " if status is RowsAre.FEW else "; "
        return "○ Nothing to compare:", f"{told}{joint}{status.value}."
    numbers = f"{told}, mean |cos| {found.cosine:.2f} (random {found.random:.2f})."
    return f"{_SIGNS.get(status, '◐')} {status.value}:", numbers


_STAGES = {
    True: "✔ Two stages",
    False: "✘ Not the two stages",
    None: "○ Two stages? Cannot be told",
}


def stages_verdict(run: Run, found: Stages) -> tuple[str, str]:
    """Whether W_V, W_O and the FFN condense before W_Q and W_K: a head, and when each began.

    It speaks of the run up to its last recorded step.
    """
    began = {name: at for name, at in found.onset.items() if at is not None}
    order = sorted(began, key=lambda name: began[name])
    steps = groupby(order, key=lambda name: run.moment(began[name]))
    told = ", ".join(f"{' and '.join(names)} from {moment}" for moment, names in steps)
    never = ", ".join(name for name in found.onset if name not in began)
    what = f"{100 * (1 - STAYS):.0f} % of the effective rank above 1 is lost for good by"
    rest = f"; not by {never}" if told and never else ""
    return f"{_STAGES[found.two]}:", f"{what} {told or 'none of them'}{rest}."


def _other(run: Run, index: int, name: str, other: Run, now: RowGathering) -> tuple[str, str]:
    """What the same start became under another optimizer, and what follows."""
    model = other.experiment.model
    found = matrices(model, other.final)
    kinds = [type(one.experiment.optimizer).__name__ for one in (run, other)]
    head = f"{kinds[1]} from the same start, at its end:"
    if not run.scores:
        mean = mean_cosine(found[name])
        return (
            head,
            f"{active_heads(found)} of {len(found[name])} heads active, mean |cos| {mean:.2f}, "
            f"test loss {number(other.test_loss[-1])}.",
        )
    theirs = effective_rank(found[name]), effective_rank(matrices(model, other.at(0))[name])
    key = next(iter(run.scores))
    told = ", ".join(f"{one} {values[-1]:.2f}" for one, values in other.scores.items())
    said = f"{told}; effective rank {theirs[0]:.1f} of {theirs[1]:.1f}."
    scores = float(run.scores[key][index]), float(other.scores[key][-1])
    this = alone(((now.rank, now.before), theirs), scores)
    if this is not None:
        said += (
            f" From this start {transposed(name)} condenses with {kinds[this]} and not with "
            f"{kinds[1 - this]}, whose {key} is no lower."
        )
    return head, said
