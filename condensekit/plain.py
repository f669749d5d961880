"""Plain numbers of Python, out of whatever a reader has: NumPy, torch, or Python itself."""

import math
import operator

__all__ = ["as_python", "quoted", "real", "shortened", "whole"]

_LONGEST = 100  # letters of a value in a sentence
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
    if getattr(value, "shape", None) == () and not _has_no_number(value):
        try:
            return value.item()  # type: ignore[attr-defined]
        except _FAULTS:  # a tensor without a value
            return value
    return value


def _has_no_number(value: object) -> bool:
    """Whether this is a masked place, a date, or a span of time, whose unit would be lost."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind in ("m", "M") or bool(getattr(value, "mask", False))


def _is_none(value: object) -> bool:
    """Whether this is an array, even of one number, or has no number, whatever float() says."""
    return getattr(value, "shape", ()) != () or _has_no_number(value)


def real(value: object) -> float | None:
    """A finite real number as a float; None for all else: texts, switches, complex numbers, NaN.

    Examples
    --------
    >>> real(3), real(True), real("3"), real(1j), real(float("nan"))
    (3.0, None, None, None, None)
    """
    value = as_python(value)
    if isinstance(value, (bool, str, bytes, bytearray)) or _is_none(value):
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
    if isinstance(value, bool) or _is_none(value):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except _FAULTS:
        return None


def quoted(value: object) -> str:
    """A value in a sentence: as it is written, and not too long.

    Examples
    --------
    >>> quoted("x"), quoted("x" * 1_000)[-4:]
    ("'x'", 'xx …')
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  whatever a foreign object does, the sentence is finished
        name = type(value).__name__
        text = f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name} that cannot be written"
    text = " ".join(text.split()) if "\n" in text else text  # of a table or a network
    return shortened(text)


def shortened(text: object) -> str:
    """The beginning of a text that may be long, such as that of an error of another's."""
    found = str(text)
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]} …"
