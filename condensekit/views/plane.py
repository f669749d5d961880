"""Neurons as points of two of their weights, with the ways that they came."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, ticks
from ..frames.symmetry import PlaneFrame
from .look import Caption, axes, figure, key, mark_axis

__all__ = ["PlaneView"]


class PlaneView(ipywidgets.VBox):
    """Two networks in the plane of two weights: one on a set, and one that was pushed off it."""

    def __init__(self) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        colour = COLOURS["last"]
        self.ways = bqplot.Lines(colors=[colour], stroke_width=1.0, opacities=[0.5], **empty)
        self.off = bqplot.Scatter(colors=[colour], default_size=40, **empty)
        self.on = bqplot.Scatter(
            colors=[COLOURS["network"]], default_size=110, fill=False, stroke_width=2, **empty
        )
        self.below, self.left = axes(self.x, self.y, "input weight w", "bias b")
        self.caption = Caption(
            "Neurons", key([("○", COLOURS["network"], "on the set"), ("●", colour, "pushed off")])
        )
        self.figure = figure([self.ways, self.on, self.off], (self.below, self.left))
        super().__init__([self.caption, self.figure])

    def show(self, frame: PlaneFrame) -> None:
        """Draw a frame."""
        for axis, label in ((self.below, frame.x_label), (self.left, frame.y_label)):
            if axis.label != label:
                axis.label = label
        mark_axis(self.below, frame.x_range, ticks(*frame.x_range))
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range))
        for mark, points in ((self.on, frame.on), (self.off, frame.off)):
            with mark.hold_sync():
                mark.x, mark.y = points[:, 0], points[:, 1]
        with self.ways.hold_sync():
            self.ways.x, self.ways.y = frame.ways[:, :, 0], frame.ways[:, :, 1]
        self.caption.say(frame.caption)
