"""The spectrum of a Jacobian with a tolerance to drag, and ranks over a perturbation."""

from collections.abc import Callable

import numpy as np

from ..frames import COLOURS, CurveFrame, SpectrumFrame, powers, ticks
from .look import Picture, mark_axis, powers_of_ten, update

__all__ = ["RankCurveView", "SpectrumView"]


class SpectrumView(Picture):
    """Singular values by their number; the tolerance is a line with a handle."""

    def __init__(self) -> None:
        legend = [
            ("●", COLOURS["network"], "singular values"),
            ("━■", COLOURS["last"], "tolerance: drag it"),
            ("┅", COLOURS["theory"], "proven rank"),
        ]
        super().__init__("Spectrum", ("number", "singular value / largest"), legend)
        powers_of_ten(self.left)
        self.values = self.dots(COLOURS["network"], 14, stroke_width=0)
        self.exact = self.line(COLOURS["theory"], 2, "dashed")
        self.tolerance = self.line(COLOURS["last"], 1.5)
        moves = {"marker": "rectangle", "enable_move": True, "restrict_y": True}
        self.handle = self.dots(COLOURS["last"], 110, **moves)
        self.build(self.exact, self.tolerance, self.values, self.handle)
        self._drawing = False
        self._dragged: Callable[[float], None] = lambda _: None
        self.handle.observe(self._moved, "y")

    def on_click(self, dragged: Callable[[float], None]) -> None:
        """Call `dragged` with log10 of the tolerance when the reader has dragged the handle."""
        self._dragged = dragged

    def _moved(self, change: dict[str, np.ndarray]) -> None:
        if not self._drawing:
            self._dragged(float(change["new"][0]))

    def show(self, frame: SpectrumFrame) -> None:
        """Draw a frame."""
        count = len(frame.log_values)
        x_range = (0.0, 1.02 * count + 0.5)
        mark_axis(self.below, x_range, [t for t in ticks(*x_range) if t == round(t)])
        mark_axis(self.left, frame.log_range, powers(*frame.log_range))
        self._drawing = True
        try:
            update(self.values, np.arange(1.0, count + 1.0), frame.log_values)
            update(self.exact, [frame.exact + 0.5] * 2, frame.log_range)
            update(self.tolerance, x_range, [frame.log_tolerance] * 2)
            update(self.handle, [0.94 * x_range[1]], [frame.log_tolerance])
        finally:
            self._drawing = False
        self.caption.say(frame.caption)


class RankCurveView(Picture):
    """Numerical and proven rank over the size of a perturbation."""

    def __init__(self) -> None:
        legend = [
            ("━", COLOURS["network"], "numerical"),
            ("┅", COLOURS["theory"], "proven"),
            ("┈", COLOURS["others"], "proven at ε = 0"),
            ("┃", COLOURS["last"], "here"),
        ]
        super().__init__("Perturbed", ("perturbation ε of every parameter", "rank"), legend)
        powers_of_ten(self.below)
        self.numerical = self.line(COLOURS["network"], marker="circle", marker_size=30)
        self.exact = self.line(COLOURS["theory"], style="dashed")
        self.unperturbed = self.line(COLOURS["others"], 1.5, "dotted")
        self.here = self.line(COLOURS["last"], 1.5)
        self.build(self.unperturbed, self.here, self.numerical, self.exact)

    def show(self, frame: CurveFrame | None) -> None:
        """Draw a frame, or nothing."""
        self.figure.layout.visibility = "hidden" if frame is None else "visible"
        if frame is None:
            self.caption.say("for smaller networks")
            return
        mark_axis(self.below, frame.x_range, powers(*frame.x_range))
        mark_axis(self.left, frame.y_range, ticks(*frame.y_range))
        self.here.visible = frame.here is not None
        update(self.numerical, frame.log_epsilon, frame.numerical)
        update(self.exact, frame.log_epsilon, frame.exact)
        update(self.unperturbed, frame.x_range, [frame.unperturbed] * 2)
        update(self.here, [frame.here or 0.0] * 2, frame.y_range)
        self.caption.say(frame.caption)
