"""|cosine| of all pairs of neurons as an image."""

import struct
import zlib

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, Array, SimilarityFrame
from .look import Caption, figure, key

__all__ = ["LEVELS", "SimilarityView", "encode_png", "png"]

_BLUE = (0x00, 0x72, 0xB2)
LEVELS = 32  # shades of blue: more cannot be told apart, and fewer compress better


def png(levels: Array) -> bytes:
    """Encode an image of whole numbers 0 .. 31, white to blue."""
    shares = np.linspace(0.0, 1.0, LEVELS)[:, None]
    palette = np.rint(255.0 + shares * (np.array(_BLUE) - 255.0)).astype(np.uint8)
    return encode_png(levels, palette)


def encode_png(levels: Array, palette: Array) -> bytes:
    """Encode an image [height, width] of rows of `palette` [k, 3], bytes, as a palette PNG.

    Written here since it is a dozen lines with zlib, while an image library would be the only
    further dependency of the labs; a 500 x 500 matrix takes a few milliseconds.
    """
    height, width = levels.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = levels

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", palette.tobytes())
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1))
        + chunk(b"IEND", b"")
    )


class SimilarityView(ipywidgets.VBox):
    """The sorted matrix of |cosine|; groups of aligned neurons are blocks on its diagonal."""

    def __init__(self) -> None:
        blank = png(np.zeros((2, 2), dtype=np.uint8))
        # Two buffers: bqplot repaints only when the mark is given another image.
        self._buffers = [ipywidgets.Image(value=blank, format="png") for _ in range(2)]
        self._front = 0
        self.x, self.y = bqplot.LinearScale(min=0, max=1), bqplot.LinearScale(min=0, max=1)
        self.image = bqplot.Image(
            image=self._buffers[0], x=[0, 1], y=[0, 1], scales={"x": self.x, "y": self.y}
        )
        self.caption = Caption(
            "|cosine|",
            key(
                [
                    ("□", "#777777", "0: perpendicular"),
                    ("■", COLOURS["network"], "1: aligned"),
                    ("↘", "#777777", "neurons by angle"),
                ]
            ),
        )
        self.figure = figure([self.image])
        self.figure.min_aspect_ratio = self.figure.max_aspect_ratio = 1.0
        super().__init__([self.caption, self.figure])

    def show(self, frame: SimilarityFrame, last: SimilarityFrame | None = None) -> None:
        """Draw a frame; of another one, say its mean."""
        self._front = 1 - self._front
        buffer = self._buffers[self._front]
        levels = np.rint(frame.similarity * (LEVELS - 1)).astype(np.uint8)
        buffer.value = png(levels[::-1])
        self.image.image = buffer
        beside = "" if last is None else f" · last run {last.similarity.mean():.2f}"
        self.caption.say(frame.caption + beside)
