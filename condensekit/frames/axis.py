"""The axis of all pictures over time, and what is marked on it."""

import dataclasses

import numpy as np

from .look import Array, Range, powers, ticks

__all__ = ["Axis", "Epochs", "Mark"]


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
class Axis:
    """The axis below curves: the time of a run, or a setting of several runs.

    Attributes
    ----------
    x : array, shape [T]
        Step or flow time of the recorded moments, or values of the setting.
    label : str
        What `x` is.
    bounds : pair of float
        What to show, log10 where it is logarithmic.
    cursor : float or None
        The moment that the other pictures show, if there is one.
    log : bool
        Whether it is logarithmic. What comes before its left end, as the start of a run, is then
        drawn there.
    epochs : Epochs or None
        The second axis of a gradient flow.
    """

    x: Array
    label: str
    bounds: Range
    cursor: float | None = None
    log: bool = True
    epochs: Epochs | None = None

    def places(self, x: Array | float) -> Array:
        """Where on the axis values are drawn: their log10, and no further left than its end.

        Examples
        --------
        >>> axis = Axis(np.array([0, 1, 10]), "step", (-0.1, 3.0))
        >>> axis.places(axis.x).tolist()
        [-0.1, 0.0, 1.0]
        """
        if not self.log:
            return np.asarray(x)
        low = self.bounds[0]
        return np.asarray(np.maximum(np.log10(np.maximum(x, 10.0 ** (low - 1.0))), low))

    @property
    def ends(self) -> Array:
        """The values at both ends of the axis, shape [2]."""
        ends = np.array(self.bounds)
        return np.asarray(10.0**ends) if self.log else ends

    @property
    def ticks(self) -> list[float]:
        """Where it has ticks, whose names are powers of ten where it is logarithmic."""
        return powers(*self.bounds) if self.log else ticks(*self.bounds)


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
