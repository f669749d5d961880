"""Words: numbers and counts as they stand in a sentence, everywhere in the same way.

A setting, or the range of one, is written as it is typed: 1e-14. What was computed is written for a
reader: 1.0·10⁻¹⁴.
"""

import math

__all__ = ["discrepancy", "entry", "many", "number", "power", "transposed"]

_ROUNDED_POWER = -10
_ROUNDED = 10.0**_ROUNDED_POWER
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """Name a power of ten, as 10ᵏ.

    Examples
    --------
    >>> power(-14)
    '10⁻¹⁴'
    """
    return "10" + str(exponent).translate(_RAISED)


def number(value: float, digits: int = 2) -> str:
    """A computed number for a reader: a few digits, and powers of ten as 10ᵏ.

    Parameters
    ----------
    value : float
        The number.
    digits : int
        How many digits count.

    Examples
    --------
    >>> number(0.094), number(7.5e-5), number(12.0), number(99.96), number(9_999.0)
    ('0.094', '7.5·10⁻⁵', '12', '100', '1.0·10⁴')
    >>> number(4_752.9, 3), number(0.0, 3), number(-2.0e6, 1)
    ('4753', '0', '-2·10⁶')
    """
    value = float(value)
    if value == 0.0:
        return "0"
    if not math.isfinite(value):
        return str(value)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if not -3 <= int(exponent) < 4:
        return f"{mantissa}·{power(int(exponent))}"
    return f"{value:.{digits}g}" if int(exponent) < digits else f"{value:.0f}"


def discrepancy(value: float) -> str:
    """By how much two numbers differ that theory has equal; of rounding, only that it is small.

    How small it is depends on the processor: no reader finds the same digits again.

    Examples
    --------
    >>> discrepancy(3.2e-4), discrepancy(8.5e-13), discrepancy(0.0)
    ('3.2·10⁻⁴', 'less than 10⁻¹⁰', 'less than 10⁻¹⁰')
    """
    return number(value) if value >= _ROUNDED else f"less than {power(_ROUNDED_POWER)}"


def many(count: int, noun: str, several: str = "") -> str:
    """A count and its noun: one neuron, no neurons, several neurons.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        What one of them is called.
    several : str, optional
        What several are called, if it is not the noun with an s.

    Examples
    --------
    >>> many(1, "neuron"), many(0, "neuron"), many(1_500, "neuron"), many(2, "copy", "copies")
    ('1 neuron', '0 neurons', '1,500 neurons', '2 copies')
    """
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def entry(value: float) -> str:
    """An entry of a matrix: two decimals; what is rounded to zero is told from what is zero.

    Examples
    --------
    >>> entry(-1.234), entry(12.34), entry(1e-5), entry(0.0)
    ('−1.23', '12.3', '≈ 0', '0')
    """
    text = f"{value:.2f}" if abs(value) < 10.0 else f"{value:.1f}"
    if float(text) == 0.0:
        return "0" if value == 0.0 else "≈ 0"
    return text.replace("-", "−")


def transposed(name: str) -> str:
    """Name a matrix for a reader, who knows no `^T`.

    Examples
    --------
    >>> transposed("W_Q W_K^T")
    'W_Q W_Kᵀ'
    """
    return name.replace("^T", "ᵀ")
