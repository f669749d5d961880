"""How numbers, powers of ten and names of matrices are written for a reader."""

import math

__all__ = ["counted", "entry", "number", "power", "transposed"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """Name a power of ten, as 10ᵏ."""
    return "10" + str(exponent).translate(_RAISED)


def number(value: float) -> str:
    """A number for a reader: two digits, and powers of ten as 10ᵏ.

    Examples
    --------
    >>> number(0.094), number(7.5e-5), number(12.0)
    ('0.094', '7.5·10⁻⁵', '12')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e4 or not math.isfinite(value):
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·{power(int(exponent))}"


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


def counted(count: int, noun: str) -> str:
    """So many of something.

    Examples
    --------
    >>> counted(1, "neuron"), counted(2_000, "neuron")
    ('1 neuron', '2,000 neurons')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def transposed(name: str) -> str:
    """Name a matrix for a reader, who knows no `^T`.

    Examples
    --------
    >>> transposed("W_Q W_K^T")
    'W_Q W_Kᵀ'
    """
    return name.replace("^T", "ᵀ")
