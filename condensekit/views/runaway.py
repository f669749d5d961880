"""Neurons that run away beside their sum, which stays."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, RunawayFrame, ticks
from .look import LARGE, Caption, axes, figure, key, mark_axis, update

__all__ = ["RunawayView"]


class RunawayView(ipywidgets.VBox):
    """On the left each merged neuron, on the right their sum over samples and polynomial."""

    def __init__(self) -> None:
        self.x, self.far, self.near = (bqplot.LinearScale() for _ in range(3))
        wide, close = ({"x": self.x, "y": scale} for scale in (self.far, self.near))
        empty = {"x": np.zeros(1), "y": np.zeros(1)}
        self.neurons = bqplot.Lines(colors=GROUPS, stroke_width=2.5, scales=wide, **empty)
        self.samples = bqplot.Scatter(
            colors=[COLOURS["sample"]], default_size=18, scales=close, **empty
        )
        self.total = bqplot.Lines(
            colors=[COLOURS["network"]], stroke_width=2.5, scales=close, **empty
        )
        self.limit = bqplot.Lines(
            colors=[COLOURS["theory"]],
            stroke_width=2.5,
            line_style="dashed",
            scales=close,
            **empty,
        )
        self.left = axes(self.x, self.far, "input x", "each merged neuron")
        self.right = axes(self.x, self.near, "input x", "their sum")
        legend = [
            ("●", COLOURS["sample"], "samples"),
            ("━", COLOURS["network"], "sum"),
            ("┅", COLOURS["theory"], "best odd polynomial with as many terms"),
        ]
        self.caption = Caption("Runaway", key(legend), (2 * LARGE[0], LARGE[1]))
        pictures = [
            figure([self.neurons], self.left),
            figure([self.samples, self.limit, self.total], self.right),
        ]
        super().__init__([self.caption, ipywidgets.HBox(pictures)])

    def show(self, frame: RunawayFrame) -> None:
        """Draw a frame."""
        for (below, left), bounds in (
            (self.left, frame.y_range),
            (self.right, frame.near_range),
        ):
            mark_axis(below, frame.x_range, ticks(*frame.x_range))
            below.tick_values = np.array(ticks(*frame.x_range))
            mark_axis(left, bounds, ticks(*bounds))
        update(self.neurons, x=frame.x, y=frame.neurons)
        update(self.samples, x=frame.sample_x, y=frame.sample_y)
        update(self.total, x=frame.x, y=frame.total)
        update(self.limit, x=frame.x, y=np.clip(frame.limit, *frame.near_range))
        self.caption.say(frame.caption)
