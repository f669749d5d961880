"""The map of a sweep: a coloured cell for each pair of settings, which can be opened."""

from collections.abc import Callable
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, MapFrame, power
from .look import Caption, figure, key

__all__ = ["MapView"]

LOG_ERROR = (-12.0, 0.0)
SHADES = ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"]
"""Six stops of the colour map cividis, which colour-blind readers see as others do."""

WIDTH, HEIGHT = 470, 330
MOST_LABELS = 8


class MapView(ipywidgets.VBox):
    """Test error in colour; the line of theory, rings where training got there, the open cell."""

    def __init__(self) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        self.colour = bqplot.ColorScale(colors=SHADES, min=LOG_ERROR[0], max=LOG_ERROR[1])
        self._ends: tuple[object, ...] = ()
        self._clicked: Callable[[int, int], None] = lambda x, y: None
        scales = {"x": self.x, "y": self.y}
        nothing = {"x": np.full(1, np.nan), "y": np.full(1, np.nan), "scales": scales}
        self.cells = bqplot.GridHeatMap(
            color=np.zeros((2, 2)),
            row=np.arange(2.0) - 0.5,  # where cells begin
            column=np.arange(2.0) - 0.5,
            scales={"row": self.y, "column": self.x, "color": self.colour},
            null_color="white",
            stroke="#ffffff",
        )
        self.casing = bqplot.Lines(colors=["#ffffff"], stroke_width=6, **nothing)
        self.theory = bqplot.Lines(
            colors=[COLOURS["theory"]], stroke_width=3, line_style="dashed", **nothing
        )
        self.reached = bqplot.Scatter(
            colors=["#ffffff"], fill=False, default_size=60, stroke_width=2, **nothing
        )
        self.chosen = bqplot.Scatter(
            colors=[COLOURS["last"]],
            marker="square",
            fill=False,
            default_size=160,
            stroke_width=3,
            **nothing,
        )
        shades = ",".join(SHADES)
        scale = (
            f'{power(-12)} <span style="display:inline-block;width:70px;height:9px;'
            f'background:linear-gradient(90deg,{shades})"></span> 1 test error'
        )
        self.caption = Caption("Map", "")
        self._legend = [scale, "○ reached by training"]
        self.figure = figure([self.cells, self.casing, self.theory, self.reached, self.chosen])
        self.figure.layout.width = self.figure.layout.min_width = f"{WIDTH}px"
        self.figure.layout.height = f"{HEIGHT}px"
        self.caption.layout.width = f"{WIDTH - 8}px"
        self.cells.on_element_click(self._click)
        super().__init__([self.caption, self.figure])

    def on_click(self, callback: Callable[[int, int], None]) -> None:
        """Call `callback` with column and row of a cell that is clicked."""
        self._clicked = callback

    def _click(self, _mark: object, event: dict[str, Any]) -> None:
        data = event["data"]
        self._clicked(round(data["column"] + 0.5), round(data["row"] + 0.5))

    def show(self, frame: MapFrame, cell: tuple[int, int]) -> None:
        """Draw a frame, and a square around the cell (column, row) that is open."""
        ny, nx = frame.log_error.shape
        ends = (frame.x, frame.y, frame.x_label, frame.y_label)
        if ends != self._ends:
            self._ends = ends
            self._new_axes(frame)
        shown = np.clip(frame.log_error, *LOG_ERROR)
        with self.cells.hold_sync():
            if self.cells.color.shape != (ny, nx):
                self.cells.row, self.cells.column = np.arange(ny) - 0.5, np.arange(nx) - 0.5
            self.cells.color = shown
        edges = [(x, y) for x, y in frame.border() if x == x]
        for line in (self.casing, self.theory):
            _points(line, edges)
        _points(self.reached, [(x, y) for y, x in np.argwhere(frame.reached >= 0.5)])
        _points(self.chosen, [cell])
        self.caption.legend = " &ensp;".join(
            [self._legend[0], key([("┅", COLOURS["theory"], frame.theory())]), self._legend[1]]
        )
        self.caption.say(frame.caption)

    def _new_axes(self, frame: MapFrame) -> None:
        """Other axes: bqplot does not redraw labels that change."""
        ny, nx = frame.log_error.shape
        for scale, count in ((self.x, nx), (self.y, ny)):
            scale.min, scale.max = -0.5, count - 0.5
        below, left = _axis(self.x, frame.x), _axis(self.y, frame.y)
        below.label, left.label = frame.x_label, frame.y_label
        below.label_offset, left.label_offset, left.side = "32px", "48px", "left"
        left.orientation = "vertical"
        self.figure.axes = [below, left]


def _axis(scale: bqplot.Scale, values: tuple[float, ...]) -> bqplot.Axis:
    stride = -(-len(values) // MOST_LABELS)
    places = range(0, len(values), stride)
    return bqplot.Axis(
        scale=scale,
        tick_values=np.array([*places], dtype=float),
        tick_labels={str(k): _short(values[k]) for k in places},
        tick_format="d",
        grid_lines="none",
    )


def _short(value: float) -> str:
    if isinstance(value, float) and value > 0 and (value < 1e-2 or value >= 1e4):
        mantissa, exponent = f"{value:.1e}".split("e")
        lead = "" if mantissa == "1.0" else f"{float(mantissa):g}·"
        return lead + power(int(exponent))
    return f"{value:g}"


def _points(mark: bqplot.Mark, points: list[tuple[float, float]]) -> None:
    x, y = np.array(points or [(np.nan, np.nan)], dtype=float).T
    with mark.hold_sync():
        mark.x, mark.y = x, y
