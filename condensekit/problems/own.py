"""Problems of a reader's own: a curve drawn by hand, and data from arrays or a table."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..arrays import Array, finite
from ..knobs import Knob, knob
from ..plain import quoted
from ..streams import stream
from .base import Data, EvenlySpaced, Inputs, Problem, Uniform
from .columns import check_order, column_named, columns_of, inputs_and_labels

__all__ = ["Drawn", "OwnData", "drawn", "own_data"]


@dataclasses.dataclass(frozen=True)
class Drawn(Problem):
    """A target that joins given points by straight lines; build it with `drawn`.

    The inputs are evenly spaced from the first point to the last.
    """

    points: tuple[tuple[float, ...], ...]
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Check that these are the points of a function, from left to right."""
        super().__post_init__()
        points = finite(self.points, "points")
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
            raise ValueError(
                "A curve needs at least two points (x, y), but points have shape "
                f"{[*points.shape]}."
            )
        step = np.diff(points[:, 0])
        if (step == 0.0).any():
            x = points[np.argmax(step == 0.0), 0]
            raise ValueError(f"A curve has one y for each x, but x = {x:g} has two.")
        if (step < 0.0).any():
            raise ValueError("The points of a curve must be sorted by x; drawn(x, y) sorts them.")
        object.__setattr__(self, "points", _rows(points))

    @property
    def inputs(self) -> EvenlySpaced:
        """The grid from the first point to the last."""
        return EvenlySpaced(self.points[0][0], self.points[-1][0])

    def target(self, x: Tensor) -> Tensor:
        """The lines at inputs `x` of shape [n, 1]; shape [n]."""
        known, values = np.array(self.points).T
        return torch.from_numpy(np.interp(x[:, 0].numpy(), known, values))


def drawn(x: Sequence[float], y: Sequence[float], *, noise_std: float = 0.0) -> Drawn:
    """A problem whose target joins the points (x, y) by straight lines.

    Parameters
    ----------
    x, y : sequences, shape [k]
        The points, in any order; at least two, no two with the same x.
    noise_std : float
        Standard deviation of noise on the labels.

    Raises
    ------
    ValueError
        If these are not the points of a function.
    """
    found = finite(x, "x"), finite(y, "y")
    if found[0].ndim != 1 or found[0].shape != found[1].shape:
        shapes = [*found[0].shape], [*found[1].shape]
        raise ValueError(
            f"x and y must be two lists of one length, but have shapes {shapes[0]} and {shapes[1]}."
        )
    if len(found[0]) < 2:
        raise ValueError(f"A curve needs at least two points, but has {len(found[0])}.")
    points = np.column_stack(found)
    return Drawn(_rows(points[np.argsort(points[:, 0], kind="stable")]), noise_std)


def _rows(array: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, array.tolist()))


