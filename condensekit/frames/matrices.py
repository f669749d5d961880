"""Numbers in rows and columns: cosines, entries, and kernels as small images."""

import dataclasses

from .look import Array

__all__ = ["MatrixFrame", "SimilarityFrame", "TilesFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class SimilarityFrame:
    """Cosines between neurons, sorted by angle.

    Attributes
    ----------
    similarity : array, shape [k, k]
        |cosine|, from 0 to 1; where `signed`, the cosine itself, from -1 to 1.
    caption : str
        The picture's numbers in words.
    signed : bool
        Whether opposite neurons compute different functions, so that the sign matters.
    level : float or None
        Mean |cosine| of random directions.
    """

    similarity: Array
    caption: str
    signed: bool = False
    level: float | None = None

    @property
    def title(self) -> str:
        """What the numbers are."""
        return "cosine" if self.signed else "|cosine|"

    @property
    def mean(self) -> str:
        """The mean |cosine| in words, also where cosines have a sign."""
        return f"mean{' |cos|' * self.signed} {self.caption}"

    @property
    def aligned(self) -> str:
        """What 1 means."""
        return "1: alike" if self.signed else "1: on one line"


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
    title, legend : str
        Which matrix it is, and what its signs mean.
    caption : str
        The picture's numbers in words.
    """

    values: Array
    observed: Array
    scale: float
    title: str
    legend: str
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class TilesFrame:
    """Kernels as small images.

    Attributes
    ----------
    tiles : array, shape [k, s, s]
        Each divided by its largest entry, from -1 to 1.
    group : array of int, shape [k]
        The block of each, the largest first; -1: it is aligned with no other.
    theory : array, shape [s, s], or None
        The direction that theory expects, as a kernel.
    caption : str
        The picture's numbers in words.
    """

    tiles: Array
    group: Array
    theory: Array | None
    caption: str
