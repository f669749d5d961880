"""Landscape: the losses of a batch of runs as functions of one array of parameters."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..defaults import torch_defaults
from ..losses import Loss, each_run, mean_squared_error
from ..models import Model, Params
from .curvature import Curvature, curvature
from .gradients import evaluate, loss_and_gradient
from .jacobian import jacobian

__all__ = ["Landscape", "leaves"]

Array = np.ndarray[Any, np.dtype[Any]]


def leaves(model: Model, flat: Array) -> Params:
    """The parameters [R, ...] by name, as views into `flat` [R, P]."""
    found, first = {}, 0
    for name, shape in model.shapes().items():
        columns = torch.from_numpy(flat)[:, first : first + math.prod(shape)]
        found[name] = columns.view(len(flat), *shape)
        first += math.prod(shape)
    return found


class Batches:
    """Mini-batches: each run goes through a shuffle of its own samples, and shuffles again.

    Attributes
    ----------
    x, y : Tensor, shapes [R, size, d] and [R, size, ...]
        The samples of the moment; `draw` overwrites them in place.
    """

    def __init__(self, x: Tensor, y: Tensor, size: int, streams: Sequence[torch.Generator]) -> None:
        self._all, self._streams, self._size = (x, y), [*streams], size
        self.x, self.y = x[:, :size].clone(), y[:, :size].clone()
        self._orders = [torch.empty(0, dtype=torch.int64, device="cpu") for _ in streams]
        self.draw()

    def draw(self) -> None:
        """The next samples of each run; what is left of a shuffle, less than a batch, is left."""
        x, y = self._all
        for run, stream in enumerate(self._streams):
            order = self._orders[run]
            if len(order) < self._size:
                order = torch.randperm(x.shape[1], generator=stream, device="cpu")
            rows, self._orders[run] = order[: self._size], order[self._size :]
            torch.index_select(x[run], 0, rows, out=self.x[run])
            torch.index_select(y[run], 0, rows, out=self.y[run])

    def keep(self, x: Tensor, y: Tensor, rows: Array) -> None:
        """Go on with these rows only, whose samples are `x`, `y`."""
        self._all, kept = (x, y), rows.tolist()
        self.x, self.y = self.x[rows], self.y[rows]
        self._streams = [self._streams[row] for row in kept]
        self._orders = [self._orders[row] for row in kept]


class Dropout:
    """Hidden neurons that are left out, for each run, sample and step anew.

    Attributes
    ----------
    mask : Tensor, shape [R, n, m]
        0 for a neuron that is left out, and 1 / (1 - rate) for others; `draw` overwrites it.
    """

    def __init__(
        self, rate: float, n: int, m: int, streams: Sequence[torch.Generator], dtype: torch.dtype
    ) -> None:
        self._stay, self._streams = 1.0 - rate, [*streams]
        self.mask = torch.empty(len(streams), n, m, dtype=dtype, device="cpu")
        self.draw()

    def draw(self) -> None:
        """Leave out others."""
        for mask, stream in zip(self.mask, self._streams, strict=True):
            mask.bernoulli_(self._stay, generator=stream).div_(self._stay)

    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""
        self.mask, self._streams = self.mask[rows], [self._streams[row] for row in rows.tolist()]


class Landscape:
    """Loss, gradient and Hessian of a batch of runs, at the point where `theta` is.

    Parameters
    ----------
    model : Model
        The formula.
    theta : array, shape [R, P]
        The parameters, a row per run; whoever moves the runs writes here.
    x, y : Tensor, shapes [R, n, d] and [R, n, ...]
        Training samples of each run.
    of : Loss
        The loss of the outputs and labels of one run.
    streams : sequence of torch.Generator
        For mini-batches, the random stream of each run.

    Attributes
    ----------
    params : dict of Tensor, leaves [R, ...]
        The parameters by name: views into `theta`.
    gradient : array, shape [R, P]
        What the last call of `loss` left.
    """

    def __init__(
        self,
        model: Model,
        theta: Array,
        x: Tensor,
        y: Tensor,
        of: Loss = mean_squared_error,
        streams: Sequence[torch.Generator] = (),
    ) -> None:
        self.model, self.x, self.y, self.of = model, x, y, of
        self.batches: Batches | None = None
        self.dropout: Dropout | None = None
        self._streams = [*streams]
        self._bind(theta, np.zeros_like(theta))

    @torch_defaults()
    def _bind(self, theta: Array, gradient: Array) -> None:
        self.theta, self.gradient = theta, gradient
        self.params, self._parts = leaves(self.model, theta), leaves(self.model, gradient)
        self._bind_samples()

    def _bind_samples(self) -> None:
        """Closed forms prepare the samples once, so that other samples need another one."""
        x, y = (self.x, self.y) if self.batches is None else (self.batches.x, self.batches.y)
        masks = () if self.dropout is None else (self.dropout.mask,)
        self.loss = loss_and_gradient(self.model, self.params, self._parts, x, y, self.of, *masks)

    @property
    def partial(self) -> bool:
        """Whether `loss` sees a part of the samples or of the neurons only."""
        return self.batches is not None or self.dropout is not None

    def use_batches(self, size: int) -> None:
        """From now on, `loss` sees `size` samples of each run: those that `next_batch` drew."""
        if size < self.y.shape[1]:
            self.batches = Batches(self.x, self.y, size, self._streams)
            self._bind(self.theta, self.gradient)

    @torch_defaults()
    def use_dropout(self, width: int, streams: Sequence[torch.Generator]) -> None:
        """From now on, `loss` leaves out some of the `width` hidden neurons of each run."""
        seen = self.y if self.batches is None else self.batches.y
        made = self.model.dropout, seen.shape[1], width, streams, self.model.dtype
        self.dropout = Dropout(*made)
        self._bind_samples()

    def next_batch(self) -> None:
        """Go on to other samples and neurons; nothing happens where every step sees all of them."""
        if self.dropout is not None:
            self.dropout.draw()
        if self.batches is not None:
            self.batches.draw()
            self._bind_samples()

    def full_loss(self) -> Array:
        """The loss of each run on all its samples."""
        outputs = evaluate(self.model, self.params, self.x)
        return np.asarray(each_run(self.of, outputs, self.y).numpy())

    def curvature(self) -> Curvature:
        """The Hessians, bound to the memory of `theta`.

        Raises
        ------
        ValueError
            If the model is too large for that.
        """
        return curvature(self.model, self.theta, self.params, self.x, self.y, self.of)

    def part(self, rows: Array) -> "Landscape":
        """A landscape of these rows, in memory of its own."""
        found = Landscape(self.model, self.theta[rows], self.x[rows], self.y[rows], self.of)
        found.gradient[...] = self.gradient[rows]
        return found

    @torch_defaults()
    def terms(self, row: int) -> Array:
        """sum_i |l_i J_ij| of a run, l = d loss / d outputs, shape [P].

        The gradient is the same sum with signs; where it is smaller by all digits of the numbers,
        nothing of it is known but that it is zero. Zeros for models of several outputs.
        """
        params = {name: leaf[row] for name, leaf in self.params.items()}
        x, y = self.x[row], self.y[row]
        outputs = evaluate(self.model, params, x)
        if outputs.ndim > 1:
            return np.zeros(self.theta.shape[1])
        pull: Tensor = torch.func.grad(lambda out: self.of(out, y))(outputs)
        each = jacobian(self.model, params, x) * pull[:, None]
        return np.asarray(each.abs().sum(dim=0).numpy())

    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""
        self.x, self.y = self.x[rows], self.y[rows]
        if self.batches is not None:
            self.batches.keep(self.x, self.y, rows)
        if self.dropout is not None:
            self.dropout.keep(rows)
        self._bind(self.theta[rows], self.gradient[rows])
