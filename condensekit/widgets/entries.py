"""The target matrix as sixteen buttons: which entries are observed, and in which order."""

from collections.abc import Callable, Sequence

import ipywidgets

from ..palette import face, shade
from . import spoken

__all__ = ["EntryGrid"]

_CELL = "43px"
_SEEN = f"3px solid {face('#000000')}"
_UNSEEN = f"1px dashed {face('#8c8c8c')}"


class EntryGrid(ipywidgets.GridBox):
    """A button for each entry of a matrix; a click shows it to the network, or hides it again.

    Parameters
    ----------
    toggled : callable
        Called with the number of an entry that was clicked.
    side : int
        Rows and columns.
    """

    def __init__(self, toggled: Callable[[int], None], side: int = 4) -> None:
        self.buttons = []
        for number in range(side * side):
            button = spoken.Button(
                layout=ipywidgets.Layout(width=_CELL, height=_CELL, margin="0", padding="0")
            )
            button.on_click(lambda _, number=number: toggled(number))
            self.buttons.append(button)
        super().__init__(
            self.buttons,
            layout=ipywidgets.Layout(
                grid_template_columns=" ".join([_CELL] * side),
                grid_gap="3px",
                margin="0 0 2px 40px",
            ),
        )

    def show(self, matrix: Sequence[Sequence[float]], order: Sequence[int], n_samples: int) -> None:
        """Draw the matrix; the first `n_samples` entries of the order are observed."""
        values = [float(value) for row in matrix for value in row]
        scale = max(abs(value) for value in values) or 1.0
        for number, (button, value) in enumerate(zip(self.buttons, values, strict=True)):
            place = order.index(number)
            seen = place < n_samples
            ground, text = shade(value, scale)
            button.description = f"{value:g}".replace("-", "−")
            button.style.button_color = ground if seen else "#ffffff"
            button.style.text_color = text if seen else "#6e6e6e"
            button.layout.border = _SEEN if seen else _UNSEEN
            i, j = divmod(number, len(matrix[0]))
            state = f"observed, number {place + 1}" if seen else "not observed"
            button.tooltip = f"Entry ({i + 1}, {j + 1}): {state}. Click to change that."

    def enable(self, on: bool) -> None:
        """Let the reader click, or not."""
        for button in self.buttons:
            button.disabled = not on
