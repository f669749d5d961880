"""NumPy archives, of which nothing is read before it is known how large it is."""

import contextlib
import dataclasses
import math
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Stored", "arrays_in"]

Array = np.ndarray[Any, np.dtype[Any]]
_HEADS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclasses.dataclass
class Stored:
    """An array in an archive: what it says of itself, and what it holds when it is asked.

    Attributes
    ----------
    shape, dtype
        As it says, of what it holds.
    was_read : bool
        Whether anybody has asked.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    _archive: zipfile.ZipFile
    _name: str
    was_read: bool = False

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes in memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    def read(self) -> Array:
        """The array; whatever its readers raise, if it is damaged."""
        self.was_read = True
        with self._archive.open(self._name) as file:
            found: Array = np.lib.format.read_array(file, allow_pickle=False)
            if file.read(1):  # at the end its checksum is compared
                raise ValueError(f"there is more in {self._name} than it says")
        return found


@contextlib.contextmanager
def arrays_in(path: str | os.PathLike[str]) -> Iterator[dict[str, Stored]]:
    """The arrays of an archive by name, as long as it is open; damaged ones raise anything."""
    with Path(path).open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is not a NumPy archive")
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"it holds {twice[0]} twice")
            yield {name.removesuffix(".npy"): _described(archive, name) for name in names}


def _described(archive: zipfile.ZipFile, name: str) -> Stored:
    with archive.open(name) as file:
        shape, _, dtype = _HEADS[np.lib.format.read_magic(file)](file)
    if dtype.hasobject:
        raise ValueError(f"{name} holds objects, which are never read")
    return Stored(shape, dtype, archive, name)
