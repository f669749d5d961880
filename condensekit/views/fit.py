"""The function that the network computes, over its target and its samples."""

import bqplot
import ipywidgets
import numpy as np
from bqplot.interacts import HandDraw

from ..frames import COLOURS, FitFrame, ticks
from .look import LARGE, Caption, Size, axes, figure, key, mark_axis, update

__all__ = ["FitView"]


class FitView(ipywidgets.VBox):
    """Target, samples and network of one input; another run beside it, and a pen to draw with.

    Parameters
    ----------
    other : str
        What the other run is.
    size : pair of int
        Width and height.
    """

    def __init__(self, other: str = "last run", size: Size = LARGE) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        self.target = bqplot.Lines(colors=[COLOURS["target"]], stroke_width=5, **empty)
        self.last = bqplot.Lines(
            colors=[COLOURS["last"]], stroke_width=2, line_style="dashed", visible=False, **empty
        )
        self.network = bqplot.Lines(colors=[COLOURS["network"]], stroke_width=2.5, **empty)
        self.samples = bqplot.Scatter(colors=[COLOURS["sample"]], default_size=18, **empty)
        self.merged = bqplot.Lines(
            colors=[COLOURS["theory"]],
            stroke_width=2.5,
            line_style="dashed",
            visible=False,
            **empty,
        )
        self.pen = bqplot.Lines(colors=[COLOURS["printed"]], stroke_width=4, visible=False, **empty)
        self.below, self.left = axes(self.x, self.y, "input x", "output f(x)")
        self.caption = Caption(
            "Fit",
            key(
                [
                    ("━", COLOURS["target"], "target"),
                    ("●", COLOURS["sample"], "samples"),
                    ("━", COLOURS["network"], "network"),
                    ("┅", COLOURS["last"], other),
                ]
            ),
            size,
        )
        self.figure = figure(
            [self.target, self.samples, self.last, self.network, self.merged, self.pen],
            (self.below, self.left),
            size=size,
        )
        super().__init__([self.caption, self.figure])

    def show(self, frame: FitFrame, last: FitFrame | None = None) -> None:
        """Draw a frame, and the curve of another one beside it."""
        mark_axis(self.below, frame.x_range, ticks(*frame.x_range))
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range))
        update(self.target, x=frame.x, y=frame.target)
        update(self.network, x=frame.x, y=frame.network)
        update(self.samples, x=frame.sample_x, y=frame.sample_y)
        if last is not None:
            update(self.last, x=last.x, y=last.network)
        self.last.visible = last is not None
        if frame.merged is not None:
            update(self.merged, x=frame.x, y=frame.merged)
        self.merged.visible = frame.merged is not None
        # The green curve has its legend where its numbers are: the other line is full.
        green = key([("┅", COLOURS["theory"], frame.caption)])
        self.caption.say(green if self.merged.visible else frame.caption)

    def take_pen(self, x: np.ndarray, y: np.ndarray) -> None:
        """Let the reader draw with the mouse: a curve over `x`, which is `y` at first."""
        with self.pen.hold_sync():
            self.pen.x, self.pen.y, self.pen.visible = x, y, True
        self.figure.interaction = HandDraw(lines=self.pen)

    def drop_pen(self) -> None:
        """No more drawing."""
        self.figure.interaction = None
        self.pen.visible = False
