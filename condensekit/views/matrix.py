"""A small matrix as a table: colours for the eye, numbers for everybody."""

from itertools import repeat

import ipywidgets

from ..frames import LARGE, MatrixFrame, Size, face, shade
from ..widgets import spoken
from ..words import entry
from .look import Caption

__all__ = ["MatrixView"]

_CELL = 44  # pixels


class MatrixView(ipywidgets.VBox):
    """The entries of a matrix; those that were observed have a frame.

    Parameters
    ----------
    size : pair of int
        Width and height.
    """

    def __init__(self, size: Size = LARGE) -> None:
        self.caption = Caption("", "", size)
        self.table = spoken.HTML(
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
        self.caption.title, self.caption.legend = frame.title, frame.legend
        self.caption.say(frame.caption)

    @staticmethod
    def _cell(value: float, observed: bool, scale: float) -> str:
        ground, text = shade(value, scale)
        edge = f"3px solid {face('#000000')}" if observed else f"1px dashed {face('#8c8c8c')}"
        style = (
            f"background:{ground};color:{text};border:{edge};width:{_CELL}px;height:{_CELL}px;"
            "box-sizing:border-box;text-align:center;font-size:12px;padding:0;line-height:1"
        )
        return f"<td style='{style}'>{entry(value)}</td>"
