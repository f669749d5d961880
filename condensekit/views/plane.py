"""Neurons as points of two of their weights, with the ways that they came."""

from ..frames import COLOURS, PlaneFrame, ticks
from .look import PictureView, mark_axis, update

__all__ = ["PlaneView"]


class PlaneView(PictureView):
    """Two networks in the plane of two weights: one on a set, and one that was pushed off it."""

    def __init__(self) -> None:
        blue, orange = COLOURS["network"], COLOURS["last"]
        legend = [("○", blue, "on the set"), ("●", orange, "pushed off")]
        super().__init__("Units", ("input weight w", "bias b"), legend)
        self.ways = self.line(orange, 1.0, opacities=[0.5])
        self.off = self.dots(orange, 40)
        self.on = self.dots(blue, 110, fill=False, stroke_width=2)
        self.build(self.ways, self.on, self.off)

    def show(self, frame: PlaneFrame) -> None:
        """Draw a frame."""
        mark_axis(self.below, frame.x_range, ticks(*frame.x_range), frame.x_label)
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range), frame.y_label)
        update(self.on, *frame.on.T)
        update(self.off, *frame.off.T)
        update(self.ways, frame.ways[:, :, 0], frame.ways[:, :, 1])
        self.caption.say(frame.caption)
