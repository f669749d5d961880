"""The plane of (gamma, gamma'), a point of which can be clicked."""

from collections.abc import Callable
from typing import Any

import bqplot
import numpy as np

from ..frames import COLOURS, REGIONS, RegimesFrame, face, ticks
from ..widgets import spoken
from .look import PictureView, key, mark_axis, renew, update

__all__ = ["RegimesView"]


class RegimesView(PictureView):
    """Regimes in colour, letters for common initializations, a square where the networks are."""

    def __init__(self) -> None:
        super().__init__("Regimes", ("γ", "γ′"))
        self.left.label_offset = "32px"
        self._clicked: Callable[[float, float], None] = lambda x, y: None
        self._half = np.zeros(2)
        self.cells = bqplot.GridHeatMap(
            color=np.zeros((2, 2)),
            row=np.arange(3.0),
            column=np.arange(3.0),
            scales={
                "row": self.y,
                "column": self.x,
                "color": bqplot.OrdinalColorScale(
                    colors=[*map(face, REGIONS.values())], domain=[0.0, 1.0, 2.0]
                ),
            },
            stroke=face("#ffffff"),
        )
        self.border = self.line(COLOURS["theory"], 2.0, "dashed")
        self.letters = spoken.Names(
            x=np.zeros(1),
            y=np.zeros(1),
            text=[""],
            scales={"x": self.x, "y": self.y},
            colors=[face(COLOURS["sample"])],
            default_size=12,
            align="middle",
            y_offset=-8,
        )
        self.named = self.dots(COLOURS["sample"], 20)
        square = {"marker": "square", "fill": False, "stroke_width": 3}
        self.chosen = self.dots(COLOURS["last"], 120, **square)
        self.build(self.cells, self.border, self.named, self.letters, self.chosen)
        self.cells.on_element_click(self._click)

    def on_click(self, callback: Callable[[float, float], None]) -> None:
        """Call `callback` with gamma and gamma' of a point that is clicked."""
        self._clicked = callback

    def _click(self, _mark: object, event: dict[str, Any]) -> None:
        corner = np.array([event["data"][side] for side in ("column", "row")])
        x, y = (corner + self._half).round(9).tolist()
        self._clicked(x, y)

    def show(self, frame: RegimesFrame) -> None:
        """Draw a frame."""
        (left, right), (low, high) = frame.ranges
        mark_axis(self.below, (left, right), ticks(left, right))
        mark_axis(self.left, (low, high), ticks(low, high))
        columns = np.linspace(left, right, len(frame.gamma) + 1)
        rows = np.linspace(low, high, len(frame.gamma_prime) + 1)
        self._half = np.array([columns[1] - left, rows[1] - low]) / 2
        renew(self.cells, color=frame.kind.astype(float), row=rows, column=columns)
        update(self.border, *frame.border.T)
        places = np.array([one[2:] for one in frame.named])
        update(self.named, *places.T)
        with self.letters.hold_sync():
            self.letters.x, self.letters.y = places.T
            self.letters.text = np.array([letter for letter, *_ in frame.named])
        update(self.chosen, *np.array([frame.chosen]).T)
        signs = [("┅", COLOURS["theory"], "boundary")]
        signs += [(letter, "inherit", text) for letter, text, *_ in frame.named]
        self.caption.legend = f'<span style="white-space:normal">{key(signs)}</span>'
        self.caption.say(frame.caption)
