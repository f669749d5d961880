"""The one clock of a lab: recorded steps, with the events of the run marked on it."""

import bisect
import html
from collections.abc import Callable, Sequence

import ipywidgets

from ..frames import Mark
from ..subjects import Hand
from ..views.events import KINDS, EventsView
from ..widgets import spoken
from ..widgets.quiet import quiet
from ..widgets.small import button

__all__ = ["Timeline"]

_WIDEST, _NARROWEST = "374px", "220px"  # of the slider with its name


class Timeline(ipywidgets.VBox):
    """Play, a slider over recorded steps with events above it, and buttons that jump to them.

    Parameters
    ----------
    moved : callable
        Called with a recorded step to show when the reader asks for it.
    beside : sequence of Widget
        What stands in the same line as the events.
    """

    def __init__(
        self,
        moved: Callable[[int], None],
        beside: Sequence[ipywidgets.Widget],
    ) -> None:
        self._moved, self._hand = moved, Hand()
        self.marks: tuple[Mark, ...] = ()
        self._length = 0
        self.play_button = button("Play", "Replay the run from the slider on")
        self.back_button = button("◀ event", f"To the event before ({KINDS})", "", 76)
        self.next_button = button("event ▶", f"To the next event ({KINDS})", "", 76)
        self.slider = spoken.IntSlider(
            min=0,
            max=1,
            readout=False,
            description="step",
            tooltip="Scrub through the recorded steps; the arrow keys work too",
            style={"description_width": "32px"},
            layout=ipywidgets.Layout(width="auto", margin="0 2px"),
        )
        # The outermost signs reach over the ends by half of their width.
        self.strip = EventsView(
            self.go,
            ipywidgets.Layout(height="14px", margin="0 8px -8px 48px", overflow="visible"),
        )
        self.moment = spoken.Label(layout=ipywidgets.Layout(width="166px"))
        self.moment.add_class("condensekit-moment")
        self.event = spoken.HTML(layout=ipywidgets.Layout(width="384px", min_height="2.6em"))
        quiet(self.slider)
        self.slider.observe(lambda change: self._on_slide(change["new"]), "value")
        self.back_button.on_click(lambda _: self.jump(-1))
        self.next_button.on_click(lambda _: self.jump(1))
        row = ipywidgets.Layout(flex_flow="row wrap", align_items="flex-end")
        # As long as there is room for, so that the buttons stay in one line in a narrow window.
        # The signs come last, so that they lie above the slider and can be clicked.
        self._scrub = ipywidgets.VBox(
            [self.slider, self.strip],
            layout=ipywidgets.Layout(
                flex=f"1 1 {_NARROWEST}",
                flex_flow="column-reverse",
                max_width=_WIDEST,
                min_height="34px",
            ),
        )
        self._scrub.add_class("condensekit-scrub")
        buttons = [self.play_button, self.back_button, self._scrub, self.next_button]
        super().__init__(
            [
                ipywidgets.HBox(buttons, layout=row),
                ipywidgets.HBox(
                    [self.moment, self.event, *beside],
                    layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),
                ),
            ]
        )

    def show(self, index: int, length: int, moment: str) -> None:
        """Put the slider to a recorded step of `length`, and say which it is."""
        with self._hand.still():
            self.slider.max = max(1, length - 1)
            self.slider.value = index
        self.moment.value = moment
        here = [mark for mark in self.marks if mark.index == index]
        told = html.escape(" ".join(mark.text for mark in here))
        self.event.value = f"<div style='line-height:1.3'>{told}</div>"

    def mark(self, marks: Sequence[Mark], length: int) -> None:
        """Mark the events of a run with `length` recorded steps."""
        if (tuple(marks), length) != (self.marks, self._length):
            self.marks, self._length = tuple(marks), length
            self.strip.show(self.marks, length)
            # Its End key goes to the end that the slider had when the browser made it: make anew.
            with self._hand.still():
                self.slider.max = max(1, length - 1)
            self._scrub.children = [self.strip]
            self._scrub.children = [self.slider, self.strip]
        self.enable(not self.slider.disabled)

    def jump(self, direction: int) -> None:
        """Go to the next event (1) or to the one before (-1), if there is one."""
        stops = sorted({mark.index for mark in self.marks})
        here = self.slider.value
        if direction > 0:
            at = bisect.bisect_right(stops, here)
        else:
            at = bisect.bisect_left(stops, here) - 1
        if 0 <= at < len(stops):
            self.go(stops[at])

    def go(self, index: int) -> None:
        """Go to a recorded step, if the reader may move in time."""
        if not self.slider.disabled:
            self._moved(index)

    def enable(self, on: bool) -> None:
        """Whether the reader may move in time."""
        self.slider.disabled = not on
        self.back_button.disabled = self.next_button.disabled = not (on and self.marks)

    def _on_slide(self, index: int) -> None:
        if self._hand.moves:
            self._moved(index)
