"""The two-layer network, about which the theorems speak."""

import dataclasses

from torch import Tensor

from ..activations import ACTIVATIONS, activation
from ..knobs import knob
from .base import Model, Params

__all__ = ["TwoLayer"]


@dataclasses.dataclass(frozen=True)
class TwoLayer(Model):
    """Two-layer network f(x) = sum_j a_j act(w_j . x + b_j), without an output bias.

    Parameters
    ----------
    d : int
        Input dimension.
    m : int
        Width, the number of hidden neurons; the knob ``width``.
    activation : str
        Name of the activation, see `condensekit.activations.ACTIVATIONS`; or an `Activation` of
        your own, which is then known by its name.
    bias : bool
        Whether hidden neurons have a bias. Params: ``a [m]``, ``w [m, d]`` and, with it, ``b [m]``.

    Examples
    --------
    >>> TwoLayer(1, 500).n_parameters
    1500
    """

    d: int = knob(1, 1, 10_000, symbol="d", help="Number of input coordinates.")
    m: int = knob(
        500,
        1,
        40_000,
        name="width",
        log=True,
        symbol="m",
        help="Number of hidden neurons of the network that learns.",
    )
    activation: str = knob(
        "tanh", choices=ACTIVATIONS.keys(), help="Activation function of the hidden neurons."
    )
    bias: bool = knob(True, help="Whether each hidden neuron has a bias b.")

    @property
    def input_dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of ``a``, ``w`` and, with a bias, ``b``."""
        shapes: dict[str, tuple[int, ...]] = {"a": (self.m,), "w": (self.m, self.d)}
        return shapes | {"b": (self.m,)} if self.bias else shapes

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [d]; shape []."""
        act = activation(self.activation).torch
        z = params["w"] @ x
        return params["a"] @ act(z + params["b"] if self.bias else z)
