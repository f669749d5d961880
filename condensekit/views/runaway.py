"""Neurons that run away beside their sum, which stays."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, LARGE, RunawayFrame, face, ticks
from .look import PictureView, axes, blank, mark_axis, update

__all__ = ["RunawayView"]


class RunawayView(PictureView):
    """On the left each merged neuron, on the right their sum over samples and polynomial."""

    def __init__(self) -> None:
        legend = [
            ("●", COLOURS["sample"], "samples"),
            ("━", COLOURS["network"], "sum"),
            ("┅", COLOURS["theory"], "best odd polynomial with as many terms"),
        ]
        labels = ("input x", "their sum")
        super().__init__("Runaway", labels, legend, (2 * LARGE[0], LARGE[1]))
        far = bqplot.LinearScale()
        self.neurons = self.line(GROUPS[0], scales={"x": self.x, "y": far})
        self.neurons.colors = [*map(face, GROUPS)]
        self.samples = self.dots(COLOURS["sample"], 18)
        self.total = self.line(COLOURS["network"])
        self.limit = self.line(COLOURS["theory"], style="dashed")
        self.far = axes(self.x, far, "input x", "each merged neuron")
        pictures = [
            blank([self.neurons], self.far),
            blank([self.samples, self.limit, self.total], (self.below, self.left)),
        ]
        self.children = [self.caption, ipywidgets.HBox(pictures)]

    def show(self, frame: RunawayFrame) -> None:
        """Draw a frame."""
        for below, left, bounds in (
            (*self.far, frame.y_range),
            (self.below, self.left, frame.near_range),
        ):
            mark_axis(below, frame.x_range, ticks(*frame.x_range))
            below.tick_values = np.array(ticks(*frame.x_range))
            mark_axis(left, bounds, ticks(*bounds))
        update(self.neurons, frame.x, frame.neurons)
        update(self.samples, frame.sample_x, frame.sample_y)
        update(self.total, frame.x, frame.total)
        update(self.limit, frame.x, np.clip(frame.limit, *frame.near_range))
        self.caption.say(frame.caption)
