"""Handwritten digits: a part of MNIST that ships with the package, or the whole set of a reader."""

import dataclasses
import functools
import gzip
import os
import struct
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..defaults import torch_defaults
from ..knobs import Knob
from ..losses import Loss, accuracy, cross_entropy
from ..streams import stream
from .base import Data, Problem, Uniform

__all__ = ["MNIST", "mnist", "read_mnist"]

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Digits = tuple[Bytes, Bytes]

SIDE, CLASSES, TEST = 28, 10, 1_000
_PARTS = {"train": "train", "test": "t10k"}
_MAGIC = {"images": 2051, "labels": 2049}


@dataclasses.dataclass(frozen=True)
class MNIST(Problem):
    """Which of ten digits is it? Cross-entropy; build it with `mnist`.

    Inputs are 28 x 28 pixels, row by row, from 0 to 1. The seed shuffles the training digits, and n
    samples are the first n; the test points are 1,000 digits that no seed trains on.
    """

    source: str = ""
    max_samples: ClassVar[int] = 60_000
    score_names: ClassVar[tuple[str, ...]] = ("test accuracy",)

    @property
    def inputs(self) -> Uniform:
        """The cube that the images lie in; they are not drawn from it."""
        return Uniform(0.0, 1.0, SIDE**2)

    @property
    def loss(self) -> Loss:
        """Cross-entropy."""
        return cross_entropy

    @property
    def output_shape(self) -> tuple[int, ...]:
        """One output for each digit."""
        return (CLASSES,)

    def target(self, x: Tensor) -> Tensor:
        """Nobody knows it: only the digits have labels."""
        raise ValueError("Images have no target between them; ask for data().")

    def scores(self, outputs: Tensor, labels: Tensor) -> tuple[float, ...]:
        """Share of the test digits that are recognized."""
        return (accuracy(outputs, labels),)

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """Draw the samples; labels are whole numbers from 0 to 9."""
        self.check_samples(n_samples)
        (images, labels), test = _known(self.source)
        order = torch.randperm(len(labels), generator=stream(seed, "inputs"), device="cpu")[
            :n_samples
        ].numpy()
        return Data(*_samples(images[order], labels[order]), *_samples(*test))

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless there are `n_samples` training digits."""
        (_, labels), _ = _known(self.source)
        Knob("n_samples", 1, 1, len(labels)).check(n_samples)


def mnist(path: str | os.PathLike[str] = "") -> MNIST:
    """The MNIST handwritten digits (LeCun, Cortes and Burges, CC BY-SA 3.0).

    Parameters
    ----------
    path : path
        A folder with MNIST's IDX files, packed (.gz) or not, or a NumPy archive (.npz): see
        `read_mnist`. By default the 5,000 digits that ship with the package.

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
    source = os.fspath(path)
    _known(source)
    return MNIST(source)


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
    found = Path(path)
    if not found.exists():
        raise FileNotFoundError(f"There is no file or folder {str(found)!r}.")
    parts = _read_folder(found) if found.is_dir() else _read_archive(found)
    for name, (images, labels) in parts.items():
        _check(f"{found.name} ({name})", images, labels)
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


def _samples(images: Bytes, labels: Bytes) -> tuple[Tensor, Tensor]:
    x = torch.from_numpy(images.reshape(len(images), -1).astype(np.float64) / 255.0)
    return x, torch.from_numpy(labels.astype(np.int64))


def _check(name: str, images: Bytes, labels: Bytes) -> None:
    if images.dtype != np.uint8 or labels.dtype != np.uint8:
        raise ValueError(f"{name}: images and labels must be bytes, but are {images.dtype}.")
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f"{name}: images must have {SIDE} x {SIDE} pixels, but have shape {[*images.shape]}."
        )
    if labels.shape != (len(images),) or not len(labels):
        raise ValueError(
            f"{name}: there must be one label for each image, but there are {len(images):,} images "
            f"and labels of shape {[*labels.shape]}."
        )
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
    """An IDX file: a magic number, the sizes, big-endian, and then the bytes."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise ValueError(f"{path.name} is damaged ({error}).") from error
    dims = 3 if kind == "images" else 1
    head = 4 + 4 * dims
    if len(raw) < head or struct.unpack(">i", raw[:4])[0] != _MAGIC[kind]:
        raise ValueError(f"{path.name} is not an IDX file of {kind}.")
    shape = struct.unpack(f">{dims}i", raw[4:head])
    if min(shape) < 0 or len(raw) - head != int(np.prod(shape)):
        raise ValueError(
            f"{path.name} is truncated or damaged: it says {[*shape]} but holds "
            f"{len(raw) - head:,} bytes."
        )
    return np.frombuffer(raw, np.uint8, offset=head).reshape(shape)


def _read_archive(path: Path) -> dict[str, Digits]:
    try:
        # Opened here, since NumPy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # a damaged file makes its reader raise anything
        raise ValueError(f"{path.name} is damaged or no NumPy archive ({error}).") from error
    if {"images", "labels"} <= arrays.keys():
        return {"train": (arrays["images"], arrays["labels"])}
    if {"x_train", "y_train", "x_test", "y_test"} <= arrays.keys():
        return {part: (arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in _PARTS}
    raise ValueError(
        f"{path.name} must hold images and labels, or x_train, y_train, x_test and y_test, but "
        f"holds {', '.join(arrays) or 'nothing'}."
    )
