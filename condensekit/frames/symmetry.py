"""What there is to see of a network on a set, and of one that was pushed off it."""

import dataclasses

from .look import Array, Range

__all__ = ["Curve", "CurvesFrame", "PlaneFrame", "SymmetryFrame"]

Curve = tuple[Array, Array]


@dataclasses.dataclass(frozen=True, eq=False)
class CurvesFrame:
    """Some curves over time on a logarithmic axis, with the moment that is shown.

    Attributes
    ----------
    curves : tuple of (x, y)
        Arrays of shape [T], or y of shape [k, T] for a bundle; empty arrays draw nothing. As drawn:
        logarithms, or what `CurvesFrame.ticks` names.
    cursor : float
        log10 of the moment.
    x_label : str
        What time is.
    x_range, y_range : pair of float
        What to show.
    ticks : tuple of float
        Where the vertical axis has ticks.
    caption : str
        The picture's numbers in words.
    """

    curves: tuple[Curve, ...]
    cursor: float
    x_label: str
    x_range: Range
    y_range: Range
    ticks: tuple[float, ...]
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class PlaneFrame:
    """Neurons as points of two of their weights, with the way that they came.

    Attributes
    ----------
    on, off : array, shape [m, 2]
        Neurons of the network on the set, and of the one that was pushed.
    ways : array, shape [m, T, 2]
        The ways of the latter up to now.
    x_label, y_label : str
        Which weights these are.
    x_range, y_range : pair of float
        What to show.
    caption : str
        The picture's numbers in words.
    """

    on: Array
    off: Array
    ways: Array
    x_label: str
    y_label: str
    x_range: Range
    y_range: Range
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class SymmetryFrame:
    """One moment, in four pictures and a sentence.

    Attributes
    ----------
    distance, loss, eigenvalues : CurvesFrame
        Distance to the set; losses of the three networks; Hessian across the set.
    plane : PlaneFrame
        The neurons.
    verdict : tuple of (str, str)
        Theory and measurement: heads and sentences.
    """

    distance: CurvesFrame
    loss: CurvesFrame
    eigenvalues: CurvesFrame
    plane: PlaneFrame
    verdict: tuple[tuple[str, str], ...]
