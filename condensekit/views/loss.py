"""Training and test loss over the time of a run."""

import bqplot
import numpy as np

from ..frames import COLOURS, LARGE, LossFrame, Range, Size, powers
from ..widgets import spoken
from .look import TimePicture, key, mark_axis, powers_of_ten, update

__all__ = ["LossView"]

_RECOVERED = ("╌", COLOURS["theory"], "recovered")
_LEAVES = ("┊", COLOURS["printed"], "GD leaves")


class LossView(TimePicture):
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
            ("╌", COLOURS["last"], f"{other}: test"),
        ]
        name = "loss (mean squared error)" if size == LARGE else "loss"
        super().__init__("Loss", name, self._key, size)
        powers_of_ten(self.left)
        self.train = self.line(COLOURS["network"])
        self.test = self.line(COLOURS["test"], style="dashed")
        self.last = self.line(COLOURS["last"], 2, "dash_dotted", visible=False)
        self.recovered = self.line(COLOURS["theory"], 1.0, "dash_dotted")
        self.leaves = self.line(COLOURS["printed"], 1.5, "dotted")
        self.epochs = bqplot.LinearScale()
        hidden = {"grid_lines": "none", "visible": False, "label_offset": "29px"}
        self.above = powers_of_ten(spoken.DrawnAxis(scale=self.epochs, side="top", **hidden))
        marks = [self.recovered, self.leaves, self.cursor, self.last, self.train, self.test]
        self.build(*marks, axes=(self.below, self.left, self.above))
        if size == LARGE:
            self.figure.fig_margin = self.figure.fig_margin | {"top": 36}

    def show(self, frame: LossFrame, last: LossFrame | None = None) -> None:
        """Draw a frame, and the test loss of another one beside it."""
        axis, height = frame.axis, frame.log_range
        if last is not None:  # what leaves the picture would be drawn over its caption
            height = min(height[0], last.log_range[0]), max(height[1], last.log_range[1])
        self.show_time(axis, height)
        mark_axis(self.left, height, powers(*height))
        update(self.train, axis.places(axis.x), _log(frame.loss))
        update(self.test, axis.places(axis.x), _log(frame.test_loss))
        self.recovered.visible = frame.threshold is not None
        if frame.threshold is not None:
            update(self.recovered, axis.bounds, np.repeat(np.log10(frame.threshold), 2))
        self.last.visible = last is not None and last.axis.label == axis.label
        if last is not None:
            update(self.last, axis.places(last.axis.x), _log(last.test_loss))
        self._show_epochs(frame, height)
        entries = [*self._key, *([_RECOVERED] if frame.threshold is not None else [])]
        self.caption.legend = key([*entries, *([_LEAVES] if axis.epochs is not None else [])])
        self.caption.say(frame.caption)

    def _show_epochs(self, frame: LossFrame, height: Range) -> None:
        axis, epochs = frame.axis, frame.axis.epochs
        self.above.visible = epochs is not None
        self.leaves.visible = epochs is not None and epochs.until < 10.0 ** axis.bounds[1]
        if epochs is not None:
            low, high = (bound - np.log10(epochs.lr) for bound in axis.bounds)
            label = f"epochs of GD at η = {epochs.lr:g}"
            mark_axis(self.above, (low, high), powers(low, high), label)
            if self.leaves.visible:
                update(self.leaves, np.repeat(axis.places(epochs.until), 2), height)


def _log(loss: np.ndarray) -> np.ndarray:
    return np.asarray(np.log10(np.maximum(loss, 1e-300)))
