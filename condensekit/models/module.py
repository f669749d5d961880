"""Any torch.nn module as a model, so that a student's own network can be measured and trained."""

import copy
import dataclasses
import functools
from typing import ClassVar

import torch
from torch import Tensor, nn

from .base import Model, Params

__all__ = ["FromModule"]


@dataclasses.dataclass(frozen=True)
class FromModule(Model):
    """Wrap a `torch.nn.Module` as a model: f(params, x) is the module with `params` in it.

    The module itself is never changed, and works in evaluation mode: without dropout, and with the
    statistics that its batch norms have. Runs of it cannot be written to a file, since files hold
    numbers and never code.

    Parameters
    ----------
    module : torch.nn.Module
        The network; it reads a batch of inputs.
    layer : str
        The layer whose neurons are measured: its weight, or the ``in_proj_weight`` of a
        `torch.nn.MultiheadAttention`, has a row for each, flattened, and biases are left out. A
        name of `torch.nn.Module.named_modules`, or of a parameter.
    input_shape : tuple of int
        Shape of one input; only to train or to evaluate it.

    Raises
    ------
    ValueError
        If there is no such layer; the message says which there are.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    >>> model = FromModule(net, "0", input_shape=(3,))
    >>> model.n_parameters, model.output_shape, model.rows(model.params()).shape
    (32, (2,), torch.Size([5, 3]))
    """

    broadcasts: ClassVar[bool] = True
    parallel: ClassVar[bool] = True

    module: nn.Module
    layer: str
    input_shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is something to measure."""
        super().__post_init__()
        if not isinstance(self.module, nn.Module):
            raise ValueError(f"module must be a torch.nn.Module, but is {self.module!r}.")
        if self.layer not in self._layers:
            known = ", ".join(repr(name) for name in self._layers) or "none"
            raise ValueError(f"There is no layer {self.layer!r} with rows; there are: {known}.")

    @functools.cached_property
    def _layers(self) -> dict[str, str]:
        """The parameter with rows that each layer has."""
        found = {}
        for name, leaf in self.module.named_parameters():
            owner, _, last = name.rpartition(".")
            if leaf.ndim > 1:
                found[owner if last in ("weight", "in_proj_weight") else name] = name
        return found

    @functools.cached_property
    def _formula(self) -> nn.Module:
        return copy.deepcopy(self.module).eval()

    @property
    def dtype(self) -> torch.dtype:  # type: ignore[override]  # here it is known to the instance
        """Numbers of the module's parameters."""
        return self.module.get_parameter(self._layers[self.layer]).dtype

    @property
    def input_dim(self) -> int:
        """Number of entries of one input."""
        if not self.input_shape:
            raise ValueError("Say input_shape, the shape of one input, to train this module.")
        return torch.Size(self.input_shape).numel()

    @functools.cached_property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one output; a single output is a number."""
        with torch.no_grad():
            blank = torch.zeros(1, self.input_dim, dtype=self.dtype, device="cpu")
            found = self._formula(blank.view(1, *self.input_shape)).shape[1:]
        return () if found == (1,) else tuple(found)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the module's parameters, by their names in it."""
        return {name: tuple(leaf.shape) for name, leaf in self.module.named_parameters()}

    def params(self) -> Params:
        """The module's own weights, a copy."""
        return {name: leaf.detach().clone() for name, leaf in self.module.named_parameters()}

    def rows(self, params: Params) -> Tensor:
        """The weights of the layer, a row for each neuron: shape [m, d]."""
        return params[self._layers[self.layer]].flatten(1)

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs [..., *output_shape] for inputs `x` of shape [..., d]."""
        batch = x.shape[:-1]
        found = torch.func.functional_call(
            self._formula, params, (x.reshape(-1, *self.input_shape),)
        )
        shaped: Tensor = found.reshape((*batch, *self.output_shape))
        return shaped