@dataclasses.dataclass(frozen=True)
class OwnData(Problem):
    """Rows of numbers instead of a target; build it with `own_data` or `read_csv`.

    The seed shuffles the rows; the first n of them are the training samples and the others the
    test samples. If there are no others, the test samples are the training samples.

    Attributes
    ----------
    x, y : tuples, shapes [N, d] and [N]
        The rows.
    scaled : tuple of (float, float)
        Mean and standard deviation of each column of x and then of y before they were standardized;
        empty if the rows are as they were given. ``y * std + mean`` are the labels in their unit.
    """

    x: tuple[tuple[float, ...], ...]
    y: tuple[float, ...]
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")
    scaled: tuple[tuple[float, ...], ...] = ()
    max_samples: ClassVar[int] = 100_000

    def __post_init__(self) -> None:
        """Check the rows."""
        super().__post_init__()
        x, y = finite(self.x, "x"), finite(self.y, "y")
        _check_rows(x, y)
        object.__setattr__(self, "x", _rows(x))
        object.__setattr__(self, "y", tuple(y.tolist()))
        units = finite(self.scaled, "scaled")
        if units.size and (units.shape != (x.shape[1] + 1, 2) or units[:, 1].min() <= 0.0):
            raise ValueError(
                "scaled must hold a mean and a positive standard deviation of each column of x and "
                f"then of y, but is {quoted(self.scaled)}."
            )
        object.__setattr__(self, "scaled", _rows(units) if units.size else ())

    @property
    def inputs(self) -> Inputs:
        """A box around the rows; they are not drawn from it."""
        columns = np.array(self.x)
        low, high = float(columns.min()), float(columns.max())
        return Uniform(low, high, columns.shape[1])

    def target(self, x: Tensor) -> Tensor:
        """For one input coordinate the rows joined by straight lines, where x repeats their mean.

        Raises
        ------
        ValueError
            If the inputs have more than one coordinate: nothing is known between the rows.
        """
        if len(self.x[0]) != 1:
            raise ValueError("Data with several inputs have no target between their rows.")
        known, row = np.unique(np.array(self.x)[:, 0], return_inverse=True)
        mean = np.bincount(row, weights=self.y) / np.bincount(row)
        return torch.from_numpy(np.interp(x[:, 0].numpy(), known, mean))

    def standardized(self, x: Tensor) -> Tensor:
        """Inputs [N, d] in the units of the rows as a network sees them: scaled, or the same."""
        if not self.scaled:
            return x
        mean, std = torch.tensor(self.scaled[:-1], dtype=torch.float64, device="cpu").T
        found: Tensor = (x - mean) / std
        return found

    def in_units(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs [N, d] and outputs [N] of a network in the units of the rows."""
        if not self.scaled:
            return x, y
        mean, std = torch.tensor(self.scaled, dtype=torch.float64, device="cpu").T
        return x * std[:-1] + mean[:-1], y * std[-1] + mean[-1]

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """The first `n_samples` rows of a shuffle to train, the others to test."""
        self.check_samples(n_samples)
        x = torch.tensor(self.x, dtype=torch.float64, device="cpu")
        y = torch.tensor(self.y, dtype=torch.float64, device="cpu")
        order = torch.randperm(len(y), generator=stream(seed, "inputs"), device="cpu")
        noise = torch.randn(
            len(y), generator=stream(seed, "noise"), dtype=torch.float64, device="cpu"
        )
        train, test = order[:n_samples], order[n_samples:]
        if not len(test):
            test = train
        labels = y[train] + self.noise_std * noise[:n_samples]
        return Data(x[train], labels, x[test], y[test])

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless there are `n_samples` rows."""
        Knob("n_samples", 1, 1, len(self.y)).check(n_samples)


def own_data(x: Any, y: Any, *, noise_std: float = 0.0, scale: bool = False) -> OwnData:
    """Train on data of your own: arrays, a pandas DataFrame, or a dictionary of columns.

    Parameters
    ----------
    x : array, shape [N, d] or [N]; or a table
        Inputs: a list, an array of NumPy or what becomes one, a tensor; or a data frame, a
        dictionary of columns, an array with named fields. Of a table, every column but `y` is an
        input, from left to right.
    y : array, shape [N]; or str
        Labels, or the name of their column in the table.
    noise_std : float
        Standard deviation of noise that is added to the labels.
    scale : bool
        Standardize each input and the labels: minus the mean of all rows, over their standard
        deviation. The problem keeps both as ``scaled``; the picture of the fit has the units of the
        rows, and `condensekit.predict` takes and gives them. Losses are those of scaled labels.

    Raises
    ------
    ValueError
        If the shapes do not fit together, x or y holds anything but finite real numbers (text,
        dates, complex numbers, what is missing or masked), or x is the same everywhere; if a table
        has no column of that name, or one that holds no numbers; or if a column that is the same
        everywhere is to be scaled. The message names x, y or the column.

    Examples
    --------
    >>> table = {"area": [50.0, 70.0, 90.0], "rooms": [2, 3, 3], "price": [100.0, 150.0, 200.0]}
    >>> own_data(table, y="price").inputs.dim
    2
    >>> problem = own_data(table, y="price", scale=True)
    >>> problem.scaled[-1]
    (150.0, 40.824829046386306)
    """
    names: list[str] = []
    columns = columns_of(x)
    label = column_named(columns, y)
    check_order(x, y)
    if columns is not None:
        x, labels, names = inputs_and_labels(columns, label)
        y = y if labels is None else labels
    inputs, labels = finite(x, "x"), finite(y, "y")
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    _check_rows(inputs, labels)
    scaled: tuple[tuple[float, ...], ...] = ()
    if Knob("scale", False).check(scale):
        rows = np.column_stack([inputs, labels])
        with np.errstate(all="ignore"):
            mean, std = rows.mean(axis=0), rows.std(axis=0)
        for i in np.flatnonzero(rows.min(axis=0) == rows.max(axis=0)):
            last = i == inputs.shape[1]
            name = repr(names[i]) if i < len(names) else "y" if last else f"{i + 1} of x"
            raise ValueError(
                f"Column {name} is {rows[0, i]:g} everywhere, which cannot be scaled: leave it out."
            )
        if not np.isfinite(std).all() or std.min() == 0.0:
            raise ValueError("These numbers are too large or too small to be scaled.")
        rows = (rows - mean) / std
        inputs, labels = rows[:, :-1], rows[:, -1]
        scaled = _rows(np.column_stack([mean, std]))
    return OwnData(_rows(inputs), tuple(labels.tolist()), noise_std, scaled)


def _check_rows(x: Array, y: Array) -> None:
    """Raise a ValueError unless these are inputs [N, d] and labels [N] of which can be learned."""
    if x.ndim != 2 or y.shape != (len(x),) or x.shape[1] == 0:
        raise ValueError(
            f"x and y must have shapes [N, d] and [N], but have {[*x.shape]} and {[*y.shape]}."
        )
    if not 2 <= len(y) <= OwnData.max_samples:
        raise ValueError(f"Data need from 2 to {OwnData.max_samples:,} rows, but have {len(y):,}.")
    low, high = float(x.min()), float(x.max())
    if low == high:
        raise ValueError(f"All inputs are {low:g}: there is nothing to learn from them.")
    if high - low == float("inf"):
        raise ValueError(f"Inputs from {low:g} to {high:g} are too far apart for 64 bits.")
