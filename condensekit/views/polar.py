"""Every hidden neuron as a point of the talk's polar map, or of angle against amplitude."""

import math

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, GROUPS, NeuronFrame, power, powers
from .look import LARGE, Caption, Size, axes, figure, key, margins, mark_axis, powers_of_ten, update

__all__ = ["MapView"]

_TURN = {-180: "-180°", -90: "-90°", 0: "0°", 90: "90°", 180: "180°"}
_RIM = 1.24  # half the height of the picture, in radii of the outer circle
_DIGITS = 3  # of a place, in radii or on an axis: less than a pixel
_BARE = 4  # pixels around a polar map


class MapView(ipywidgets.VBox):
    """Orientation as angle and log amplitude as radius, or both along axes; colour is the cluster.

    Parameters
    ----------
    title, colour : str
        Of which run it is.
    size : pair of int
        Width and height.
    """

    def __init__(self, title: str, colour: str = "inherit", size: Size = LARGE) -> None:
        self._around = margins(size)
        self._aspect = (size[0] - 2 * _BARE) / (size[1] - 2 * _BARE)
        self._polar = True
        self._frame: NeuronFrame | None = None
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        colours = bqplot.ColorScale(
            colors=[COLOURS["inactive"], *GROUPS, COLOURS["others"]],
            min=0.0,
            max=float(len(GROUPS) + 1),
        )
        self.guides = bqplot.Lines(
            x=np.zeros((1, 2)),
            y=np.zeros((1, 2)),
            scales=scales,
            colors=["#dcdcdc"],
            stroke_width=1,
        )
        self.names = bqplot.Label(
            x=np.zeros(1),
            y=np.zeros(1),
            text=[""],
            scales=scales,
            default_size=11,
            font_weight="normal",
            colors=["#777777"],
            align="middle",
        )
        self.neurons = bqplot.Scatter(
            x=np.zeros(1),
            y=np.zeros(1),
            color=np.zeros(1),
            scales=scales | {"color": colours},
            default_size=26,
            opacities=[0.75],
            stroke_width=0,
        )
        self.below, self.left = axes(self.x, self.y, "angle of (w, b)", "amplitude |a| |(w, b)|")
        self.below.tick_labels = {str(angle): text for angle, text in _TURN.items()}
        powers_of_ten(self.left)
        legend = [
            *(("●", GROUPS[i], text) for i, text in enumerate(("1st", "2nd", "3rd …"))),
            ("●", COLOURS["inactive"], "inactive"),
        ]
        head = f'<span style="color:{colour}">{title}</span>'
        self.caption = Caption(head, key(legend), size)
        self.figure = figure(
            [self.guides, self.neurons, self.names], (self.below, self.left), size=size
        )
        super().__init__([self.caption, self.figure])
        self.polar = True

    @property
    def polar(self) -> bool:
        """Whether the map is polar; it can be switched at any time."""
        return self._polar

    @polar.setter
    def polar(self, on: bool) -> None:
        self._polar = on
        self.below.visible = self.left.visible = not on
        bare = dict.fromkeys(self._around, _BARE)  # there are no axes that need room
        self.figure.fig_margin = bare if on else self._around
        self.guides.visible = self.names.visible = on
        if self._frame is not None:
            self.show(self._frame)

    def show(self, frame: NeuronFrame) -> None:
        """Draw a frame."""
        self._frame = frame
        low, high = frame.log_range
        if self._polar:
            self._rim(low, high)
            radius = (frame.log_amplitude - low) / (high - low)
            x, y = radius * np.cos(frame.angle), radius * np.sin(frame.angle)
        else:
            mark_axis(self.below, (-190.0, 190.0), [float(angle) for angle in _TURN])
            mark_axis(self.left, (low - 0.3, high + 0.1), powers(low, high))
            x, y = np.degrees(frame.angle), frame.log_amplitude
        colour = np.minimum(frame.group + 1, len(GROUPS) + 1).astype(float)
        update(self.neurons, x=np.round(x, _DIGITS), y=np.round(y, _DIGITS), color=colour)
        self.caption.say(frame.caption)

    def _rim(self, low: float, high: float) -> None:
        """Circles at powers of ten and a ray every 45 degrees, with their names."""
        if self.x.max == _RIM * self._aspect and self._drawn == (low, high):
            return
        self._drawn = (low, high)
        for scale, half in ((self.x, _RIM * self._aspect), (self.y, _RIM)):
            with scale.hold_sync():
                scale.min, scale.max = -half, half
        turn = np.linspace(0.0, 2.0 * math.pi, 65)
        levels = [level for level in powers(low, high, 3) if level > low]
        radii = [*((level - low) / (high - low) for level in levels), 1.0]
        rays = np.radians(np.arange(0, 360, 45))[:, None] * np.ones(65)
        x = np.concatenate([np.outer(radii, np.cos(turn)), np.cos(rays) * np.linspace(0, 1, 65)])
        y = np.concatenate([np.outer(radii, np.sin(turn)), np.sin(rays) * np.linspace(0, 1, 65)])
        with self.guides.hold_sync():
            self.guides.x, self.guides.y = x, y
        names = [(math.radians(a), 1.14, f"{a}°") for a in (0, 45, 90, 135, 180, -135, -90, -45)]
        names += [(math.radians(68), r, power(int(k))) for r, k in zip(radii, levels, strict=False)]
        with self.names.hold_sync():
            self.names.x = np.array([r * math.cos(a) for a, r, _ in names])
            self.names.y = np.array([r * math.sin(a) - 0.05 for a, r, _ in names])
            self.names.text = [text for *_, text in names]

    _drawn: tuple[float, float] | None = None
