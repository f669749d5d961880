"""The table of a sweep: its grid, and what is known of each run. A value, not a file."""

import dataclasses
import datetime as dt
import json
import math
import platform
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import torch

from ..doors import public
from ..experiments import Experiment
from ..measures import RECOVERED
from ..plain import quoted
from ..training.storage import encode
from .cell import COLUMNS, FAILED, Cell, theory_of
from .grid import Grid, grid_of
from .older import NEWER, is_older, judged_anew
from .processor import UNKNOWN, processor
from .train import RunMeasure, train_cells

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["FORMAT", "Cells", "fill", "versions"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

FORMAT = "condensekit sweep 1"


@dataclasses.dataclass(frozen=True, eq=False)
class Cells:
    """What is known of each run of a grid.

    Attributes
    ----------
    grid : Grid
        Which runs there are.
    known : dict of int to Cell
        What is known, by the number of the run in the grid; of a run that has not ended, this is
        what theory says of it, or nothing.
    measures : tuple of str
        Own measures, which are columns of the table as well.
    made : dict
        When and with what it was made, of a table that was read; empty if any of it is new.

    Examples
    --------
    >>> from condensekit import Experiment, GradientFlow, TwoLayer, three_tanh
    >>> base = Experiment(TwoLayer(1, 10), three_tanh(1), GradientFlow(stop_loss=1e-6))
    >>> cells = Cells(Grid.of(base, {"n_samples": [2, 4], "seed": [0]})).foretold()
    >>> cells.column("allowed").tolist(), cells.done
    ([[0.0], [1.0]], 0)
    >>> for cells in fill(cells):
    ...     pass
    >>> cells.column("outcome").tolist(), cells.done
    ([['converged'], ['converged']], 2)
    """

    grid: Grid
    known: Mapping[int, Cell] = dataclasses.field(default_factory=dict)
    measures: tuple[str, ...] = ()
    made: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, source: "Cells | Grid | xr.Dataset") -> "Cells":
        """The cells of a grid, of which nothing is known, or of the result of a sweep.

        Parameters
        ----------
        source : Cells, Grid or xarray.Dataset
            A dataset may be one of a file, also of an older version, or a part of a sweep made by
            ``sel`` or ``isel``.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        if isinstance(source, Cells):
            return source
        if isinstance(source, Grid):
            return cls(source)
        if not hasattr(source, "data_vars"):
            raise ValueError(
                f"Cells are those of a Grid or of a sweep, but this is {quoted(source)}."
            )
        return _read(source)

    @property
    def total(self) -> int:
        """How many runs there are."""
        return math.prod(self.grid.shape)

    @property
    def done(self) -> int:
        """How many runs have ended; those that failed count."""
        return sum(cell.ended for cell in self.known.values())

    @property
    def failed(self) -> int:
        """How many runs raised an error."""
        return sum(cell.outcome == FAILED for cell in self.known.values())

    def filled(self, new: Mapping[int, Cell]) -> Self:
        """These cells and more of them, by their numbers."""
        return dataclasses.replace(self, known={**self.known, **new}, made={}) if new else self

    def on(self, grid: Grid) -> "Cells":
        """Those of these cells that another grid has too, by its numbers."""
        place = {experiment: number for number, experiment in enumerate(grid.experiments)}
        here = self.grid.experiments
        known = {place[here[k]]: cell for k, cell in self.known.items() if here[k] in place}
        return dataclasses.replace(self, grid=grid, known=dict(sorted(known.items())))

    def plane(self) -> "Cells":
        """The same runs with three axes, as a map shows them: across, up, and the seed.

        An axis that is missing is one with a single value.

        Raises
        ------
        ValueError
            If there are more axes than that.
        """
        axes = dict(self.grid.axes)
        names = [name for name in axes if name != "seed"]
        if len(names) > 2:
            raise ValueError(
                f"A map has two axes and the seed, but this sweep has {', '.join(axes)}; take one "
                f"value of the others, such as found.sel({names[2]}={axes[names[2]][0]!r})."
            )
        names += [name for name in ("n_samples", "init_std") if name not in names]
        here = self.grid.base.values()
        wanted = {name: axes.get(name, (here[name],)) for name in (*names[:2], "seed")}
        if [*wanted] == [*axes]:
            return self
        return self.on(Grid.of(self.grid.base, wanted))

    def foretold(self) -> "Cells":
        """These cells, and of all others what theory says before anybody trains them."""
        here = self.grid.experiments
        new = {k: _theory(here[k]) for k in range(self.total) if k not in self.known}
        return dataclasses.replace(self, known={**self.known, **new})

    def column(self, name: str) -> Array:
        """The values of one column, shape of the grid.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        if name not in COLUMNS and name not in self.measures:
            names = ", ".join([*COLUMNS, *self.measures])
            raise ValueError(f"There is no column {name!r}; the columns are {names}.")
        unknown = COLUMNS[name].unknown if name in COLUMNS else math.nan
        values = [unknown] * self.total
        for number, cell in self.known.items():
            values[number] = cell.value(name)
        return np.array(values).reshape(self.grid.shape)

    def enough(self) -> Array:
        """1 where there are as many samples as the optimistic sample size, 0 where not, or NaN."""
        size, axes = self.column("optimistic_sample_size"), dict(self.grid.axes)
        n = np.full(size.shape, float(self.grid.base.n_samples))
        if "n_samples" in axes:
            along = [-1 if name == "n_samples" else 1 for name in axes]
            n = np.broadcast_to(np.array(axes["n_samples"], float).reshape(along), size.shape)
        return np.where(np.isnan(size), np.nan, n >= size)

    def dataset(self) -> "xr.Dataset":
        """The labelled table, as `sweep` returns it; cells that are not known were cancelled."""
        import xarray as xr  # noqa: PLC0415  needs the extra

        axes = dict(self.grid.axes)
        knobs = self.grid.base.knobs()
        labels = {
            name: {"long_name": knobs[name].help, "symbol": knobs[name].symbol} for name in axes
        }
        meanings = {name: column.meaning for name, column in COLUMNS.items()}
        return xr.Dataset(
            {
                name: ([*axes], self.column(name), {"long_name": meanings.get(name, name)})
                for name in (*COLUMNS, *self.measures)
            },
            coords={name: (name, list(axes[name]), labels[name]) for name in axes},
            attrs={**_provenance(self), **self.made},
        )


