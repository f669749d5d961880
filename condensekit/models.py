"""Models: a formula, the shapes of its parameters, and how they are drawn.

A model holds no parameters. ``model(params, x)`` is the formula of the lecture for one input;
runs and inputs are batched around it, never inside it.
"""

import abc
import dataclasses
import math

import torch
from torch import Tensor

from .activations import ACTIVATIONS, activation
from .knobs import Settings, knob

__all__ = ["Model", "Params", "TwoLayer"]

Params = dict[str, Tensor]
"""Parameters by name; a batch of runs has leading axes on every leaf."""


class Model(Settings, abc.ABC, role="model"):
    """A function f(params, x) that is linear in nothing: the network, without its weights."""

    @abc.abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every parameter of one network, in the order in which they are drawn."""

    @abc.abstractmethod
    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Output for one input `x` of shape [d]; shape []."""

    @property
    @abc.abstractmethod
    def input_dim(self) -> int:
        """Number of input coordinates d."""

    @property
    def n_parameters(self) -> int:
        """Number of parameters M."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    def init(self, generator: torch.Generator, std: float) -> Params:
        """Draw parameters from N(0, std^2), in float64.

        They are a draw from the unit normal times `std`: with one seed, changing the variance
        only rescales the network.
        """
        return {
            name: std * torch.randn(shape, generator=generator, dtype=torch.float64)
            for name, shape in self.shapes().items()
        }


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
        Name of the activation, see `condensekit.activations.ACTIVATIONS`.
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
        20_000,
        name="width",
        log=True,
        symbol="m",
        help="Number of hidden neurons of the network that learns.",
    )
    activation: str = knob(
        "tanh", choices=tuple(ACTIVATIONS), help="Activation function of the hidden neurons."
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
