"""Curves over time or a setting: any of them, the loss, a number that is counted; a spectrum."""

import dataclasses
from collections.abc import Mapping

from .axis import Axis, Mark
from .look import Array, Range

__all__ = [
    "DASHES",
    "Curve",
    "CurvesFrame",
    "CurvesLook",
    "HistoryFrame",
    "LossFrame",
    "SpectrumFrame",
    "Style",
]

Curve = tuple[Array, Array]
"""(times, what is drawn there)."""
DASHES = ("solid", "dashed", "dotted", "dash_dotted")
"""Of curves that are told apart without colours, too."""


@dataclasses.dataclass(frozen=True)
class Style:
    """How a curve looks.

    Attributes
    ----------
    text : str
        In the legend; empty: it is not there.
    colour : str
        Of the curve.
    line : str
        ``"solid"``, ``"dashed"``, ``"dotted"`` or ``"dash_dotted"``.
    width : float
        In pixels.
    dots : bool
        Whether each of its points has a dot.
    """

    text: str
    colour: str
    line: str = "solid"
    width: float = 2.5
    dots: bool = False


@dataclasses.dataclass(frozen=True)
class CurvesLook:
    """What stays of a picture of curves while they change.

    Attributes
    ----------
    title, label : str
        Of the picture, and of its vertical axis.
    styles : tuple of Style
        One for each curve.
    names : mapping or None
        Texts of ticks of the vertical axis; None: powers of ten, empty: the numbers themselves.
    """

    title: str
    label: str
    styles: tuple[Style, ...]
    names: Mapping[float, str] | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class CurvesFrame:
    """Some curves over time, with the moment that is shown, or over a setting.

    Attributes
    ----------
    look : CurvesLook
        Texts and styles.
    axis : Axis
        Time, or a setting.
    curves : tuple of (x, y)
        Times [T], and what is drawn there: [T], or [k, T] for a bundle, whose x may be [k, T] as
        well. Logarithms, or what ``look.names`` names. Empty arrays draw nothing.
    y_range : pair of float
        What to show.
    ticks : tuple of float
        Where the vertical axis has ticks.
    caption : str
        The picture's numbers in words.
    """

    look: CurvesLook
    axis: Axis
    curves: tuple[Curve, ...]
    y_range: Range
    ticks: tuple[float, ...]
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class LossFrame:
    """Loss curves up to now, on logarithmic axes.

    Attributes
    ----------
    axis : Axis
        Time.
    loss, test_loss : array, shape [T]
        The record of the run.
    threshold : float or None
        Test error below which a target counts as recovered, a share of its mean square, where that
        is the question.
    log_range : pair of float
        Range of log10(loss) to show.
    caption : str
        The picture's numbers in words.
    """

    axis: Axis
    loss: Array
    test_loss: Array
    threshold: float | None
    log_range: Range
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class HistoryFrame:
    """A whole number over the time of a run.

    Attributes
    ----------
    axis : Axis
        Time.
    count : array, shape [T]
        The number.
    top : int
        Highest number to show.
    marks : tuple of Mark
        Events.
    caption : str
        The picture's numbers in words.
    title, label : str
        What is counted: above the picture, and on its axis.
    """

    axis: Axis
    count: Array
    top: int
    marks: tuple[Mark, ...]
    caption: str
    title: str = "Clusters"
    label: str = "clusters"


@dataclasses.dataclass(frozen=True, eq=False)
class SpectrumFrame:
    """Singular values of a Jacobian, and where they are cut.

    Attributes
    ----------
    log_values : array, shape [r]
        log10 of the singular values over the largest one; zeros at the bottom.
    log_tolerance : float
        log10 of the tolerance.
    rank, exact, theorem : int
        What the tolerance says, what is proven, and what the theorem says of the narrow network.
    log_range : pair of float
        Range of `log_values` to show.
    caption : str
        The picture's numbers in words.
    """

    log_values: Array
    log_tolerance: float
    rank: int
    exact: int
    theorem: int
    log_range: Range
    caption: str
