"""Cosines of all pairs of neurons, of two runs side by side."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, SimilarityFrame
from .look import LARGE, Caption, Size, figure
from .similarity import head, png

__all__ = ["CosineView"]


class CosineView(ipywidgets.VBox):
    """Two sorted matrices of cosines, or of |cosine|, each of the active neurons of a run.

    Parameters
    ----------
    names : pair of str
        What the two runs are.
    size : pair of int
        Width and height.
    colours : pair of str
        What stands for each of them.
    """

    def __init__(
        self,
        names: tuple[str, str],
        size: Size = LARGE,
        colours: tuple[str, str] = (COLOURS["network"], COLOURS["last"]),
    ) -> None:
        self.names = names
        height = (size[0] - 24) / 2
        self.x = bqplot.LinearScale(min=-0.04, max=2.14)
        self.y = bqplot.LinearScale(min=1.0 - size[1] / height, max=1.05)
        scales = {"x": self.x, "y": self.y}
        blank = png(np.zeros((2, 2)))
        # Two buffers each: bqplot repaints only when the mark is given another image.
        self._buffers = [
            [ipywidgets.Image(value=blank, format="png") for _ in range(2)] for _ in range(2)
        ]
        self._front = [0, 0]
        self.images = [
            bqplot.Image(image=pair[0], x=[left, left + 1.0], y=[0, 1], scales=scales)
            for pair, left in zip(self._buffers, (0.0, 1.1), strict=True)
        ]
        self.frames = bqplot.Lines(
            x=np.array([[0, 1, 1, 0, 0], [1.1, 2.1, 2.1, 1.1, 1.1]]),
            y=np.array([[0, 0, 1, 1, 0]] * 2),
            scales=scales,
            colors=list(colours),
            stroke_width=1.5,
        )
        self.labels = bqplot.Label(
            x=np.array([0.5, 1.6]),
            y=np.array([-0.16, -0.16]),
            text=list(names),
            scales=scales,
            default_size=11,
            font_weight="normal",
            colors=list(colours),
            align="middle",
        )
        self.caption = Caption("|cosine|", size=size)
        self.figure = figure([*self.images, self.frames, self.labels], size=size)
        self.figure.fig_margin = {"top": 0, "bottom": 0, "left": 4, "right": 4}
        super().__init__([self.caption, self.figure])

    def show(self, frame: SimilarityFrame, other: SimilarityFrame | None = None) -> None:
        """Draw the matrix of one run, and of another beside it."""
        self._paint(0, frame)
        if other is not None:
            self._paint(1, other)
        self.images[1].visible = other is not None
        level = "" if frame.level is None else f"random {frame.level:.2f}"
        self.caption.title, self.caption.legend = head(frame, level)
        said = f"mean{' |cos|' * frame.signed} {frame.caption}"
        self.caption.say(said if other is None else f"{said} and {other.caption}")

    def _paint(self, side: int, frame: SimilarityFrame) -> None:
        self._front[side] = 1 - self._front[side]
        buffer = self._buffers[side][self._front[side]]
        matrix = frame.similarity if frame.similarity.size else np.zeros((2, 2))
        buffer.value = png(matrix)
        self.images[side].image = buffer
