"""Matrix completion: which entries must be seen before the others are known?"""

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ..arrays import Array, numbers
from ..knobs import Knob, knob
from ..models import MatrixFactorization, Model, Params
from ..plain import as_python, whole
from .base import Inputs
from .teachers import TeacherProblem

__all__ = ["Entries", "MatrixCompletion", "crosses", "example_matrix", "matrix_completion"]


@dataclasses.dataclass(frozen=True)
class Entries(Inputs):
    """Entries of a matrix in a given order, each as the pair (e_i, e_j) of unit vectors.

    Parameters
    ----------
    rows, columns : int
        Shape of the matrix.
    order : tuple of int
        Numbers of entries, row by row from 0: entry (i, j) is ``columns * i + j``.
    """

    rows: int
    columns: int
    order: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse a shape that is none, and entries that are not there."""
        super().__post_init__()
        for name in ("rows", "columns"):
            object.__setattr__(self, name, Knob(name, 1, 1, 10_000).check(getattr(self, name)))
        object.__setattr__(self, "order", _order(self.order, self.rows * self.columns))

    @property
    def dim(self) -> int:
        """Coordinates of the pair (e_i, e_j)."""
        return self.rows + self.columns

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """The first `n` entries of the order, shape [n, rows + columns]; nothing random."""
        del generator
        return self._pairs(self.order[:n])

    def test(self, generator: torch.Generator) -> Tensor:
        """All entries, row by row."""
        del generator
        return self._pairs(range(self.rows * self.columns))

    def _pairs(self, numbers: Sequence[int]) -> Tensor:
        i, j = np.divmod(np.array(numbers, dtype=np.int64), self.columns)
        pairs = np.hstack([np.eye(self.rows)[i], np.eye(self.columns)[j]])
        return torch.from_numpy(pairs)


@dataclasses.dataclass(frozen=True)
class MatrixCompletion(TeacherProblem):
    """All entries of a matrix from some of them; build it with `matrix_completion`.

    The test error is the mean squared error over all entries, the observed ones included.
    """

    matrix: tuple[tuple[float, ...], ...]
    order: tuple[int, ...]
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Check the matrix and the order."""
        super().__post_init__()
        array = _matrix(self.matrix)
        object.__setattr__(self, "matrix", as_python(array.tolist()))
        object.__setattr__(self, "order", _order(self.order, array.size))

    @property
    def inputs(self) -> Entries:
        """The entries, in their order."""
        return Entries(len(self.matrix), len(self.matrix[0]), self.order)

    def teacher(self) -> tuple[MatrixFactorization, Params]:
        """The product of the matrix and the identity."""
        matrix = torch.tensor(self.matrix, dtype=torch.float64, device="cpu")
        rows, columns = matrix.shape
        identity = torch.eye(columns, dtype=torch.float64, device="cpu")
        return MatrixFactorization(rows, columns, columns), {"A": matrix, "B": identity}

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless the order has `n_samples` entries."""
        Knob("n_samples", 1, 1, len(self.order)).check(n_samples)

    def check_model(self, model: Model) -> None:
        """Raise a ValueError unless a factorization has the shape of the matrix."""
        super().check_model(model)
        shape = (len(self.matrix), len(self.matrix[0]))
        if isinstance(model, MatrixFactorization) and (model.rows, model.columns) != shape:
            raise ValueError(
                f"The model makes matrices of shape {[model.rows, model.columns]}, but that of "
                f"the problem has shape {[*shape]}."
            )


def matrix_completion(
    matrix: ArrayLike, order: Sequence[int] | None = None, *, noise_std: float = 0.0
) -> MatrixCompletion:
    """Matrix completion: learn a matrix from the first n_samples of its entries in some order.

    Parameters
    ----------
    matrix : array, shape [rows, columns]
        The target; finite numbers.
    order : sequence of int, optional
        Different entries, numbered row by row from 0; at most so many samples are there. By
        default all of them, in the order of `crosses`.
    noise_std : float
        Standard deviation of noise on the observed entries.

    Raises
    ------
    ValueError
        If `matrix` is no matrix of finite numbers, or the order names an entry twice or one that
        is not there.

    Examples
    --------
    >>> problem = matrix_completion([[1.0, 2.0], [3.0, 6.0]])
    >>> problem.data(3).y.tolist(), problem.data(3).y_test.tolist()
    ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 6.0])
    """
    array = _matrix(matrix)
    chosen = crosses(*array.shape) if order is None else _order(order, array.size)
    return MatrixCompletion(tuple(map(tuple, array.tolist())), chosen, noise_std)


def _matrix(matrix: object) -> Array:
    array = numbers(matrix, "matrix")
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise ValueError(
            f"matrix must be a matrix of finite numbers, but has shape {[*array.shape]}"
            + ("." if np.isfinite(array).all() else " and holds NaN or infinity.")
        )
    return array


def _order(order: object, size: int) -> tuple[int, ...]:
    """Numbers of different entries; a ValueError if they are none."""
    listed = [*order] if isinstance(order, Iterable) else []
    found = [number for number in map(whole, listed) if number is not None and 0 <= number < size]
    if not found or len({*found}) < len(listed):
        raise ValueError(
            f"order must hold different whole numbers from 0 to {size - 1}, at least one, but is "
            f"{order!r}."
        )
    return tuple(found)


def crosses(rows: int, columns: int) -> tuple[int, ...]:
    """All entries of a matrix: first row, first column, then the rest of the second ones, and on.

    After r rows and columns, r (rows + columns) - r^2 entries are seen: as many as the optimistic
    sample size of rank r. If the r x r corner of a matrix M of this rank is invertible, they
    determine the rest, M_22 = M_21 M_11^-1 M_12. For 4 x 4 this is the order of the lab manual of
    Zhang et al.

    Examples
    --------
    >>> crosses(4, 4)
    (0, 1, 2, 3, 4, 8, 12, 5, 6, 7, 9, 13, 10, 11, 14, 15)
    """
    order: list[int] = []
    for k in range(min(rows, columns)):
        order += [columns * k + j for j in range(k, columns)]
        order += [columns * i + k for i in range(k + 1, rows)]
    return tuple(order)


_EXAMPLES = (
    ((9.0, -3.0, 3.0, 6.0), (6.0, -2.0, 2.0, 4.0), (3.0, -1.0, 1.0, 2.0), (-3.0, 1.0, -1.0, -2.0)),
    ((4.0, 2.0, 2.0, -4.0), (-2.0, 2.0, -2.0, 4.0), (-1.0, 1.0, -1.0, 2.0), (3.0, 3.0, 1.0, -2.0)),
    ((-3.0, -2.0, 1.0, 3.0), (4.0, 4.0, 1.0, -3.0), (2.0, -3.0, 3.0, 3.0), (3.0, -4.0, -4.0, -2.0)),
    ((3.0, 1.0, -1.0, 2.0), (1.0, 4.0, 2.0, -1.0), (-2.0, 1.0, 3.0, 1.0), (1.0, -1.0, 2.0, 4.0)),
)


def example_matrix(rank: int) -> tuple[tuple[float, ...], ...]:
    """A 4 x 4 matrix of whole numbers with the given rank, 1 to 4.

    Ours, and chosen: from a small start the gradient flow finds each of them from as few entries as
    theory allows, in the order of `crosses`. It does not find every matrix so early; one with a
    small corner, such as the outer product of (1, 2, 2, 2) with itself, is another matter.
    """
    return _EXAMPLES[int(Knob("rank", 1, 1, 4).check(rank)) - 1]
