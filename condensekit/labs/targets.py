"""What is to be learned: from a list, typed as a formula, drawn with the mouse, or read."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np

from ..problems import Drawn, Formula, Problem, relu_1d
from ..tables.targets import CSV, DRAWN, FIRST, FORMULA, KINDS, OTHER, chosen, kind_of, sampled
from ..views import FitView
from .widgets import dropdown

__all__ = ["Targets"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class Targets(ipywidgets.VBox):
    """The choice of a target on [-1, 1], with what each kind needs.

    Parameters
    ----------
    fit : FitView
        The picture in which a reader may draw.
    """

    def __init__(self, fit: FitView) -> None:
        self._fit = fit
        self._changed: Callable[[], None] = lambda: None
        self._given: Problem = relu_1d()
        self._points = sampled(self._given)
        self._entering = False
        self.kind = dropdown("target", [*KINDS], "What is to be learned.", 286)
        self.text = ipywidgets.Text(
            value=FIRST,
            continuous_update=False,
            description="f(x) =",
            tooltip="A formula in x on [-1, 1], such as sin(3*x) + x^2/2; press Enter.",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="286px", display="none"),
        )
        self.draw_button = ipywidgets.ToggleButton(
            description="Draw in the fit",
            tooltip="Press and move the mouse over the picture of the fit; press again when done.",
            layout=ipywidgets.Layout(width="170px", margin="2px 0 2px 108px", display="none"),
        )
        self.kind.observe(lambda _: self._kind_changed(), "value")
        self.text.observe(lambda _: self._entry_changed(), "value")
        self.draw_button.observe(lambda change: self._take_pen(change["new"]), "value")
        fit.pen.observe(lambda _: self._drawn(), "y")
        super().__init__([self.kind, self.text, self.draw_button])

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the reader has entered another target."""
        self._changed = callback

    @property
    def value(self) -> Problem:
        """The problem that was chosen.

        Raises
        ------
        ValueError
            If what was typed, drawn or read is none.
        """
        self._given = chosen(self.kind.value, self.text.value, self._points, self._given)
        return self._given

    @property
    def points(self) -> tuple[Array, Array]:
        """The curve that was drawn: x and y."""
        return self._points

    def _take_pen(self, drawing: bool) -> None:
        if drawing:
            self._fit.take_pen(*self._points)
        else:
            self._fit.drop_pen()

    def _drawn(self) -> None:
        y = self._fit.pen.y
        if self.draw_button.value and not np.array_equal(y, self._points[1]):
            self._points = self._points[0], np.asarray(y, dtype=np.float64)
            self._entry_changed()

    def checked(self, problem: object) -> Problem:
        """What can be set; a ValueError if it is no problem."""
        if not isinstance(problem, Problem):
            raise ValueError(f"problem must be a Problem, but is {problem!r}.")
        return problem

    def set(self, problem: Problem) -> None:
        """Show a problem, without telling anybody."""
        self._entering = True
        try:
            kind = kind_of(problem)
            if isinstance(problem, Drawn) and kind == DRAWN:
                x, y = np.array(problem.points).T
                self._points = x, y
            elif isinstance(problem, Formula) and kind == FORMULA:
                self.text.value = problem.text
            self._given = problem
            self.kind.options = [*KINDS, OTHER] if kind == OTHER else [*KINDS]
            self.kind.value = kind
            self._show_parts()
        finally:
            self._entering = False

    def _show_parts(self) -> None:
        kind = self.kind.value
        self.text.description = "file" if kind == CSV else "f(x) ="
        self.text.layout.display = "" if kind in (FORMULA, CSV) else "none"
        self.draw_button.layout.display = "" if kind == DRAWN else "none"
        if kind != DRAWN:
            self.draw_button.value = False

    def _kind_changed(self) -> None:
        if self._entering:
            return
        self._entering = True
        try:
            if self.kind.value == DRAWN:  # so that the picture has the right scale to draw in
                self._points = sampled(self._given)
            self._show_parts()
            if self.kind.value == FORMULA:
                self.text.value = FIRST
            elif self.kind.value == CSV:
                self.text.value = ""
        finally:
            self._entering = False
        if self.kind.value == DRAWN:
            self.draw_button.value = True
        self._changed()

    def _entry_changed(self) -> None:
        if not self._entering:
            self._changed()
