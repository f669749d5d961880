"""Numbers out of what a reader has: lists, arrays, tensors, series; or a sentence why not."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from numbers import Complex, Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .plain import as_python, real

__all__ = ["Unusable", "array_of", "finite", "numbers", "real_numbers", "tensor_of"]

Array = np.ndarray[Any, np.dtype[np.float64]]

_KINDS = {
    "c": "no numbers that are real, but complex ones: give both parts as columns, or one of them",
    "M": "no numbers but dates: turn them into numbers, such as days",
    "m": "no numbers but spans of time: turn them into numbers, such as days",
    "U": "text: leave it out, or turn it into numbers",
    "S": "text: leave it out, or turn it into numbers",
    "V": "no numbers but named fields: name the one that is y, or give an array for each",
}
"""What arrays hold that are no real numbers, by their kind in NumPy, and what to do."""


class Unusable(ValueError):
    """What was given is of the right kind, and of no use; the message says why, or what to do."""


def finite(values: object, name: str) -> Array:
    """The numbers of `values`, float64.

    Raises
    ------
    ValueError
        If these are no finite real numbers in rows of one length; the message begins with `name`.
    """
    array = numbers(values, name)
    _check_finite(array, name)
    return array


def numbers(values: object, name: str) -> Array:
    """The numbers of `values`, float64, with NaN for None and what else is no number.

    Raises
    ------
    ValueError
        If they are of another kind, or not in rows of one length; the message begins with `name`.
    """
    array = array_of(values, name)
    kind = array.dtype.kind
    items = [as_python(item) for item in array.flat] if kind == "O" else []
    if any(isinstance(item, (str, bytes)) for item in items):
        kind = "U"
    elif any(isinstance(item, Complex) and not isinstance(item, Real) for item in items):
        kind = "c"
    elif any(isinstance(item, (date, timedelta)) for item in items):
        kind = "M"
    elif any(hasattr(item, "__len__") for item in items):
        raise _uneven(name)
    _check_kind(kind, name)
    if kind == "O":
        array = np.array([_number(item) for item in items]).reshape(array.shape)
    return array.astype(np.float64)


def real_numbers(values: object, name: str) -> np.ndarray[Any, Any]:
    """The numbers of `values`: whole, or in floats of 32 or 64 bits, as this machine writes them.

    Raises
    ------
    ValueError
        If there are none; `Unusable`, if they are complex, masked, sparse or not finite.
    """
    array = array_of(values, name)
    _check_kind(array.dtype.kind, name)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers.")
    if array.dtype.kind == "f":
        if array.dtype.itemsize not in (4, 8):
            array = array.astype(np.float64)
        _check_finite(array, name)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def tensor_of(tensor: Tensor, name: str) -> Tensor:
    """The numbers of a tensor, without gradients; those of half precision in float64.

    Raises
    ------
    Unusable
        If they are complex, in rows of several lengths, sparse, or on the device meta.
    """
    if tensor.is_nested:
        raise _uneven(name)
    if tensor.layout is not torch.strided:
        raise Unusable(f"{name} is a sparse tensor: make it dense, with its to_dense().")
    if tensor.is_meta:
        raise Unusable(f"{name} is a tensor on the device meta, which holds no numbers.")
    if tensor.is_complex():
        _check_kind("c", name)
    found = tensor.detach() if tensor.requires_grad else tensor
    found = found.cpu().resolve_neg()
    low = found.is_floating_point() and found.element_size() < 4
    return found.to(torch.float64) if low else found


def _check_kind(kind: str, name: str) -> None:
    if kind in _KINDS:
        raise Unusable(f"{name} holds {_KINDS[kind]}.")


def _check_finite(array: Array, name: str) -> None:
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = f"row {bad[0][0]} does not" if array.ndim else f"is {array[()]:g}"
        raise Unusable(f"{name} must hold finite numbers, but {where}.")


def _number(item: object) -> float:
    if isinstance(item, bool):
        return float(item)
    found = real(item) if isinstance(item, Real) else None  # a Decimal is exact, and no float yet
    return math.nan if found is None else found


def _uneven(name: str) -> ValueError:
    return Unusable(f"{name} must hold numbers, in rows of one length: these have no shape.")


def array_of(values: object, name: str) -> np.ndarray[Any, Any]:
    """Any array of what is given, with nothing dropped: no mask, no structure."""
    if isinstance(values, Tensor):
        return tensor_of(values, name).numpy()
    if hasattr(values, "toarray"):
        raise Unusable(f"{name} is a sparse matrix: make it dense, with its toarray().")
    if str(getattr(values, "dtype", "")) == "category":
        raise Unusable(f"{name} holds categories: give a column of 0 and 1 for each of them.")
    listed = not hasattr(values, "__array__") and hasattr(values, "__getitem__")
    if isinstance(values, (str, bytes, Mapping)) or not (
        listed or hasattr(values, "__array__") or real(values) is not None
    ):
        shown = repr(values)
        what = f"a {type(values).__name__}" if shown[0] == "<" or len(shown) > 40 else shown
        raise ValueError(f"{name} must be a list or an array of numbers, but is {what}.")
    parts = list(values) if listed else []  # type: ignore[call-overload]
    for row, part in enumerate(parts):
        if hasattr(part, "mask") and np.ma.is_masked(part):
            raise _masked(name, row)
        if isinstance(part, Tensor):
            parts[row] = tensor_of(part, name).numpy()
    if (
        hasattr(values, "mask")
        and isinstance(values, np.ma.MaskedArray)
        and np.ma.is_masked(values)
    ):
        raise _masked(name, int(np.argwhere(np.ma.getmaskarray(values))[0][0]))
    try:
        return np.asarray(parts if listed else values)
    except Exception as error:  # what an array of others raises
        raise _uneven(name) from error


def _masked(name: str, row: int) -> ValueError:
    return Unusable(f"{name} has a masked number in row {row}: leave out such rows.")
