"""Singular values over the time of a run: they rise one after another."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, SingularFrame, powers, ticks
from .look import LARGE, Caption, Size, axes, figure, key, mark_axis, powers_of_ten, update

__all__ = ["SingularView"]

_MOST = 4  # curves; further singular values are not drawn


class SingularView(ipywidgets.VBox):
    """The largest singular values of a matrix, and those of its target as levels.

    Parameters
    ----------
    size : pair of int
        Width and height.
    """

    def __init__(self, size: Size = LARGE) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros((1, 2)), "y": np.zeros((1, 2)), "scales": scales}
        self.levels = bqplot.Lines(colors=[COLOURS["target"]], stroke_width=4, **empty)
        self.values = bqplot.Lines(colors=GROUPS[:_MOST], stroke_width=2.5, **empty)
        self.cursor = bqplot.Lines(
            x=np.zeros(2), y=np.zeros(2), scales=scales, colors=["#555555"], stroke_width=1.0
        )
        self.below, self.left = axes(self.x, self.y, "step", "singular value")
        powers_of_ten(self.below)
        entries = [("━", COLOURS["target"], "target")]
        entries += [("━", GROUPS[k], f"σ{'₁₂₃₄'[k]}") for k in range(_MOST)]
        self.caption = Caption("Singular values of A B", key(entries), size)
        marks = [self.levels, self.cursor, self.values]
        self.figure = figure(marks, (self.below, self.left), size=size)
        super().__init__([self.caption, self.figure])

    def show(self, frame: SingularFrame) -> None:
        """Draw a frame."""
        if self.below.label != frame.x_label:
            self.below.label = frame.x_label
        height = (0.0, frame.top)
        mark_axis(self.below, frame.log_x, powers(*frame.log_x))
        mark_axis(self.left, height, ticks(*height))
        low = 10.0 ** frame.log_x[0]
        x = np.log10(np.maximum(frame.x, low))
        shown = frame.values[:_MOST]
        update(self.values, x=np.tile(x, (len(shown), 1)), y=shown)
        goal = frame.target[frame.target > 1e-9 * frame.target[0]]
        across = np.tile(np.array(frame.log_x), (len(goal), 1))
        update(self.levels, x=across, y=np.repeat(goal[:, None], 2, axis=1))
        cursor = np.repeat(np.log10(max(frame.cursor, low)), 2)
        update(self.cursor, x=cursor, y=np.array(height))
        self.caption.say(frame.caption)
