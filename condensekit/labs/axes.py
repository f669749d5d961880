"""The axes of a map: which settings go across and up, and their values."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from ..subjects import Hand
from ..sweeps import Grid
from ..tables import LIST_WIDTH
from ..tables.story import STORY, described, knob_on_screen, label_of, texts_of
from ..widgets import spoken
from ..widgets.closing import close_all
from ..widgets.small import dropdown

__all__ = ["Axes"]


class Axes(ipywidgets.VBox):
    """Two settings as the axes of a map, one value of every other, and the number of seeds."""

    def __init__(self) -> None:
        self._changed: Callable[[], None] = lambda: None
        self._hand = Hand()
        self._given: Any = None
        self.across, self.up = (
            dropdown(where, [], f"Which setting goes {where} the map", LIST_WIDTH)
            for where in ("across", "up")
        )
        self.values: dict[str, spoken.Text] = {}
        self.seeds = spoken.IntSlider(
            value=3,
            min=1,
            max=5,
            description="seeds",
            tooltip="Runs of each cell, which differ in their seed; the map shows the "
            "median of their test errors",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width=f"{LIST_WIDTH}px"),
        )
        for chooser in (self.across, self.up):
            chooser.observe(lambda _: self._axes_changed(), "value")
        self.seeds.observe(lambda _: self._entered(), "value")
        super().__init__([])

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the reader has entered something."""
        self._changed = callback

    @property
    def value(self) -> Grid:
        """The grid that is described.

        Raises
        ------
        ValueError
            If an entry is not a value, or not a series of values for an axis.
        """
        texts = {name: text.value for name, text in self.values.items()}
        return described(self._given, self.across.value, self.up.value, texts, self.seeds.value)

    def checked(self, grid: object) -> Grid:
        """What can be set; a ValueError if it is no grid of a map."""
        if not isinstance(grid, Grid) or len(grid.axes) != 3:
            raise ValueError(f"grid must be a Grid over two settings and seed, but is {grid!r}.")
        return grid

    def set(self, grid: Grid) -> None:
        """Show a grid over two settings and the seed, without telling anybody."""
        texts, (across, up, (_, seeds)) = texts_of(grid), grid.axes
        self._given = grid
        with self._hand.still():
            for chooser in (self.across, self.up):
                chooser.options = [(label_of(name), name) for name in texts]
            self.across.value, self.up.value = across[0], up[0]
            if [*self.values] != [*texts]:
                before = self.values.values()
                self.values = {name: self._text(name) for name in texts}
                self.children = [self.across, self.up, *self.values.values(), self.seeds]
                for text in before:
                    close_all(text)
            for name, entry in texts.items():
                self.values[name].value = entry
            self.seeds.max = max(self.seeds.max, len(seeds))
            self.seeds.value = len(seeds)

    def _text(self, name: str) -> spoken.Text:
        knob = knob_on_screen(self._given.base.knobs()[name])
        text = spoken.Text(
            description=label_of(name),
            continuous_update=False,
            tooltip=f"{knob.help} One value {knob.range()}; for an axis, several: with commas, or "
            "whole numbers as first:end:step, the end left out.",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width=f"{LIST_WIDTH}px"),
        )
        text.observe(lambda _: self._entered(), "value")
        return text

    def _axes_changed(self) -> None:
        """Give a setting that became an axis several values, and one that is none a single one."""
        if not self._hand.moves:
            return
        with self._hand.still():
            for name, text in self.values.items():
                _, several, one = STORY.get(name, ("", "", ""))
                axis = name in (self.across.value, self.up.value)
                if axis and several and not {",", ":"} & {*text.value}:
                    text.value = several
                elif not axis and {",", ":"} & {*text.value}:
                    text.value = one or text.value.partition(",")[0]
        self._entered()

    def _entered(self) -> None:
        if self._hand.moves:
            self._changed()
