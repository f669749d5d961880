"""Singular values with a tolerance that can be dragged, and ranks over a perturbation."""

from collections.abc import Callable

import bqplot
import ipywidgets
import numpy as np

from ..frames import COLOURS, CurveFrame, SpectrumFrame, powers, ticks
from .look import Caption, axes, figure, key, mark_axis, powers_of_ten

__all__ = ["RankCurveView", "SpectrumView"]


class SpectrumView(ipywidgets.VBox):
    """Singular values by their number; the tolerance is a line with a handle.

    Parameters
    ----------
    dragged : callable
        Called with log10 of the tolerance when the reader has dragged the handle.
    """

    def __init__(self, dragged: Callable[[float], None]) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        scales = {"x": self.x, "y": self.y}
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": scales}
        self.values = bqplot.Scatter(
            colors=[COLOURS["network"]], default_size=14, stroke_width=0, **empty
        )
        self.exact = bqplot.Lines(
            colors=[COLOURS["theory"]], stroke_width=2, line_style="dashed", **empty
        )
        self.tolerance = bqplot.Lines(colors=[COLOURS["last"]], stroke_width=1.5, **empty)
        self.handle = bqplot.Scatter(
            colors=[COLOURS["last"]],
            marker="rectangle",
            default_size=110,
            enable_move=True,
            restrict_y=True,
            **empty,
        )
        self.below, self.left = axes(self.x, self.y, "number", "singular value / largest")
        powers_of_ten(self.left)
        self.caption = Caption(
            "Spectrum",
            key(
                [
                    ("●", COLOURS["network"], "singular values"),
                    ("━■", COLOURS["last"], "tolerance: drag it"),
                    ("┅", COLOURS["theory"], "proven rank"),
                ]
            ),
        )
        self.figure = figure(
            [self.exact, self.tolerance, self.values, self.handle], (self.below, self.left)
        )
        self._dragged, self._drawing = dragged, False
        self.handle.observe(self._moved, "y")
        super().__init__([self.caption, self.figure])

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
            for mark, x, y in (
                (self.values, np.arange(1.0, count + 1.0), frame.log_values),
                (self.exact, [frame.exact + 0.5] * 2, frame.log_range),
                (self.tolerance, x_range, [frame.log_tolerance] * 2),
                (self.handle, [0.94 * x_range[1]], [frame.log_tolerance]),
            ):
                with mark.hold_sync():
                    mark.x, mark.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        finally:
            self._drawing = False
        self.caption.say(frame.caption)


class RankCurveView(ipywidgets.VBox):
    """Numerical and proven rank over the size of a perturbation."""

    def __init__(self) -> None:
        self.x, self.y = bqplot.LinearScale(), bqplot.LinearScale()
        empty = {"x": np.zeros(1), "y": np.zeros(1), "scales": {"x": self.x, "y": self.y}}
        line = {"stroke_width": 2.5} | empty
        self.numerical = bqplot.Lines(
            colors=[COLOURS["network"]], marker="circle", marker_size=30, **line
        )
        self.exact = bqplot.Lines(colors=[COLOURS["theory"]], line_style="dashed", **line)
        self.unperturbed = bqplot.Lines(
            colors=[COLOURS["others"]], line_style="dotted", stroke_width=1.5, **empty
        )
        self.here = bqplot.Lines(colors=[COLOURS["last"]], stroke_width=1.5, **empty)
        self.below, self.left = axes(self.x, self.y, "perturbation ε of every parameter", "rank")
        powers_of_ten(self.below)
        self.caption = Caption(
            "Perturbed",
            key(
                [
                    ("━", COLOURS["network"], "numerical"),
                    ("┅", COLOURS["theory"], "proven"),
                    ("┈", COLOURS["others"], "proven at ε = 0"),
                    ("┃", COLOURS["last"], "here"),
                ]
            ),
        )
        self.figure = figure(
            [self.unperturbed, self.here, self.numerical, self.exact], (self.below, self.left)
        )
        super().__init__([self.caption, self.figure])

    def show(self, frame: CurveFrame | None) -> None:
        """Draw a frame, or nothing."""
        self.figure.layout.visibility = "hidden" if frame is None else "visible"
        if frame is None:
            self.caption.say("for smaller networks")
            return
        x_range = float(frame.log_epsilon.min()) - 0.3, float(frame.log_epsilon.max()) + 0.3
        y_range = (0.0, 1.08 * frame.highest)
        mark_axis(self.below, x_range, powers(*x_range))
        mark_axis(self.left, y_range, ticks(*y_range))
        self.here.visible = frame.here is not None
        for mark, x, y in (
            (self.numerical, frame.log_epsilon, frame.numerical),
            (self.exact, frame.log_epsilon, frame.exact),
            (self.unperturbed, x_range, [frame.unperturbed] * 2),
            (self.here, [frame.here or 0.0] * 2, y_range),
        ):
            with mark.hold_sync():
                mark.x, mark.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self.caption.say(frame.caption)
