"""Question: what a student meets.

The content of a question never changes, and its expected answer is computed when it is first
needed. What a student did with it (predictions, verdicts) is kept in a file, see `keeping`.
"""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

from ..languages import tr, tr_markdown
from . import keeping
from .keeping import SHOWN, Deed
from .kinds import Kind
from .said import Finding, Grade, Mistake, Note, Prediction, Solution, Verdict

__all__ = ["Finding", "Grade", "Mistake", "Note", "Prediction", "Question", "Solution", "Verdict"]


_FIRST = (
    "Predict first: `predict(...)` locks what you expect, and a wrong guess costs nothing. `{}` {} "
    "it all the same, and the record says so."
)


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
    _own: list[Deed] = dataclasses.field(default_factory=list, init=False)
    _hints: list[str] = dataclasses.field(default_factory=list, init=False)

    def __str__(self) -> str:
        """The question in Markdown."""
        options = [f"- `{name!r}`: {told}" for name, told in self.kind.options.items()]
        listed = "\n".join(options)
        wanted = f"**Your answer:** {self.kind.wanted}."
        source = f"*Source: {self.source}*"
        parts = [f"### {self.title}", self.text, listed, wanted, source]
        return tr_markdown("\n\n".join(part for part in parts if part))

    def __repr__(self) -> str:
        """The name."""
        return f"Question({self.name!r})"

    def _repr_markdown_(self) -> str:
        try:
            drawn = self.kind.pictures()
        except ImportError as error:  # what draws them is an extra
            return f"{self}\n\n{error}"
        pictures = [
            f"**{name}**\n\n![{tr(f'Picture {name}: {self.kind.options[name]}')}]"
            f"(data:image/png;base64,{picture})"
            for name, picture in drawn.items()
        ]
        return "\n\n".join([str(self), *pictures])

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """All that was done with it, in its order, also before this kernel began."""
        return tuple(keeping.deeds(self.name, self._own))

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """All predictions, in their order; the first is the one that counts."""
        found, before = [], True
        for place, deed in enumerate(self.deeds):
            before = before and deed.did not in SHOWN
            if deed.did == "predicted":
                with contextlib.suppress(ValueError):  # of another version, or changed by hand
                    found.append(Prediction(self.kind.restored(deed.answer), before, place))
        return tuple(found)

    def predict(self, answer: object) -> Note:
        """Lock an answer before the measurement.

        It can be read back in `predictions`. A later one does not replace it, but is added. The
        placeholder, an answer of another form than the one that is wanted, or a function that
        raises or never ends locks nothing.
        """
        read, missing = self._read(answer)
        missing = missing or self.kind.fault(read)
        earlier, seen = self.predictions, self._shown()
        if missing:
            so_far = "Nothing new is locked" if earlier else "Nothing is locked yet"
            return Note(f"{so_far}. {missing}")
        self._did("predicted", answer=self.kind.kept(read))
        shown = self.kind.show(read)
        if earlier:
            first = self.kind.show(earlier[0].answer)
            when = f"after {seen}" if seen else "before the measurement"
            told = (
                f"Recorded as prediction {len(earlier) + 1}, {when}: `{shown}`. "
                f"The first one stands: `{first}`."
            )
        else:
            late = f" {seen.capitalize()} had been shown before." if seen else ""
            told = f"Locked: `{shown}`.{late}"
        return Note(f"{told} {keeping.remark()}".strip())

    def measure(self) -> Note:
        """Show what the experiment gives; only to those who have predicted."""
        if not self.predictions:
            return Note("Predict first: what you expect is locked, and then this shows what is.")
        finding = self.investigate()
        self._did("measured", foreseen=self._foreseen(finding))
        return Note(finding.table)

    def check(self, answer: object, *, anyway: bool = False) -> Verdict:
        """Judge an answer, and keep the verdict; for those who have predicted, or say `anyway`.

        An answer of another form than the one that is wanted, a text for a number say, is not
        judged as wrong: it says nothing about the science. It is not attempted, and the message
        names the form.
        """
        read, verdict = self._judged(answer)
        if verdict.grade is Grade.NOT_ATTEMPTED:
            return verdict
        if not anyway and self._untouched():
            return Verdict(Grade.NOT_ATTEMPTED, _FIRST.format("check(..., anyway=True)", "judges"))
        finding, first = self.investigate(), self.predictions[:1]
        told = verdict.message
        if first and verdict.grade is Grade.CORRECT:
            right = not self.kind.objection(first[0].answer, finding.answer)
            told += f" You had predicted {'it' if right else self.kind.show(first[0].answer)}."
        kept = None if self.kind.fault(read) else self.kind.kept(read)
        foreseen = self._foreseen(finding)
        self._did("checked", answer=kept, grade=str(verdict.grade), foreseen=foreseen)
        return Verdict(verdict.grade, f"{told} {keeping.remark()}".strip())

    def judge(self, answer: object) -> Verdict:
        """Judge an answer as `check` does, and keep nothing of it: for graders."""
        return self._judged(answer)[1]

    def hint(self) -> Note:
        """The next hint."""
        number = len(self._hints)
        if number == len(self.hints):
            return Note("There are no more hints; `solution()` has the way and the answer.")
        self._hints.append(self.hints[number])
        self._did("hint", answer=number + 1)
        return Note(f"Hint {number + 1} of {len(self.hints)}: {self.hints[number]}")

    def solution(self, *, anyway: bool = False) -> Solution | Note:
        """The way to the answer, with code that finds it.

        For those who have predicted or tried; others are asked to do so first, or to say `anyway`.
        """
        if not anyway and self._untouched():
            return Note(_FIRST.format("solution(anyway=True)", "shows"))
        self._did("solution")
        return self.answered

    def wrong_answers(self) -> Note:
        """Typical wrong answers, and what is said to each: for who teaches. Nothing is kept."""
        told = []
        for mistake in self.investigate().mistakes:
            read = self.kind.read(mistake.answer)
            told.append(f"- **{self.kind.example(read)}** {self.judge(mistake.answer).message}")
        return Note("\n".join([f"**Typical wrong answers: {self.title}**", "", *told]))

    def _did(self, did: str, **what: Any) -> None:
        keeping.add(Deed(self.name, did, **what), self._own)

    def _untouched(self) -> bool:
        """Whether nothing was predicted or shown so far."""
        return not self.predictions and not self._shown()

    def _shown(self) -> str:
        """What has been shown first of what tells an answer, in words."""
        return next((SHOWN[deed.did] for deed in self.deeds if deed.did in SHOWN), "")

    def _foreseen(self, finding: Finding) -> bool | None:
        """Whether the first prediction was right; None if there is none."""
        first = self.predictions[:1]
        return not self.kind.objection(first[0].answer, finding.answer) if first else None

    def _judged(self, answer: object) -> tuple[Any, Verdict]:
        """The answer as it is kept, and what is said of it."""
        read, missing = self._read(answer)
        if missing:
            return read, Verdict(Grade.NOT_ATTEMPTED, missing)
        finding = self.investigate()
        objection = self.kind.objection(read, finding.answer)
        if not objection:
            told = f"{self.kind.seen(read)} {finding.told}".strip()
            return read, Verdict(Grade.CORRECT, told)
        feedback = finding.otherwise
        if not self.kind.fault(read):  # it could be a typical one
            same = (m.feedback for m in finding.mistakes if not self.kind.objection(read, m.answer))
            feedback = next(same, feedback)
        return read, Verdict(Grade.INCORRECT, f"{objection} {feedback}")

    def _read(self, answer: object) -> tuple[Any, str]:
        """The answer as it is kept, and why there is none."""
        if not callable(answer) and self.kind.blank(answer):  # a function is asked when it is read
            return None, f"Replace the placeholder by {self.kind.wanted}."
        try:
            return self.kind.read(answer), ""
        except ValueError as error:
            return None, str(error)
