"""Handwritten digits: a part of MNIST that ships with the package, or the whole set of a reader."""

import contextlib
import dataclasses
import functools
import gzip
import math
import os
import struct
import zlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..archives import Stored, arrays_in
from ..defaults import torch_defaults
from ..knobs import Knob
from ..losses import Loss, accuracy, cross_entropy, mean_squared_error
from ..plain import shortened
from ..streams import stream
from .base import Data, Problem, Uniform

__all__ = ["MNIST", "mnist", "read_mnist"]

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Digits = tuple[Bytes, Bytes]

SIDE, CLASSES, TEST = 28, 10, 1_000
SHIPPED = 4_000  # digits to train on that ship with the package; they are read when they are drawn
MOST = 1_000_000  # digits of a file, so that one of few bytes takes no memory for more
_PARTS = {"train": "train", "test": "t10k"}
_MAGIC = {"images": 2051, "labels": 2049}


@dataclasses.dataclass(frozen=True)
class MNIST(Problem):
    """Which of ten digits is it? Build it with `mnist`.

    Inputs are 28 x 28 pixels, row by row, from 0 to 1. The seed shuffles the training digits, and n
    samples are the first n; the test points are 1,000 digits that no seed trains on.
    """

    source: str = ""
    one_hot: bool = False
    max_samples: ClassVar[int] = 60_000
    score_names: ClassVar[tuple[str, ...]] = ("test accuracy",)

    def __post_init__(self) -> None:
        """Refuse a source that is no path, and anything but True and False."""
        super().__post_init__()
        object.__setattr__(self, "source", _path(self.source))
        object.__setattr__(self, "one_hot", Knob("one_hot", False).check(self.one_hot))

    @property
    def inputs(self) -> Uniform:
        """The cube that the images lie in; they are not drawn from it."""
        return Uniform(0.0, 1.0, SIDE**2)

    @property
    def loss(self) -> Loss:
        """Cross-entropy, or the mean squared error for labels that are unit vectors."""
        return mean_squared_error if self.one_hot else cross_entropy

    @property
    def output_shape(self) -> tuple[int, ...]:
        """One output for each digit."""
        return (CLASSES,)

    def target(self, x: Tensor) -> Tensor:
        """Nobody knows it: only the digits have labels."""
        raise ValueError("Images have no target between them; ask for data().")

    def scores(self, outputs: Tensor, labels: Tensor) -> tuple[float, ...]:
        """Share of the test digits that are recognized."""
        return (accuracy(outputs, labels.argmax(-1) if self.one_hot else labels),)

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """Draw the samples; labels are whole numbers from 0 to 9, or unit vectors."""
        self.check_samples(n_samples)
        (images, labels), test = _known(self.source)
        order = torch.randperm(len(labels), generator=stream(seed, "inputs"), device="cpu")[
            :n_samples
        ].numpy()
        parts = (images[order], labels[order]), test
        (x, y), (x_test, y_test) = (self._samples(*part) for part in parts)
        return Data(x, y, x_test, y_test)

    def _samples(self, images: Bytes, labels: Bytes) -> tuple[Tensor, Tensor]:
        x = torch.from_numpy(images.reshape(len(images), -1).astype(np.float64) / 255.0)
        y = torch.from_numpy(labels.astype(np.int64))
        return x, torch.eye(CLASSES, dtype=torch.float64, device="cpu")[y] if self.one_hot else y

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless there are `n_samples` training digits."""
        most = len(_known(self.source)[0][1]) if self.source else SHIPPED
        Knob("n_samples", 1, 1, most).check(n_samples)


def mnist(path: str | os.PathLike[str] = "", *, one_hot: bool = False) -> MNIST:
    """The MNIST handwritten digits (LeCun, Cortes and Burges, CC BY-SA 3.0).

    Parameters
    ----------
    path : path
        A folder with MNIST's IDX files, packed (.gz) or not, or a NumPy archive (.npz): see
        `read_mnist`. By default the 5,000 digits that ship with the package.
    one_hot : bool
        Whether the labels are unit vectors, and the loss is the mean squared error, instead of
        whole numbers and cross-entropy.

    Raises
    ------
    FileNotFoundError
        If there are no such files.
    ValueError
        If they are damaged or hold something else.

    Examples
    --------
    >>> data = mnist().data(500)
    >>> data.x.shape, data.x_test.shape
    (torch.Size([500, 784]), torch.Size([1000, 784]))
    """
    source = _path(path)
    if source:
        _known(source)
    return MNIST(source, one_hot)


def _path(path: object) -> str:
    found = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(found, str):
        raise ValueError(f"path must be the path of a folder or an archive, but is {path!r}.")
    return found


def read_mnist(path: str | os.PathLike[str]) -> tuple[Digits, Digits]:
    """Read digits to train and to test on.

    Parameters
    ----------
    path : path
        A folder with ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``, packed (.gz) or
        not, and the two ``t10k`` files beside them if there are; or an archive .npz with arrays
        ``images [N, 28, 28]`` and ``labels [N]``, or ``x_train``, ``y_train``, ``x_test`` and
        ``y_test``, of bytes. Without test digits the last 1,000 are taken.

    Returns
    -------
    train, test : pairs of images [N, 28, 28] and labels [N], uint8

    Raises
    ------
    FileNotFoundError
        If there are no such files.
    ValueError
        If they are damaged or hold something else; the message names the file.
    """
    found = Path(_path(path))
    if not found.is_file() and not found.is_dir():  # a pipe would be read for ever
        raise FileNotFoundError(f"There is no file or folder {str(found)!r}.")
    parts = _read_folder(found) if found.is_dir() else _read_archive(found)
    for name, (images, labels) in parts.items():
        _check(f"{found.name} ({name})", images, labels)
        _check_labels(f"{found.name} ({name})", labels)
    images, labels = parts["train"]
    if "test" in parts:
        return (images, labels), parts["test"]
    if len(labels) <= TEST:
        raise ValueError(
            f"{found.name} has {len(labels):,} digits and none to test on; more than {TEST:,} are "
            "needed."
        )
    return (images[:-TEST], labels[:-TEST]), (images[-TEST:], labels[-TEST:])


@functools.lru_cache(maxsize=4)
@torch_defaults()
def _known(source: str) -> tuple[Digits, Digits]:
    if source:
        train, (images, labels) = read_mnist(source)
        return train, (images[:TEST], labels[:TEST])
    with resources.as_file(resources.files(__package__) / "data" / "mnist.npz") as path:
        return read_mnist(path)


def _check(name: str, images: Bytes | Stored, labels: Bytes | Stored) -> None:
    for kind, array in (("images", images), ("labels", labels)):
        if array.dtype != np.uint8:
            raise ValueError(f"{name}: {kind} must be bytes, but are {array.dtype}.")
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f"{name}: images must have {SIDE} x {SIDE} pixels, but have shape {[*images.shape]}."
        )
    count = images.shape[0]
    if labels.shape != (count,) or not count:
        raise ValueError(
            f"{name}: there must be one label for each image, but there are {count:,} images "
            f"and labels of shape {[*labels.shape]}."
        )
    if count > MOST:
        raise ValueError(f"{name}: there can be {MOST:,} digits at most, but there are {count:,}.")


def _check_labels(name: str, labels: Bytes) -> None:
    if int(labels.max()) >= CLASSES:
        row = int(np.argmax(labels >= CLASSES))
        raise ValueError(
            f"{name}: labels must be from 0 to {CLASSES - 1}, but label {row} is {labels[row]}."
        )


def _read_folder(folder: Path) -> dict[str, Digits]:
    parts = {}
    for part, prefix in _PARTS.items():
        paths = {
            kind: _packed_or_not(folder, f"{prefix}-{kind}-idx{dims}-ubyte")
            for kind, dims in (("images", 3), ("labels", 1))
        }
        missing = [kind for kind, path in paths.items() if path is None]
        if part == "test" and len(missing) == 2:
            continue
        if missing:
            raise FileNotFoundError(
                f"There is no {prefix}-{missing[0]} file (IDX, packed as .gz or not) in {folder}."
            )
        images, labels = (_read_idx(path, kind) for kind, path in paths.items() if path)
        parts[part] = images, labels
    return parts


def _packed_or_not(folder: Path, name: str) -> Path | None:
    candidates = [folder / name, folder / f"{name}.gz"]
    return next((path for path in candidates if path.is_file()), None)


def _read_idx(path: Path, kind: str) -> Bytes:
    """An IDX file: a magic number, the sizes, big-endian, and then the bytes.

    No more is unpacked than the sizes say, and no more than `MOST` digits.
    """
    dims = 3 if kind == "images" else 1
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 + 4 * dims)
            if len(head) < 4 + 4 * dims or struct.unpack(">i", head[:4])[0] != _MAGIC[kind]:
                raise ValueError(f"{path.name} is not an IDX file of {kind}.")
            shape = struct.unpack(f">{dims}i", head[4:])
            size = min(math.prod(shape), MOST * SIDE**2)
            raw = file.read(size + 1) if min(shape) >= 0 else b""
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name} is damaged ({error}).") from error
    if min(shape) < 0 or len(raw) != math.prod(shape):
        raise ValueError(
            f"{path.name} is truncated or damaged: it says {[*shape]} but holds "
            f"{'more' if len(raw) > size else f'{len(raw):,}'} bytes."
        )
    return np.frombuffer(raw, np.uint8).reshape(shape)


def _read_archive(path: Path) -> dict[str, Digits]:
    with contextlib.ExitStack() as opened:
        with _damaged(path):
            arrays = opened.enter_context(arrays_in(path))
        parts = _parts(path.name, arrays)
        for part, (images, labels) in parts.items():
            _check(f"{path.name} ({part})", images, labels)
        with _damaged(path):
            return {part: (x.read(), y.read()) for part, (x, y) in parts.items()}


@contextlib.contextmanager
def _damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a damaged file makes its reader raise anything
        raise ValueError(
            f"{path.name} is damaged or no NumPy archive ({shortened(error)})."
        ) from error


def _parts(name: str, arrays: dict[str, Stored]) -> dict[str, tuple[Stored, Stored]]:
    if {"images", "labels"} <= arrays.keys():
        return {"train": (arrays["images"], arrays["labels"])}
    if {"x_train", "y_train", "x_test", "y_test"} <= arrays.keys():
        return {part: (arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in _PARTS}
    raise ValueError(
        f"{name} must hold images and labels, or x_train, y_train, x_test and y_test, but "
        f"holds {', '.join(arrays) or 'nothing'}."
    )
