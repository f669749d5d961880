"""The one visual language: colours that colour-blind readers tell apart, sizes, axes, captions."""

import bqplot
import ipywidgets

__all__ = ["COLOURS", "GROUPS", "Caption", "axes", "figure", "key"]

COLOURS = {
    "target": "#8c8c8c",
    "sample": "#000000",
    "network": "#0072B2",
    "last": "#D55E00",
    "theory": "#009E73",
    "printed": "#CC79A7",
    "test": "#E69F00",
}
GROUPS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Okabe-Ito colours of the groups with the most output."""

WIDTH, HEIGHT = 400, 236
_MARGIN = {"top": 8, "bottom": 42, "left": 56, "right": 12}


def axes(
    x: bqplot.Scale, y: bqplot.Scale, x_label: str, y_label: str
) -> tuple[bqplot.Axis, bqplot.Axis]:
    """A quiet pair of axes."""
    quiet = {"grid_color": "#e8e8e8", "num_ticks": 5}
    below = bqplot.Axis(scale=x, label=x_label, label_offset="32px", **quiet)
    left = bqplot.Axis(scale=y, label=y_label, orientation="vertical", label_offset="42px", **quiet)
    return below, left


def figure(marks: list[bqplot.Mark], axes: tuple[bqplot.Axis, ...]) -> bqplot.Figure:
    """A figure of the one size that all pictures have."""
    return bqplot.Figure(
        marks=marks,
        axes=list(axes),
        fig_margin=dict(_MARGIN),
        display_toolbar=False,
        padding_x=0.0,
        padding_y=0.0,
        layout=ipywidgets.Layout(width=f"{WIDTH}px", height=f"{HEIGHT}px", min_width=f"{WIDTH}px"),
    )


def key(entries: list[tuple[str, str, str]]) -> str:
    """A legend in a line: (sign, colour, text) for each entry."""
    return " &ensp;".join(
        f'<span style="white-space:nowrap"><b style="color:{colour}">{sign}</b> {text}</span>'
        for sign, colour, text in entries
    )


class Caption(ipywidgets.HTML):
    """Title, legend and numbers above a picture: the same in text, for eyes and screen readers."""

    def __init__(self, title: str, legend: str = "") -> None:
        self.title, self.legend = title, legend
        super().__init__(layout=ipywidgets.Layout(width=f"{WIDTH}px", margin="0 0 0 8px"))
        self.say("")

    def say(self, numbers: str) -> None:
        """Put the numbers of the picture behind its title."""
        self.value = (
            f'<div style="line-height:1.35;font-size:13px"><b>{self.title}</b> &ensp;{numbers}<br>'
            f'<span style="font-size:12px">{self.legend}</span></div>'
        )
