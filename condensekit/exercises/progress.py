"""What a student has done, as a table to look at and as a report to hand in."""

import dataclasses
import html
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ..doors import public
from ..files import whole_file
from ..languages import tr_html
from ..plain import quoted
from ..words import many
from . import keeping
from .base import Grade, Question
from .grading import NOTEBOOKS, QUESTIONS
from .keeping import SHOWN

__all__ = ["Report", "Shelf", "Standing", "of_notebook", "progress", "report"]


@dataclasses.dataclass(frozen=True)
class Standing:
    """What was done with one question.

    Attributes
    ----------
    name, notebook : str
        Which question, and the notebook to which it belongs.
    first : str
        The first prediction, as it is shown; empty if there is none.
    before : bool or None
        Whether it was made before anything was shown.
    foreseen : bool or None
        Whether it was right; None as long as nobody has asked.
    verdict : Grade
        Correct as soon as one answer was; else that of the last one.
    tries : int
        Answers that were checked, up to the first that was correct.
    hints : int
        Hints that were read; one that was read again, in another kernel say, counts once.
    solution : bool
        Whether the solution was read before an answer was correct.
    anyway : str
        What was shown though nothing had been predicted, since `anyway` was said; mostly empty.
    """

    name: str
    notebook: str
    first: str
    before: bool | None
    foreseen: bool | None
    verdict: Grade
    tries: int
    hints: int
    solution: bool
    anyway: str = ""

    @property
    def told(self) -> str:
        """The verdict, and how it came about."""
        if self.verdict is Grade.NOT_ATTEMPTED:
            return str(self.verdict) + ("; solution read" if self.solution else "")
        parts = [f"{self.verdict} after {many(self.tries, 'try', 'tries')}"]
        if self.hints:
            parts.append(many(self.hints, "hint"))
        if self.solution:
            parts.append("solution read")
        return ", ".join(parts)

    @property
    def prediction(self) -> str:
        """The first prediction, when it was made, and whether it was right."""
        if not self.first:
            return f"none ({self.anyway} was shown anyway)" if self.anyway else "–"
        right = {None: "", True: ", right", False: ", not right"}[self.foreseen]
        when = "before the measurement" if self.before else "after something was shown"
        return f"{self.first} ({when}{right})"


_HEAD = "notebook", "exercise", "first prediction", "verdict"


@dataclasses.dataclass(frozen=True)
class Report:
    """One row for each question; prints as a table, and shows as one in a notebook.

    Attributes
    ----------
    rows : tuple of Standing
        The questions, in the order in which a student meets them.
    remark : str
        What is wrong with the file in which it is kept; mostly empty.
    """

    rows: tuple[Standing, ...]
    remark: str = ""

    @property
    def done(self) -> int:
        """How many questions were answered correctly."""
        return sum(row.verdict is Grade.CORRECT for row in self.rows)

    @property
    def head(self) -> str:
        """How far it is, in a sentence."""
        predicted = sum(bool(row.first) for row in self.rows)
        return f"{self.done} of {len(self.rows)} exercises correct, {predicted} predicted."

    def __str__(self) -> str:
        """The table as plain text."""
        cells = [_HEAD, *((r.notebook, r.name, r.prediction, r.told) for r in self.rows)]
        wide = [max(len(row[i]) for row in cells) for i in range(len(_HEAD))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip()
            for row in cells
        ]
        return "\n".join([self.head, *([self.remark] if self.remark else []), "", *lines])

    def __repr__(self) -> str:
        """The table."""
        return str(self)

    def _repr_html_(self) -> str:
        remark = f"<p>{html.escape(self.remark)}</p>" if self.remark else ""
        body = [(r.notebook, r.name, r.prediction, r.told) for r in self.rows]
        return tr_html(f"<p>{self.head}</p>{remark}{_table(_HEAD, body)}")

    def json(self) -> str:
        """All that there is to hand in, as JSON."""
        rows = [dataclasses.asdict(row) for row in self.rows]
        return json.dumps({"remark": self.remark, "exercises": rows}, ensure_ascii=False, indent=1)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"<tr>{''.join(f'<th>{html.escape(cell)}</th>' for cell in head)}</tr>"]
    lines += [
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    ]
    return f"<table>{''.join(lines)}</table>"


