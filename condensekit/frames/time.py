"""The axis of all pictures over time, and what is marked on it."""

import dataclasses

import numpy as np

from .look import Array, Range

__all__ = ["Epochs", "Mark", "TimeAxis"]


@dataclasses.dataclass(frozen=True)
class Epochs:
    """Flow time in epochs of gradient descent: time / lr, as long as descent follows the flow.

    Attributes
    ----------
    lr : float
        The learning rate.
    until : float
        Flow time from which on lr > 2 / lambda_max, where the axis means nothing; may be infinite.
    """

    lr: float
    until: float


@dataclasses.dataclass(frozen=True, eq=False)
class TimeAxis:
    """The time of a run, logarithmic; what comes before its left end, as the start, is drawn there.

    Attributes
    ----------
    x : array, shape [T]
        Step or flow time of the recorded moments.
    label : str
        Which of the two `x` is.
    cursor : float
        The moment that the other pictures show.
    log_x : pair of float
        Range of log10(x) to show.
    epochs : Epochs or None
        The second axis of a gradient flow.
    """

    x: Array
    label: str
    cursor: float
    log_x: Range
    epochs: Epochs | None = None

    def places(self, x: Array | float) -> Array:
        """Where on the axis times are drawn: log10, and no further left than its end.

        Examples
        --------
        >>> axis = TimeAxis(np.array([0, 1, 10]), "step", 1.0, (-0.1, 3.0))
        >>> axis.places(axis.x).tolist()
        [-0.1, 0.0, 1.0]
        """
        low = self.log_x[0]
        return np.asarray(np.maximum(np.log10(np.maximum(x, 10.0 ** (low - 1.0))), low))

    @property
    def ends(self) -> Array:
        """Time at both ends of the axis, shape [2]."""
        return np.asarray(10.0 ** np.array(self.log_x))


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
