"""What there is to see of the kernels of a convolutional network."""

import dataclasses

from .condensation import HistoryFrame
from .look import Array
from .runs import SimilarityFrame
from .symmetry import CurvesFrame

__all__ = ["KernelFrame", "TilesFrame"]


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


@dataclasses.dataclass(frozen=True, eq=False)
class KernelFrame:
    """One moment of a convolutional network.

    Attributes
    ----------
    initial, similarity : SimilarityFrame
        |cosine| of all pairs of kernels at the start and now, both sorted as at the end.
    tiles, learning, history
        The other pictures.
    verdict : str
        What is on screen, with its numbers.
    """

    initial: SimilarityFrame
    similarity: SimilarityFrame
    tiles: TilesFrame
    learning: CurvesFrame
    history: HistoryFrame
    verdict: str
