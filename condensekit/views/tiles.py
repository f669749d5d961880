"""Kernels as small images, with the one that theory expects beside them."""

import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, LARGE, Array, Size, TilesFrame
from .image import encode_png, palette, rgb
from .look import Caption, key

__all__ = ["TilesView"]

_HALF = 15  # shades of blue, and of orange
_WHITE = 2 * _HALF + 1  # after the shades: the ground, and the colours of frames
_BLOCKS = [colour for colour in GROUPS if colour != COLOURS["theory"]]
_PALETTE = np.array(
    [
        *palette(_HALF),
        *map(rgb, ("#ffffff", COLOURS["theory"], COLOURS["inactive"], *_BLOCKS)),
    ],
    dtype=np.uint8,
)


class TilesView(ipywidgets.VBox):
    """Kernels in rows, each block in a colour; theory's direction at the right, framed green."""

    def __init__(self, size: Size = LARGE) -> None:
        self._size = size[0] - 16, size[1] - 12
        entries = [
            ("■", COLOURS["network"], "plus"),
            ("■", COLOURS["last"], "minus"),
            ("□", COLOURS["theory"], "theory"),
            ("□", "#777777", "other frames: blocks"),
        ]
        self.caption = Caption("Kernels", key(entries), size)
        width, height = self._size
        self.image = ipywidgets.Image(
            format="png",
            width=width,
            height=height,
            layout=ipywidgets.Layout(margin="4px 8px 8px 8px", width=f"{width}px"),
        )
        super().__init__([self.caption, self.image])

    def show(self, frame: TilesFrame) -> None:
        """Draw a frame."""
        width, height = self._size
        canvas = np.full((height, width), _WHITE, dtype=np.uint8)
        count, room = len(frame.tiles), width - 48
        # As large as fits, with the fewest in a row.
        sides = ((c, min(room // c, 46)) for c in range(1, count + 1))
        columns, step = next((c, side) for c, side in sides if -(-count // c) * side <= height)
        for number, (tile, group) in enumerate(zip(frame.tiles, frame.group, strict=True)):
            row, column = divmod(number, columns)
            frame_colour = 1 if group < 0 else 2 + int(group) % len(_BLOCKS)
            _paint(canvas, tile, row * step, column * step, step - 3, frame_colour)
        if frame.theory is not None:
            _paint(canvas, frame.theory, 0, width - 44, 43, 0)
        self.image.value = encode_png(canvas, _PALETTE)
        self.caption.say(frame.caption)


def _paint(canvas: Array, tile: Array, top: int, left: int, side: int, colour: int) -> None:
    """A tile with a frame of two pixels, enlarged without blur."""
    canvas[top : top + side, left : left + side] = _WHITE + 1 + colour
    at = np.arange(side - 4) * len(tile) // (side - 4)
    shades = np.rint((tile[np.ix_(at, at)] + 1.0) * _HALF).astype(np.uint8)
    canvas[top + 2 : top + side - 2, left + 2 : left + side - 2] = shades
