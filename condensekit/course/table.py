"""A table of answers, as a lecturer types it: who, when, which form, and ten answers."""

import csv
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from ..plain import quoted
from ..words import many
from .questions import CONCEPTS, FORMS, items

__all__ = ["TIMES", "Sheet", "read_sheets"]

TIMES = ("before", "after")
"""When a student answers."""
ASKED = tuple(f"q{i}" for i in range(1, len(CONCEPTS) + 1))
HEADER = ("student", "when", "form", *ASKED)
_ALLOWED = {"when": TIMES, "form": FORMS}


@dataclasses.dataclass(frozen=True)
class Sheet:
    """What a student answered at one time; an empty answer is an empty text."""

    form: str
    answers: tuple[str, ...]

    @property
    def right(self) -> tuple[bool, ...]:
        """Which answers are right."""
        pairs = zip(items(self.form), self.answers, strict=True)
        return tuple(item.answer == answer for item, answer in pairs)

    @property
    def empty(self) -> int:
        """How many answers are empty."""
        return self.answers.count("")


def read_sheets(path: Path) -> tuple[dict[str, dict[str, Sheet]], list[str]]:
    """The sheets of each student by time, and sentences on what was left out.

    Raises
    ------
    ValueError
        If the file is no such table.
    """
    names, rows = _rows(path)
    lacking = [name for name in HEADER if name not in names]
    if lacking:
        raise ValueError(
            f"{path.name}: the columns must be {', '.join(HEADER)}, but there is no "
            f"{', '.join(lacking)}; there are {quoted(', '.join(names))}."
        )
    twice = [name for name in HEADER if names.count(name) > 1]
    if twice:
        raise ValueError(f"{path.name}: each column must be there once, but is twice: {twice[0]}.")
    unknown = [name for name in names if name and name not in HEADER]
    notes = [f"Columns that were not read: {', '.join(unknown)}."] if unknown else []
    found: dict[str, dict[str, Sheet]] = {}
    repeated, differing = 0, set()
    for line, cells in rows:
        where = f"{path.name}, line {line}"
        if len(cells) != len(names):
            raise ValueError(
                f"{where}: {many(len(names), 'column')} must be there, but there are {len(cells)}."
            )
        row = dict(zip(names, cells, strict=True))
        student, time, sheet = _sheet(row, where)
        known = found.setdefault(student, {})
        if time not in known:
            known[time] = sheet
        elif known[time] == sheet:
            repeated += 1
        else:
            differing.add(student)
    if repeated:
        notes.append(f"{many(repeated, 'row')} repeated, counted once.")
    if differing:
        told = ", ".join(sorted(differing))
        notes.append(f"Left out, for two different rows of the same time: {told}.")
    return {name: found[name] for name in found if name not in differing}, notes


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the cells of each further line with its number."""
    if path.is_dir():
        raise ValueError(f"path must be the path of a file, but {str(path)!r} is a folder.")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError(f"{path.name} must be a text file in UTF-8: save it as CSV UTF-8.")
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ValueError(
            f"{path.name}, line {reader.line_num}: it must be cells between {separator!r}, but "
            f"cannot be split ({error})."
        ) from None
    rows = [row for row in rows if any(row[1])]
    if not rows:
        raise ValueError(f"{path.name} must have the columns {', '.join(HEADER)}, but is empty.")
    names = [cell.lower() for cell in rows[0][1]]
    return names, rows[1:]


def _sheet(row: Mapping[str, str], where: str) -> tuple[str, str, Sheet]:
    """Who, when, and what was answered."""
    if not row["student"]:
        raise ValueError(f"{where}: student must be a name or a number, but is empty.")
    given = {"when": row["when"].lower(), "form": row["form"].upper()}
    for name, allowed in _ALLOWED.items():
        if given[name] not in allowed:
            raise ValueError(
                f"{where}: {name} must be one of {', '.join(allowed)}, but is {quoted(row[name])}."
            )
    answers = []
    for name, item in zip(ASKED, items(given["form"]), strict=True):
        try:
            answers.append(item.read(row[name]) if row[name] else "")
        except ValueError as error:
            raise ValueError(f"{where}: {name} {error}.") from None
    return row["student"], given["when"], Sheet(given["form"], tuple(answers))
