"""The settings of a map: their labels, and their values as axes and otherwise."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from ..knobs import Knob
from ..sweeps import Grid, series, series_text
from .dials import squared
from .experiments import moved_by

__all__ = ["STORY", "described", "knob_on_screen", "label_of", "shown", "texts_of"]

_MOST_CELLS = 900

STORY = {
    "n_samples": ("samples n", "3:31:3", "20"),
    "init_std": ("variance σ²", "1e-14,1e-10,1e-6,1e-4,1e-2,1", "1e-6"),
    "width": ("width m", "3,5,10,20,50,100", "50"),
    "target_width": ("target width k", "1,2,3,4,5", "3"),
}
"""Of every setting the label, its values as an axis, and its value otherwise."""


_LABELS = {dial.name: dial.label for dial in moved_by(lr=(1e-5, 1.0), steps=(100, 1_000_000))}


def shown(name: str, value: Any) -> Any:
    """A value as the lab shows it: of the initialization, the variance."""
    return float(f"{value**2:.6g}") if name == "init_std" else value


def label_of(name: str) -> str:
    """What a setting is called on screen, as in the labs that have a dial for it."""
    return STORY[name][0] if name in STORY else _LABELS.get(name, name)


def knob_on_screen(known: Knob) -> Knob:
    """A knob as the screen has it: of the initialization, the variance."""
    here = squared(known) if known.name == "init_std" else known
    return dataclasses.replace(here, name=label_of(known.name))


def texts_of(grid: Grid) -> dict[str, str]:
    """What is typed for a grid over two settings and the seed: of every setting its values."""
    return {
        name: series_text([shown(name, value) for value in values])
        for name, values in _values(grid).items()
    }


def _values(grid: Grid) -> dict[str, tuple[Any, ...]]:
    axes, known = dict(grid.axes), grid.base.values()
    del axes["seed"]
    names = [name for name in dict.fromkeys([*STORY, *axes]) if name in known]
    return {name: axes.get(name, (known[name],)) for name in names}


def described(given: Grid, across: str, up: str, texts: Mapping[str, str], seeds: int) -> Grid:
    """The grid that was typed.

    Parameters
    ----------
    given : Grid
        What was typed before; a text that is still that of its values means these very values.
    across, up : str
        The settings on the axes.
    texts : dict of str
        Of every setting its values; one of each that is no axis.
    seeds : int
        Runs of a cell.

    Raises
    ------
    ValueError
        If an entry is not a value, or not a series of values for an axis.
    """
    if across == up:
        raise ValueError("The map needs two different axes; choose another one across or up.")
    before, values = texts_of(given), _values(given)
    found = {
        name: [*values[name]] if text == before.get(name) else _read(given, name, text)
        for name, text in texts.items()
    }
    axes = {name: found.pop(name) for name in (across, up)}
    for name, several in found.items():
        if len(several) != 1:
            raise ValueError(
                f"{label_of(name)} is not an axis here, and takes one value, not {len(several)}."
            )
    base = given.base.replace(**{name: several[0] for name, several in found.items()})
    kept = dict(given.axes)["seed"]
    chosen = kept if seeds == len(kept) else range(seeds)
    return Grid.of(base, {**axes, "seed": chosen}, _MOST_CELLS)


def _read(given: Grid, name: str, text: str) -> list[Any]:
    values = series(knob_on_screen(given.base.knobs()[name]), text)
    if name != "init_std":
        return [*values]
    return [float(f"{math.sqrt(float(value)):.12g}") for value in values]
