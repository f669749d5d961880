"""The map of a sweep: a coloured cell for each pair of settings, which can be opened."""

from collections.abc import Callable
from typing import Any

import bqplot
import numpy as np

from ..frames import COLOURS, SHADES, Array, MapFrame, face
from ..widgets import spoken
from ..words import power
from .look import PictureView, key, renew

__all__ = ["MapView"]

BLANK = -13.0  # a stop more, without colour: bqplot paints NaN black
WIDTH, HEIGHT = 364, 300


class MapView(PictureView):
    """Test error in colour; a line for theory, rings for training, diamonds for papers."""

    def __init__(self) -> None:
        super().__init__("Map", ("", ""))
        colours = ["rgba(128,128,128,0.12)", *SHADES]
        self.colour = bqplot.ColorScale(colors=colours, min=BLANK, max=0.0)
        self._ends: tuple[object, ...] = ()
        self._clicked: Callable[[int, int], None] = lambda x, y: None
        self.cells = bqplot.GridHeatMap(
            color=np.full((2, 2), BLANK),
            row=np.arange(3) - 0.5,  # the borders between cells
            column=np.arange(3) - 0.5,
            scales={"row": self.y, "column": self.x, "color": self.colour},
            stroke=face("#e8e8e8"),
        )
        hidden: Any = {"visible": False}
        white, green = "#ffffff", COLOURS["theory"]
        cased: Any = {"stroke": white, "stroke_width": 1} | hidden
        self.casing = self.line(white, 6, **hidden)
        self.theory = self.line(green, 3, "dashed", **hidden)
        self.reached = self.dots(white, 120, fill=False, stroke_width=2, **hidden)
        self.barred = self.dots(green, 90, marker="cross", **cased)
        lozenge = {"marker": "diamond", "default_skew": 0.9}
        self.printed = self.dots(COLOURS["printed"], 130, **lozenge, **cased)
        square = {"marker": "square", "fill": False, "stroke_width": 3}
        self.chosen = self.dots(COLOURS["last"], 320, **square, **hidden)
        shades = ",".join(SHADES)
        self._scale = (
            f"median test error {power(-12)} "
            '<span style="display:inline-block;width:60px;height:9px;'
            f'background:linear-gradient(90deg,{shades})"></span> 1'
        )
        above = [self.reached, self.barred, self.printed, self.chosen]
        self.build(self.cells, self.casing, self.theory, *above, axes=())
        self.figure.layout.width = self.figure.layout.min_width = f"{WIDTH}px"
        self.figure.layout.height = f"{HEIGHT}px"
        self.caption.layout.width = f"{WIDTH - 8}px"
        self.cells.on_element_click(self._click)
        for mark in above:  # they lie above the cells
            mark.on_element_click(self._click_mark)

    def on_click(self, callback: Callable[[int, int], None]) -> None:
        """Call `callback` with column and row of a cell that is clicked."""
        self._clicked = callback

    def _click(self, _mark: object, event: dict[str, Any]) -> None:
        data = event["data"]
        self._clicked(round(data["column"] + 0.5), round(data["row"] + 0.5))

    def _click_mark(self, mark: bqplot.Scatter, event: dict[str, Any]) -> None:
        place = event["data"]["index"]
        self._clicked(round(mark.x[place]), round(mark.y[place]))

    def show(self, frame: MapFrame, cell: tuple[int, int]) -> None:
        """Draw a frame, and a square around the cell (column, row) that is open."""
        ny, nx = frame.log_error.shape
        ends = (frame.x, frame.y, frame.x_label, frame.y_label)
        if ends != self._ends:
            self._ends = ends
            self._new_axes(frame)
        shown = np.full((max(ny, 2), max(nx, 2)), BLANK)  # bqplot flattens a single row or column
        shown[:ny, :nx] = np.nan_to_num(np.clip(frame.log_error, BLANK + 1.0, 0.0), nan=BLANK)
        renew(self.cells, color=shown, row=_borders(ny), column=_borders(nx))
        edges = [(x, y) for x, y in frame.border() if x == x]
        for line in (self.casing, self.theory):
            _points(line, edges)
        _points(self.reached, [(x, y) for y, x in np.argwhere(frame.reached >= 0.5)])
        _points(self.barred, frame.barred())
        _points(self.printed, [(mark.x, mark.y) for mark in frame.printed])
        _points(self.chosen, [cell])
        signs = [("┅", COLOURS["theory"], frame.theory()), ("○", "inherit", "reached by training")]
        lines = [self._scale, key(signs)]
        if frame.barred():
            lines.append(key([("✚", COLOURS["theory"], "enough samples, but not these")]))
        if frame.printed:
            said = f"reached in the paper, {frame.papers()}"
            lines.append(key([("◆", COLOURS["printed"], said)]))
        self.caption.legend = "<br>".join(lines)
        self.caption.say(f'<span style="white-space:normal">{frame.caption}</span>')

    def _new_axes(self, frame: MapFrame) -> None:
        """Other axes: bqplot does not redraw labels that change."""
        ny, nx = frame.log_error.shape
        for scale, count in ((self.x, nx), (self.y, ny)):
            scale.min, scale.max = -0.5, count - 0.5
        below, left = _axis(self.x, frame.x_ticks), _axis(self.y, frame.y_ticks)
        below.label, left.label = frame.x_label, frame.y_label
        below.label_offset, left.label_offset, left.side = "32px", "44px", "left"
        left.orientation = "vertical"
        before, self.figure.axes = self.figure.axes, [below, left]
        for axis in before:
            axis.close()


def _borders(count: int) -> Array:
    """Of `count` cells; a blank one beside a single cell is too narrow to be seen."""
    return np.append(np.arange(count + 1) - 0.5, [0.5 + 1e-6] * (count == 1))


def _axis(scale: bqplot.Scale, ticks: dict[int, str]) -> spoken.DrawnAxis:
    return spoken.DrawnAxis(
        scale=scale,
        tick_values=np.array([*ticks], dtype=float),
        tick_labels={str(place): text for place, text in ticks.items()},
        tick_format="d",
        grid_lines="none",
    )


def _points(mark: bqplot.Mark, points: list[tuple[float, float]]) -> None:
    x, y = np.array(points or [(0.0, 0.0)], dtype=float).T
    with mark.hold_sync():
        mark.x, mark.y, mark.visible = x, y, bool(points)
