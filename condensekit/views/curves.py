"""Curves over logarithmic time, with the moment that the other pictures show."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import Array, powers
from ..frames.symmetry import Curve, CurvesFrame
from .look import LARGE, Caption, Size, axes, figure, key, mark_axis, powers_of_ten

__all__ = ["CurvesView", "Style"]

Style = tuple[str, str, str, float]
"""(text of the legend, colour, line style, width)."""
_SIGNS = {"solid": "━", "dashed": "┅", "dotted": "┈", "dash_dotted": "╌"}


class CurvesView(ipywidgets.VBox):
    """One curve for each style.

    Parameters
    ----------
    title, label : str
        Of the picture, and of its vertical axis.
    styles : list of Style
        How each curve of a frame looks; one without a text is not in the legend.
    names : dict, optional
        Texts of the ticks of the vertical axis; powers of ten by default, and with an empty
        dictionary the numbers themselves.
    size : pair of int
        Width and height.
    """

    def __init__(
        self,
        title: str,
        label: str,
        styles: list[Style],
        names: dict[float, str] | None = None,
        size: Size = LARGE,
    ) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        self.lines = [
            bqplot.Lines(colors=[colour], line_style=style, stroke_width=width, **empty)
            for _, colour, style, width in styles
        ]
        self.cursor = bqplot.Lines(colors=["#555555"], stroke_width=1.0, **empty)
        self.below, self.left = axes(self.x, self.y, "time", label)
        powers_of_ten(self.below)
        if names is None:
            powers_of_ten(self.left)
        else:
            # The browser writes whole numbers without a point.
            self.left.tick_labels = {
                str(int(place)) if place == int(place) else str(place): text
                for place, text in names.items()
            }
        legend = [(_SIGNS[style], colour, text) for text, colour, style, _ in styles if text]
        self.caption = Caption(title, key(legend), size)
        self.figure = figure([self.cursor, *self.lines], (self.below, self.left), size=size)
        super().__init__([self.caption, self.figure])

    def show(self, frame: CurvesFrame) -> None:
        """Draw a frame."""
        if self.below.label != frame.x_label:
            self.below.label = frame.x_label
        mark_axis(self.below, frame.x_range, powers(*frame.x_range))
        mark_axis(self.left, frame.y_range, list(frame.ticks))
        for mark, (x, y) in zip(self.lines, frame.curves, strict=True):
            with mark.hold_sync():
                mark.visible = len(x) > 0
                if len(x):
                    # What leaves the picture is cut off: bqplot would draw over its neighbours.
                    mark.x, mark.y = _unsqueezed(x, np.clip(y, *frame.y_range))
        with self.cursor.hold_sync():
            self.cursor.x = np.repeat(frame.cursor, 2)
            self.cursor.y = np.array(frame.y_range)
        self.caption.say(frame.caption)


def _unsqueezed(x: Array, y: Array) -> Curve:
    """The same curves without axes of length 1, which bqplot drops: it would mix up k and T."""
    if y.ndim > 1 and len(y) == 1:
        y = y[0]
    if y.ndim > 1 and len(x) == 1:  # one moment of k curves: each is twice the same point
        x, y = np.repeat(x, 2), np.repeat(y, 2, axis=1)
    return x, y
