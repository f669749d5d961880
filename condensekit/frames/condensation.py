"""What there is to see of neurons that gather."""

import dataclasses

from .look import Array, Range
from .runs import FitFrame, LossFrame, NeuronFrame, SimilarityFrame

__all__ = ["HistoryFrame", "Mark", "RegimeFrame"]


@dataclasses.dataclass(frozen=True)
class Mark:
    """An event on an axis of time.

    Attributes
    ----------
    index : int
        The recorded step.
    x : float
        Where it is on the axis: step, or flow time.
    kind : str
        That of the event, see `condensekit.dynamics.Event`.
    text : str
        What happened, in a sentence.
    """

    index: int
    x: float
    kind: str
    text: str


@dataclasses.dataclass(frozen=True, eq=False)
class HistoryFrame:
    """A whole number over the time of a run.

    Attributes
    ----------
    x, count : array, shape [T]
        Step or flow time, and the number then.
    x_label : str
        Which of the two `x` is.
    cursor : float
        The moment on `x` that the other pictures show.
    log_x : pair of float
        Range of log10(x) to show.
    top : int
        Highest number to show.
    marks : tuple of Mark
        Events.
    caption : str
        The picture's numbers in words.
    what : str
        What is counted; empty if it is what the picture was made for.
    """

    x: Array
    count: Array
    x_label: str
    cursor: float
    log_x: Range
    top: int
    marks: tuple[Mark, ...]
    caption: str
    what: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class RegimeFrame:
    """One moment of a run whose neurons gather, or do not.

    Attributes
    ----------
    fit, neurons, loss, history, similarity
        The pictures.
    verdict : str
        What is on screen, with its numbers.
    moment : str
        Which step this is, in words.
    """

    fit: FitFrame
    neurons: NeuronFrame
    loss: LossFrame
    history: HistoryFrame
    similarity: SimilarityFrame
    verdict: str
    moment: str
