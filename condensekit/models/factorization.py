"""Matrix factorization: the smallest model with a hidden layer to condense."""

import dataclasses

from torch import Tensor

from ..knobs import knob
from .base import Model, Params

__all__ = ["MatrixFactorization"]


@dataclasses.dataclass(frozen=True)
class MatrixFactorization(Model):
    """Matrix product f(u, v) = u^T A B v; for unit vectors u = e_i, v = e_j the entry (A B)_ij.

    The input is x = (u, v), one vector of ``rows + columns`` coordinates.

    Parameters
    ----------
    rows, inner, columns : int
        A has shape [rows, inner], B has shape [inner, columns]; the knob of `inner` is ``width``.

    Examples
    --------
    >>> MatrixFactorization(4, 4, 4).n_parameters
    32
    """

    rows: int = knob(4, 1, 1_000, help="Number of rows of the matrix A B.")
    inner: int = knob(
        4,
        1,
        1_000,
        name="width",
        symbol="m",
        help="Number of columns of A and rows of B: the largest rank of A B.",
    )
    columns: int = knob(4, 1, 1_000, help="Number of columns of the matrix A B.")

    @property
    def input_dim(self) -> int:
        """Number of coordinates of (u, v)."""
        return self.rows + self.columns

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of ``A`` and ``B``."""
        return {"A": (self.rows, self.inner), "B": (self.inner, self.columns)}

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(u, v) for one input `x` = (u, v) of shape [rows + columns]; shape []."""
        return (x[: self.rows] @ params["A"]) @ (params["B"] @ x[self.rows :])
