"""The one visual language: sizes, ticks, and where axes end; its colours are in `palette`."""

import math
from typing import Any

import numpy as np

__all__ = [
    "LARGE",
    "SMALL",
    "Array",
    "Range",
    "Size",
    "around",
    "grown",
    "powers",
    "roomy",
    "ticks",
]

Array = np.ndarray[Any, np.dtype[Any]]
Range = tuple[float, float]
Size = tuple[int, int]
"""Width and height of a picture in pixels, without its caption."""
LARGE: Size = (354, 208)
"""Two in a row beside the controls, in a page of 1,200 pixels."""
SMALL: Size = (240, 186)
"""Three in a row."""


def powers(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks of a logarithmic axis: at most `most` whole exponents between two.

    Examples
    --------
    >>> powers(-6.0, 1.0), powers(-3.0, 90.0)
    ([-6.0, -4.0, -2.0, 0.0], [0.0, 20.0, 40.0, 60.0, 80.0])
    """
    first, last = math.ceil(low), math.floor(high)
    stride = max(1, math.ceil((last - first + 1) / most))
    stride = stride if stride <= 10 else 10 * math.ceil(stride / 10)
    start = first + (-first) % stride
    return [float(k) for k in range(start, last + 1, stride)]


def around(values: Array, share: float) -> Range:
    """The range of numbers, and a share of its length on both sides; of equal ones, of their size.

    Examples
    --------
    >>> around(np.array([0.0, 10.0]), 0.1), around(np.array([5.0]), 0.1), around(np.zeros(3), 0.1)
    ((-1.0, 11.0), (4.5, 5.5), (-0.1, 0.1))
    """
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    room = high - low if high - low > 1e-9 * size else size or 1.0
    return low - share * room, high + share * room


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks of a linear axis: at most `most` round numbers; of one that has no length, its place.

    Examples
    --------
    >>> ticks(-15.6, 15.6), ticks(3.0, 3.0)
    ([-10.0, 0.0, 10.0], [3.0])
    """
    if not low < high:
        return [low]
    raw = (high - low) / most
    exponent = math.floor(math.log10(raw))
    decade = 10.0**exponent
    step = next(factor * decade for factor in (1, 2, 5, 10) if factor * decade >= raw)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, max(12, 3 - exponent)) for k in range(first, last + 1)]


def grown(end: float, reached: float) -> float:
    """The end of an axis, which moves in steps of a quarter where something passes it.

    Examples
    --------
    >>> grown(8.0, 7.0), grown(8.0, 9.0)
    (8.0, 10.0)
    """
    while end < reached:
        end *= 1.25
    return end


def roomy(value: float) -> float:
    """The next round number, for the end of an axis that need not move with every step.

    Examples
    --------
    >>> roomy(0.021), roomy(1.2), roomy(70.0)
    (0.03, 1.5, 70.0)
    """
    decade = 10.0 ** math.floor(math.log10(value))
    factors = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
    return round(next(f * decade for f in factors if f * decade >= value), 12)
