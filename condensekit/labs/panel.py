"""Panel: what every lab with a timeline has on the screen, without what it does."""

import html
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import ipywidgets

from .folds import Folds
from .timeline import Timeline
from .widgets import button

__all__ = ["Panel"]


class Panel(ipywidgets.VBox):
    """Verdict, buttons, progress, status, controls, pictures, timeline, and what is folded away.

    Parameters
    ----------
    controls, grid : Widget
        The controls and the pictures of the lab.
    beside : sequence of Widget
        What stands beside the timeline.
    hidden : sequence of Widget
        What must be displayed, and is not seen.
    moved, unfolded, restore : callable
        See `Timeline` and `Folds`.
    lock : lock
        See `Timeline`.
    torch : bool
        Whether there are lines in plain torch.
    """

    def __init__(
        self,
        controls: ipywidgets.Widget,
        grid: ipywidgets.Widget,
        beside: Sequence[ipywidgets.Widget],
        hidden: Sequence[ipywidgets.Widget],
        moved: Callable[[int], None],
        unfolded: Callable[[], None],
        restore: Callable[[], None],
        lock: AbstractContextManager[Any],
        torch: bool = True,
    ) -> None:
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="24px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout=ipywidgets.Layout(width="286px", height="10px")
        )
        self.run_button = button("Run", "Train with these settings", "primary")
        self.pause_button = button("Pause", "Hold the training, or go on")
        self.stop_button = button("Stop", "End here and keep what was trained")
        self.reset_button = button("Reset", "Back to the settings at the start")
        self.timeline = Timeline(moved, beside, lock)
        self.slider, self.moment = self.timeline.slider, self.timeline.moment
        self.play_button = self.timeline.play_button
        self.folds = Folds(unfolded, restore, torch)
        buttons = [self.run_button, self.pause_button, self.stop_button, self.reset_button]
        left = ipywidgets.VBox(
            [ipywidgets.HBox(buttons), self.progress, self.status, controls, self.folds],
            layout=ipywidgets.Layout(width="292px", margin="0"),
        )
        # In a window too narrow for two columns of pictures, one still stands beside the controls.
        right = ipywidgets.VBox([grid, self.timeline], layout=ipywidgets.Layout(flex="1 1 400px"))
        body = ipywidgets.HBox([left, right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([self.verdict, body, *hidden])

    def say(self, text: str, kind: str = "note") -> None:
        """Write into the status line; `kind` is note, warning or error."""
        sign, colour = {
            "note": ("", "inherit"),
            "warning": ("⚠ ", "#9a4a00"),
            "error": ("✖ ", "#b00020"),
        }[kind]
        self.status.value = (
            f'<div role="status" style="line-height:1.4;color:{colour}">'
            f"{sign}{html.escape(text)}</div>"
        )

    def enable(self, training: bool, playing: bool, paused: bool, still: bool) -> None:
        """Show what may be pressed now; `still`: there is nothing to be moved through."""
        self.run_button.disabled = training
        self.pause_button.disabled = self.stop_button.disabled = not (training or playing)
        self.pause_button.description = "Go on" if paused else "Pause"
        self.play_button.disabled = still
        self.play_button.description = "End" if playing else "Play"
        self.timeline.enable(not still)
