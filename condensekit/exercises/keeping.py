"""What a student did, kept in a text file of the notebook's folder, one line of JSON each.

Lines are only ever added. Their order says what came before what, so that a kernel that starts
again knows which prediction was first, and what had been shown by then.
"""

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from ..doors import public
from ..files import append_line
from ..words import many

__all__ = [
    "PROGRESS",
    "Deed",
    "add",
    "deeds",
    "keep_progress",
    "kept_nowhere",
    "remark",
    "remark_of_all",
]

PROGRESS = "exercises-progress.jsonl"
"""The name of the file."""
SHOWN = {"measured": "the measurement", "checked": "a verdict", "solution": "the solution"}
"""What shows something of an answer; the others are ``predicted`` and ``hint``."""


@dataclasses.dataclass(frozen=True)
class Deed:
    """One thing that a student did.

    Attributes
    ----------
    question : str
        The name of the question.
    did : str
        ``predicted``, ``hint``, or one of `SHOWN`.
    answer
        What was predicted or checked, as JSON.
    grade : str
        The verdict of what was checked.
    foreseen : bool or None
        Whether the first prediction was right, as soon as that is known.
    at : str
        When, in UTC.
    """

    question: str
    did: str
    answer: Any = None
    grade: str = ""
    foreseen: bool | None = None
    at: str = ""


_KINDS = {"question": str, "did": str, "grade": str, "foreseen": bool | None, "at": str}


def _parsed(line: str) -> Deed:
    deed = Deed(**json.loads(line))  # anything but a dict of these names is a TypeError
    if not all(isinstance(getattr(deed, name), kind) for name, kind in _KINDS.items()):
        raise TypeError(f"{line!r} is no deed.")
    if deed.did not in (*SHOWN, "predicted", "hint"):
        raise ValueError(f"{deed.did!r} is nothing that a student does.")
    return deed


class _Keeper:
    """The file, and what could not be written to it."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = Path(folder).absolute() / PROGRESS
        self.pending: list[Deed] = []
        self.problem = ""

    def read(self) -> tuple[list[Deed], int]:
        """All deeds, and how many lines are none."""
        try:
            text = self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            text = ""
        except OSError as error:
            self.problem = self.problem or f"{self.path} cannot be read: {error.strerror}."
            text = ""
        found, damaged = [], 0
        for line in filter(str.strip, text.split("\n")):
            try:
                found.append(_parsed(line))
            except (TypeError, ValueError, RecursionError):
                damaged += 1
        return found + self.pending, damaged

    def add(self, deed: Deed) -> None:
        """Write it; what cannot be written is tried again with the next."""
        self.problem = ""
        self.pending.append(deed)
        try:
            while self.pending:
                append_line(self.path, json.dumps(_brief(self.pending[0]), ensure_ascii=False))
                del self.pending[0]
        except OSError as error:
            self.problem = (
                f"This could not be written to {self.path}: {error.strerror}. It is known until "
                "this kernel ends, and tried again with the next step."
            )


def _brief(deed: Deed) -> dict[str, Any]:
    return {
        name: value for name, value in dataclasses.asdict(deed).items() if value not in ("", None)
    }


class _State:
    """Where things are kept: in the folder of the notebook, until something else is said."""

    keeper: _Keeper | None = None
    asked = False


@public()
def keep_progress(folder: str | os.PathLike[str] | None) -> None:
    """Say in which folder predictions and verdicts are kept; None keeps them nowhere.

    Without a word they are kept in the folder in which Python runs, which is the notebook's. With
    None each question that is made remembers its own, as long as it lives.

    Parameters
    ----------
    folder : path or None
        A folder that there is.

    Raises
    ------
    ValueError
        If there is no such folder.
    """
    if folder is not None and not Path(folder).is_dir():
        raise ValueError(f"folder must be a folder that there is, but is {str(folder)!r}.")
    _State.keeper, _State.asked = None if folder is None else _Keeper(folder), True


def _keeper() -> _Keeper | None:
    if not _State.asked:
        keep_progress(".")
    return _State.keeper


def deeds(question: str, own: list[Deed]) -> list[Deed]:
    """What was done with a question, in its order; `own` is what it remembers itself."""
    keeper = _keeper()
    return own if keeper is None else [e for e in keeper.read()[0] if e.question == question]


def add(deed: Deed, own: list[Deed]) -> None:
    """Keep it."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    deed = dataclasses.replace(deed, at=now)
    keeper = _keeper()
    if keeper is None:
        own.append(deed)
    else:
        keeper.add(deed)


def kept_nowhere() -> bool:
    """Whether a question alone knows what was done with it."""
    return _keeper() is None


def remark_of_all() -> str:
    """What is wrong with what is known of all questions, in sentences; mostly nothing."""
    if kept_nowhere():
        return (
            "Nothing is kept (`keep_progress(None)`): a question knows what was done with it, this "
            "table does not."
        )
    return remark()


def remark() -> str:
    """What is wrong with the file, in sentences; mostly nothing."""
    keeper = _keeper()
    if keeper is None:
        return ""
    damaged = keeper.read()[1]
    lines = f"{many(damaged, 'line')} of {keeper.path} cannot be read, and stay as they are."
    return " ".join(part for part in (keeper.problem, lines if damaged else "") if part)
