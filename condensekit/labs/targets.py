"""What is to be learned: from a list, typed as a formula, drawn with the mouse, or read."""

from collections.abc import Callable

import ipywidgets
import numpy as np

from ..frames import Array
from ..problems import Drawn, Formula, Problem, drawn, formula, read_csv, relu_1d
from ..subjects import Hand
from ..tables import LIST_WIDTH
from ..tables.targets import GRID, TARGETS, sampled
from ..views import FitView
from ..widgets import spoken
from ..widgets.small import dropdown

__all__ = ["Targets"]

FORMULA, DRAWN, CSV = "formula", "drawn", "CSV file"
OTHER = "as given"
FIRST = "sin(3*x)"


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
        self._hand = Hand()
        options = [*TARGETS, FORMULA, DRAWN, CSV]
        self.kind = dropdown("target", options, "What is to be learned.", LIST_WIDTH)
        self.text = spoken.Text(
            value=FIRST,
            continuous_update=False,
            description="f(x) =",
            tooltip="A formula in x on [-1, 1], such as sin(3*x) + x^2/2; press Enter.",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width=f"{LIST_WIDTH}px", display="none"),
        )
        self.draw_button = spoken.ToggleButton(
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
        kind = self.kind.value
        if kind == FORMULA:
            self._given = formula(self.text.value)
        elif kind == DRAWN:
            x, y = self._points
            self._given = drawn(x.tolist(), y.tolist())
        elif kind == CSV:
            self._given = self._read(self.text.value.strip())
        elif kind in TARGETS:
            self._given = TARGETS[kind]()
        return self._given

    def _read(self, path: str) -> Problem:
        if not path:
            raise ValueError("Type the path of a CSV file whose last column is y, and press Enter.")
        try:
            return read_csv(path)
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}.") from None

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
        with self._hand.still():
            kind = next((name for name, make in TARGETS.items() if make() == problem), OTHER)
            if isinstance(problem, Drawn) and len(problem.points) == GRID:
                kind = DRAWN
                x, y = np.array(problem.points).T
                self._points = x, y
            elif isinstance(problem, Formula) and kind == OTHER and _offered(problem):
                kind, self.text.value = FORMULA, problem.text
            self._given = problem
            options = [*TARGETS, FORMULA, DRAWN, CSV]
            self.kind.options = [*options, OTHER] if kind == OTHER else options
            self.kind.value = kind
            self._show_parts()

    def _show_parts(self) -> None:
        kind = self.kind.value
        self.text.description = "file" if kind == CSV else "f(x) ="
        self.text.layout.display = "" if kind in (FORMULA, CSV) else "none"
        self.draw_button.layout.display = "" if kind == DRAWN else "none"
        if kind != DRAWN:
            self.draw_button.value = False

    def _kind_changed(self) -> None:
        if not self._hand.moves:
            return
        with self._hand.still():
            if self.kind.value == DRAWN:  # so that the picture has the right scale to draw in
                self._points = sampled(self._given)
            self._show_parts()
            if self.kind.value == FORMULA:
                self.text.value = FIRST
            elif self.kind.value == CSV:
                self.text.value = ""
        if self.kind.value == DRAWN:
            self.draw_button.value = True
        self._changed()

    def _entry_changed(self) -> None:
        if self._hand.moves:
            self._changed()


def _offered(problem: Formula) -> bool:
    """Whether a formula is on the interval that is offered here."""
    return problem == Formula(problem.text)
