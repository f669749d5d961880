"""Any torch.nn module as a model, so that a student's own network can be measured and trained."""

import dataclasses
import functools
from typing import ClassVar

import torch
from torch import Tensor, nn

from ..knobs import Knob
from ..plain import quoted
from .base import Model, Params
from .forward import Forward, check_parameters, in_double, made_weights, trained_parameters

__all__ = ["FromModule"]

_SIZE = Knob("each size of input_shape", 1, 1, 2**31)


@dataclasses.dataclass(frozen=True)
class FromModule(Model):
    """Wrap a `torch.nn.Module` as a model: f(params, x) is the module with `params` in it.

    The module itself is never changed, and works in evaluation mode: without dropout, and with the
    statistics that its batch norms have. Parameters that are frozen (``requires_grad=False``) stay
    as they are: they are constants of the formula, not parameters of the model. Runs of it cannot
    be written to a file, since files hold numbers and never code.

    Parameters
    ----------
    module : torch.nn.Module
        The network; it reads a batch of inputs, and gives one tensor, a row for each. Training is
        in its own numbers, float32 or float64; ranks are taken in float64.
    layer : str
        The layer whose neurons are measured: its weight, or the ``in_proj_weight`` of a
        `torch.nn.MultiheadAttention`, has a row for each, flattened, and biases are left out. A
        name of `torch.nn.Module.named_modules`, or of a parameter. The layer may be frozen.
    input_shape : tuple of int
        Shape of one input; only to train or to evaluate it.

    Raises
    ------
    ValueError
        If there is no such layer; the message says which there are. If the module cannot be a
        model: when it is wrapped, or when it is called first.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    >>> model = FromModule(net, "0", input_shape=(3,))
    >>> model.n_parameters, model.output_shape, model.rows(model.params()).shape
    (32, (2,), torch.Size([5, 3]))

    Its gradient flow, up to 2,000 parameters, from the weights that it has:

    >>> import condensekit as ck
    >>> draw = torch.Generator().manual_seed(0)
    >>> net = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    >>> for leaf in net.parameters():
    ...     _ = nn.init.normal_(leaf, 0.0, 0.5, generator=draw)
    >>> mine = FromModule(net, "0", input_shape=(1,))
    >>> flow = ck.GradientFlow(t_end=100.0)
    >>> run = ck.train(ck.Experiment(mine, ck.three_tanh(1), flow, 8), init=mine.params())
    >>> bool(run.time[-1] == 100.0), bool(run.loss[-1] < 1e-2 * run.loss[0])
    (True, True)
    """

    broadcasts: ClassVar[bool] = True
    vmaps: ClassVar[bool] = False
    parallel: ClassVar[bool] = True

    module: nn.Module
    layer: str
    input_shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is something to measure, and something to train."""
        super().__post_init__()
        if not isinstance(self.module, nn.Module):
            raise ValueError(f"module must be a torch.nn.Module, but is {quoted(self.module)}.")
        if not isinstance(self.input_shape, (tuple, list)):
            raise ValueError(
                f"input_shape must be a tuple of sizes, but is {quoted(self.input_shape)}."
            )
        plain = tuple(int(_SIZE.check(size)) for size in self.input_shape)
        object.__setattr__(self, "input_shape", plain)
        check_parameters(self.module)
        if self.layer not in self._layers:
            known = ", ".join(repr(name) for name in self._layers) or "none"
            raise ValueError(f"There is no layer {self.layer!r} with rows; there are: {known}.")
        if self.input_shape:
            self._forward.trial(self.params())

    def __repr__(self) -> str:
        """The settings, and what does not move."""
        told = f"module={self.module!r}, layer={self.layer!r}, input_shape={self.input_shape!r}"
        return f"FromModule({told}{f', frozen={[*self.frozen]!r}' if self.frozen else ''})"

    @functools.cached_property
    def frozen(self) -> tuple[str, ...]:
        """Names of the parameters that stay as they are."""
        return tuple(n for n, leaf in self.module.named_parameters() if not leaf.requires_grad)

    @functools.cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(leaf.shape) for name, leaf in trained_parameters(self.module).items()}

    @functools.cached_property
    def _layers(self) -> dict[str, str]:
        """The parameter with rows that each layer has; none, if it is made of others."""
        first = {id(leaf): name for name, leaf in self.module.named_parameters()}
        found = {}
        for name, leaf in self.module.named_parameters(remove_duplicate=False):
            owner, _, last = name.rpartition(".")
            if leaf.ndim > 1:
                found[owner if last in ("weight", "in_proj_weight") else name] = first[id(leaf)]
        return found | dict.fromkeys(made_weights(self.module), "")

    @functools.cached_property
    def _forward(self) -> Forward:
        return Forward(self.module, self.input_shape, self.dtype)

    @functools.cached_property
    def in_float64(self) -> "FromModule":
        """The same with all its numbers, constants too, in float64, which is exact."""
        return dataclasses.replace(self, module=in_double(self.module))

    @property
    def network(self) -> nn.Module:
        """What is called: a copy of the module, without what compiles it or shares it."""
        return self._forward.network

    @functools.cached_property
    def dtype(self) -> torch.dtype:  # type: ignore[override]  # here it is known to the instance
        """Numbers of the parameters."""
        return next(iter(trained_parameters(self.module).values())).dtype

    @property
    def input_dim(self) -> int:
        """Number of entries of one input."""
        self._say_input_shape()
        return torch.Size(self.input_shape).numel()

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one output; a single output is a number."""
        self._say_input_shape()
        return self._forward.output_shape

    @property
    def whole(self) -> bool:
        """Whether it reads whole numbers, as an embedding does."""
        return self._forward.whole

    def _say_input_shape(self) -> None:
        if not self.input_shape:
            raise ValueError("Say input_shape, the shape of one input, to train this module.")

    def check_training(self) -> None:
        """Raise a ValueError for numbers that can be measured, but not trained here."""
        if self.dtype == torch.bfloat16:
            raise ValueError(
                "FromModule trains in the numbers of the module, float32 or float64, but these are "
                "bfloat16: train module.float() instead."
            )

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the parameters that are not frozen, by their names in the module."""
        return dict(self._shapes)

    def params(self) -> Params:
        """The module's own weights, a copy."""
        leaves = dict(self.module.named_parameters())
        return {name: leaves[name].detach().cpu().clone() for name in self._shapes}

    def rows(self, params: Params) -> Tensor:
        """The weights of the layer, a row for each neuron: shape [m, d].

        Where they are made of parameters, as by `torch.nn.utils.parametrizations`, in float64.
        """
        name = self._layers[self.layer]
        if not name:
            exact = {key: leaf.double() for key, leaf in params.items()}
            return self.in_float64._forward.weight(exact, self.layer).flatten(1)
        leaf = params[name] if name in self._shapes else self._forward.constant(name)
        return leaf.flatten(1)

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs [..., *output_shape] for inputs `x` of shape [..., d]."""
        shape = (*x.shape[:-1], *self.output_shape)
        return self._forward(params, x.reshape(-1, *self.input_shape)).reshape(shape)
