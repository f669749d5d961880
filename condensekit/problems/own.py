"""Problems of a reader's own: a curve drawn by hand, and data from arrays or a CSV file."""

import csv
import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..knobs import Knob, knob
from ..streams import stream
from ..words import many
from .base import Data, EvenlySpaced, Inputs, Problem, Uniform

__all__ = ["Drawn", "OwnData", "drawn", "own_data", "read_csv"]

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclasses.dataclass(frozen=True)
class Drawn(Problem):
    """A target that joins given points by straight lines; build it with `drawn`.

    The inputs are evenly spaced from the first point to the last.
    """

    points: tuple[tuple[float, float], ...]
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

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
    columns = _finite(x, "x"), _finite(y, "y")
    if columns[0].ndim != 1 or columns[0].shape != columns[1].shape:
        shapes = [*columns[0].shape], [*columns[1].shape]
        raise ValueError(f"x and y must be two lists of one length, but have shapes {shapes}.")
    order = np.argsort(columns[0], kind="stable")
    x_sorted, y_sorted = (column[order] for column in columns)
    if len(order) < 2:
        raise ValueError(f"A curve needs at least two points, but has {len(order)}.")
    twice = np.flatnonzero(np.diff(x_sorted) == 0.0)
    if len(twice):
        raise ValueError(f"A curve has one y for each x, but x = {x_sorted[twice[0]]:g} has two.")
    points = zip(x_sorted.tolist(), y_sorted.tolist(), strict=True)
    return Drawn(tuple(points), noise_std)


