"""Kinds of answers: how each is written, read and compared."""

import abc
import dataclasses
import math
import operator
import reprlib
import sys
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import torch

__all__ = ["Choice", "Kind", "Number", "Ordering", "Pictures", "Real", "Whole", "brief", "floats"]


LARGEST = 1e15  # up to here, every whole number is a float


class Kind(abc.ABC):
    """The form of an answer, and when two answers say the same."""

    @property
    @abc.abstractmethod
    def wanted(self) -> str:
        """What an answer is, in words, e.g. ``'a whole number'``."""

    @property
    def options(self) -> Mapping[str, str]:
        """What there is to choose from, with an explanation each; empty for a free answer."""
        return {}

    def blank(self, answer: object) -> bool:
        """Whether `answer` is still the placeholder: None, ``...``, or a list of these."""
        if isinstance(answer, (list, tuple)):
            return all(self.blank(part) for part in answer)
        return answer is None or answer is ...

    @abc.abstractmethod
    def read(self, answer: object) -> Any:
        """`answer` in the immutable form in which it is kept and compared.

        Raises
        ------
        ValueError
            If it has another form than the one that is wanted.
        """

    @abc.abstractmethod
    def objection(self, answer: Any, right: Any) -> str:
        """Why `answer`, as `read` gave it, is not `right`; empty if it is. Never tells `right`."""

    def show(self, answer: Any) -> str:
        """An answer as `read` gave it, for a reader."""
        return reprlib.repr(answer)

    def example(self, answer: Any) -> str:
        """An answer as `read` gave it, for one who has to recognize it: in full."""
        return f"`{self.show(answer)}`"

    def fault(self, answer: Any) -> str:
        """What is wrong with `answer`, as `read` gave it, whatever is right; empty if nothing."""
        return ""

    def seen(self, answer: Any) -> str:
        """What was measured of `answer` itself, as `read` gave it; empty if nothing."""
        return ""

    def kept(self, answer: Any) -> Any:
        """An answer as `read` gave it, as JSON keeps it."""
        return answer

    def restored(self, data: Any) -> Any:
        """An answer from what `kept` gave.

        Raises
        ------
        ValueError
            If it never came from there.
        """
        return self.read(data)

    def pictures(self) -> Mapping[str, str]:
        """Pictures to choose from, as PNG in base64, by their names; mostly none."""
        return {}

    def other(self, answer: object) -> ValueError:
        """That `answer` has another form than the one that is wanted."""
        return ValueError(f"This question wants {self.wanted}, but you gave {brief(answer)}.")


def brief(answer: object) -> str:
    """An answer of another form, and its type."""
    article = "an" if type(answer).__name__[0] in "aeio" else "a"
    return f"{reprlib.repr(answer)}, {article} {type(answer).__name__}"


@dataclasses.dataclass(frozen=True)
class Whole(Kind):
    """A whole number; 9.0 is one."""

    @property
    def wanted(self) -> str:
        """A whole number."""
        return "a whole number"

    def read(self, answer: object) -> int:
        """The number."""
        number = _number(answer)
        if number is None or number != math.floor(number) or abs(number) > LARGEST:
            raise self.other(answer)
        return int(number)

    def objection(self, answer: int, right: int) -> str:
        """That it is another number."""
        return "" if answer == right else f"{answer} is not the number that was found."


def _number(answer: object) -> float | int | None:
    """A finite number of Python, NumPy or torch; True, text and lists are none."""
    if isinstance(answer, (bool, str)):
        return None
    try:
        return operator.index(answer)  # type: ignore[arg-type]
    except TypeError:
        pass
    try:
        number = float(answer)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


@dataclasses.dataclass(frozen=True)
class Number(Kind):
    """A number above zero that counts as right within a `factor`, either way."""

    factor: float

    @property
    def wanted(self) -> str:
        """The number and how exact it has to be."""
        return f"a number above 0 (it counts within a factor of {self.factor:g})"

    def read(self, answer: object) -> float:
        """The number."""
        number = _number(answer)
        if number is None or not 0 < number < sys.float_info.max:
            raise self.other(answer)
        return float(number)

    def objection(self, answer: float, right: float) -> str:
        """That it is too far away; in which direction remains to be found out."""
        if 1.0 / self.factor <= answer / right <= self.factor:
            return ""
        return f"{answer:g} is not within a factor of {self.factor:g} of what was measured."

    def show(self, answer: float) -> str:
        """As many digits as matter."""
        return f"{answer:g}"


