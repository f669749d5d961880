"""What all views share: sizes, axes, captions."""

import bqplot
import ipywidgets
import numpy as np

from ..frames import Range, power

__all__ = [
    "LARGE",
    "SMALL",
    "Caption",
    "Size",
    "axes",
    "figure",
    "key",
    "margins",
    "mark_axis",
    "powers_of_ten",
    "update",
]

Size = tuple[int, int]
"""Width and height of a picture in pixels, without its caption."""
LARGE: Size = (354, 208)
"""Two in a row beside the controls, in a page of 1,200 pixels."""
SMALL: Size = (240, 186)
"""Three in a row."""

_MARGIN = {"top": 8, "bottom": 42, "left": 56, "right": 12}


def axes(
    x: bqplot.Scale, y: bqplot.Scale, x_label: str, y_label: str
) -> tuple[bqplot.Axis, bqplot.Axis]:
    """A quiet pair of axes; `mark_axis` gives them their ticks."""
    quiet = {"grid_color": "#e8e8e8", "tick_format": "~g"}
    below = bqplot.Axis(scale=x, label=x_label, label_offset="32px", **quiet)
    left = bqplot.Axis(scale=y, side="left", label=y_label, label_offset="40px", **quiet)
    return below, left


def powers_of_ten(axis: bqplot.Axis) -> bqplot.Axis:
    """Let an axis of exponents show powers of ten.

    All labels are there from the start: bqplot does not redraw labels that change with the ticks.
    """
    axis.tick_labels = {str(exponent): power(exponent) for exponent in range(-60, 61)}
    return axis


def mark_axis(axis: bqplot.Axis, bounds: Range, ticks: list[float]) -> None:
    """Give an axis its range and its ticks, where they are new."""
    if (axis.scale.min, axis.scale.max) != bounds:
        with axis.scale.hold_sync():
            axis.scale.min, axis.scale.max = bounds
        axis.tick_values = np.array(ticks)


def figure(
    marks: list[bqplot.Mark],
    axes: tuple[bqplot.Axis, ...] = (),
    top: int = 8,
    size: Size = LARGE,
) -> bqplot.Figure:
    """A figure of the size that all pictures of a lab have, with `top` pixels above its frame."""
    width, height = size
    return bqplot.Figure(
        marks=marks,
        axes=list(axes),
        fig_margin=margins(size) | {"top": top},
        display_toolbar=False,
        padding_x=0.0,
        padding_y=0.0,
        layout=ipywidgets.Layout(width=f"{width}px", height=f"{height}px", min_width=f"{width}px"),
    )


def margins(size: Size) -> dict[str, int]:
    """Pixels around the frame of a figure: the axes need what they need, whatever its size."""
    return _MARGIN if size == LARGE else _MARGIN | {"left": 54, "right": 14}


def key(entries: list[tuple[str, str, str]]) -> str:
    """A legend in a line: (sign, colour, text) for each entry."""
    return " &ensp;".join(
        f'<span style="white-space:nowrap"><b style="color:{colour}">{sign}</b> {text}</span>'
        for sign, colour, text in entries
    )


class Caption(ipywidgets.HTML):
    """Title, legend and numbers above a picture: the same in text, for eyes and screen readers."""

    def __init__(self, title: str, legend: str = "", size: Size = LARGE) -> None:
        self.title, self.legend = title, legend
        self._font = 13 if size == LARGE else 12
        super().__init__(
            layout=ipywidgets.Layout(
                width=f"{size[0] - 8}px", min_height="36px", margin="0 0 0 8px"
            )
        )
        self.say("")

    def say(self, numbers: str) -> None:
        """Put the numbers of the picture behind its title."""
        self.value = (
            f'<div style="line-height:1.35;font-size:{self._font}px;white-space:nowrap">'
            f"<b>{self.title}</b> &ensp;{numbers}<br>"
            f'<span style="font-size:{self._font - 1}px">{self.legend}</span></div>'
        )


def update(mark: bqplot.Mark, **arrays: np.ndarray) -> None:
    """Give a mark those of its arrays that are new: each one costs the browser a redraw."""
    with mark.hold_sync():
        for name, values in arrays.items():
            if not np.array_equal(getattr(mark, name), values):
                setattr(mark, name, values)
