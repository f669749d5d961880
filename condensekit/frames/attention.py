"""What there is to see of attention whose matrices condense."""

import dataclasses

from .runs import LossFrame, SimilarityFrame
from .symmetry import CurvesFrame

__all__ = ["AttentionFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class AttentionFrame:
    """One moment of a run, in five pictures and a few sentences.

    Attributes
    ----------
    start, now : SimilarityFrame
        |cos| between the rows of a matrix at initialization and now, in one order for both.
    ranks : CurvesFrame
        Effective rank of each matrix over training.
    cosines : CurvesFrame
        Mean |cos| of the chosen matrix over training, and its random level.
    loss : LossFrame
        The loss.
    answers : CurvesFrame
        What the problem asks on test points, or how close the heads are to the teacher's.
    verdict : tuple of (str, str)
        What is on screen: heads and sentences.
    """

    start: SimilarityFrame
    now: SimilarityFrame
    ranks: CurvesFrame
    cosines: CurvesFrame
    loss: LossFrame
    answers: CurvesFrame
    verdict: tuple[tuple[str, str], ...]
