"""A whole number over the time of a run: how many clusters there are, and when that changes."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, HistoryFrame, powers, ticks
from .look import LARGE, Caption, Size, axes, figure, key, mark_axis, powers_of_ten, update

__all__ = ["HistoryView"]


class HistoryView(ipywidgets.VBox):
    """The number of one run, and of another beside it, with the events of the first.

    Parameters
    ----------
    title, label : str
        What is counted: above the picture, and on its axis.
    names : pair of str
        What the two runs are.
    size : pair of int
        Width and height.
    """

    def __init__(self, title: str, label: str, names: tuple[str, str], size: Size = LARGE) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        steps = {"interpolation": "step-after"} | empty
        self.other = bqplot.Lines(
            colors=[COLOURS["last"]], stroke_width=2, line_style="dashed", visible=False, **steps
        )
        self.count = bqplot.Lines(colors=[COLOURS["network"]], stroke_width=2.5, **steps)
        self.cursor = bqplot.Lines(colors=["#555555"], stroke_width=1.0, **empty)
        self.events = bqplot.Lines(
            x=np.zeros((1, 2)),
            y=np.zeros((1, 2)),
            scales=scales,
            colors=["#8c8c8c"],
            stroke_width=1.0,
            line_style="dotted",
        )
        self.below, self.left = axes(self.x, self.y, "step", label)
        powers_of_ten(self.below)
        entries = [
            ("━", COLOURS["network"], names[0]),
            ("┅", COLOURS["last"], names[1]),
            ("┊", "#8c8c8c", "event"),
        ]
        self.caption = Caption(title, key(entries), size)
        self.figure = figure(
            [self.events, self.cursor, self.other, self.count], (self.below, self.left), size=size
        )
        super().__init__([self.caption, self.figure])

    def show(self, frame: HistoryFrame, other: HistoryFrame | None = None) -> None:
        """Draw a frame, and the number of another one beside it."""
        if self.below.label != frame.x_label:
            self.below.label = frame.x_label
        label = f"{frame.what} (up to {frame.top})"  # more are drawn as so many
        if frame.what and self.left.label != label:
            self.left.label, self.caption.title = label, frame.what.capitalize()
        height = (0.0, frame.top * 1.06)
        mark_axis(self.below, frame.log_x, powers(*frame.log_x))
        mark_axis(self.left, height, [t for t in ticks(*height) if t == int(t)])
        _set(self.count, _log(frame.x, frame.log_x[0]), np.minimum(frame.count, frame.top))
        if other is not None:
            _set(self.other, _log(other.x, frame.log_x[0]), np.minimum(other.count, frame.top))
        self.other.visible = other is not None
        _set(self.cursor, np.repeat(_log(frame.cursor, frame.log_x[0]), 2), np.array(height))
        at = _log(np.array([mark.x for mark in frame.marks]), frame.log_x[0])
        self.events.visible = bool(len(at))
        if len(at):
            _set(self.events, np.repeat(at[:, None], 2, 1), np.tile(height, (len(at), 1)))
        self.caption.say(frame.caption)


def _log(x: np.ndarray | float, low: float) -> np.ndarray:
    """The beginning has no logarithm; it is drawn at the left end."""
    return np.asarray(np.log10(np.maximum(x, 10.0**low)))


def _set(mark: bqplot.Lines, x: np.ndarray, y: np.ndarray) -> None:
    update(mark, x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float))
