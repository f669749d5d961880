"""Events of a run on screen: signs to be clicked, on an axis or before a sentence."""

import itertools
from collections.abc import Callable, Sequence

import ipywidgets

from ..frames import Mark, face
from ..widgets import spoken
from ..widgets.closing import close_all

__all__ = ["KINDS", "EventsView", "sign"]

_SIGNS = {
    "overshoot": ("▲", "#9a4a00"),
    "gather": ("●", "#CC79A7"),
    "plateau": ("▬", "#0072B2"),
    "escape": ("▼", "#D55E00"),
    "split": ("◆", "#009E73"),
    "join": ("◇", "#009E73"),
    "condense": ("◐", "#CC79A7"),
    "end": ("■", "#777777"),
}
_HALF = 8  # pixels, more than half of the widest
_WORDS = {"gather": "fewest", "split": "more", "join": "fewer"}  # a count does not say why
KINDS = ", ".join(f"{text} {_WORDS.get(kind, kind)}" for kind, (text, _) in _SIGNS.items())


def sign(mark: Mark, go: Callable[[int], None]) -> spoken.Button:
    """The sign of an event; a click goes to its recorded step."""
    text, colour = _SIGNS.get(mark.kind, ("●", "#777777"))
    button = spoken.Button(
        description=text,
        tooltip=mark.text,
        style={"text_color": face(colour), "button_color": "transparent", "font_size": "10px"},
        layout=ipywidgets.Layout(
            width=f"{2 * _HALF}px",
            height="14px",
            margin="0",
            padding="0",
            display="flex",
            align_items="center",
            justify_content="center",
            overflow="visible",
        ),
    )
    button.on_click(lambda _: go(mark.index))
    return button


class EventsView(ipywidgets.GridBox):
    """Signs of events where they are on an axis of recorded steps.

    The keyboard does not stop at each of them: there are buttons from one to the next.

    Parameters
    ----------
    go : callable
        Called with the recorded step of a sign that was clicked.
    """

    def __init__(self, go: Callable[[int], None], layout: ipywidgets.Layout) -> None:
        self._go, self._signs = go, list[spoken.Button]()
        super().__init__([], layout=layout)

    def show(self, marks: Sequence[Mark], length: int) -> None:
        """Show the signs of a run with `length` recorded steps."""
        before = self._signs
        stops = [0, *sorted({mark.index for mark in marks}), max(1, length - 1)]
        spans = [later - earlier for earlier, later in itertools.pairwise(stops)]
        self.layout.grid_template_columns = " ".join(f"minmax(0, {span}fr)" for span in spans)
        self._signs = [sign(mark, self._go) for mark in marks]
        for mark, button in zip(marks, self._signs, strict=True):
            button.tabbable = False
            column = stops.index(mark.index, 1) + 1
            button.layout.grid_area = f"1 / {column}"
            button.layout.margin = f"0 0 0 -{_HALF}px"
        self.children = self._signs
        for button in before:
            close_all(button)
