"""A whole number over the time of a run: how many clusters there are, and when that changes."""

from typing import Any

import numpy as np

from ..frames import COLOURS, LARGE, HistoryFrame, Size, ticks
from .look import TimePicture, mark_axis, update

__all__ = ["HistoryView"]


class HistoryView(TimePicture):
    """The number of one run, and of another beside it, with the events of the first.

    Parameters
    ----------
    names : pair of str
        What the two runs are.
    size : pair of int
        Width and height.
    """

    def __init__(self, names: tuple[str, str], size: Size = LARGE) -> None:
        legend = [
            ("━", COLOURS["network"], names[0]),
            ("┅", COLOURS["last"], names[1]),
            ("┊", COLOURS["target"], "event"),
        ]
        super().__init__("", "", legend, size)
        steps: Any = {"interpolation": "step-after"}
        self.other = self.line(COLOURS["last"], 2, "dashed", visible=False, **steps)
        self.count = self.line(COLOURS["network"], **steps)
        nowhere = np.zeros((1, 2))
        self.events = self.line(COLOURS["target"], 1.0, "dotted", x=nowhere, y=nowhere)
        self.build(self.events, self.cursor, self.other, self.count)

    def show(self, frame: HistoryFrame, other: HistoryFrame | None = None) -> None:
        """Draw a frame, and the number of another one beside it."""
        height = (0.0, frame.top * 1.06)
        self.show_time(frame.axis, height)
        mark_axis(self.left, height, [t for t in ticks(*height) if t == int(t)], frame.label)
        places = frame.axis.places
        update(self.count, places(frame.axis.x), np.minimum(frame.count, frame.top))
        if other is not None:
            update(self.other, places(other.axis.x), np.minimum(other.count, frame.top))
        self.other.visible = other is not None
        at = places(np.array([mark.x for mark in frame.marks]))
        self.events.visible = bool(len(at))
        if len(at):
            update(self.events, np.repeat(at[:, None], 2, 1), np.tile(height, (len(at), 1)))
        self.caption.title = frame.title
        self.caption.say(frame.caption)
