"""Files of runs: a NumPy archive with a JSON header. Nothing in it is ever executed."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..activations import ACTIVATIONS
from ..archives import Stored, arrays_in
from ..files import whole_file
from ..knobs import Settings
from ..plain import shortened
from .formats import NUMBER, SETTINGS, migrated

__all__ = ["Undefined", "decode", "encode", "pack", "reading", "unpack", "write"]

Array = np.ndarray[Any, np.dtype[Any]]

FORMAT = "condensekit runs 1"
MOST_BYTES = 2**29  # bytes of the settings of all runs; a row of own data takes about 160


class Undefined(ValueError):
    """Settings are in order, but need something that is not defined here."""


def encode(value: object) -> Any:
    """Settings, tuples and plain values as JSON data; settings with the number of their format.

    Raises
    ------
    ValueError
        If there is something else in the settings, such as a module of torch.
    """
    written = _written(value)
    return {NUMBER: SETTINGS} | written if isinstance(written, dict) else written


def _written(value: object) -> Any:
    if isinstance(value, Settings):
        fields = dataclasses.fields(value)  # type: ignore[arg-type]
        values = {field.name: _written(getattr(value, field.name)) for field in fields}
        return {"is": _name(type(value))} | values
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if value is not None and not isinstance(value, (str, bool, int, float)):
        raise ValueError(
            f"A {type(value).__name__} cannot be written to a file: files hold settings that are "
            "numbers and texts, and never code."
        )
    return value


def decode(data: Any) -> Any:
    """Back from JSON data; only settings can come out: ours, and those that are defined here.

    Raises
    ------
    ValueError
        If the data names no known settings, is of a format that is not known, or a value is
        outside its range.
    """
    try:
        return _read(migrated(data))
    except RecursionError:
        raise ValueError("These settings are nested deeper than any that are known here.") from None


def _read(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_read(item) for item in data)
    if not isinstance(data, dict):
        return data
    name = str(data.get("is", ""))
    kind: Any = _kind(name)
    if kind is None or not hasattr(kind, "__dataclass_fields__"):
        module, _, own = name.partition(":")
        if not own:
            raise ValueError(f"{name!r} is not a kind of settings that is known here.")
        where = f"the class {own}" if module == "__main__" else f"{own}, as {module} does"
        raise Undefined(
            f"{name!r} is not a kind of settings that is known here: define {where}, first."
        )
    values = {name: _read(value) for name, value in data.items() if name != "is"}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"These are not the settings of {kind.__name__}: {error}.") from error
    except ValueError as error:
        acts = [value for field, value in values.items() if field.endswith("activation")]
        if all(act in ACTIVATIONS for act in acts):
            raise
        raise Undefined(
            f"The activation {acts[0]!r} is not known here: let condensekit know it first, by "
            "condensekit.activations.register."
        ) from error


OURS = __name__.partition(".")[0]


def _name(kind: type) -> str:
    """The name of a class in a file; with its module, if it is not one of condensekit's."""
    if kind.__module__.partition(".")[0] == OURS:
        return kind.__name__
    return f"{kind.__module__}:{kind.__qualname__}"


def _kind(name: str) -> type[Settings] | None:
    """The class of that name; of one that was defined again, as in a notebook, the latest.

    A bare name that is none of ours is from a file of before modules were written down.
    """
    known = _kinds(Settings)
    named = {_name(kind): kind for kind in known}
    bare = {kind.__name__: kind for kind in known}
    return named.get(name) or bare.get(name)


def _kinds(kind: type[Settings]) -> list[type[Settings]]:
    return [found for child in kind.__subclasses__() for found in (child, *_kinds(child))]


def write(path: str | os.PathLike[str], header: dict[str, Any], arrays: dict[str, Any]) -> Path:
    """Write a file as a whole: an older file of that name stays until the new one is complete."""
    text = np.array(json.dumps({"format": FORMAT} | header))
    if text.nbytes > MOST_BYTES:
        raise ValueError(
            f"The settings of these runs take {text.nbytes:,} bytes, more than the {MOST_BYTES:,} "
            "of a file: write fewer runs to one, or keep the data in a file of their own."
        )
    with whole_file(path) as file:
        np.savez_compressed(file, header=text, **arrays)
    return Path(path)


def pack(leaf: Array) -> tuple[Array, Array]:
    """Numbers [T, ...] to three digits, and for each time the power of two that scales them.

    Half-precision floats, as differences in time and with high and low bytes apart: what trained
    networks do is smooth, so zlib halves this once more. Bytes of shape [2, ..., T].
    """
    _, exponent = np.frexp(np.abs(leaf).reshape(len(leaf), -1).max(axis=1, initial=0.0))
    # The largest scale there is: with it the smallest normal numbers have their three digits, too.
    scale = np.ldexp(1.0, np.minimum(14 - exponent, 1_023))
    scaled = np.moveaxis(leaf, 0, -1) * scale
    bits = scaled.astype(np.float16).view(np.int16)
    change = np.diff(bits, axis=-1, prepend=np.zeros_like(bits[..., :1]))
    halves = np.ascontiguousarray(change)[..., None].view(np.uint8)
    return np.moveaxis(halves, -1, 0).copy(), scale


def unpack(halves: Array, scale: Array) -> Array:
    """Undo `pack`, up to its rounding: 5e-4 of the largest number of each time.

    Raises
    ------
    ValueError
        If these are not what `pack` makes.
    """
    if halves.dtype != np.uint8 or halves.ndim < 2 or len(halves) != 2:
        raise ValueError(f"packed numbers are {halves.dtype} {halves.shape}")
    if scale.dtype.kind != "f" or scale.shape != halves.shape[-1:] or not (scale > 0).all():
        raise ValueError(f"their scale is {scale.dtype} {scale.shape}, or not positive")
    change = np.moveaxis(halves, 0, -1).copy().view(np.int16)[..., 0]
    bits = np.cumsum(change, axis=-1, dtype=np.int16)
    return np.moveaxis(bits.view(np.float16).astype(np.float64) / scale, -1, 0).copy()


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[tuple[dict[str, Any], dict[str, Stored]]]:
    """Header and arrays of a file; all of them must be read while it is open.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, was not written by condensekit, or holds more than is read of it;
        also for anything that is raised while it is open.
    """
    try:
        with arrays_in(path) as arrays:
            text = arrays.pop("header")
            if text.ndim or text.dtype.kind != "U" or text.nbytes > MOST_BYTES:
                raise ValueError(f"its header is {text.dtype} {text.shape}")
            header = json.loads(str(text.read()[()]))
            if header["format"] != FORMAT:
                raise ValueError(f"its format is {header['format']!r}, not {FORMAT!r}")
            yield header, arrays
            if more := [name for name, array in arrays.items() if not array.was_read]:
                raise ValueError(f"it holds {more[0]!r}, which is a part of no run")
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file makes its readers raise anything
        raise _foreign(path, error) from error


def _foreign(path: str | os.PathLike[str], error: Exception) -> ValueError:
    if isinstance(error, Undefined):
        return ValueError(f"{os.fspath(path)} cannot be read here. {error}")
    return ValueError(
        f"{os.fspath(path)} is damaged or is not a file of condensekit runs ({shortened(error)})."
    )
