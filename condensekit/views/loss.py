"""Training and test loss on logarithmic axes, with the moment that the other pictures show."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, LossFrame, powers
from .look import Caption, axes, figure, key, mark_axis, powers_of_ten

__all__ = ["LossView"]


class LossView(ipywidgets.VBox):
    """Loss curves over steps; the test loss of the last run beside them."""

    def __init__(self) -> None:
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
        self.below, self.left = axes(self.x, self.y, "step", "loss (mean squared error)")
        powers_of_ten(self.below)
        powers_of_ten(self.left)
        self.caption = Caption(
            "Loss",
            key(
                [
                    ("━", COLOURS["network"], "train"),
                    ("┅", COLOURS["test"], "test"),
                    ("┅", COLOURS["last"], "test, last run"),
                    ("╌", COLOURS["theory"], "recovered below"),
                ]
            ),
        )
        self.figure = figure(
            [self.recovered, self.cursor, self.last, self.train, self.test], (self.below, self.left)
        )
        super().__init__([self.caption, self.figure])

    def show(self, frame: LossFrame, last: LossFrame | None = None) -> None:
        """Draw a frame, and the test loss of another one beside it."""
        mark_axis(self.below, frame.log_steps, powers(*frame.log_steps))
        mark_axis(self.left, frame.log_range, powers(*frame.log_range))
        step = _log_step(frame.step)
        _curve(self.train, step, _log(frame.loss))
        _curve(self.test, step, _log(frame.test_loss))
        _curve(self.cursor, np.repeat(_log_step(np.array([frame.cursor])), 2), frame.log_range)
        _curve(self.recovered, frame.log_steps, np.repeat(np.log10(frame.threshold), 2))
        if last is not None:
            _curve(self.last, _log_step(last.step), _log(last.test_loss))
        self.last.visible = last is not None
        self.caption.say(frame.caption)


def _log_step(step: np.ndarray) -> np.ndarray:
    """Step 0 has no logarithm; it is drawn where step 1 is."""
    return np.asarray(np.log10(np.maximum(step, 1.0)))


def _log(loss: np.ndarray) -> np.ndarray:
    return np.asarray(np.log10(np.maximum(loss, 1e-300)))


def _curve(mark: bqplot.Lines, x: object, y: object) -> None:
    with mark.hold_sync():
        mark.x, mark.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
