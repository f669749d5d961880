"""Fully connected networks of any depth."""

import dataclasses
import itertools

from torch import Tensor

from ..activations import ACTIVATIONS, activation
from ..knobs import knob
from .base import Model, Params

__all__ = ["Deep"]


@dataclasses.dataclass(frozen=True)
class Deep(Model):
    """Deep network f(x) = a . h_(L-1) + c, h_l = act(W_l h_(l-1) + b_l), h_0 = x; width m.

    Parameters
    ----------
    d : int
        Input dimension.
    m : int
        Width of every hidden layer; the knob ``width``.
    layers : int
        Number L - 1 of hidden layers.
    activation : str
        Name of the activation.
    bias : bool
        Whether hidden neurons have a bias. Params: ``w0 [m, d]``, ``b0 [m]``, ``w1 [m, m]``, ...,
        and the output weights ``a [m]``.
    output_bias : bool
        Whether there is c, a number. Params: ``c []``.

    Examples
    --------
    >>> Deep(5, 10, layers=2, bias=False).n_parameters
    160
    """

    d: int = knob(1, 1, 10_000, symbol="d", help="Number of input coordinates.")
    m: int = knob(30, 1, 2_000, name="width", log=True, symbol="m", help="Width of hidden layers.")
    layers: int = knob(2, 1, 20, help="Number of hidden layers.")
    activation: str = knob("tanh", choices=ACTIVATIONS.keys(), help="Activation function.")
    bias: bool = knob(True, help="Whether each hidden neuron has a bias b.")
    output_bias: bool = knob(False, help="Whether the output has a bias c.")

    @property
    def input_dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights and biases of each layer, then of those of the output."""
        widths = [self.d, *[self.m] * self.layers]
        shapes: dict[str, tuple[int, ...]] = {}
        for layer, (before, after) in enumerate(itertools.pairwise(widths)):
            shapes[f"w{layer}"] = (after, before)
            if self.bias:
                shapes[f"b{layer}"] = (after,)
        shapes["a"] = (self.m,)
        return shapes | {"c": ()} if self.output_bias else shapes

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [d]; shape []."""
        act = activation(self.activation).torch
        for layer in range(self.layers):
            x = params[f"w{layer}"] @ x
            x = act(x + params[f"b{layer}"] if self.bias else x)
        y = params["a"] @ x
        return y + params["c"] if self.output_bias else y
