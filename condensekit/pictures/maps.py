"""Dataset of a sweep -> frame."""

import json
from typing import TYPE_CHECKING

import numpy as np

from ..frames import Array, MapFrame

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["axis_label", "map_frame"]


def map_frame(found: "xr.Dataset", x: str | None = None, y: str | None = None) -> MapFrame:
    """Median test error over two axes of a sweep; all other axes, as the seeds, are a spread.

    Parameters
    ----------
    found : xarray.Dataset
        What `condensekit.sweep` returned.
    x, y : str, optional
        Its axes. By default the sample size is x if it is an axis, and y the first other axis that
        is not the seed.

    Raises
    ------
    ValueError
        If there are no such axes.
    """
    x, y = _axes(found, x, y)
    others = [str(name) for name in found.dims if name not in (x, y)]
    error = found.test_loss.where(found.outcome != "diverged", np.inf)
    shown = [
        values.transpose(y, x, *others).values.reshape(found.sizes[y], found.sizes[x], -1)
        for values in (error, found.allowed, found.reached, found.optimistic_sample_size)
    ]
    median, allowed, reached, size = (_over_known(values) for values in shown)
    allowed = np.floor(allowed)  # of other axes, all must be allowed
    share = np.where(np.isnan(shown[2]), 0.0, 1.0).sum(axis=2)
    reached = np.where(share > 0, np.nansum(shown[2], axis=2) / np.maximum(share, 1.0), np.nan)
    with np.errstate(divide="ignore"):
        log_error = np.log10(median)
    threshold = float(found.attrs["threshold"])
    runs = int(np.prod([found.sizes[name] for name in others], dtype=int))
    done = int((~np.isnan(median)).sum())
    return MapFrame(
        tuple(found[x].values.tolist()),
        tuple(found[y].values.tolist()),
        axis_label(found, x),
        axis_label(found, y),
        log_error,
        allowed,
        reached,
        size,
        threshold,
        f"{done} of {median.size} cells, median of {runs} {'run' if runs == 1 else 'runs'} each; "
        f"recovered in {int((median < threshold).sum())}",
    )


def axis_label(found: "xr.Dataset", name: str) -> str:
    """The name of an axis for a reader, with its symbol."""
    symbol = found[name].attrs.get("symbol", "")
    return name.replace("_", " ") + (f" ${symbol}$" if symbol else "")


def _axes(found: "xr.Dataset", x: str | None, y: str | None) -> tuple[str, str]:
    names = json.loads(found.attrs["axes"])
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


def _over_known(values: Array) -> Array:
    """Median over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values).all(axis=2)
    found = np.full(known.shape, np.nan)
    if known.any():
        found[known] = np.nanmedian(values[known], axis=1)
    return found
