"""Numbers as an image: a palette, and PNG files of it."""

import struct
import zlib

import numpy as np

from ..frames import COLOURS, Array

__all__ = ["encode_png", "palette", "rgb"]


def rgb(colour: str) -> list[int]:
    """Red, green and blue of ``#rrggbb``."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def palette(half: int) -> Array:
    """Orange for -1 over white for 0 to blue for 1, in `half` shades each, [2 half + 1, 3]."""
    low, high = np.array(rgb(COLOURS["last"])), np.array(rgb(COLOURS["network"]))
    share = np.linspace(-1.0, 1.0, 2 * half + 1)[:, None]
    shades = 255.0 + np.abs(share) * (np.where(share < 0.0, low, high) - 255.0)
    return np.rint(shades).astype(np.uint8)


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
