"""What a question says: verdicts, notes, findings, solutions."""

import dataclasses
import enum
import html
from typing import Any

from ..languages import tr, tr_html, tr_markdown
from ..palette import COLOURS, face

__all__ = ["Finding", "Grade", "Mistake", "Note", "Prediction", "Solution", "Verdict"]


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
        return tr(f"{_LOOK[self.grade][0]} {self.grade.capitalize()}. {self.message}")

    def _repr_html_(self) -> str:
        sign, colour = _LOOK[self.grade]
        colour = face(colour)
        return tr_html(
            f'<div style="border-left: 5px solid {colour}; padding-left: 0.7em">'
            f"<b>{sign} {self.grade.capitalize()}.</b> {html.escape(self.message)}</div>"
        )


class Note(str):
    """Text in Markdown that a notebook shows as such, and a terminal as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The text itself, without quotes."""
        return tr_markdown(str(self))

    def _repr_markdown_(self) -> str:
        return tr_markdown(str(self))


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
        True if nothing had been shown yet: no measurement, no verdict, no solution.
    place : int
        Which of the deeds of its question it is.
    """

    answer: Any
    before: bool
    place: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclasses.dataclass(frozen=True)
class Solution:
    """Why the answer is what it is, and code that finds it and leaves it in ``answer``."""

    text: str
    code: str

    def __str__(self) -> str:
        """Text and code, in Markdown."""
        return f"{tr_markdown(self.text)}\n\n```python\n{self.code.strip()}\n```"

    def _repr_markdown_(self) -> str:
        return str(self)
