"""What is on the screen of the lab: controls, buttons and pictures, without what they do."""

import html
from collections.abc import Callable

import ipywidgets

from ...views import FitView, MapView
from ..lifetime import close_lab
from ..player import Gate, Player, State
from ..widgets import button
from .words import MAPS, STORY, knob

__all__ = ["Screen"]


class Screen(ipywidgets.VBox):
    """Controls, buttons and pictures."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.player = Player(self.gate, self._show_state, self._failed)
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="44px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout=ipywidgets.Layout(width="286px", height="10px")
        )
        self.run_button = button("Run", "Train every cell of the map", "primary")
        self.pause_button = button("Pause", "Hold the training, or go on")
        self.stop_button = button("Stop", "End here and keep what was trained")
        self.reset_button = button("Reset", "Back to the map at the start")
        self.target = ipywidgets.Dropdown(
            options=[*MAPS],
            description="target",
            tooltip="What is to be learned; each target has a recorded map",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="286px"),
        )
        self.across, self.up = (
            ipywidgets.Dropdown(
                options=[(label, name) for name, (label, _, _) in STORY.items()],
                description=where,
                tooltip=f"Which setting goes {where} the map",
                style={"description_width": "100px"},
                layout=ipywidgets.Layout(width="286px"),
            )
            for where in ("across", "up")
        )
        self.values = {
            name: ipywidgets.Text(
                description=label,
                continuous_update=False,
                tooltip=f"{knob(name).help} One value {knob(name).range()}; for an axis, several: "
                "with commas, or whole numbers as first:end:step, the end left out.",
                style={"description_width": "100px"},
                layout=ipywidgets.Layout(width="286px"),
            )
            for name, (label, _, _) in STORY.items()
        }
        self.seeds = ipywidgets.IntSlider(
            value=3,
            min=1,
            max=5,
            description="seeds",
            tooltip="Runs of each cell, which differ in their random start; the map shows the "
            "median of their test errors",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="286px"),
        )
        self.column, self.row = (
            ipywidgets.SelectionSlider(
                options=[("", 0)],
                description="cell",
                continuous_update=False,
                style={"description_width": "100px"},
                layout=ipywidgets.Layout(width="360px"),
            )
            for _ in range(2)
        )
        self.seed = ipywidgets.Dropdown(
            options=[0],
            description="seed",
            layout=ipywidgets.Layout(width="110px"),
            style={"description_width": "40px"},
        )
        self.open_button = button("Open", "Train this cell's run and show its fit")
        self.lines = ipywidgets.HTML()
        self.map, self.fit = MapView(), FitView()
        more = ipywidgets.Accordion([self.lines], selected_index=None)
        more.titles = ("The same in a few lines",)
        buttons = [self.run_button, self.pause_button, self.stop_button, self.reset_button]
        left = ipywidgets.VBox(
            [
                ipywidgets.HBox(buttons),
                self.progress,
                self.status,
                self.target,
                self.across,
                self.up,
                *self.values.values(),
                self.seeds,
                more,
            ],
            layout=ipywidgets.Layout(width="304px"),
        )
        chosen = ipywidgets.HBox([self.seed, self.open_button])
        map_side = ipywidgets.VBox([self.map, self.column, self.row, chosen])
        right = ipywidgets.HBox(
            [map_side, self.fit], layout=ipywidgets.Layout(flex="1 1 370px", flex_flow="row wrap")
        )
        body = ipywidgets.HBox([left, right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([self.verdict, body, *self.gate.widgets])
        self._show_state()

    def close(self) -> None:
        """End what is going on, and let go of every widget of the lab."""
        close_lab(self)

    def say(self, text: str, kind: str = "status") -> None:
        """Put a sentence into the status line."""
        colour = "#b3261e" if kind == "error" else "inherit"
        role = "alert" if kind == "error" else "status"
        self.status.value = (
            f'<div role="{role}" style="line-height:1.3;color:{colour}">{html.escape(text)}</div>'
        )

    def _guarded(self, act: Callable[[], None]) -> Callable[[object], None]:
        def guarded(_: object) -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
                self.say(str(error), "error")

        return guarded

    def _failed(self, error: Exception) -> None:
        self.say(str(error), "error")

    def _show_state(self) -> None:
        working = self.player.state is not State.IDLE
        self.run_button.disabled = working
        self.pause_button.disabled = self.stop_button.disabled = not working
        self.pause_button.description = "Go on" if self.player.state is State.PAUSED else "Pause"
