"""Question and Verdict: what a student meets.

The content of a question never changes, and its expected answer is computed when it is first
needed. What a student did with it (predictions, hints that were read) is kept beside the content.
"""

import dataclasses
import enum
import html
from collections.abc import Callable
from typing import Any

from ..palette import COLOURS, face
from .kinds import Kind

__all__ = ["Finding", "Grade", "Mistake", "Note", "Prediction", "Question", "Solution", "Verdict"]


class Grade(enum.StrEnum):
    """The three ways in which an answer can be judged."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not attempted"
    """Still the placeholder, or no answer of the form that is wanted: it says nothing yet."""


_LOOK = {
    Grade.CORRECT: ("✓", COLOURS["theory"]),
    Grade.INCORRECT: ("✗", COLOURS["last"]),
    Grade.NOT_ATTEMPTED: ("○", COLOURS["others"]),
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The judgement of one answer; ``dataclasses.asdict`` gives what JSON can hold.

    Attributes
    ----------
    grade : Grade
        Correct, incorrect or not attempted.
    message : str
        What was measured and what theory says; for a wrong answer, without the right one.
    """

    grade: Grade
    message: str

    def __str__(self) -> str:
        """Sign, word and message."""
        return f"{_LOOK[self.grade][0]} {self.grade.capitalize()}. {self.message}"

    def _repr_html_(self) -> str:
        sign, colour = _LOOK[self.grade]
        colour = face(colour)
        return (
            f'<div style="border-left: 5px solid {colour}; padding-left: 0.7em">'
            f"<b>{sign} {self.grade.capitalize()}.</b> {html.escape(self.message)}</div>"
        )


class Note(str):
    """Text in Markdown that a notebook shows as such, and a terminal as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The text itself, without quotes."""
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, and what helps the one who gave it; it does not tell the answer."""

    answer: Any
    feedback: str


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the library found out about a question.

    Attributes
    ----------
    answer
        The expected answer, computed.
    table : str
        The measurement as a table, in Markdown.
    told : str
        What was measured and what theory says, for who knows the answer.
    mistakes : tuple of Mistake
        Typical wrong answers.
    otherwise : str
        What to say to any other wrong answer.
    """

    answer: Any
    table: str
    told: str
    mistakes: tuple[Mistake, ...]
    otherwise: str


@dataclasses.dataclass(frozen=True)
class Prediction:
    """An answer that was locked.

    Attributes
    ----------
    answer
        What was predicted, in an immutable form.
    before : bool
        True if the measurement had not been shown yet.
    """

    answer: Any
    before: bool


@dataclasses.dataclass(frozen=True)
class Solution:
    """Why the answer is what it is, and code that finds it and leaves it in ``answer``."""

    text: str
    code: str

    def __str__(self) -> str:
        """Text and code, in Markdown."""
        return f"{self.text}\n\n```python\n{self.code.strip()}\n```"

    def _repr_markdown_(self) -> str:
        return str(self)


