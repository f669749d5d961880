"""The one visual language: colours, ticks, and how a power of ten is written."""

import math
from typing import Any

import numpy as np

__all__ = ["COLOURS", "GROUPS", "Array", "Range", "power", "powers", "ticks"]

Array = np.ndarray[Any, np.dtype[Any]]
Range = tuple[float, float]

COLOURS = {
    "target": "#8c8c8c",
    "sample": "#000000",
    "network": "#0072B2",
    "last": "#D55E00",
    "theory": "#009E73",
    "printed": "#CC79A7",
    "test": "#E69F00",
    "inactive": "#c4c4c4",
    "others": "#7a7a7a",
}
"""Okabe-Ito colours, which colour-blind readers tell apart."""

GROUPS = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Colours of the groups with the most output; vermilion is left to the last run."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """Name a power of ten, as 10ᵏ."""
    return "10" + str(exponent).translate(_RAISED)


def powers(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks of a logarithmic axis: at most `most` whole exponents between two.

    Examples
    --------
    >>> powers(-6.0, 1.0)
    [-6.0, -4.0, -2.0, 0.0]
    """
    first, last = math.ceil(low), math.floor(high)
    stride = max(1, math.ceil((last - first + 1) / most))
    start = first + (-first) % stride
    return [float(k) for k in range(start, last + 1, stride)]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks of a linear axis: at most `most` round numbers.

    Examples
    --------
    >>> ticks(-15.6, 15.6)
    [-10.0, 0.0, 10.0]
    """
    raw = (high - low) / most
    decade = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * decade for factor in (1, 2, 5, 10) if factor * decade >= raw)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 12) for k in range(first, last + 1)]
