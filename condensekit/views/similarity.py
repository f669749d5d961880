"""|cosine| of all pairs of neurons as an image."""

import struct
import zlib

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, Array, SimilarityFrame
from .look import Caption, figure, key

__all__ = ["SimilarityView", "encode_png", "head", "png"]

SHADES = 32  # of blue, and of orange: more cannot be told apart, and fewer compress better


def _palette() -> Array:
    """Orange for -1 over white for 0 to blue for 1."""
    ends = [COLOURS["last"], COLOURS["network"]]
    low, high = (np.array([int(end[i : i + 2], 16) for i in (1, 3, 5)]) for end in ends)
    share = np.linspace(-1.0, 1.0, 2 * SHADES - 1)[:, None]
    shades = 255.0 + np.abs(share) * (np.where(share < 0.0, low, high) - 255.0)
    return np.rint(shades).astype(np.uint8)


PALETTE = _palette()


def png(matrix: Array) -> bytes:
    """Encode a matrix of numbers from -1 (orange) over 0 (white) to 1 (blue), first row below."""
    levels = np.rint((matrix[::-1] + 1.0) * (SHADES - 1)).astype(np.uint8)
    return encode_png(levels, PALETTE)


def head(frame: SimilarityFrame, end: str = "") -> tuple[str, str]:
    """Title and legend of a matrix of cosines, or of their absolute values.

    Parameters
    ----------
    frame : SimilarityFrame
        What is drawn.
    end : str
        More of the legend.
    """
    opposite = [("■", COLOURS["last"], "−1")] if frame.signed else []
    entries = [
        *opposite,
        ("□", "#777777", "0"),
        ("■", COLOURS["network"], "1: alike" if frame.signed else "1: on one line"),
    ]
    entries += [("·", "#777777", end)] if end else []
    return "cosine" if frame.signed else "|cosine|", key(entries)


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
    """The sorted matrix of cosines; groups of aligned neurons are blocks on its diagonal."""

    def __init__(self) -> None:
        blank = png(np.zeros((2, 2)))
        # Two buffers: bqplot repaints only when the mark is given another image.
        self._buffers = [ipywidgets.Image(value=blank, format="png") for _ in range(2)]
        self._front = 0
        self.x, self.y = bqplot.LinearScale(min=0, max=1), bqplot.LinearScale(min=0, max=1)
        self.image = bqplot.Image(
            image=self._buffers[0], x=[0, 1], y=[0, 1], scales={"x": self.x, "y": self.y}
        )
        self.caption = Caption("cosine")
        self.figure = figure([self.image])
        self.figure.min_aspect_ratio = self.figure.max_aspect_ratio = 1.0
        super().__init__([self.caption, self.figure])

    def show(self, frame: SimilarityFrame, last: SimilarityFrame | None = None) -> None:
        """Draw a frame; of another one, say what its caption says."""
        self._front = 1 - self._front
        buffer = self._buffers[self._front]
        buffer.value = png(frame.similarity)
        self.image.image = buffer
        self.caption.title, self.caption.legend = head(frame, "neurons by angle")
        beside = "" if last is None else f" · last run {last.caption}"
        level = "" if frame.level is None else f" · random {frame.level:.2f}"
        self.caption.say(f"mean{' |cos|' * frame.signed} {frame.caption}{beside}{level}")
