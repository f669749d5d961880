"""Every hidden neuron as a point: its orientation and its amplitude."""

import math

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, NeuronFrame, powers
from .look import Caption, axes, figure, key, mark_axis, powers_of_ten, update

__all__ = ["NeuronView"]

_TURN = {-math.pi: "-π", -math.pi / 2: "-π/2", 0: "0", math.pi / 2: "π/2", math.pi: "π"}


class NeuronView(ipywidgets.VBox):
    """Angle of (w, b) against |a| |(w, b)|, coloured by group; the last run beside it."""

    def __init__(self) -> None:
        self.x = bqplot.LinearScale()
        self.y = bqplot.LinearScale()
        # Group g has colour g + 1; 0 is inactive, and the last one stands for all further groups.
        colour = bqplot.ColorScale(
            colors=[COLOURS["inactive"], *GROUPS, COLOURS["others"]],
            min=0.0,
            max=float(len(GROUPS) + 1),
        )
        scales = {"x": self.x, "y": self.y}
        self.last = bqplot.Scatter(
            x=np.zeros(1),
            y=np.zeros(1),
            scales=scales,
            colors=[COLOURS["last"]],
            marker="cross",
            default_size=16,
            opacities=[0.45],
            visible=False,
        )
        self.neurons = bqplot.Scatter(
            x=np.zeros(1),
            y=np.zeros(1),
            color=np.zeros(1),
            scales=scales | {"color": colour},
            default_size=30,
            opacities=[0.75],
            stroke_width=0,
        )
        below, self.left = axes(
            self.x, self.y, "orientation: angle of (w, b)", "amplitude |a| |(w, b)|"
        )
        below.tick_labels = {str(angle): text for angle, text in _TURN.items()}
        mark_axis(below, (-1.06 * math.pi, 1.06 * math.pi), list(_TURN))
        powers_of_ten(self.left)
        self.caption = Caption(
            "Neurons",
            key(
                [
                    ("●", GROUPS[0], "1st group"),
                    ("●", GROUPS[1], "2nd"),
                    ("●", GROUPS[2], "3rd …"),
                    ("●", COLOURS["inactive"], "inactive"),
                    ("✚", COLOURS["last"], "last run"),
                ]
            ),
        )
        self.figure = figure([self.last, self.neurons], (below, self.left))
        super().__init__([self.caption, self.figure])

    def show(self, frame: NeuronFrame, last: NeuronFrame | None = None) -> None:
        """Draw a frame, and the active neurons of another one beside it."""
        mark_axis(self.left, frame.log_range, powers(*frame.log_range))
        colour = np.minimum(frame.group + 1, len(GROUPS) + 1).astype(float)
        update(self.neurons, x=_pixels(frame.angle), y=_pixels(frame.log_amplitude), color=colour)
        if last is not None:
            active = last.group >= 0
            update(
                self.last,
                x=_pixels(last.angle[active]),
                y=_pixels(last.log_amplitude[active]),
            )
        self.last.visible = last is not None
        self.caption.say(frame.caption)


def _pixels(places: np.ndarray) -> np.ndarray:
    """To less than a pixel: what does not move is not drawn again."""
    return np.asarray(np.round(places, 3))
