"""Training and test loss on logarithmic axes, with the moment that the other pictures show."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, LossFrame, Range, powers
from .look import LARGE, Caption, Size, axes, figure, key, mark_axis, powers_of_ten, update

__all__ = ["LossView"]

_RECOVERED = ("╌", COLOURS["theory"], "recovered")
_LEAVES = ("┊", COLOURS["printed"], "GD leaves")


class LossView(ipywidgets.VBox):
    """Loss curves over steps or flow time; the test loss of the last run beside them.

    A gradient flow has a second axis above: epochs of gradient descent, and a line where descent
    with that learning rate leaves the flow.

    Parameters
    ----------
    other : str
        What the other run is.
    size : pair of int
        Width and height.
    """

    def __init__(self, other: str = "last run", size: Size = LARGE) -> None:
        self._key = [
            ("━", COLOURS["network"], "train"),
            ("┅", COLOURS["test"], "test"),
            ("┅", COLOURS["last"], other),
        ]
        self.x = bqplot.LinearScale()
        self.y = bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        line = {"stroke_width": 2.5} | empty
        self.train = bqplot.Lines(colors=[COLOURS["network"]], **line)
        self.test = bqplot.Lines(colors=[COLOURS["test"]], line_style="dashed", **line)
        self.last = bqplot.Lines(
            colors=[COLOURS["last"]], stroke_width=2, line_style="dashed", visible=False, **empty
        )
        self.cursor = bqplot.Lines(colors=["#555555"], stroke_width=1.0, **empty)
        self.recovered = bqplot.Lines(
            colors=[COLOURS["theory"]], stroke_width=1.0, line_style="dash_dotted", **empty
        )
        self.leaves = bqplot.Lines(
            colors=[COLOURS["printed"]], stroke_width=1.5, line_style="dotted", **empty
        )
        name = "loss (mean squared error)" if size == LARGE else "loss"
        self.below, self.left = axes(self.x, self.y, "step", name)
        powers_of_ten(self.below)
        powers_of_ten(self.left)
        self.epochs = bqplot.LinearScale()
        self.above = powers_of_ten(
            bqplot.Axis(
                scale=self.epochs,
                side="top",
                grid_lines="none",
                visible=False,
                label_offset="29px",
            )
        )
        self.caption = Caption("Loss", key(self._key), size)
        marks = [self.recovered, self.leaves, self.cursor, self.last, self.train, self.test]
        top = 36 if size == LARGE else 8
        self.figure = figure(marks, (self.below, self.left, self.above), top, size)
        super().__init__([self.caption, self.figure])

    def show(self, frame: LossFrame, last: LossFrame | None = None) -> None:
        """Draw a frame, and the test loss of another one beside it."""
        if self.below.label != frame.x_label:
            self.below.label = frame.x_label
        mark_axis(self.below, frame.log_x, powers(*frame.log_x))
        log_range = frame.log_range
        if last is not None:  # what leaves the picture would be drawn over its caption
            log_range = min(log_range[0], last.log_range[0]), max(log_range[1], last.log_range[1])
        mark_axis(self.left, log_range, powers(*log_range))
        _curve(self.train, _log_x(frame.x), _log(frame.loss))
        _curve(self.test, _log_x(frame.x), _log(frame.test_loss))
        _curve(self.cursor, np.repeat(np.log10(max(frame.cursor, _FIRST)), 2), log_range)
        self.recovered.visible = frame.threshold is not None
        if frame.threshold is not None:
            _curve(self.recovered, frame.log_x, np.repeat(np.log10(frame.threshold), 2))
        self.last.visible = last is not None and last.x_label == frame.x_label
        if last is not None:
            _curve(self.last, _log_x(last.x), _log(last.test_loss))
        self._show_epochs(frame, log_range)
        entries = [*self._key, *([_RECOVERED] if frame.threshold is not None else [])]
        self.caption.legend = key([*entries, *([_LEAVES] if frame.epochs is not None else [])])
        self.caption.say(frame.caption)

    def _show_epochs(self, frame: LossFrame, log_range: Range) -> None:
        epochs = frame.epochs
        self.above.visible = epochs is not None
        self.leaves.visible = epochs is not None and epochs.until < 10.0 ** frame.log_x[1]
        if epochs is not None:
            low, high = (bound - np.log10(epochs.lr) for bound in frame.log_x)
            mark_axis(self.above, (low, high), powers(low, high))
            if self.leaves.visible:
                left_at = max(np.log10(max(epochs.until, _FIRST)), frame.log_x[0])
                _curve(self.leaves, np.repeat(left_at, 2), log_range)
            label = f"epochs of GD at η = {epochs.lr:g}"
            if self.above.label != label:
                self.above.label = label


_FIRST = 1e-12  # step 0 has no logarithm; it is drawn at the left end


def _log_x(x: np.ndarray) -> np.ndarray:
    """Step 0, or time 0, has no logarithm; it is drawn where the next one is."""
    start = x[1] if len(x) > 1 and x[0] <= 0.0 else 1.0
    return np.asarray(np.log10(np.where(x > 0.0, x, max(start, _FIRST))))


def _log(loss: np.ndarray) -> np.ndarray:
    return np.asarray(np.log10(np.maximum(loss, 1e-300)))


def _curve(mark: bqplot.Lines, x: object, y: object) -> None:
    update(mark, x=np.asarray(x, dtype=float), y=np.asarray(y, dtype=float))
