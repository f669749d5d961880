"""Cosines of all pairs of neurons as an image, or two of them side by side."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, LARGE, Array, SimilarityFrame, Size, face, ink
from ..widgets import spoken
from .image import encode_png, palette
from .look import Caption, blank, key, update

__all__ = ["CosineView", "SimilarityView", "png"]

SHADES = 31  # of blue, and of orange: more cannot be told apart, and fewer compress better
PALETTE = palette(SHADES)
_SQUARES = np.array([[0, 1, 1, 0, 0], [1.1, 2.1, 2.1, 1.1, 1.1]]), np.array([[0, 0, 1, 1, 0]] * 2)
_BELOW = np.array([0.5, 1.6])


def png(matrix: Array) -> bytes:
    """Encode a matrix of numbers from -1 (orange) over 0 (white) to 1 (blue), first row below."""
    levels = np.rint((matrix[::-1] + 1.0) * SHADES).astype(np.uint8)
    return encode_png(levels, PALETTE)


def _entries(frame: SimilarityFrame, end: str) -> str:
    """What the colours mean."""
    entries = [("□", "#777777", "0"), ("■", COLOURS["network"], frame.aligned)]
    if frame.signed:
        entries.insert(0, ("■", COLOURS["last"], "−1"))
    return key([*entries, *([("·", "#777777", end)] if end else [])])


class _Matrix(bqplot.Image):
    """A matrix of cosines in a picture, one unit wide."""

    def __init__(self, left: float, scales: dict[str, bqplot.Scale]) -> None:
        blank = png(np.zeros((2, 2)))
        # Two buffers: bqplot repaints only when the mark is given another image.
        self._buffers = [ipywidgets.Image(value=blank, format="png") for _ in range(2)]
        place = {"x": [left, left + 1.0], "y": [0, 1], "scales": scales}
        super().__init__(image=self._buffers[0], **place)

    def paint(self, matrix: Array) -> None:
        """Show a matrix."""
        self._buffers.reverse()
        self._buffers[0].value = png(matrix if matrix.size else np.zeros((2, 2)))
        self.image = self._buffers[0]


class SimilarityView(ipywidgets.VBox):
    """The sorted matrix of cosines; groups of aligned neurons are blocks on its diagonal."""

    def __init__(self) -> None:
        self.x, self.y = bqplot.LinearScale(min=0, max=1), bqplot.LinearScale(min=0, max=1)
        self.image = _Matrix(0.0, {"x": self.x, "y": self.y})
        self.caption = Caption("cosine")
        self.figure = blank([self.image])
        self.figure.min_aspect_ratio = self.figure.max_aspect_ratio = 1.0
        super().__init__([self.caption, self.figure])

    def show(self, frame: SimilarityFrame, last: SimilarityFrame | None = None) -> None:
        """Draw a frame; of another one, say what its caption says."""
        self.image.paint(frame.similarity)
        self.caption.title, self.caption.legend = frame.title, _entries(frame, "neurons by angle")
        beside = "" if last is None else f" · last run {last.caption}"
        level = "" if frame.level is None else f" · random {frame.level:.2f}"
        self.caption.say(f"{frame.mean}{beside}{level}")


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
        height = (size[0] - 24) / 2
        self.x = bqplot.LinearScale(min=-0.04, max=2.14)
        self.y = bqplot.LinearScale(min=1.0 - size[1] / height, max=1.05)
        scales, faces = {"x": self.x, "y": self.y}, [*map(face, colours)]
        self.images = [_Matrix(left, scales) for left in (0.0, 1.1)]
        self.frames = bqplot.Lines(
            x=_SQUARES[0], y=_SQUARES[1], scales=scales, colors=faces, stroke_width=1.5
        )
        self.labels = spoken.Names(
            x=_BELOW,
            y=np.full(2, -0.16),
            text=list(names),
            scales=scales,
            default_size=11,
            font_weight="normal",
            colors=[*map(ink, colours)],
            align="middle",
        )
        self.names = list(names)
        self.caption = Caption("|cosine|", size=size)
        self.figure = blank([*self.images, self.frames, self.labels], size=size)
        self.figure.fig_margin = {"top": 0, "bottom": 0, "left": 4, "right": 4}
        super().__init__([self.caption, self.figure])

    def show(self, frame: SimilarityFrame, other: SimilarityFrame | None = None) -> None:
        """Draw the matrix of one run, and of another beside it."""
        self.images[0].paint(frame.similarity)
        if other is not None:
            self.images[1].paint(other.similarity)
        count = 1 if other is None else 2
        self.images[1].visible = count == 2
        update(self.frames, _SQUARES[0][:count], _SQUARES[1][:count])
        with self.labels.hold_sync():
            self.labels.x, self.labels.text = _BELOW[:count], self.names[:count]
        level = "" if frame.level is None else f"random {frame.level:.2f}"
        self.caption.title, self.caption.legend = frame.title, _entries(frame, level)
        self.caption.say(frame.mean if other is None else f"{frame.mean} and {other.caption}")
