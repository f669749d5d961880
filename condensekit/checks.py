"""Checks: arguments are of the right kind and in their range, or a ValueError says what is not.

Settings are checked by their knobs; this is for the arguments of functions.
"""

import contextlib
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from .knobs import Knob
from .plain import quoted

__all__ = ["a_count", "a_number", "each_of_kind", "of_kind", "one_of", "some_of"]

Kind = TypeVar("Kind")
_INF = float("inf")


def a_number(
    name: str,
    value: object,
    low: float = -_INF,
    high: float = _INF,
    *,
    above: float = -_INF,
    below: float = _INF,
) -> float:
    """`value` as a finite number in its range: from `low` to `high`, above `above`, below `below`.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> a_number("fall", 0.05, above=0.0, below=1.0)
    0.05
    >>> a_number("fall", "x", above=0.0, below=1.0)
    Traceback (most recent call last):
    ValueError: fall must be a number between 0 and 1, but is 'x'.
    """
    number = _number(value, 0.0)
    if number is None or not (low <= number <= high and above < number < below):
        raise _refused(name, value, "a number", low, high, above, below)
    return float(number)


def a_count(name: str, value: object, low: int | None = None, high: int | None = None) -> int:
    """`value` as a whole number from `low` to `high`.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> a_count("trials", 5, 1)
    5
    >>> a_count("trials", 0.5, 1)
    Traceback (most recent call last):
    ValueError: trials must be a whole number from 1 up, but is 0.5.
    """
    number = _number(value, 0)
    least, most = -_INF if low is None else low, _INF if high is None else high
    if number is None or not least <= number <= most:
        raise _refused(name, value, "a whole number", least, most)
    return int(number)


def one_of(name: str, value: Any, options: Collection[Any]) -> Any:
    """`value` if it is one of several texts.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, but is {quoted(value)}.")
    return value


def some_of(name: str, values: Any, options: Collection[Any]) -> list[Any]:
    """`values` as a list of which each is one of several texts; it has one at least.

    Raises
    ------
    ValueError
        If one is none of them, or there is none.

    Examples
    --------
    >>> some_of("show", ["los"], ["fit", "loss"])
    Traceback (most recent call last):
    ValueError: each of show must be one of fit, loss, but is 'los'.
    """
    chosen = [one_of(f"each of {name}", one, options) for one in each_of_kind(name, values, str)]
    if not chosen:
        raise ValueError(f"{name} must hold one at least of {', '.join(options)}, but is empty.")
    return chosen


def of_kind(name: str, value: Kind, kind: Any, words: str = "") -> Kind:
    """`value` if it is of a kind, which `words` name.

    Raises
    ------
    ValueError
        If it is of another kind.

    Examples
    --------
    >>> of_kind("name", 3, str, "a text")
    Traceback (most recent call last):
    ValueError: name must be a text, but is 3.
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        named = words or " or ".join(_article(one.__name__) for one in kinds)
        raise ValueError(f"{name} must be {named}, but is {quoted(value)}.")
    return value


def each_of_kind(name: str, value: Iterable[Kind], kind: type, words: str = "") -> list[Kind]:
    """`value` as a list, of which every entry is of a kind.

    Raises
    ------
    ValueError
        If it is no series, or an entry is of another kind.
    """
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        several = f"several of {words}" if words else f"a list, of which each is a {kind.__name__}"
        raise ValueError(f"{name} must be {several}, but is {quoted(value)}.")
    return [of_kind(f"{name}[{i}]", one, kind, words) for i, one in enumerate(value)]


def _number(value: object, kind: Any) -> Any:
    """A number of the kind of a setting, or None."""
    with contextlib.suppress(ValueError):
        return Knob("", kind).check(value)
    return None


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOUaeiou' else 'a'} {noun}"


def _refused(
    name: str,
    value: object,
    kind: str,
    low: float,
    high: float,
    above: float = -_INF,
    below: float = _INF,
) -> ValueError:
    """What is allowed, and what was given."""
    if above > -_INF and below < _INF:
        where = f" between {_said(above)} and {_said(below)}"
    elif above > -_INF:
        where = f" above {_said(above)}"
    elif low > -_INF and below < _INF:
        where = f" from {_said(low)} to below {_said(below)}"
    elif low > -_INF:
        where = f" from {_said(low)} to {_said(high)}" if high < _INF else f" from {_said(low)} up"
    else:
        where = f" of at most {_said(high)}" if high < _INF else ""
    return ValueError(f"{name} must be {kind}{where}, but is {quoted(value)}.")


def _said(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:,g}"
