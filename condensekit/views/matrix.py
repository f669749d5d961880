"""A small matrix as a table: colours for the eye, numbers for everybody."""

from itertools import repeat

import ipywidgets
import numpy as np

from ..frames import MatrixFrame
from .look import LARGE, Caption, Size

__all__ = ["MatrixView", "shade"]

_BLUE, _ORANGE = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
_CELL = 44  # pixels


def shade(value: float, scale: float) -> tuple[str, str]:
    """Background and text colour of a value from -scale (orange) over 0 (white) to scale (blue)."""
    share = min(1.0, abs(value) / scale) if np.isfinite(value) else 0.0
    end = _BLUE if value > 0 else _ORANGE
    red, green, blue = (round(255 + share * (c - 255)) for c in end)
    return f"#{red:02x}{green:02x}{blue:02x}", "#ffffff" if share > 0.6 else "#000000"


class MatrixView(ipywidgets.VBox):
    """The entries of a matrix; those that were observed have a frame.

    Parameters
    ----------
    title, legend : str
        Above the picture.
    size : pair of int
        Width and height.
    """

    def __init__(self, title: str, legend: str, size: Size = LARGE) -> None:
        self.caption = Caption(title, legend, size)
        self.table = ipywidgets.HTML(
            layout=ipywidgets.Layout(width=f"{size[0]}px", height=f"{size[1]}px")
        )
        super().__init__([self.caption, self.table])

    def show(self, frame: MatrixFrame) -> None:
        """Draw a frame."""
        rows = "".join(
            f"<tr>{''.join(map(self._cell, values, observed, repeat(frame.scale)))}</tr>"
            for values, observed in zip(frame.values.tolist(), frame.observed.tolist(), strict=True)
        )
        self.table.value = (
            "<table style='border-collapse:separate;border-spacing:3px;margin:4px auto 0'>"
            f"{rows}</table>"
        )
        self.caption.say(frame.caption)

    @staticmethod
    def _cell(value: float, observed: bool, scale: float) -> str:
        ground, text = shade(value, scale)
        edge = "3px solid #000000" if observed else "1px dashed #8c8c8c"
        style = (
            f"background:{ground};color:{text};border:{edge};width:{_CELL}px;height:{_CELL}px;"
            "box-sizing:border-box;text-align:center;font-size:12px;padding:0;line-height:1"
        )
        return f"<td style='{style}'>{_short(value)}</td>"


def _short(value: float) -> str:
    """Two decimals; what is rounded to zero is told from what is zero."""
    text = f"{value:.2f}" if abs(value) < 10.0 else f"{value:.1f}"
    if float(text) == 0.0:
        return "0" if value == 0.0 else "≈ 0"
    return text.replace("-", "−")