def _row(question: Question, notebook: str) -> Standing:
    deeds, first = question.deeds, question.predictions[:1]
    checked = [deed for deed in deeds if deed.did == "checked"]
    good = [i for i, deed in enumerate(checked) if deed.grade == Grade.CORRECT]
    until = deeds[: deeds.index(checked[good[0]])] if good else deeds
    later = deeds[first[0].place :] if first else ()  # what came before is of one that is lost
    known = [deed.foreseen for deed in later if deed.foreseen is not None]
    shown = next((deed.did for deed in deeds if deed.did in (*SHOWN, "predicted")), "")
    verdict = Grade.CORRECT if good else Grade.INCORRECT if checked else Grade.NOT_ATTEMPTED
    return Standing(
        name=question.name,
        notebook=notebook,
        first=question.kind.show(first[0].answer) if first else "",
        before=first[0].before if first else None,
        foreseen=known[0] if known else None,
        verdict=verdict,
        tries=good[0] + 1 if good else len(checked),
        hints=len({str(deed.answer) for deed in until if deed.did == "hint"}),
        solution=any(deed.did == "solution" for deed in until),
        anyway=SHOWN.get(shown, ""),
    )


@public()
def progress() -> Report:
    """Show what is done, of all exercises.

    Returns
    -------
    Report
        One row for each, also of what was done before this kernel began.
    """
    rows = [_row(QUESTIONS[q.__name__](), name) for name, qs in NOTEBOOKS.items() for q in qs]
    return Report(tuple(rows), keeping.remark_of_all())


@public()
def report(path: str | os.PathLike[str] | None = None) -> Report:
    """Write what is done, to hand it in.

    Parameters
    ----------
    path : path, optional
        A file that ends in ``.json`` or ``.txt``.

    Returns
    -------
    Report
        Of each exercise that was begun: the first prediction, whether it was made before anything
        was shown, and what the checks said after how many tries.

    Raises
    ------
    ValueError
        If the path ends otherwise.
    """
    begun = [
        row
        for row in progress().rows
        if row.first or row.solution or row.hints or row.verdict is not Grade.NOT_ATTEMPTED
    ]
    found = Report(tuple(begun), keeping.remark_of_all())
    if path is not None:
        text = {".json": found.json(), ".txt": str(found)}.get(Path(path).suffix)
        if text is None:
            raise ValueError(f"path must end in .json or .txt, but is {str(path)!r}.")
        with whole_file(path) as file:
            file.write(f"{text}\n".encode())
    return found


@dataclasses.dataclass(frozen=True)
class Shelf:
    """The exercises of one notebook, with the lines that open them.

    Attributes
    ----------
    rows : tuple of (str, str, str)
        Of each: the line, the title, and how it goes.
    remark : str
        Why that is not known; mostly empty.
    """

    rows: tuple[tuple[str, str, str], ...]
    remark: str = ""

    def __str__(self) -> str:
        """One line for each, and how it goes."""
        wide = [max(len(row[i]) for row in self.rows) for i in range(2)]
        lines = [
            f"{call.ljust(wide[0])}  {title.ljust(wide[1])}  {told}"
            for call, title, told in self.rows
        ]
        return "\n".join([*lines, "", *_WAY, *([self.remark] if self.remark else [])])

    def __repr__(self) -> str:
        """The lines."""
        return str(self)

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><td>{html.escape(title)}</td><td><code>q = {html.escape(call)}; q</code></td>"
            f"<td>{html.escape(told)}</td></tr>"
            for call, title, told in self.rows
        ]
        told = " ".join(map(html.escape, [*_WAY, self.remark])).strip()
        return tr_html(f"<table>{''.join(rows)}</table><p>{told}</p>")


_WAY = (
    "Take one into a new cell, as q; then q shows it.",
    "Then q.predict(...), q.measure(), q.check(...); and if need be q.hint(), q.solution().",
)


@public()
def of_notebook(notebook: str) -> Shelf:
    """Show the exercises of a notebook.

    Parameters
    ----------
    notebook : str
        Its number, ``"00"`` to ``"09"``.

    Raises
    ------
    ValueError
        If there is no such notebook, or it has none.
    """
    if notebook not in NOTEBOOKS:
        raise ValueError(
            f"notebook must be one of {', '.join(NOTEBOOKS)}, but is {quoted(notebook)}."
        )
    rows = []
    for make in NOTEBOOKS[notebook]:
        row = _row(make(), notebook)
        told = "not known" if keeping.kept_nowhere() else row.told
        rows.append((f"exercises.{row.name}()", make().title, told))
    return Shelf(tuple(rows), keeping.remark_of_all())
