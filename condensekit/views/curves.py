"""Any curves over the time of a run."""

import bqplot
import numpy as np

from ..frames import LARGE, Array, Curve, CurvesFrame, CurvesLook, Size
from .look import TimePicture, axes, key, mark_axis, powers_of_ten, update

__all__ = ["CurvesView"]

_SIGNS = {"solid": "━", "dashed": "┅", "dotted": "┈", "dash_dotted": "╌"}


class CurvesView(TimePicture):
    """The curves of a frame; texts and styles are the frame's.

    Parameters
    ----------
    size : pair of int
        Width and height.
    """

    def __init__(self, size: Size = LARGE) -> None:
        super().__init__("", "", size=size)
        self._look: tuple[CurvesLook, bool] | None = None
        self.lines: list[bqplot.Lines] = []
        self.build(self.cursor)

    def show(self, frame: CurvesFrame) -> None:
        """Draw a frame; of one without any curve only its caption, which says why."""
        drawn = any(len(x) for x, _ in frame.curves)
        # bqplot takes no visibility from the layout of a figure.
        (self.figure.remove_class if drawn else self.figure.add_class)("condensekit-empty")
        if (frame.look, frame.axis.log) != self._look:
            self._look = frame.look, frame.axis.log
            self._new_look(*self._look)
        self.show_time(frame.axis, frame.y_range)
        mark_axis(self.left, frame.y_range, frame.ticks)
        for mark, (x, y) in zip(self.lines, frame.curves, strict=True):
            mark.visible = len(x) > 0
            if len(x):
                # What leaves the picture is cut off: bqplot would draw over its neighbours.
                update(mark, *_unsqueezed(frame.axis.places(x), np.clip(y, *frame.y_range)))
        self.caption.say(frame.caption)

    def _new_look(self, look: CurvesLook, log: bool) -> None:
        """Other curves: other marks, and other axes, since bqplot does not redraw their labels."""
        before = [*self.lines, self.below, self.left]
        self.lines = [self.line(one.colour, one.width, one.line) for one in look.styles]
        for mark, one in zip(self.lines, look.styles, strict=True):
            if one.dots:
                mark.marker, mark.marker_size = "circle", 30
        self.below, self.left = axes(self.x, self.y, "", look.label)
        if log:
            powers_of_ten(self.below)
        if look.names is None:
            powers_of_ten(self.left)
        else:
            # The browser writes whole numbers without a point.
            self.left.tick_labels = {
                str(int(place)) if place == int(place) else str(place): text
                for place, text in look.names.items()
            }
        self.x.min = self.y.min = None  # so that the ticks are new, too
        self.figure.axes = [self.below, self.left]
        self.figure.marks = [self.cursor, *self.lines]
        for mark in before:
            mark.close()
        self.caption.title = look.title
        self.caption.legend = key(
            [(_SIGNS[one.line], one.colour, one.text) for one in look.styles if one.text]
        )


def _unsqueezed(x: Array, y: Array) -> Curve:
    """The same curves without axes of length 1, which bqplot drops: it would mix up k and T."""
    if y.ndim > 1 and len(y) == 1:
        y = y[0]
    if y.ndim > 1 and len(x) == 1:  # one moment of k curves: each is twice the same point
        x, y = np.repeat(x, 2), np.repeat(y, 2, axis=1)
    return x, y