def _finite(values: object, name: str) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers, in rows of one length.") from None
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row = bad[0][0] if array.ndim else 0
        raise ValueError(f"{name} must hold finite numbers, but row {row} does not.")
    return array


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
    scaled: tuple[tuple[float, float], ...] = ()
    max_samples: ClassVar[int] = 100_000

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
        Inputs. Of a table, every column but `y` is an input.
    y : array, shape [N]; or str
        Labels, or the name of their column in the table.
    noise_std : float
        Standard deviation of noise that is added to the labels.
    scale : bool
        Standardize each input and the labels: minus the mean of all rows, over their standard
        deviation. The problem keeps both as ``scaled``.

    Raises
    ------
    ValueError
        If the shapes do not fit together, a number is not finite, or x is the same everywhere; if a
        table has no column of that name, or one that holds no numbers; or if a column that is the
        same everywhere is to be scaled. The message names the column.

    Examples
    --------
    >>> table = {"area": [50.0, 70.0, 90.0], "rooms": [2, 3, 3], "price": [100.0, 150.0, 200.0]}
    >>> own_data(table, y="price").inputs.dim
    2
    >>> problem = own_data(table, y="price", scale=True)
    >>> problem.scaled[-1]
    (150.0, 40.824829046386306)
    """
    names = None
    if isinstance(y, str):
        x, y, names = _columns(x, y)
    inputs, labels = _finite(x, "x"), _finite(y, "y")
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    if inputs.ndim != 2 or labels.shape != (len(inputs),) or inputs.shape[1] == 0:
        raise ValueError(
            "x and y must have shapes [N, d] and [N], but have "
            f"{[*inputs.shape]} and {[*labels.shape]}."
        )
    if not 2 <= len(labels) <= OwnData.max_samples:
        raise ValueError(
            f"Data need from 2 to {OwnData.max_samples:,} rows, but have {len(labels):,}."
        )
    if float(np.ptp(inputs)) == 0.0:
        raise ValueError(f"All inputs are {inputs.flat[0]:g}: there is nothing to learn from them.")
    scaled: tuple[tuple[float, float], ...] = ()
    if scale:
        table = np.column_stack([inputs, labels])
        mean, std = table.mean(axis=0), table.std(axis=0)
        for i in np.flatnonzero(np.ptp(table, axis=0) == 0.0):
            name = repr(names[i]) if names else f"{i + 1} of x" if i < inputs.shape[1] else "y"
            raise ValueError(
                f"Column {name} is {table[0, i]:g} everywhere, which cannot be scaled: leave it "
                "out."
            )
        table = (table - mean) / std
        inputs, labels = table[:, :-1], table[:, -1]
        scaled = tuple(zip(mean.tolist(), std.tolist(), strict=True))
    rows = tuple(tuple(row) for row in inputs.tolist())
    return OwnData(rows, tuple(labels.tolist()), noise_std, scaled)


def _columns(table: Any, y: str) -> tuple[Array, Array, list[str]]:
    """Inputs, labels and the names of the columns, that of the labels last."""
    if not isinstance(table, Mapping) and not hasattr(table, "columns"):
        raise ValueError(
            f"y = {y!r} names a column, but x is no table with columns: give a pandas DataFrame or "
            "a dictionary."
        )
    names = [str(name) for name in table]
    known = ", ".join(names) or "none"
    if y not in names or len(names) < 2:
        raise ValueError(f"The table must have the column {y!r} and others, but has {known}.")
    if len({*names}) < len(names):
        raise ValueError(f"Each column must have a name of its own, but they are {known}.")
    found = {name: _column(name, table[key]) for name, key in zip(names, table, strict=True)}
    labels = found.pop(y)
    for name, column in found.items():
        if len(column) != len(labels):
            raise ValueError(
                f"Columns must have one length, but {name!r} has {many(len(column), 'row')} and "
                f"{y!r} "
                f"{len(labels)}."
            )
    return np.column_stack([*found.values()]), labels, [*found, y]


def _column(name: str, values: Any) -> Array:
    column = np.asarray(values)
    text = any(isinstance(value, str) for value in column.ravel())
    if column.ndim != 1 or text or column.dtype.kind not in "biufO":
        kind = "text" if text else "no numbers"
        raise ValueError(f"Column {name!r} holds {kind}: leave it out, or turn it into numbers.")
    numbers = np.array([v if isinstance(v, Real) else math.nan for v in column.tolist()], float)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise ValueError(
            f"Column {name!r} has no finite number in row {bad[0]}: leave out the column, or rows."
        )
    return numbers


def read_csv(path: str | os.PathLike[str]) -> OwnData:
    """Read a problem from a text file of numbers: the last column is y, those before it are x.

    Columns are separated by commas, semicolons, tabs or spaces; the first line may name them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no table of numbers; the message names the line.
    """
    name = Path(path).name
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not a text file in UTF-8.") from None
    numbered = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered:
        raise ValueError(f"{name} is empty.")
    separator = next((s for s in ",;\t" if s in numbered[0][1]), " ")
    cells = csv.reader(
        (line.strip() for _, line in numbered), delimiter=separator, skipinitialspace=True
    )
    lines = [(i, row) for (i, _), row in zip(numbered, cells, strict=True)]
    if not any(_is_number(cell) for cell in lines[0][1]):  # the names of the columns
        lines = lines[1:]
    if len(lines) < 2:
        raise ValueError(f"{name} has {many(len(lines), 'row')} of numbers; at least 2 are needed.")
    width = len(lines[0][1])
    if width < 2:
        raise ValueError(f"{name}, line {lines[0][0]}: at least two columns are needed, x and y.")
    rows = [_numbers(name, i, row, width) for i, row in lines]
    try:
        return own_data([row[:-1] for row in rows], [row[-1] for row in rows])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(name: str, line: int, row: list[str], width: int) -> list[float]:
    if len(row) != width:
        raise ValueError(
            f"{name}, line {line}: {many(len(row), 'column')}, but the lines before have {width}."
        )
    found = []
    for column, cell in enumerate(row, 1):
        if not cell.strip():
            raise ValueError(f"{name}, line {line}: the value in column {column} is missing.")
        if not _is_number(cell) or not math.isfinite(float(cell)):
            raise ValueError(f"{name}, line {line}: {cell.strip()!r} is not a finite number.")
        found.append(float(cell))
    return found
