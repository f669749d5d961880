"""Events: plateaus and escapes of the loss, and where a number of groups changes for a while."""

import dataclasses
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..measures import groups
from ..training import Outcome, Run
from ..words import many, number

__all__ = ["FALL", "LAST", "STEADY", "Event", "Span", "events", "spans"]

Array = np.ndarray[Any, np.dtype[Any]]

FALL = 0.05
"""On a plateau the loss falls by at most this share ..."""
LAST = 2.0
"""... while the time since the escape before it grows at least by this factor."""
STEADY = 3
"""A count is told if it is the same at so many recorded steps in a row, or at the last one."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes
    ----------
    kind : str
        ``"plateau"`` (it begins), ``"escape"`` (it ends), ``"gather"`` (what is counted is fewest),
        ``"split"`` or ``"join"`` (from there on there are more of what is counted, or fewer:
        perhaps since one has parted or two have met, perhaps since neurons have become active or
        are active no more, which a count does not tell), ``"condense"`` (a matrix begins to, see
        `stages`), or ``"end"`` (no steps are left).
    index : int
        Where, among the recorded steps.
    time : float
        When, as the optimizer counts.
    text : str
        The same in a sentence.
    """

    kind: str
    index: int
    time: float
    text: str


@dataclasses.dataclass(frozen=True)
class Span:
    """The recorded steps of a plateau.

    Attributes
    ----------
    first, last : int
        Where it begins; where it has been left, or the last recorded step.
    level : float
        The loss when it was first seen to be a plateau.
    left : float
        The loss that it had sunk to before it was left; NaN if it was not left.
    """

    first: int
    last: int
    level: float
    left: float


@public()
def events(
    run: Run,
    fall: float = FALL,
    last: float = LAST,
    counts: Array | None = None,
    what: str = "group",
) -> list[Event]:
    """Plateaus, escapes and changes of a count up to the last recorded step, in their order.

    Works on a run that is still being trained as well. A plateau is where the loss falls by at most
    `fall` of itself, or rises by no more, while the time since the last escape (at first, since the
    start) grows by the factor `last`; the escape is where it has changed by twice as much. The
    definition is ours.

    A count is told from where it is smallest. From there on each change begins with the number that
    the one before ended with, and the last one ends with the count at the last recorded step.

    Parameters
    ----------
    run : Run
        A run, with about 100 recorded steps or more.
    fall : float
        Share of the loss, between 0 and 1.
    last : float
        Factor in time, above 1.
    counts : array of int, shape [T], optional
        What is counted at every recorded step: groups of equal active neurons if nothing is given,
        or for example what `condensekit.measures.cluster_counts` gives. Where it is smallest is
        itself an event, if it then is below half of the start.
    what : str
        The name of what is counted.

    Raises
    ------
    ValueError
        If `fall` or `last` is outside its range, or there are not as many `counts` as steps.
    """
    if counts is not None and len(counts) != len(run):
        raise ValueError(f"counts must hold {len(run)} numbers, one a step, not {len(counts)}.")
    found = [event for span in spans(run, fall, last) for event in _of_span(run, span)]
    numbers = _groups(run) if counts is None else np.asarray(counts).tolist()
    found += _of_counts(run, numbers, what)
    found.sort(key=lambda event: (event.index, event.kind))
    if run.outcome is Outcome.BUDGET:
        text = f"The run ends at loss {number(run.loss[-1], 3)}: {_used_up(run)}."
        found.append(Event("end", len(run) - 1, float(run.time[-1]), text))
    return found


def spans(run: Run, fall: float = FALL, last: float = LAST) -> list[Span]:
    """The plateaus of a run, as `events` defines them.

    Raises
    ------
    ValueError
        If `fall` or `last` is outside its range.
    """
    a_number("fall", fall, above=0.0, below=1.0)
    a_number("last", last, above=1.0)
    found: list[Span] = []
    time, loss = run.time, run.loss
    origin, first, level, began = 0.0, 1, np.nan, (0, np.nan)
    for i in range(1, len(run)):
        if np.isfinite(level):  # on a plateau, whose level sinks slowly with the loss
            if not abs(loss[i] - level) <= 2.0 * fall * level:
                found.append(Span(began[0], i, began[1], float(level)))
                origin, first, level = float(time[i]), i + 1, np.nan
            elif time[i] - origin >= last * (time[first] - origin):
                first, level = i, loss[i]
            continue
        while first < i and not abs(loss[i] - loss[first]) <= fall * loss[first]:
            first += 1
        if first < i and time[i] - origin >= last * (time[first] - origin):
            level = loss[i]
            began = first, float(level)
            first = i
    if np.isfinite(level):
        found.append(Span(began[0], len(run) - 1, began[1], np.nan))
    return found


def _of_span(run: Run, span: Span) -> list[Event]:
    first, last = span.first, span.last
    text = f"Plateau at {number(span.level, 3)} from {run.moment(first)}."
    found = [Event("plateau", first, float(run.time[first]), text)]
    if np.isfinite(span.left):
        upwards = "" if run.loss[last] < span.left else ", upwards: the loss rises"
        text = f"Escape from {number(span.left, 3)} at {run.moment(last)}{upwards}."
        found.append(Event("escape", last, float(run.time[last]), text))
    return found


def _groups(run: Run) -> list[int]:
    model = run.experiment.model
    try:
        return [int(groups(model, run.at(i)).max()) + 1 for i in range(len(run))]
    except ValueError:  # no neurons, no groups
        return []


def _of_counts(run: Run, counts: Sequence[int], what: str) -> list[Event]:
    """Where a count is smallest, and how it changes from there."""
    if not counts:
        return []
    least = int(np.argmin(counts))  # what was random at the start has gathered by then
    found: list[Event] = []
    if counts[least] < 0.5 * counts[0]:
        fewest = many(counts[least], what)
        text = f"Fewest at {run.moment(least)}: {fewest}, from {counts[0]:,} at the start."
        found.append(Event("gather", least, float(run.time[least]), text))
    now, i = counts[least], least
    for count, stretch in groupby(counts[least:]):
        length = len([*stretch])
        if count != now and (length >= STEADY or i + length == len(counts)):
            kind = "split" if count > now else "join"
            text = f"{now} to {many(count, what)} from {run.moment(i)}."
            found.append(Event(kind, i, float(run.time[i]), text))
            now = count
        i += length
    return found


def _used_up(run: Run) -> str:
    """Which budget a run has used up."""
    end = getattr(run.experiment.optimizer, "t_end", np.inf)
    if run.time[-1] >= end:
        return f"its time is up, t = {number(end)}"
    return f"its step budget is used up after {many(int(run.step[-1]), 'step')}"
