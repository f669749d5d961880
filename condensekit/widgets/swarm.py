"""Swarm: hundreds of dots that move, as one path for each colour.

To a browser a dot of its own is a dozen things to keep: where it is, what lies behind it, what the
mouse does to it. A line that has no length is as round, and costs next to nothing. So dots are
lines while they move, and dots, to be pointed at, when they rest.
"""

import math
from collections.abc import Sequence
from typing import Any

import bqplot
import ipywidgets
import numpy as np

__all__ = ["Swarm", "renew"]

_OPACITY = 0.75


class Swarm:
    """Dots of a few colours.

    What they are part of must have the class ``condensekit-swarm``, which makes the ends of lines
    round.

    Parameters
    ----------
    colours : sequence of str
        Of the dots.
    area : float
        Of a dot, in square pixels, as bqplot has it.
    scales : dict
        Of x and y.
    tooltip : Widget
        What is seen beside a dot under the mouse.

    Attributes
    ----------
    dots : Scatter
        The dots at rest.
    lines : list of Lines
        The dots that move, by colour.
    """

    def __init__(
        self,
        colours: Sequence[str],
        area: int,
        scales: dict[str, bqplot.Scale],
        tooltip: ipywidgets.Widget,
    ) -> None:
        colour = bqplot.OrdinalColorScale(colors=[*colours], domain=[*range(len(colours))])
        known: dict[str, Any] = {"x": np.zeros(1), "y": np.zeros(1), "opacities": [_OPACITY]}
        self.dots = bqplot.Scatter(
            color=np.zeros(1),
            scales={**scales, "color": colour},
            default_size=area,
            stroke_width=0,
            tooltip=tooltip,
            **known,
        )
        known |= {"scales": scales, "stroke_width": 2.0 * math.sqrt(area / math.pi)}
        self.lines = [bqplot.Lines(colors=[one], visible=False, **known) for one in colours]

    @property
    def marks(self) -> list[bqplot.Mark]:
        """All that is to be put into a figure, the first one below."""
        return [*self.lines, self.dots]

    def show(self, x: np.ndarray, y: np.ndarray, colour: np.ndarray, moving: bool) -> None:
        """Draw dots of which the colours are given by number."""
        for number, line in enumerate(self.lines):
            here = (colour == number) & moving
            if here.any():
                # Of nothing and a dot, the browser makes a line that ends where it begins.
                places = np.repeat(y[here], 2)
                places[::2] = np.nan
                renew(line, x=np.repeat(x[here], 2), y=places)
            line.visible = bool(here.any())
        if not moving:
            renew(self.dots, x=x, y=y, color=colour)
        self.dots.visible = not moving


def renew(mark: bqplot.Mark, **arrays: np.ndarray) -> None:
    """Give a mark those of its arrays that are new: each one costs the browser a redraw."""
    with mark.hold_sync():
        for name, values in arrays.items():
            if not np.array_equal(getattr(mark, name), values, equal_nan=True):
                setattr(mark, name, values)
