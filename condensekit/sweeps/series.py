"""A series of values in letters: what is typed on a terminal, or into a lab."""

from collections.abc import Sequence
from typing import Any

from ..doors import public
from ..knobs import Knob
from ..plain import quoted
from .grid import Value

__all__ = ["series", "series_text"]

MOST_VALUES = 100_000  # values


@public()
def series(knob: Knob, text: str) -> list[Value]:
    """The values that a text names: one, a list with commas, or a range of whole numbers.

    A range is first:end or first:end:step, its end left out as in Python.

    Examples
    --------
    >>> series(Knob("n_samples", 50, 1, 100), "4:11:2")
    [4, 6, 8, 10]
    >>> series(Knob("init_std", 1.0, 0.0, 10.0), "1e-3,1")
    [0.001, 1.0]

    Raises
    ------
    ValueError
        If the text names no values, or one that is out of range.
    """
    whole = isinstance(knob.default, int)
    try:
        if ":" in text and whole:
            first, end, *step = (int(part) for part in text.split(":"))
            found = range(first, end, *step)
            parts: list[Any] = [*found[: MOST_VALUES + 1]]
        else:
            kind: Any = str if knob.choices else int if whole else float
            parts = [kind(part.strip()) for part in text.split(",")]
    except (TypeError, ValueError) as error:
        form = "first:end:step or a list with commas" if whole else "a list with commas"
        raise ValueError(f"{knob.name} takes {form}, but is {quoted(text)}.") from error
    if len(parts) > MOST_VALUES:
        raise ValueError(
            f"{knob.name} takes at most {MOST_VALUES:,} values, but is {quoted(text)}."
        )
    if not parts:
        raise ValueError(f"{knob.name} is empty: {quoted(text)} leaves its end out.")
    return [knob.check(part) for part in parts]


@public()
def series_text(values: Sequence[Value]) -> str:
    """Values as `series` reads them, to the last digit; whole numbers in even steps as a range.

    Examples
    --------
    >>> series_text([3, 6, 9]), series_text([7]), series_text(["tanh", "relu"])
    ('3:10:3', '7', 'tanh,relu')
    >>> series_text([1e-6, 0.5, 1 / 3])
    '1e-6,0.5,0.3333333333333333'
    """
    if len(values) > 2 and all(type(value) is int for value in values):
        first, second, *_, last = (int(value) for value in values)
        if second > first:
            found = range(first, last + 1, second - first)
            if [*found] == [*values]:
                return f"{found.start}:{found.stop}:{found.step}"
    return ",".join(_short(value) if isinstance(value, float) else str(value) for value in values)


def _short(value: float) -> str:
    text = f"{value:g}"
    return (text if float(text) == value else repr(value)).replace("e-0", "e-")
