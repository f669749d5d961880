"""Files of runs: a NumPy archive with a JSON header. Nothing in it is ever executed."""

import dataclasses
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..knobs import Settings

__all__ = ["decode", "encode", "foreign", "read", "write"]

FORMAT = "condensekit runs 1"


def encode(value: object) -> Any:
    """Settings, tuples and plain values as JSON data."""
    if isinstance(value, Settings):
        fields = dataclasses.fields(value)  # type: ignore[arg-type]
        return {"is": type(value).__name__} | {f.name: encode(getattr(value, f.name)) for f in fields}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(data: Any) -> Any:
    """Back from JSON data; only classes of condensekit's settings can come out.

    Raises
    ------
    ValueError
        If the data names no known settings, or a value is outside its range.
    """
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if not isinstance(data, dict):
        return data
    kinds = {kind.__name__: kind for kind in _kinds(Settings)}
    kind = kinds.get(data.get("is", ""))
    if kind is None or not dataclasses.is_dataclass(kind):
        raise ValueError(f"{data.get('is')!r} is not a kind of settings that is known here.")
    values = {name: decode(value) for name, value in data.items() if name != "is"}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"These are not the settings of {kind.__name__}: {error}.") from error


def _kinds(kind: type[Settings]) -> list[type[Settings]]:
    return [found for child in kind.__subclasses__() for found in (child, *_kinds(child))]


def write(path: str | os.PathLike[str], header: dict[str, Any], arrays: dict[str, Any]) -> Path:
    """Write a file as a whole: an older file of that name stays until the new one is complete."""
    target = Path(path)
    text = json.dumps({"format": FORMAT} | header)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, header=np.array(text), **arrays)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink()
        raise
    return target


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or was not written by condensekit.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")[()]))
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {header['format']!r}, not {FORMAT!r}")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise foreign(path, error) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise foreign(path, error) from error
    return header, arrays


def foreign(path: str | os.PathLike[str], error: Exception) -> ValueError:
    """The error that says that `path` is not what it should be, and why."""
    return ValueError(f"{os.fspath(path)} is damaged or is not a file of condensekit runs ({error}).")
