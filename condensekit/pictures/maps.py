"""Sweep -> frame."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..experiments import Experiment
from ..frames import Array, MapFrame, PrintedMark
from ..knobs import Knob
from ..measures import RECOVERED
from ..records import PRINTED
from ..sweeps import Cells
from ..training import Outcome
from ..words import many

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["map_frame"]


def map_frame(found: "Cells | xr.Dataset", x: str | None = None, y: str | None = None) -> MapFrame:
    """Median test error over two axes of a sweep; all other axes, as the seeds, are a spread.

    Parameters
    ----------
    found : Cells or xarray.Dataset
        What `condensekit.sweep` returned, or a file of it; or what is known of a sweep that is
        under way.
    x, y : str, optional
        Its axes. By default the sample size is x if it is an axis, and y the first other axis that
        is not the seed.

    Raises
    ------
    ValueError
        If there are no such axes.
    """
    cells = Cells.of(found)
    base = cells.grid.base
    axes: dict[str, tuple[Any, ...]] = dict(cells.grid.axes)
    x, y = cells.grid.two(x, y)
    order = [[*axes].index(name) for name in (y, x)]

    def spread(values: Array) -> Array:  # [ny, nx, runs of a cell]
        moved = np.moveaxis(values, order, (0, 1))
        return moved.reshape(*moved.shape[:2], -1)

    outcome = cells.column("outcome")
    error = spread(np.where(outcome == Outcome.DIVERGED, np.inf, cells.column("test_loss")))
    median = _median(error)
    allowed = np.floor(_median(spread(cells.column("allowed"))))
    sizes = cells.column("optimistic_sample_size")
    enough = _median(spread(cells.enough()))
    reached = spread(cells.column("reached"))
    known = ~np.isnan(reached)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, reached, 0.0).sum(axis=2) / known.sum(axis=2)
        log_error = np.log10(median)
    runs, done = reached.shape[2], int((~np.isnan(error)).all(axis=2).sum())
    caption = (
        f"{done} of {median.size} cells, {many(runs, 'run')} each; "
        f"recovered in {int((share >= 0.5).sum())}"
    )
    if (barred := int(((enough == 1.0) & (allowed == 0.0)).sum())) > 0:
        caption += f"; n ≥ O, but not these samples, in {barred}"
    if (unknown := int(((enough == 1.0) & np.isnan(allowed)).sum())) > 0:
        caption += f"; theory cannot tell in {unknown}"
    if cells.failed > 0:
        caption += f"; {many(cells.failed, 'run')} failed"
    return MapFrame(
        axes[x],
        axes[y],
        _label(base.knobs()[x]),
        _label(base.knobs()[y]),
        log_error,
        allowed,
        share,
        known.sum(axis=2),
        runs,
        _median(spread(sizes)),
        _median(spread(cells.column("sample_rank"))),
        enough,
        RECOVERED,
        caption,
        _printed(base, {name: list(axes[name]) for name in (x, y)}),
    )


def _printed(base: Experiment, axes: Mapping[str, list[Any]]) -> tuple[PrintedMark, ...]:
    """What papers print of this very target and network, where the axes lead past it."""
    marks = []
    for printed in PRINTED:
        here, values = printed.on(base, axes), printed.values()
        if here is None:
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


def _label(knob: Knob) -> str:
    """The name of an axis for a reader, with its symbol."""
    return knob.name.replace("_", " ") + (f" ${knob.symbol}$" if knob.symbol else "")


def _median(values: Array) -> Array:
    """Median over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values).all(axis=2)
    found = np.full(known.shape, np.nan)
    if known.any():
        found[known] = np.nanmedian(values[known], axis=1)
    return found
