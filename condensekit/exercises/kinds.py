"""Kinds of answers: how each is written, read and compared."""

import abc
import dataclasses
import inspect
import math
import operator
import reprlib
import sys
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

__all__ = ["Choice", "Function", "Kind", "Number", "Ordering", "Whole"]


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

    def _other(self, answer: object) -> ValueError:
        return ValueError(f"This question wants {self.wanted}, but you gave {_brief(answer)}.")


def _brief(answer: object) -> str:
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
            raise self._other(answer)
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
    except (TypeError, ValueError, RuntimeError):
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
            raise self._other(answer)
        return float(number)

    def objection(self, answer: float, right: float) -> str:
        """That it is too far away; in which direction remains to be found out."""
        if 1.0 / self.factor <= answer / right <= self.factor:
            return ""
        return f"{answer:g} is not within a factor of {self.factor:g} of what was measured."

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
            raise self._other(answer)
        return str(name)

    def objection(self, answer: str, right: str) -> str:
        """That it is another one."""
        return "" if answer == right else f"{answer!r} is not what was found."


@dataclasses.dataclass(frozen=True)
class Ordering(Kind):
    """Named events in the order in which they happen, the earliest first."""

    events: Mapping[str, str]

    @property
    def wanted(self) -> str:
        """All names in a list."""
        return f"a list of all {len(self.events)} names, the earliest event first"

    @property
    def options(self) -> Mapping[str, str]:
        """The events by their names."""
        return self.events

    def read(self, answer: object) -> tuple[str, ...]:
        """The names."""
        if not isinstance(answer, (list, tuple)):
            raise self._other(answer)
        names = [str(name) for name in answer]
        if sorted(names) != sorted(self.events):
            raise self._other(answer)
        return tuple(names)

    def objection(self, answer: tuple[str, ...], right: tuple[str, ...]) -> str:
        """How many pairs stand the right way round, but not which."""
        pairs = [*combinations(answer, 2)]
        good = sum(right.index(first) < right.index(second) for first, second in pairs)
        if good == len(pairs):
            return ""
        return f"{good} of the {len(pairs)} pairs in your list stand as they were measured."


@dataclasses.dataclass(frozen=True)
class Function(Kind):
    """A function of your own, which is right if it returns what it should in all `cases`.

    It is called in this process: a grader who does not trust it has to run everything in a sandbox.
    """

    arguments: tuple[str, ...]
    cases: tuple[tuple[Any, ...], ...]
    returns: Kind

    @property
    def wanted(self) -> str:
        """The arguments and what is returned."""
        return f"a function of ({', '.join(self.arguments)}) that returns {self.returns.wanted}"

    def blank(self, answer: object) -> bool:
        """Whether it is the placeholder, or a function that returns the placeholder."""
        if not callable(answer):
            return super().blank(answer)
        try:
            return self.returns.blank(self.read(answer)(*self.cases[0]))
        except (Exception, SystemExit):  # noqa: BLE001  a stranger's code; what is wrong with it is said later
            return False

    def read(self, answer: object) -> Callable[..., Any]:
        """The function itself."""
        if not callable(answer):
            raise self._other(answer)
        try:
            inspect.signature(answer).bind(*self.cases[0])
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"This question wants {self.wanted}, but yours cannot take these: {error}."
            ) from error
        return answer

    def objection(self, answer: Callable[..., Any], right: Callable[..., Any]) -> str:
        """The first case in which it goes wrong, and what it gives there."""
        for case in self.cases:
            values = zip(self.arguments, case, strict=True)
            told = "For " + ", ".join(f"{name} = {value}" for name, value in values)
            try:
                given = answer(*case)
            except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code
                return f"{told} your function raised {type(error).__name__}: {error}."
            try:
                found = self.returns.read(given)
            except ValueError:
                wanted = self.returns.wanted
                return f"{told} your function gives {_brief(given)}, where {wanted} is wanted."
            if self.returns.objection(found, self.returns.read(right(*case))):
                return f"{told} your function gives {found}, which is not what theory gives."
        return ""

    def show(self, answer: Callable[..., Any]) -> str:
        """Its name."""
        return str(getattr(answer, "__name__", answer))