@dataclasses.dataclass
class _Log:
    """What a student did with a question."""

    predictions: list[Prediction] = dataclasses.field(default_factory=list)
    measured: bool = False
    hints: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class Question:
    """One exercise: predict, measure, check.

    Attributes
    ----------
    name : str
        The name by which a grader calls it.
    title, text : str
        What is asked, in Markdown.
    source : str
        Talk, paper, figure.
    kind : Kind
        The form of an answer.
    hints : tuple of str
        From a nudge to nearly there; none tells the answer.
    answered : Solution
        What `solution` shows.
    investigate : callable
        Computes the `Finding`; takes seconds at most.
    """

    name: str
    title: str
    text: str
    source: str
    kind: Kind
    hints: tuple[str, ...]
    answered: Solution
    investigate: Callable[[], Finding]
    _log: _Log = dataclasses.field(default_factory=_Log, init=False)

    def __str__(self) -> str:
        """The question in Markdown."""
        options = [f"- `{name!r}`: {told}" for name, told in self.kind.options.items()]
        listed = "\n".join(options)
        wanted = f"**Your answer:** {self.kind.wanted}."
        source = f"*Source: {self.source}*"
        parts = [f"### {self.title}", self.text, listed, wanted, source]
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        """The name."""
        return f"Question({self.name!r})"

    def _repr_markdown_(self) -> str:
        pictures = [
            f"**{name}**\n\n![Picture {name}: {told}](data:image/png;base64,{drawn[name]})"
            for drawn in [self.kind.pictures()]
            for name, told in self.kind.options.items()
            if drawn
        ]
        return "\n\n".join([str(self), *pictures])

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """All predictions, in their order; the first is the one that counts."""
        return tuple(self._log.predictions)

    def predict(self, answer: object) -> Note:
        """Lock an answer before the measurement.

        It can be read back in `predictions`. A later one does not replace it, but is added. The
        placeholder, an answer of another form than the one that is wanted, or a function that
        raises or never ends locks nothing.
        """
        read, missing = self._read(answer)
        missing = missing or self.kind.fault(read)
        if missing:
            so_far = "Nothing is locked yet" if not self.predictions else "Nothing new is locked"
            return Note(f"{so_far}. {missing}")
        prediction = Prediction(read, before=not self._log.measured)
        self._log.predictions.append(prediction)
        shown, number = self.kind.show(prediction.answer), len(self._log.predictions)
        if number > 1:
            first = self.kind.show(self.predictions[0].answer)
            when = "before" if prediction.before else "after"
            return Note(
                f"Recorded as prediction {number}, {when} the measurement: `{shown}`. "
                f"The first one stands: `{first}`."
            )
        late = "" if prediction.before else " The measurement had been shown before."
        return Note(f"Locked: `{shown}`.{late}")

    def measure(self) -> Note:
        """Show what the experiment gives; only to those who have predicted."""
        if not self._log.predictions:
            return Note("Predict first: what you expect is locked, and then this shows what is.")
        table = self.investigate().table
        self._log.measured = True
        return Note(table)

    def check(self, answer: object) -> Verdict:
        """Judge an answer.

        An answer of another form than the one that is wanted, a text for a number say, is not
        judged as wrong: it says nothing about the science. It is not attempted, and the message
        names the form.
        """
        read, missing = self._read(answer)
        if missing:
            return Verdict(Grade.NOT_ATTEMPTED, missing)
        finding = self.investigate()
        objection = self.kind.objection(read, finding.answer)
        if not objection:
            return Verdict(Grade.CORRECT, f"{finding.told}{self._looking_back(finding)}")
        if self.kind.fault(read):  # it is no answer that could be typical
            return Verdict(Grade.INCORRECT, f"{objection} {finding.otherwise}")
        typical = (m.feedback for m in finding.mistakes if not self.kind.objection(read, m.answer))
        feedback = next(typical, finding.otherwise)
        return Verdict(Grade.INCORRECT, f"{objection} {feedback}")

    def hint(self) -> Note:
        """The next hint."""
        number = self._log.hints
        if number == len(self.hints):
            return Note("There are no more hints; `solution()` has the way and the answer.")
        self._log.hints += 1
        return Note(f"Hint {number + 1} of {len(self.hints)}: {self.hints[number]}")

    def solution(self) -> Solution:
        """The way to the answer, with code that finds it."""
        return self.answered

    def _read(self, answer: object) -> tuple[Any, str]:
        """The answer as it is kept, and why there is none."""
        if not callable(answer) and self.kind.blank(answer):  # a function is asked when it is read
            return None, f"Replace the placeholder by {self.kind.wanted}."
        try:
            return self.kind.read(answer), ""
        except ValueError as error:
            return None, str(error)

    def _looking_back(self, finding: Finding) -> str:
        if not self._log.predictions:
            return ""
        first = self._log.predictions[0].answer
        if not self.kind.objection(first, finding.answer):
            return " You had predicted it."
        return f" You had predicted {self.kind.show(first)}."
