"""What there is to see of a matrix that fills in."""

import dataclasses

from .look import Array, Range
from .runs import LossFrame

__all__ = ["CompletionFrame", "MatrixFrame", "SingularFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class MatrixFrame:
    """A matrix, some of whose entries were observed.

    Attributes
    ----------
    values : array, shape [rows, columns]
        The entries.
    observed : array of bool, shape [rows, columns]
        Which of them were samples.
    scale : float
        Absolute value that has the full colour; the same at all steps of a run.
    caption : str
        The picture's numbers in words.
    """

    values: Array
    observed: Array
    scale: float
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class SingularFrame:
    """Singular values of a matrix over the time of a run.

    Attributes
    ----------
    x : array, shape [T]
        Step or flow time.
    values : array, shape [k, T]
        The singular values, largest first.
    target : array, shape [k]
        Those of the target.
    x_label : str
        Which of the two `x` is.
    cursor : float
        The moment on `x` that the other pictures show.
    log_x : pair of float
        Range of log10(x) to show.
    top : float
        Largest value to show.
    caption : str
        The picture's numbers in words.
    """

    x: Array
    values: Array
    target: Array
    x_label: str
    cursor: float
    log_x: Range
    top: float
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class CompletionFrame:
    """One moment of a run, in four pictures and a sentence.

    Attributes
    ----------
    product, error : MatrixFrame
        The matrix A B, and how far it is from the target.
    singular : SingularFrame
        Its singular values.
    loss : LossFrame
        The loss.
    verdict : tuple of (str, str)
        What theory allows and what training reached: heads and sentences.
    """

    product: MatrixFrame
    error: MatrixFrame
    singular: SingularFrame
    loss: LossFrame
    verdict: tuple[tuple[str, str], ...]