@public()
def fill(cells: Cells, measures: Mapping[str, RunMeasure] | None = None) -> Iterator[Cells]:
    """Train the runs that have not ended, in this thread; after every piece of work, the table.

    A piece takes milliseconds, so that a caller can draw the table, do something else, or end here
    and go on later from the last table. The same table comes back if no run ended in a piece.

    Parameters
    ----------
    cells : Cells
        What is known already. Runs that failed are tried again.
    measures : dict of str to callable, optional
        More to measure, as for `sweep`.
    """
    experiments = cells.grid.experiments
    for block in cells.grid.blocks():
        left = [k for k in block if k not in cells.known or not cells.known[k].trained]
        if left:
            for ended in train_cells([experiments[k] for k in left], measures or {}):
                cells = cells.filled({left[row]: cell for row, cell in ended.items()})
                yield cells


def versions() -> dict[str, str]:
    """Of what numbers depend on."""
    from .. import __version__  # noqa: PLC0415  the package is not complete before

    return {
        "condensekit": __version__,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _theory(experiment: Experiment) -> Cell:
    try:
        return Cell(**theory_of(experiment))
    except Exception:  # noqa: BLE001  its samples cannot be drawn: training it says why
        return Cell()


def _provenance(cells: Cells) -> dict[str, str | float | Experiment]:
    names = [name for name, _ in cells.grid.axes]
    return {
        "title": f"A sweep over {', '.join(names)}",
        "format": FORMAT,
        "base": _told(cells.grid.base),
        "axes": json.dumps(names),
        "measures": json.dumps(cells.measures),
        "threshold": RECOVERED,
        **_made(),
    }


def _told(base: Experiment) -> str | Experiment:
    """Settings as text; those that no text can tell, such as a module of torch, themselves."""
    try:
        return json.dumps(encode(base))
    except ValueError:
        return base


def _made() -> dict[str, str]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    where = {"machine": platform.machine(), "processor": processor()}
    return {"created": now, **versions(), **where}


def _read(found: "xr.Dataset") -> Cells:
    grid = grid_of(found)
    axes = [name for name, _ in grid.axes if name in found.sizes]
    measures = tuple(json.loads(found.attrs.get("measures", "[]")))
    names = [name for name in (*COLUMNS, *measures) if name not in NEWER or not is_older(found)]
    if lost := [name for name in names if name not in found.data_vars]:
        raise ValueError(f"This sweep has lost its column {lost[0]}.")
    columns = [found[name].transpose(*axes).values.ravel().tolist() for name in names]
    known = {}
    for number, values in enumerate(zip(*columns, strict=True)):
        cell = Cell.of(dict(zip(names, values, strict=True)))
        if cell.ended:
            known[number] = judged_anew(grid.experiments[number], cell) if is_older(found) else cell
    made = {name: found.attrs.get(name, UNKNOWN) for name in _made()}
    return Cells(grid, known, measures, made)
