"""Plain numbers of Python, out of whatever a reader has: NumPy, torch, or Python itself."""

import math
import operator

__all__ = ["as_python", "real", "whole"]

_FAULTS = (TypeError, ValueError, ArithmeticError, RuntimeError)
"""What numbers of others raise where they are none."""


def as_python(value: object) -> object:
    """A number of NumPy or torch as one of Python, and a list as a tuple; all else as it is.

    Examples
    --------
    >>> import numpy, torch
    >>> as_python([numpy.float32(0.5), torch.tensor(3)]), as_python("text")
    ((0.5, 3), 'text')
    """
    if isinstance(value, list) or type(value) is tuple:
        return tuple(item if type(item) is float else as_python(item) for item in value)
    if getattr(value, "shape", None) == ():
        try:
            return value.item()  # type: ignore[attr-defined]
        except _FAULTS:  # a tensor without a value
            return value
    return value


def real(value: object) -> float | None:
    """A finite real number as a float; None for all else: texts, switches, complex numbers, NaN.

    Examples
    --------
    >>> real(3), real(True), real("3"), real(1j), real(float("nan"))
    (3.0, None, None, None, None)
    """
    value = as_python(value)
    if isinstance(value, (bool, str, bytes, bytearray)):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except _FAULTS:
        return None
    return number if math.isfinite(number) else None


def whole(value: object) -> int | None:
    """A whole number as an int; None for all else, as 3.0.

    Examples
    --------
    >>> whole(3), whole(3.0), whole(True)
    (3, None, None)
    """
    value = as_python(value)
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except _FAULTS:
        return None