def floats(answer: object, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[Any]] | None:
    """A table of finite numbers of that shape, from lists, NumPy or torch; None if it is none."""
    try:
        table = np.asarray(answer.detach() if isinstance(answer, torch.Tensor) else answer)
    except (TypeError, ValueError, RuntimeError):
        return None
    if table.dtype.kind not in "fiu" or table.shape != shape or not np.isfinite(table).all():
        return None
    return table.astype(np.float64)


@dataclasses.dataclass(frozen=True)
class Real(Kind):
    """Any finite number; it counts as right if it is not further away than `within`."""

    within: float

    @property
    def wanted(self) -> str:
        """The number and how exact it has to be."""
        return f"a number (it counts within {self.within:g})"

    def read(self, answer: object) -> float:
        """The number."""
        number = _number(answer)
        if number is None or abs(number) > sys.float_info.max:
            raise self.other(answer)
        return float(number)

    def objection(self, answer: float, right: float) -> str:
        """That it is too far away; in which direction remains to be found out."""
        if abs(answer - right) <= self.within:
            return ""
        return f"{answer:g} is not within {self.within:g} of what was found."

    def show(self, answer: float) -> str:
        """As many digits as matter."""
        return f"{answer:g}"


@dataclasses.dataclass(frozen=True)
class Choice(Kind):
    """One of a few named statements."""

    statements: Mapping[str, str]

    @property
    def wanted(self) -> str:
        """The names."""
        names = [f"{name!r}" for name in self.statements]
        return f"{', '.join(names[:-1])} or {names[-1]}"

    @property
    def options(self) -> Mapping[str, str]:
        """The statements by their names."""
        return self.statements

    def read(self, answer: object) -> str:
        """The name; blanks around it and capitals do not matter."""
        name = " ".join(answer.split()).casefold() if isinstance(answer, str) else None
        if name not in self.statements:
            raise self.other(answer)
        return str(name)

    def objection(self, answer: str, right: str) -> str:
        """That it is another one."""
        return "" if answer == right else f"{answer!r} is not what was found."


@dataclasses.dataclass(frozen=True, eq=False)
class Pictures(Choice):
    """One of a few pictures, which are shown under letters; `draw` gives them as figures."""

    draw: Callable[[], Mapping[str, Any]]

    @property
    def wanted(self) -> str:
        """The letters."""
        return f"the letter of a picture, {super().wanted}"

    def read(self, answer: object) -> str:
        """The letter; a small one, too."""
        letter = answer.strip().upper() if isinstance(answer, str) else None
        if letter not in self.statements:
            raise self.other(answer)
        return str(letter)

    def pictures(self) -> dict[str, str]:
        """The pictures as PNG, drawn when they are asked for."""
        from ..figures import png  # noqa: PLC0415  needs the extra

        return {letter: png(drawn) for letter, drawn in self.draw().items()}


@dataclasses.dataclass(frozen=True)
class Ordering(Kind):
    """Named events in the order in which they happen, the earliest first; or other named things."""

    events: Mapping[str, str]
    first: str = "the earliest event"

    @property
    def wanted(self) -> str:
        """All names in a list."""
        return f"a list of all {len(self.events)} names, {self.first} first"

    @property
    def options(self) -> Mapping[str, str]:
        """The events by their names."""
        return self.events

    def read(self, answer: object) -> tuple[str, ...]:
        """The names."""
        if not isinstance(answer, (list, tuple)):
            raise self.other(answer)
        texts = [f"{name:g}" if isinstance(name, float) else str(name) for name in answer]
        names = [" ".join(text.split()).casefold() for text in texts]
        if sorted(names) != sorted(self.events):
            missing = [repr(name) for name in self.events if name not in names]
            told = f" These are missing: {', '.join(missing)}." if missing else ""
            raise ValueError(f"{self.other(answer)}{told}")
        return tuple(names)

    def objection(self, answer: tuple[str, ...], right: tuple[str, ...]) -> str:
        """How many pairs stand the right way round, but not which."""
        pairs = [*combinations(answer, 2)]
        good = sum(right.index(first) < right.index(second) for first, second in pairs)
        if good == len(pairs):
            return ""
        return f"{good} of the {len(pairs)} pairs in your list stand as they were measured."
