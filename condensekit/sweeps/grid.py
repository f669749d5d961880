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

from ..experiments import Experiment
from ..knobs import Knob
from ..optimizers import GradientFlow, Optimizer
from ..training.storage import decode, encode

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Grid", "Value", "experiment_at"]

Value = int | float | str | bool

BLOCK_SECONDS = 1.0
"""About so long does a block take: long against what sending it costs, short to wait for."""


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
    def of(cls, base: Experiment, axes: Mapping[str, Iterable[Value]]) -> Self:
        """The grid, checked before anything is trained.

        Raises
        ------
        ValueError
            If an axis is unknown, empty, not a series of values, names a value twice, or leaves
            the range of its knob.
        """
        if not isinstance(base, Experiment):
            raise ValueError(f"A sweep starts from an Experiment, but base is {base!r}.")
        knobs = base.knobs()
        if not axes:
            raise ValueError(f"A sweep needs at least one axis; the knobs are {_listed(knobs)}.")
        for name in axes:
            if name not in knobs:
                raise ValueError(f"There is no knob {name!r}; the axes are {_listed(knobs)}.")
        grid = cls(base, tuple((name, _values(knobs[name], axes[name])) for name in axes))
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
    if "base" not in cell.attrs or "axes" not in cell.attrs:
        raise ValueError("This is not a sweep: its attributes hold no settings.")
    names = json.loads(cell.attrs["axes"])
    if cell.sizes:
        raise ValueError(f"One cell is needed, but there are {dict(cell.sizes)}; use sel or isel.")
    base = decode(json.loads(cell.attrs["base"]))
    point = {name: cell.coords[name].item() for name in names}
    experiment: Experiment = base.replace(**point)
    return experiment


def _values(knob: Knob, given: Iterable[Value]) -> tuple[Value, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError(f"The axis {knob.name} must be a series of values, but is {given!r}.")
    values = tuple(knob.check(_plain(value)) for value in given)
    if not values:
        raise ValueError(f"The axis {knob.name} is empty; give it at least one value.")
    counts = Counter(values)
    if len(counts) < len(values):
        twice, _ = counts.most_common(1)[0]
        raise ValueError(f"The axis {knob.name} names the value {twice!r} twice.")
    return values


def _plain(value: Any) -> Any:
    """A NumPy or torch scalar as the Python number that it holds."""
    return value.item() if hasattr(value, "item") else value


def _listed(knobs: Mapping[str, Knob]) -> str:
    return ", ".join(sorted(knobs))


def _rows(experiment: Experiment) -> int:
    """Runs of a block."""
    steps, call, number = _effort(experiment.optimizer)
    work = number * experiment.n_samples * experiment.model.n_parameters
    return max(1, int((BLOCK_SECONDS / steps - call) / work), round(call / work))


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
