"""What a dial makes of its knob: where its slider stops, and what a reader typed."""

import math
import re
from typing import Any

from ..knobs import Knob
from ..sweeps.grid import Value

__all__ = ["squared", "stops_of", "typed"]

_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_LONGEST = 18  # digits of a whole number; a longer one is taken for what it is nearly


def typed(text: str) -> Value:
    """What a reader typed: a whole number, a number, or else the text itself.

    A comma between groups of three digits is what a lab writes itself; any other is a decimal
    comma.

    Examples
    --------
    >>> [typed(text) for text in ("1,500", "0,01", "-2,5", "1e5", "1_0", "many")]
    [1500, 0.01, -2.5, 100000.0, '1_0', 'many']
    """
    plain = text.strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if "_" in plain:
        return text
    for kind in (int, float) if len(plain) <= _LONGEST else (float,):
        try:
            return kind(plain)
        except ValueError:
            continue
    return text


_SERIES = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)  # ten even steps to a decade


def stops_of(low: float, high: float, log: bool, whole: bool) -> list[Any]:
    """The values at which a slider stops, from `low` to `high`."""
    if not log:
        even = [float(f"{low + (high - low) * k / 100:.4g}") for k in range(101)]
        return [*range(int(low), int(high) + 1)] if whole else even
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [float(f"{step}e{decade}") for decade in decades for step in _SERIES]
    found = {round(value) if whole else value for value in values if low <= value <= high}
    return sorted(found)


def squared(knob: Knob) -> Knob:
    """The variance, for a knob that is a standard deviation."""
    assert knob.low is not None
    assert knob.high is not None
    return Knob(
        "variance",
        float(knob.default) ** 2,
        knob.low**2,
        knob.high**2,
        log=True,
        help="Variance of all weights at the start, the square of their standard deviation.",
    )
