"""Sweep -> frame."""

import functools
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments import Experiment
from ..frames import Array, MapFrame, PrintedMark
from ..measures import RECOVERED
from ..records import PRINTED
from ..sweeps import Grid
from ..sweeps.cells import theory_of
from ..sweeps.older import judged_anew
from ..training.storage import decode
from ..writing import counted

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["cells_frame", "map_frame"]

THEORY = ("optimistic_sample_size", "sample_rank", "allowed")
MEASURES = ("test_loss", "reached", *THEORY)


def map_frame(found: "xr.Dataset", x: str | None = None, y: str | None = None) -> MapFrame:
    """Median test error over two axes of a sweep; all other axes, as the seeds, are a spread.

    Parameters
    ----------
    found : xarray.Dataset
        What `condensekit.sweep` returned, or a file of it. A table of an older version, without
        the column ``sample_rank``, is judged anew.
    x, y : str, optional
        Its axes. By default the sample size is x if it is an axis, and y the first other axis that
        is not the seed.

    Raises
    ------
    ValueError
        If there are no such axes.
    """
    found = judged_anew(found)
    names = json.loads(found.attrs["axes"])
    axes = {name: (found[name].values.tolist(), found[name].attrs["symbol"]) for name in names}
    table = {name: found[name].transpose(*names).values for name in (*MEASURES, "outcome")}
    base = decode(json.loads(found.attrs["base"]))
    return _frame(base, axes, table, x, y, float(found.attrs["threshold"]))


def cells_frame(
    grid: Grid, cells: Mapping[int, Mapping[str, Any]], x: str | None = None, y: str | None = None
) -> MapFrame:
    """`map_frame` of a sweep that is under way: the cells that are known, and all of theory."""
    knobs = grid.base.knobs()
    axes = {name: (list(values), knobs[name].symbol) for name, values in grid.axes}
    table = {
        name: np.array(
            [cells.get(k, {}).get(name, math.nan) for k in range(math.prod(grid.shape))],
            dtype=object if name == "outcome" else float,
        ).reshape(grid.shape)
        for name in ("test_loss", "reached", "outcome")
    }
    return _frame(grid.base, axes, table | _theory(grid), x, y, RECOVERED)


@functools.lru_cache(maxsize=4)
def _theory(grid: Grid) -> dict[str, Array]:
    """What theory says of every cell, before anybody trains it."""
    said = [theory_of(experiment) for experiment in grid.experiments]
    return {name: np.array([cell[name] for cell in said]).reshape(grid.shape) for name in THEORY}


def _frame(
    base: Experiment,
    axes: Mapping[str, tuple[list[Any], str]],
    table: Mapping[str, Array],
    x: str | None,
    y: str | None,
    threshold: float,
) -> MapFrame:
    x, y = _two(list(axes), x, y)
    order = [[*axes].index(name) for name in (y, x)]

    def spread(values: Array) -> Array:  # [ny, nx, runs of a cell]
        moved = np.moveaxis(values, order, (0, 1))
        return moved.reshape(*moved.shape[:2], -1)

    error = np.where(table["outcome"] == "diverged", np.inf, table["test_loss"])
    median = _median(spread(error))
    allowed = np.floor(_median(spread(table["allowed"])))
    size = _median(spread(table["optimistic_sample_size"]))
    enough = _median(spread(_enough(base, axes, table["optimistic_sample_size"])))
    reached = spread(table["reached"])
    known = ~np.isnan(reached)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, reached, 0.0).sum(axis=2) / known.sum(axis=2)
        log_error = np.log10(median)
    runs, done = reached.shape[2], int((~np.isnan(spread(error))).all(axis=2).sum())
    caption = (
        f"{done} of {median.size} cells, {counted(runs, 'run')} each; "
        f"recovered in {int((share >= 0.5).sum())}"
    )
    if (barred := int(((enough == 1.0) & (allowed == 0.0)).sum())) > 0:
        caption += f"; n ≥ O, but not these samples, in {barred}"
    if (unknown := int(((enough == 1.0) & np.isnan(allowed)).sum())) > 0:
        caption += f"; theory cannot tell in {unknown}"
    return MapFrame(
        tuple(axes[x][0]),
        tuple(axes[y][0]),
        _label(x, axes[x][1]),
        _label(y, axes[y][1]),
        log_error,
        allowed,
        share,
        known.sum(axis=2),
        runs,
        size,
        _median(spread(table["sample_rank"])),
        enough,
        threshold,
        caption,
        _printed(base, {name: axes[name][0] for name in (x, y)}),
    )


def _enough(base: Experiment, axes: Mapping[str, tuple[list[Any], str]], size: Array) -> Array:
    """1 where n ≥ O, 0 where not, NaN where there is no O."""
    n = np.full(size.shape, float(base.n_samples))
    if "n_samples" in axes:
        along = [-1 if name == "n_samples" else 1 for name in axes]
        n = np.broadcast_to(np.array(axes["n_samples"][0], float).reshape(along), size.shape)
    return np.where(np.isnan(size), np.nan, n >= size)


def _printed(base: Experiment, axes: Mapping[str, list[Any]]) -> tuple[PrintedMark, ...]:
    """What papers print of this very target and network, where the axes lead past it."""
    marks = []
    for printed in PRINTED:
        values = printed.values()
        if not printed.same_kind(base) or not axes.keys() <= values.keys():
            continue
        here = base.replace(**{name: values[name] for name in axes})
        known = here.model, here.problem, here.n_samples
        if known != (printed.model, printed.problem, printed.n_samples):
            continue
        x, y = (_place(name, axes[name], values[name]) for name in axes)
        if x is not None and y is not None:
            text = f"n = {printed.n_samples} at width {values['width']}: {printed.result}"
            marks.append(PrintedMark(x, y, text, printed.differs(here), printed.source))
    return tuple(marks)


def _place(name: str, axis: list[Any], value: Any) -> float | None:
    """Where on an axis a value is, counted in cells; of numbers of samples, between two as well."""
    if value in axis:
        return float(axis.index(value))
    if name != "n_samples" or not axis[0] < value < axis[-1] or axis != sorted(axis):
        return None
    return float(np.interp(value, axis, range(len(axis))))


def _label(name: str, symbol: str) -> str:
    """The name of an axis for a reader, with its symbol."""
    return name.replace("_", " ") + (f" ${symbol}$" if symbol else "")


def _two(names: Sequence[str], x: str | None, y: str | None) -> tuple[str, str]:
    for name in (x, y):
        if name is not None and name not in names:
            raise ValueError(f"There is no axis {name!r}; the axes are {', '.join(names)}.")
    free = [name for name in names if name not in (x, y, "seed")]
    if x is None:
        x = "n_samples" if "n_samples" in free else next(iter(free), None)
    y = y or next((name for name in free if name != x), "seed" if "seed" in names else None)
    if x is None or y is None or x == y:
        raise ValueError(f"A map needs two different axes, but the sweep has {', '.join(names)}.")
    return x, y


def _median(values: Array) -> Array:
    """Median over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values).all(axis=2)
    found = np.full(known.shape, np.nan)
    if known.any():
        found[known] = np.nanmedian(values[known], axis=1)
    return found
