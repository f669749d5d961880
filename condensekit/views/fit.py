"""The function that the network computes, over its target and its samples."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, FitFrame, ticks
from .look import Caption, axes, figure, key, mark_axis

__all__ = ["FitView"]


class FitView(ipywidgets.VBox):
    """Target, samples and network of one input; the last run beside it."""

    def __init__(self) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        self.target = bqplot.Lines(colors=[COLOURS["target"]], stroke_width=5, **empty)
        self.last = bqplot.Lines(
            colors=[COLOURS["last"]], stroke_width=2, line_style="dashed", visible=False, **empty
        )
        self.network = bqplot.Lines(colors=[COLOURS["network"]], stroke_width=2.5, **empty)
        self.samples = bqplot.Scatter(colors=[COLOURS["sample"]], default_size=18, **empty)
        self.below, self.left = axes(self.x, self.y, "input x", "output f(x)")
        self.caption = Caption(
            "Fit",
            key(
                [
                    ("━", COLOURS["target"], "target"),
                    ("●", COLOURS["sample"], "samples"),
                    ("━", COLOURS["network"], "network"),
                    ("┅", COLOURS["last"], "last run"),
                ]
            ),
        )
        self.figure = figure(
            [self.target, self.samples, self.last, self.network],
            (self.below, self.left),
        )
        super().__init__([self.caption, self.figure])

    def show(self, frame: FitFrame, last: FitFrame | None = None) -> None:
        """Draw a frame, and the curve of another one beside it."""
        mark_axis(self.below, frame.x_range, ticks(*frame.x_range))
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range))
        _line(self.target, frame.x, frame.target)
        _line(self.network, frame.x, frame.network)
        _line(self.samples, frame.sample_x, frame.sample_y)
        if last is not None:
            _line(self.last, last.x, last.network)
        self.last.visible = last is not None
        self.caption.say(frame.caption)


def _line(mark: bqplot.Mark, x: np.ndarray, y: np.ndarray) -> None:
    with mark.hold_sync():
        mark.x, mark.y = x, y
