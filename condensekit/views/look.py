"""What all views share: sizes, axes, captions, and marks that are built once."""

from collections.abc import Sequence
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from ..frames import LARGE, Axis, Range, Size, face
from ..widgets import spoken
from ..widgets.swarm import renew
from ..words import power

__all__ = [
    "Caption",
    "Entry",
    "PictureView",
    "TimePicture",
    "axes",
    "blank",
    "margins",
    "mark_axis",
    "powers_of_ten",
    "renew",
    "update",
]

Entry = tuple[str, str, str]
"""Of a legend: sign, colour and text."""

_MARGIN = {"top": 8, "bottom": 42, "left": 56, "right": 12}


def axes(
    x: bqplot.Scale, y: bqplot.Scale, x_label: str, y_label: str
) -> tuple[spoken.DrawnAxis, spoken.DrawnAxis]:
    """A quiet pair of axes; `mark_axis` gives them their ticks."""
    quiet = {"grid_color": face("#e8e8e8"), "tick_format": "~g"}
    below = spoken.DrawnAxis(scale=x, label=x_label, label_offset="32px", **quiet)
    left = spoken.DrawnAxis(scale=y, side="left", label=y_label, label_offset="40px", **quiet)
    return below, left


def powers_of_ten(axis: spoken.DrawnAxis) -> spoken.DrawnAxis:
    """Let an axis of exponents show powers of ten, as far as numbers go.

    All labels are there from the start: bqplot does not redraw labels that change with the ticks.
    """
    exponents = [*range(-320, -60, 10), *range(-60, 61), *range(70, 321, 10)]
    axis.tick_labels = {str(exponent): power(exponent) for exponent in exponents}
    return axis


def mark_axis(
    axis: spoken.DrawnAxis, bounds: Range, ticks: Sequence[float], label: str = ""
) -> None:
    """Give an axis its range, its ticks and its label, where they are new."""
    if label and axis.label != label:
        axis.label = label
    if (axis.scale.min, axis.scale.max) != bounds:
        with axis.scale.hold_sync():
            axis.scale.min, axis.scale.max = bounds
        axis.tick_values = np.array(ticks)


def blank(
    marks: Sequence[bqplot.Mark],
    axes: Sequence[spoken.DrawnAxis] = (),
    top: int = 8,
    size: Size = LARGE,
) -> bqplot.Figure:
    """A figure of the size that all pictures of a lab have, with `top` pixels above its frame."""
    width, height = size
    return bqplot.Figure(
        marks=list(marks),
        axes=list(axes),
        fig_margin=margins(size) | {"top": top},
        display_toolbar=False,
        padding_x=0.0,
        padding_y=0.0,
        layout=ipywidgets.Layout(width=f"{width}px", height=f"{height}px", min_width=f"{width}px"),
    )


def margins(size: Size) -> dict[str, int]:
    """Pixels around the frame of a figure: the axes need what they need, whatever its size."""
    return _MARGIN if size == LARGE else _MARGIN | {"left": 54, "right": 14}


def key(entries: Sequence[Entry]) -> str:
    """A legend in a line: (sign, colour, text) for each entry."""
    return " &ensp;".join(
        f'<span style="white-space:nowrap"><b style="color:{face(colour)}">{sign}</b> {text}</span>'
        for sign, colour, text in entries
    )


class Caption(spoken.HTML):
    """Title, legend and numbers above a picture: the same in text, for eyes and screen readers."""

    def __init__(self, title: str, legend: str = "", size: Size = LARGE) -> None:
        self.title, self.legend = title, legend
        self._font = 13 if size == LARGE else 12
        room = {"width": f"{size[0] - 8}px", "min_height": "36px", "margin": "0 0 0 8px"}
        super().__init__(layout=ipywidgets.Layout(**room))
        self.say("")

    def say(self, numbers: str) -> None:
        """Put the numbers of the picture behind its title."""
        self.value = (
            f'<div style="line-height:1.35;font-size:{self._font}px;white-space:nowrap">'
            f"<b>{self.title}</b> &ensp;{numbers}<br>"
            f'<span style="font-size:{self._font - 1}px">{self.legend}</span></div>'
        )


def update(mark: bqplot.Mark, x: Any, y: Any, **arrays: np.ndarray) -> None:
    """Give a mark its places, and other arrays, where they are new."""
    renew(mark, x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float), **arrays)


class PictureView(ipywidgets.VBox):
    """A caption above a figure with two linear scales; a subclass adds its marks, then `build`.

    Parameters
    ----------
    title : str
        Of the picture.
    labels : pair of str
        Of its axes.
    legend : sequence of (str, str, str)
        Sign, colour and text of each entry.
    size : pair of int
        Width and height.
    """

    def __init__(
        self,
        title: str,
        labels: tuple[str, str],
        legend: Sequence[Entry] = (),
        size: Size = LARGE,
    ) -> None:
        super().__init__()
        self.size = size
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        self.below, self.left = axes(self.x, self.y, *labels)
        self.caption = Caption(title, key(legend), size)

    def line(self, colour: str, width: float = 2.5, style: str = "solid", **more: Any) -> Any:
        """A line, which `update` gives its points."""
        known = {"x": np.zeros(1), "y": np.zeros(1), "scales": {"x": self.x, "y": self.y}} | more
        return bqplot.Lines(colors=[face(colour)], stroke_width=width, line_style=style, **known)

    def dots(self, colour: str, size: int, **more: Any) -> Any:
        """Points, which `update` gives their places."""
        known = {"x": np.zeros(1), "y": np.zeros(1), "scales": {"x": self.x, "y": self.y}} | more
        return bqplot.Scatter(colors=[face(colour)], default_size=size, **known)

    def build(self, *marks: bqplot.Mark, axes: Sequence[spoken.DrawnAxis] | None = None) -> None:
        """Put the marks into a figure, the first one below."""
        shown = (self.below, self.left) if axes is None else axes
        self.figure = blank(marks, shown, size=self.size)
        self.children = [self.caption, self.figure]


class TimePicture(PictureView):
    """A picture over the time of a run, with a line at the moment that the other pictures show."""

    def __init__(
        self, title: str, label: str, legend: Sequence[Entry] = (), size: Size = LARGE
    ) -> None:
        super().__init__(title, ("step", label), legend, size)
        powers_of_ten(self.below)
        self.cursor = self.line("#555555", 1.0)

    def show_time(self, axis: Axis, height: Range) -> None:
        """Draw the axis of time, and the line from the lower to the upper end of the picture."""
        mark_axis(self.below, axis.bounds, axis.ticks, axis.label)
        if axis.cursor is not None:
            update(self.cursor, np.repeat(axis.places(axis.cursor), 2), height)
