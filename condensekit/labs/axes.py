"""The axes of a map: which settings go across and up, and their values."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import ipywidgets

from ..knobs import Knob
from ..sweeps import Grid, series, series_text
from ..tables.story import STORY, label_of, shown
from ..views.closing import close_all
from .controls import squared
from .widgets import dropdown

__all__ = ["Axes"]

MOST_CELLS = 900
_WIDE = 286  # pixels


def _knob(known: Knob) -> Knob:
    """A knob as the screen has it."""
    here = squared(known) if known.name == "init_std" else known
    return dataclasses.replace(here, name=label_of(known.name))


class Axes(ipywidgets.VBox):
    """Two settings as the axes of a map, one value of every other, and the number of seeds."""

    def __init__(self) -> None:
        self._changed: Callable[[], None] = lambda: None
        self._entering = False
        self._base: Any = None
        self.across, self.up = (
            dropdown(where, [], f"Which setting goes {where} the map", _WIDE)
            for where in ("across", "up")
        )
        self.values: dict[str, ipywidgets.Text] = {}
        self.seeds = ipywidgets.IntSlider(
            value=3,
            min=1,
            max=5,
            description="seeds",
            tooltip="Runs of each cell, which differ in their random start; the map shows the "
            "median of their test errors",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width=f"{_WIDE}px"),
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
        if self.across.value == self.up.value:
            raise ValueError("The map needs two different axes; choose another one across or up.")
        found = {name: self._read(name) for name in self.values}
        axes = {name: found.pop(name) for name in (self.across.value, self.up.value)}
        for name, values in found.items():
            if len(values) != 1:
                raise ValueError(
                    f"{label_of(name)} is not an axis here, and takes one value, not {len(values)}."
                )
        base = self._base.replace(**{name: values[0] for name, values in found.items()})
        return Grid.of(base, {**axes, "seed": range(self.seeds.value)}, MOST_CELLS)

    def _read(self, name: str) -> list[Any]:
        values = series(_knob(self._base.knobs()[name]), self.values[name].value)
        if name != "init_std":
            return [*values]
        return [float(f"{math.sqrt(float(value)):.12g}") for value in values]

    def set(self, grid: Grid) -> None:
        """Show a grid over two settings and the seed, without telling anybody."""
        axes = dict(grid.axes)
        seeds = axes.pop("seed")
        known, self._base = grid.base.values(), grid.base
        names = [name for name in dict.fromkeys([*STORY, *axes]) if name in known]
        self._entering = True
        try:
            for chooser in (self.across, self.up):
                chooser.options = [(label_of(name), name) for name in names]
            self.across.value, self.up.value = axes
            if [*self.values] != names:
                before = self.values.values()
                self.values = {name: self._text(name) for name in names}
                self.children = [self.across, self.up, *self.values.values(), self.seeds]
                for text in before:
                    close_all(text)
            for name, text in self.values.items():
                values = axes.get(name, (known[name],))
                text.value = series_text([shown(name, value) for value in values])
            self.seeds.max = max(self.seeds.max, len(seeds))
            self.seeds.value = len(seeds)
        finally:
            self._entering = False

    def _text(self, name: str) -> ipywidgets.Text:
        knob = _knob(self._base.knobs()[name])
        text = ipywidgets.Text(
            description=label_of(name),
            continuous_update=False,
            tooltip=f"{knob.help} One value {knob.range()}; for an axis, several: with commas, or "
            "whole numbers as first:end:step, the end left out.",
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width=f"{_WIDE}px"),
        )
        text.observe(lambda _: self._entered(), "value")
        return text

    def _axes_changed(self) -> None:
        """Give a setting that became an axis several values, and one that is none a single one."""
        if self._entering:
            return
        self._entering = True
        try:
            for name, text in self.values.items():
                _, several, one = STORY.get(name, ("", "", ""))
                axis = name in (self.across.value, self.up.value)
                if axis and several and not {",", ":"} & {*text.value}:
                    text.value = several
                elif not axis and {",", ":"} & {*text.value}:
                    text.value = one or text.value.partition(",")[0]
        finally:
            self._entering = False
        self._entered()

    def _entered(self) -> None:
        if not self._entering:
            self._changed()
