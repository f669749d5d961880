"""Every hidden neuron as a point: its orientation and its amplitude, along axes or polar."""

import math
from typing import Any

import numpy as np

from ..frames import COLOURS, GROUPS, LARGE, NeuronFrame, Size, face, ink, powers
from ..widgets import spoken
from ..widgets.swarm import Swarm
from ..words import power
from .look import Entry, PictureView, key, margins, mark_axis, powers_of_ten, update

__all__ = ["NeuronView", "PolarView"]

_TURN = {-math.pi: "-π", -math.pi / 2: "-π/2", 0: "0", math.pi / 2: "π/2", math.pi: "π"}
_DEGREES = {-180: "-180°", -90: "-90°", 0: "0°", 90: "90°", 180: "180°"}
_RIM = 1.24  # half the height of the picture, in radii of the outer circle
_DIGITS = 3  # of a place: to less than a pixel; what does not move is not drawn again
_BARE = 4  # pixels around a polar map
_LABEL = "amplitude |a| |(w, b)|"


class _Neurons(PictureView):
    """Neurons coloured by group; a dot under the mouse tells its weights."""

    def __init__(self, title: str, label: str, ranks: list[str], size: Size, dot: int) -> None:
        legend: list[Entry] = [("●", GROUPS[i], text) for i, text in enumerate(ranks)]
        legend.append(("●", COLOURS["inactive"], "inactive"))
        super().__init__(title, (label, _LABEL), legend, size)
        powers_of_ten(self.left)
        # Group g has colour g + 1; 0 is inactive, and the last one stands for all further groups.
        colours = [*map(face, [COLOURS["inactive"], *GROUPS, COLOURS["others"]])]
        self.weights, self.moving = spoken.HTML(), False
        self.swarm = Swarm(colours, dot, {"x": self.x, "y": self.y}, self.weights)
        self.add_class("condensekit-swarm")
        self.neurons = self.swarm.dots
        self.neurons.on_hover(self._tell)
        self._frame: NeuronFrame | None = None

    def _tell(self, _mark: object, event: dict[str, Any]) -> None:
        if self._frame is not None:
            self.weights.value = self._frame.weights_of(event["data"]["index"])

    def _draw(self, frame: NeuronFrame, x: np.ndarray, y: np.ndarray) -> None:
        self._frame = frame
        colour = np.minimum(frame.group + 1, len(GROUPS) + 1).astype(float)
        self.swarm.show(np.round(x, _DIGITS), np.round(y, _DIGITS), colour, self.moving)
        self.caption.say(frame.caption)


class NeuronView(_Neurons):
    """Angle of (w, b) against |a| |(w, b)|, coloured by group; the last run beside it."""

    def __init__(self) -> None:
        label, ranks = "orientation: angle of (w, b)", ["1st group", "2nd", "3rd …"]
        super().__init__("Neurons", label, ranks, LARGE, 30)
        self.caption.legend += f" &ensp;{key([('✚', COLOURS['last'], 'last run')])}"
        look = {"marker": "cross", "opacities": [0.45], "visible": False}
        self.last = self.dots(COLOURS["last"], 16, **look)
        self.below.tick_labels = {str(angle): text for angle, text in _TURN.items()}
        mark_axis(self.below, (-1.06 * math.pi, 1.06 * math.pi), list(_TURN))
        self.build(self.last, *self.swarm.marks)

    def show(self, frame: NeuronFrame, last: NeuronFrame | None = None) -> None:
        """Draw a frame, and the active neurons of another one beside it."""
        mark_axis(self.left, frame.log_range, powers(*frame.log_range))
        self._draw(frame, frame.angle, frame.log_amplitude)
        if last is not None:
            active = last.group >= 0
            x, y = last.angle[active], last.log_amplitude[active]
            update(self.last, np.round(x, _DIGITS), np.round(y, _DIGITS))
        self.last.visible = last is not None


class PolarView(_Neurons):
    """Orientation as angle and log amplitude as radius, or both along axes; colour is the cluster.

    Parameters
    ----------
    title, colour : str
        Of which run it is.
    size : pair of int
        Width and height.
    """

    def __init__(self, title: str, colour: str = "inherit", size: Size = LARGE) -> None:
        head = f'<span style="color:{ink(colour)}">{title}</span>'
        super().__init__(head, "angle of (w, b)", ["1st", "2nd", "3rd …"], size, 26)
        self._around = margins(size)
        self._aspect = (size[0] - 2 * _BARE) / (size[1] - 2 * _BARE)
        self._drawn: tuple[float, float] | None = None
        nowhere = np.zeros((1, 2))
        self.guides = self.line("#dcdcdc", 1, x=nowhere, y=nowhere)
        self.names = spoken.Names(
            x=np.zeros(1),
            y=np.zeros(1),
            text=[""],
            scales={"x": self.x, "y": self.y},
            default_size=11,
            font_weight="normal",
            colors=[ink("#777777")],
            align="middle",
        )
        self.below.tick_labels = {str(angle): text for angle, text in _DEGREES.items()}
        self.build(self.guides, *self.swarm.marks, self.names)
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
        (self.figure.add_class if on else self.figure.remove_class)("condensekit-round")
        if self._frame is not None:
            self.show(self._frame)

    def show(self, frame: NeuronFrame) -> None:
        """Draw a frame."""
        low, high = frame.log_range
        if self._polar:
            self._rim(low, high)
            radius = (frame.log_amplitude - low) / (high - low)
            self._draw(frame, radius * np.cos(frame.angle), radius * np.sin(frame.angle))
        else:
            mark_axis(self.below, (-190.0, 190.0), list(_DEGREES))
            mark_axis(self.left, (low - 0.3, high + 0.1), powers(low, high))
            self._draw(frame, np.degrees(frame.angle), frame.log_amplitude)

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
        update(self.guides, x, y)
        names = [(math.radians(a), 1.14, f"{a}°") for a in (0, 45, 90, 135, 180, -135, -90, -45)]
        names += [(math.radians(68), r, power(int(k))) for r, k in zip(radii, levels, strict=False)]
        with self.names.hold_sync():
            self.names.x = np.array([r * math.cos(a) for a, r, _ in names])
            self.names.y = np.array([r * math.sin(a) - 0.05 for a, r, _ in names])
            self.names.text = [text for *_, text in names]
