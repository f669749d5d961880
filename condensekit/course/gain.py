"""What a course has taught: scores before and after it, and the normalized gain between them."""

import dataclasses
import functools
import html
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..doors import public
from ..words import many
from .questions import CONCEPTS
from .table import TIMES, Sheet, read_sheets

__all__ = ["RESAMPLES", "SEED", "Gain", "GainEstimate", "QuestionScore", "score"]

Array = np.ndarray[Any, np.dtype[np.float64]]

RESAMPLES = 10_000
"""How many times the bootstrap draws the students anew."""
SEED = 0
"""From which it draws: the same table has the same interval."""


@dataclasses.dataclass(frozen=True)
class GainEstimate:
    """A gain with its 95 % confidence interval, which is None where it cannot be known.

    Attributes
    ----------
    value : float
        The gain: 1 if all that was missing before is there after, 0 if nothing was gained.
    low, high : float or None
        The interval: percentiles of a bootstrap over students.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """The gain, and its interval."""
        if self.low is None or self.high is None:
            return f"{self.value:.2f} (no interval: it needs two students or more)"
        return f"{self.value:.2f} (95 % confidence interval {self.low:.2f} to {self.high:.2f})"


@dataclasses.dataclass(frozen=True)
class QuestionScore:
    """Percent of students who answered one question right, before and after."""

    name: str
    concept: str
    before: float
    after: float


@dataclasses.dataclass(frozen=True)
class Gain:
    """What a class knew before and after, of those students who answered both times.

    Attributes
    ----------
    students : dict
        Scores before and after, in percent, by student.
    before, after : float or None
        Their averages; None if nobody answered both times.
    class_gain : GainEstimate or None
        <g> = (after - before) / (100 - before) of the averages (Hake 1998); None where it is not
        defined.
    mean_gain : GainEstimate or None
        The mean of the gains of single students, of those for whom it is defined.
    questions : tuple of QuestionScore
        The same, question by question.
    notes : tuple of str
        What was left out of the table, and what else a reader should know.
    """

    students: Mapping[str, tuple[float, float]]
    before: float | None
    after: float | None
    class_gain: GainEstimate | None
    mean_gain: GainEstimate | None
    questions: tuple[QuestionScore, ...]
    notes: tuple[str, ...]

    def _said(self) -> list[str]:
        told = [f"{many(len(self.students), 'student')} answered before and after."]
        if self.before is None:
            return [*told, "There is no gain to speak of."]
        undefined = "not defined: before, all answers were right"
        return [
            *told,
            f"Right before: {self.before:.1f} %; after: {self.after:.1f} %.",
            f"Normalized gain of the class (Hake 1998): {self.class_gain or undefined}.",
            f"Mean of the gains of single students: {self.mean_gain or undefined}.",
            f"Intervals: bootstrap over students, {RESAMPLES:,} resamples, seed {SEED}.",
        ]

    def __str__(self) -> str:
        """Sentences, then a line for each question, then the notes."""
        lines = [
            f"{one.name}: {one.before:.0f} % before, {one.after:.0f} % after ({one.concept})"
            for one in self.questions
        ]
        return "\n".join([*self._said(), *lines, *(f"Note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(line)}</p>" for line in self._said())
        rows = "".join(
            f"<tr><td>{one.name}</td><td>{html.escape(one.concept)}</td>"
            f"<td>{one.before:.0f} %</td><td>{one.after:.0f} %</td></tr>"
            for one in self.questions
        )
        head = "<tr><th>question</th><th>concept</th><th>before</th><th>after</th></tr>"
        table = f"<table>{head}{rows}</table>" if rows else ""
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return said + table + (f"<ul>{notes}</ul>" if notes else "")


@public()
def score(path: str | os.PathLike[str]) -> Gain:
    r"""Score a table of answers before and after, and give the normalized gain.

    The table is a text file with the columns student, when (before or after), form (A or B) and q1
    to q10, separated by commas, semicolons or tabs. An empty answer is a wrong one. Students who
    lack one of the two times are left out, and `Gain.notes` names them.

    Parameters
    ----------
    path : path
        The table.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such table; the message says the line, the value and what is allowed.

    Examples
    --------
    >>> import tempfile
    >>> from condensekit.course import key
    >>> first = ",".join(f"q{i}" for i in range(1, 11))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder) / "answers.csv"
    ...     rows = f"Mia,before,A{',' * 10}", f"Mia,after,B,{','.join(key('B'))}"
    ...     size = table.write_text("\n".join([f"student,when,form,{first}", *rows]))
    ...     print(score(table).class_gain)
    1.00 (no interval: it needs two students or more)
    """
    sheets, notes = read_sheets(Path(path))
    both = {name: found for name, found in sheets.items() if all(time in found for time in TIMES)}
    for lacking, present in (TIMES, TIMES[::-1]):
        alone = [
            name for name, found in sheets.items() if present in found and lacking not in found
        ]
        if alone:
            notes.append(f"Left out, for want of answers {lacking}: {', '.join(alone)}.")
    notes += _remarks(both)
    right = np.array([[both[name][time].right for time in TIMES] for name in both])
    return _gain([*both], right.reshape(-1, len(TIMES), len(CONCEPTS)).astype(float), notes)


def _remarks(both: Mapping[str, Mapping[str, Sheet]]) -> list[str]:
    """What a reader should know of those who are counted."""
    notes = []
    same = [name for name, found in both.items() if len({one.form for one in found.values()}) == 1]
    if same:
        notes.append(f"The same form both times, which memory helps: {', '.join(same)}.")
    empty = sum(one.empty for found in both.values() for one in found.values())
    if empty:
        notes.append(f"{many(empty, 'empty answer')}, counted as wrong.")
    return notes


def _gain(names: list[str], right: Array, notes: list[str]) -> Gain:
    """The gain of right answers, [students, before or after, questions]."""
    if not names:
        return Gain({}, None, None, None, None, (), (*notes, "Nobody answered both times."))
    scores = 100.0 * right.sum(axis=2) / len(CONCEPTS)
    full = [name for name, (before, _) in zip(names, scores, strict=True) if before == 100.0]
    if full:
        notes.append(
            f"All right before, so without a gain of their own, but in the averages of the class: "
            f"{', '.join(full)}."
        )
    before, after = scores.mean(axis=0).tolist()
    each = 100.0 * right.mean(axis=0).T
    return Gain(
        {name: (float(b), float(a)) for name, (b, a) in zip(names, scores, strict=True)},
        before,
        after,
        _estimate(_of_class, scores, notes),
        _estimate(_of_students, scores[scores[:, 0] < 100.0], notes),
        tuple(
            QuestionScore(f"q{i}", concept, float(b), float(a))
            for i, (concept, (b, a)) in enumerate(zip(CONCEPTS, each, strict=True), 1)
        ),
        tuple(notes),
    )


def _of_class(scores: Array) -> Array:
    """<g> of each class of `scores` [..., students, 2]; NaN where all was right before."""
    before, after = np.moveaxis(scores.mean(axis=-2), -1, 0)
    room = 100.0 - before
    undefined = np.full_like(room, np.nan)
    gains: Array = np.divide(after - before, room, out=undefined, where=room > 0.0)
    return gains


def _of_students(scores: Array) -> Array:
    before, after = np.moveaxis(scores, -1, 0)
    gains: Array = ((after - before) / (100.0 - before)).mean(axis=-1)
    return gains


def _estimate(
    gain: Callable[[Array], Array], scores: Array, notes: list[str]
) -> GainEstimate | None:
    """A gain and its interval, of students drawn anew with replacement."""
    count = len(scores)
    if not count or np.isnan(value := float(gain(scores))):
        return None
    if count < 2:
        return GainEstimate(value)
    drawn = gain(scores[_drawn(count)])
    undefined = int(np.isnan(drawn).sum())
    if undefined:
        notes.append(
            f"{many(undefined, 'resample')} of {RESAMPLES:,} left out of the interval of the "
            "class: all was right before."
        )
    low, high = np.nanpercentile(drawn, [2.5, 97.5]).tolist()
    return GainEstimate(value, low, high)


@functools.lru_cache(maxsize=2)
def _drawn(count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Which students each resample holds."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
