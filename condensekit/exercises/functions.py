"""Kinds of answers that are code or are made: run under limits, measured, and then compared."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

from .kinds import Kind, brief, floats
from .limits import CHARACTERS, SECONDS, limited, raised

__all__ = ["Code", "Function", "Made", "NumberRows", "Observed", "Results", "Unfit"]

_BLANK = "..."
"""The fault of a function that still returns the placeholder."""


@dataclasses.dataclass(frozen=True)
class Results:
    """What a function gave: a value for each case, up to the first fault.

    Attributes
    ----------
    name : str
        The name of the function.
    values : tuple
        One for each case, in the form in which answers are kept.
    fault : str
        What went wrong in the case that comes next; empty if nothing did.
    note : str
        Where it ran, if that matters.
    """

    name: str
    values: tuple[Any, ...]
    fault: str = ""
    note: str = ""


def _checked(kind: Kind, function: object, case: tuple[Any, ...]) -> Callable[..., Any]:
    """The function, if it takes those arguments."""
    if not callable(function):
        raise kind.other(function)
    try:
        inspect.signature(function).bind(*case)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"This question wants {kind.wanted}, but yours cannot take these: {error}."
        ) from error
    return function


def _name(function: object) -> str:
    return str(getattr(function, "__name__", function))


@dataclasses.dataclass(frozen=True)
class Function(Kind):
    """A function of your own, which is right if it returns what it should in all `cases`.

    It is called in a copy of this process, see `condensekit.exercises.limits`. That keeps a kernel
    alive, and is no sandbox: a grader who does not trust a function has to run everything in one.
    """

    arguments: tuple[str, ...]
    cases: tuple[tuple[Any, ...], ...]
    returns: Kind
    seconds: float = SECONDS
    printed: int = CHARACTERS

    @property
    def wanted(self) -> str:
        """The arguments and what is returned."""
        return f"a function of ({', '.join(self.arguments)}) that returns {self.returns.wanted}"

    def blank(self, answer: object) -> bool:
        """Whether it is the placeholder, or a function that returns the placeholder."""
        if not callable(answer):
            return super().blank(answer)
        try:
            function = _checked(self, answer, self.cases[0])
        except ValueError:
            return False
        ended = limited(
            lambda: self.returns.blank(function(*self.cases[0])), self.seconds, self.printed
        )
        return ended.value is True

    def read(self, answer: object) -> Results:
        """What the function gives in all cases."""
        if isinstance(answer, Results):
            return answer
        function = _checked(self, answer, self.cases[0])
        ended = limited(lambda: self._run(function), self.seconds, self.printed)
        if ended.printed:
            print(ended.printed, end="")
        if ended.value and ended.value[1] == _BLANK:
            raise ValueError(f"Replace the placeholder by {self.wanted}.")
        values, fault = ended.value or ((), f"Your function {ended.fault}")
        return Results(
            _name(function), tuple(map(self.returns.restored, values)), fault, ended.note
        )

    def _run(self, function: Callable[..., Any]) -> tuple[list[Any], str]:
        values: list[Any] = []
        for case in self.cases:
            told = f"{self._case(len(values))} your function"
            try:
                given = function(*case)
            except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code
                return values, f"{told} {raised(error)}"
            if not values and self.returns.blank(given):
                return values, _BLANK
            try:
                values.append(self.returns.kept(self.returns.read(given)))
            except ValueError:
                return (
                    values,
                    f"{told} gives {brief(given)}, where {self.returns.wanted} is wanted.",
                )
        return values, ""

    def _case(self, number: int) -> str:
        values = zip(self.arguments, self.cases[number], strict=True)
        return "For " + ", ".join(f"{name} = {value}" for name, value in values)

    def fault(self, answer: Results) -> str:
        """What goes wrong with it, whatever is right."""
        return f"{answer.fault} {answer.note}".strip() if answer.fault else ""

    def objection(self, answer: Results, right: Any) -> str:
        """The first case in which it goes wrong, what it gives there, and how many are right."""
        wanted = right.values if isinstance(right, Results) else self._wanted(right)
        pairs = [*zip(answer.values, wanted, strict=False)]
        wrong = [i for i, pair in enumerate(pairs) if self.returns.objection(*pair)]
        if wrong:
            given, count = self.returns.show(answer.values[wrong[0]]), len(pairs) - len(wrong)
            return (
                f"{self._case(wrong[0])} your function gives {given}, which is not what theory "
                f"gives. It is right in {count} of {len(self.cases)} cases."
            )
        return self.fault(answer)

    def _wanted(self, right: Callable[..., Any]) -> tuple[Any, ...]:
        return tuple(self.returns.read(right(*case)) for case in self.cases)

    def show(self, answer: Any) -> str:
        """Its name."""
        return answer.name if isinstance(answer, Results) else _name(answer)

    def example(self, answer: Results) -> str:
        """What it gives in each case."""
        given = "; ".join(
            f"{', '.join(map(str, case))} → {self.returns.show(value)}"
            for case, value in zip(self.cases, answer.values, strict=False)
        )
        return f"a function of ({', '.join(self.arguments)}): {given}"

    def kept(self, answer: Results) -> dict[str, Any]:
        """Its name and what it gave."""
        return {"name": answer.name, "values": [*map(self.returns.kept, answer.values)]}

    def restored(self, data: Any) -> Results:
        """What it gave, from a file."""
        try:
            name, values = data["name"], tuple(map(self.returns.restored, data["values"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{data!r} is no function of the past.") from error
        if not isinstance(name, str) or len(values) != len(self.cases):
            raise ValueError(f"{data!r} is no function of the past.")
        return Results(name, values)


@dataclasses.dataclass(frozen=True)
class Code(Kind):
    """A function that is called later; `case` is one list of arguments that it has to take."""

    arguments: tuple[str, ...]
    case: tuple[Any, ...]
    returns: str

    @property
    def wanted(self) -> str:
        """The arguments and what is returned."""
        return f"a function of ({', '.join(self.arguments)}) that returns {self.returns}"

    def read(self, answer: object) -> Callable[..., Any]:
        """The function itself; a compiled one, such as ``torch.tanh``, says nothing of itself."""
        if inspect.isbuiltin(answer):
            return answer
        return _checked(self, answer, self.case)

    def objection(self, answer: Any, right: Any) -> str:
        """Nothing: it is judged by what it does."""
        return ""

    def show(self, answer: Any) -> str:
        """Its name."""
        return _name(answer)


@dataclasses.dataclass(frozen=True)
class NumberRows(Kind):
    """A table of numbers with named columns, whoever made it: lists, NumPy, torch."""

    columns: tuple[str, ...]
    count: int

    @property
    def wanted(self) -> str:
        """How many rows of what."""
        return f"a list of {self.count} rows ({', '.join(self.columns)}) of finite numbers"

    def read(self, answer: object) -> tuple[tuple[float, ...], ...]:
        """The rows."""
        rows = floats(answer, (self.count, len(self.columns)))
        if rows is None:
            raise self.other(answer)
        return tuple(tuple(row) for row in rows.tolist())

    def objection(self, answer: Any, right: Any) -> str:
        """That they are others."""
        return "" if answer == right else "These are other numbers."


@dataclasses.dataclass(frozen=True)
class Observed:
    """What was seen when something was measured.

    Attributes
    ----------
    word : str
        What it is, in a word; two things of one word are judged alike.
    told : str
        What was measured, in a sentence.
    shown : str
        The thing itself, briefly.
    fault : str
        Why nothing could be measured; empty if it could.
    note : str
        Where it ran, if that matters.
    """

    word: str
    told: str
    shown: str = ""
    fault: str = ""
    note: str = ""


class Unfit(ValueError):
    """What a function gave cannot be measured; says why, as a sentence."""


@dataclasses.dataclass(frozen=True)
class Made(Kind):
    """Something that a student makes; it is measured, and right by what was measured.

    `look` gives the word and the sentence of `Observed`; it may raise `Unfit`. It runs under the
    limits, since it may call a student's function.
    """

    form: Kind
    look: Callable[[Any], tuple[str, str]]
    seconds: float = SECONDS
    printed: int = CHARACTERS

    @property
    def wanted(self) -> str:
        """What its form wants."""
        return self.form.wanted

    def read(self, answer: object) -> Observed:
        """What is seen when it is measured."""
        if isinstance(answer, Observed):
            return answer
        made = self.form.read(answer)
        ended = limited(lambda: self._measured(made), self.seconds, self.printed)
        if ended.printed:
            print(ended.printed, end="")
        word, told, fault = ended.value or ("", "", f"Your function {ended.fault}")
        return Observed(word, told, self.form.show(made), fault, ended.note)

    def _measured(self, made: Any) -> tuple[str, str, str]:
        try:
            return (*self.look(made), "")
        except Unfit as error:
            return "", "", str(error)

    def fault(self, answer: Observed) -> str:
        """Why nothing could be measured."""
        return f"{answer.fault} {answer.note}".strip() if answer.fault else ""

    def objection(self, answer: Observed, right: Observed) -> str:
        """What was measured of it, if that is not what is asked for."""
        return self.fault(answer) or ("" if answer.word == right.word else answer.told)

    def show(self, answer: Observed) -> str:
        """It, briefly."""
        return answer.shown

    def example(self, answer: Observed) -> str:
        """What it is, in a word, and briefly; what has no name of its own is not named."""
        return answer.word if answer.shown.startswith("<") else f"{answer.word}: `{answer.shown}`"

    def seen(self, answer: Observed) -> str:
        """What was measured of it."""
        return answer.told

    def kept(self, answer: Observed) -> dict[str, str]:
        """What was seen."""
        return {name: getattr(answer, name) for name in ("word", "told", "shown")}

    def restored(self, data: Any) -> Observed:
        """What was seen, from a file."""
        try:
            seen = Observed(**data)
        except TypeError as error:
            raise ValueError(f"{data!r} is nothing that was seen.") from error
        if not all(isinstance(part, str) for part in dataclasses.astuple(seen)):
            raise ValueError(f"{data!r} is nothing that was seen.")
        return seen
