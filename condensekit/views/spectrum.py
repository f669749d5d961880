"""The spectrum of a Jacobian, with a tolerance to drag."""

from collections.abc import Callable

import numpy as np

from ..frames import COLOURS, SpectrumFrame, powers, ticks
from .look import PictureView, mark_axis, powers_of_ten, update

__all__ = ["SpectrumView"]


class SpectrumView(PictureView):
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
