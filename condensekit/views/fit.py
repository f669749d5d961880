"""The function that the network computes, over its target and its samples."""

import numpy as np
from bqplot.interacts import HandDraw

from ..frames import COLOURS, LARGE, FitFrame, Size, ticks
from .look import PictureView, key, mark_axis, update

__all__ = ["FitView"]


class FitView(PictureView):
    """Target, samples and network of one input; another run beside it, and a pen to draw with.

    Parameters
    ----------
    other : str
        What the other run is.
    size : pair of int
        Width and height.
    """

    def __init__(self, other: str = "last run", size: Size = LARGE) -> None:
        legend = [
            ("━", COLOURS["target"], "target"),
            ("●", COLOURS["sample"], "samples"),
            ("━", COLOURS["network"], "network"),
            ("┅", COLOURS["last"], other),
        ]
        super().__init__("Fit", ("input x", "output f(x)"), legend, size)
        self.target = self.line(COLOURS["target"], 5)
        self.last = self.line(COLOURS["last"], 2, "dashed", visible=False)
        self.network = self.line(COLOURS["network"])
        self.samples = self.dots(COLOURS["sample"], 18)
        self.merged = self.line(COLOURS["theory"], style="dashed", visible=False)
        self.pen = self.line(COLOURS["printed"], 4, visible=False)
        self.build(self.target, self.samples, self.last, self.network, self.merged, self.pen)

    def show(self, frame: FitFrame, last: FitFrame | None = None) -> None:
        """Draw a frame, and the curve of another one beside it."""
        mark_axis(self.below, frame.x_range, ticks(*frame.x_range))
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range))
        update(self.target, frame.x, frame.target)
        update(self.network, frame.x, frame.network)
        update(self.samples, frame.sample_x, frame.sample_y)
        if last is not None:
            update(self.last, last.x, last.network)
        self.last.visible = last is not None
        if frame.merged is not None:
            update(self.merged, frame.x, frame.merged)
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
