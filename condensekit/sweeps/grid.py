"""The grid of a sweep: which experiments, and in which blocks they are trained."""

import dataclasses
import functools
import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..doors import public
from ..experiments import Experiment
from ..knobs import Knob
from ..models import Model, TwoLayer
from ..optimizers import GradientFlow, Optimizer
from ..plain import as_python, quoted
from ..training.storage import decode, encode

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Grid", "Value", "experiment_at", "grid_of"]

Value = int | float | str | bool

BLOCK_SECONDS = 1.0
"""About so long does a block take: long against what sending it costs, short to wait for."""

MOST_RUNS = 256
"""Runs of a block at most: their samples and test points are in memory together."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """A base experiment and the axes along which its knobs are turned.

    Attributes
    ----------
    base : Experiment
        All settings that no axis turns.
    axes : tuple of (str, tuple)
        Names and values; the last axis changes fastest.
    """

    base: Experiment
    axes: tuple[tuple[str, tuple[Value, ...]], ...]

    @classmethod
    def of(
        cls, base: Experiment, axes: Mapping[str, Iterable[Value]], most: int | None = None
    ) -> Self:
        """The grid, checked before anything is trained.

        Parameters
        ----------
        base : Experiment
            All settings that no axis turns.
        axes : mapping of str to series of values
            Values of knobs by name.
        most : int, optional
            How many cells there may be, whatever the seeds.

        Raises
        ------
        ValueError
            If an axis is unknown, empty, not a series of values, names a value twice, or leaves
            the range of its knob; or if there are more cells than `most`.
        """
        if not isinstance(base, Experiment):
            raise ValueError(f"A sweep starts from an Experiment, but base is {quoted(base)}.")
        knobs = base.knobs()
        if not axes:
            raise ValueError(f"A sweep needs at least one axis; the knobs are {_listed(knobs)}.")
        for name in axes:
            if name not in knobs:
                raise ValueError(f"There is no knob {name!r}; the axes are {_listed(knobs)}.")
        grid = cls(base, tuple((name, _values(knobs[name], axes[name])) for name in axes))
        cells = math.prod(len(values) for name, values in grid.axes if name != "seed")
        if most is not None and cells > most:
            raise ValueError(f"There can be at most {most:,} cells, but these are {cells:,}.")
        assert grid.experiments, "building them checks them"
        return grid

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(len(values) for _, values in self.axes)

    @functools.cached_property
    def experiments(self) -> list[Experiment]:
        """The experiment of every cell, the last axis fastest."""
        names = [name for name, _ in self.axes]
        points = itertools.product(*(values for _, values in self.axes))
        return [self.base.replace(**dict(zip(names, point, strict=True))) for point in points]

    def two(self, x: str | None = None, y: str | None = None) -> tuple[str, str]:
        """Two axes for a map: the sample size across if it is one, the seed only if need be.

        Raises
        ------
        ValueError
            If there are no such axes.
        """
        names = [name for name, _ in self.axes]
        for name in (x, y):
            if name is not None and name not in names:
                raise ValueError(f"There is no axis {name!r}; the axes are {', '.join(names)}.")
        free = [name for name in names if name not in (x, y, "seed")]
        if x is None:
            x = "n_samples" if "n_samples" in free else next(iter(free), None)
        y = y or next((name for name in free if name != x), "seed" if "seed" in names else None)
        if x is None or y is None or x == y:
            raise ValueError(
                f"A map needs two different axes, but the sweep has {', '.join(names)}."
            )
        return x, y

    def number(self, **places: int) -> int:
        """The number of a cell by its places on all axes, counted from 0.

        Examples
        --------
        >>> from condensekit import TwoLayer, three_tanh
        >>> base = Experiment(TwoLayer(1, 50), three_tanh())
        >>> grid = Grid.of(base, {"n_samples": [5, 9], "seed": range(3)})
        >>> grid.number(seed=2, n_samples=1), grid.experiments[5].n_samples
        (5, 9)
        """
        return int(np.ravel_multi_index([places[name] for name, _ in self.axes], self.shape))

    def blocks(self) -> list[list[int]]:
        """Cells that are trained together; depends on the grid alone, never on a machine.

        Experiments of equal shapes share blocks of about a second. If one run already takes a
        second, as many share a block as make the arithmetic as costly as the calls.
        """
        groups: dict[Any, list[int]] = {}
        experiments = self.experiments
        for cell, e in enumerate(experiments):
            key = (e.model, type(e.optimizer), e.n_samples, e.problem.inputs.dim)
            groups.setdefault(key, []).append(cell)
        blocks = []
        for cells in groups.values():
            rows = _rows(experiments[cells[0]])
            count = math.ceil(len(cells) / rows)
            cuts = [len(cells) * k // count for k in range(count + 1)]
            blocks += [cells[first:last] for first, last in itertools.pairwise(cuts)]
        return sorted(blocks)

    def identity(self) -> dict[str, Any]:
        """What makes two sweeps the same, as JSON data."""
        axes = [[name, list(values)] for name, values in self.axes]
        found: dict[str, Any] = json.loads(json.dumps({"base": encode(self.base), "axes": axes}))
        return found


def grid_of(found: "xr.Dataset") -> Grid:
    """The grid behind the result of a sweep, or behind a part of it made by ``sel`` or ``isel``.

    Raises
    ------
    ValueError
        If this is no sweep, or an axis of it has been averaged away.
    """
    base, names = _settings(found)
    axes: dict[str, Any] = {n: found[n].values for n in names if found[n].ndim}
    if found.sizes.keys() != axes.keys():
        raise ValueError(f"This has other axes than a sweep: {', '.join(map(str, found.sizes))}.")
    return Grid.of(base, axes or {names[-1]: [found[names[-1]].values[()]]})


@public()
def experiment_at(cell: "xr.Dataset") -> Experiment:
    """The experiment behind one cell of a sweep: train it, and see the whole run.

    Parameters
    ----------
    cell : xarray.Dataset
        A sweep, reduced to one cell by ``sel`` or ``isel``.

    Raises
    ------
    ValueError
        If this is not one cell of a sweep.
    """
    base, _ = _settings(cell)
    if cell.sizes:
        raise ValueError(f"One cell is needed, but there are {dict(cell.sizes)}; use sel or isel.")
    return base


def _settings(found: "xr.Dataset") -> tuple[Experiment, list[str]]:
    """Of a sweep, or of a part of it: what no axis turns any more, and the names of all axes."""
    if not {"base", "axes"} <= {*getattr(found, "attrs", ())}:
        raise ValueError(
            f"This is not a sweep, but {quoted(found)}: its attributes hold no settings."
        )
    names = json.loads(found.attrs["axes"])
    for name in names:
        if name not in found.coords:
            raise ValueError(
                f"This sweep has lost its axis {name}; take it as it was returned, or a part of it "
                "by sel or isel."
            )
    told = found.attrs["base"]
    base: Experiment = told if isinstance(told, Experiment) else decode(json.loads(told))
    turned = {name: _plain(found[name].values[()]) for name in names if not found[name].ndim}
    return base.replace(**turned), names


def _values(knob: Knob, given: Iterable[Value]) -> tuple[Value, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError(
            f"The axis {knob.name} must be a series of values, but is {quoted(given)}."
        )
    values = tuple(knob.check(_plain(value)) for value in given)
    if not values:
        raise ValueError(f"The axis {knob.name} is empty; give it at least one value.")
    counts = Counter(values)
    if len(counts) < len(values):
        twice, _ = counts.most_common(1)[0]
        raise ValueError(f"The axis {knob.name} names the value {twice!r} twice.")
    return values


def _plain(value: Any) -> Any:
    """A NumPy or torch scalar as a Python number: of few digits, as the one that was typed.

    Examples
    --------
    >>> float(np.float32(0.1)), _plain(np.float32(0.1)), _plain(np.float64(0.1)), _plain(0.1)
    (0.10000000149011612, 0.1, 0.1, 0.1)
    """
    kind = str(getattr(value, "dtype", "")).removeprefix("torch.")
    found = as_python(value)
    short = kind in ("float16", "float32") and isinstance(found, float)
    return float(str(np.dtype(kind).type(found))) if short else found


def _listed(knobs: Mapping[str, Knob]) -> str:
    return ", ".join(sorted(knobs))


def _rows(experiment: Experiment) -> int:
    """Runs of a block."""
    steps, call, number = _effort(experiment.optimizer)
    work = number * experiment.n_samples * experiment.model.n_parameters
    run = steps * work + _measuring(experiment.model)
    return min(MOST_RUNS, max(1, int((BLOCK_SECONDS - steps * call) / run), round(call / work)))


@singledispatch
def _measuring(model: Model) -> float:
    """Seconds that measuring takes when a run has ended, rough and the same everywhere."""
    return 0.0


@_measuring.register
def _two_layer(model: TwoLayer) -> float:
    return 2.5e-3 * math.sqrt(model.n_parameters)  # its groups are searched for, step by step


@singledispatch
def _effort(optimizer: Optimizer) -> tuple[float, float, float]:
    """Steps of a typical run; seconds of a step's calls, and of its work a sample and parameter.

    Rough, and the same everywhere: with the measured speed of a machine, packing, and with it the
    last digit of a result, would change from one machine to the next.
    """
    return optimizer.most_steps, 6e-5, 2.5e-9


@_effort.register
def _flow(optimizer: GradientFlow) -> tuple[float, float, float]:
    return min(optimizer.max_steps, 500), 5e-4, 2.5e-8
