"""Convolutional networks that classify images."""

import dataclasses
import math
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from ..activations import ACTIVATIONS, activation
from ..knobs import knob
from .base import Model, Params

__all__ = ["Conv"]


@dataclasses.dataclass(frozen=True)
class Conv(Model):
    """Convolutional network f(x) = V pool(act(w * x + b)) + c, one output for each class.

    Kernels of `size` x `size` entries slide over the image with a stride; what they find is
    averaged over squares of `pool` x `pool` positions and goes into a fully connected layer. With
    two convolutional layers the second has as many kernels, over all channels of the first. With
    `hidden` neurons there is a fully connected layer of them before the last, with the same
    activation. Kernels as large as the image make it the fully connected network of two layers.

    Parameters
    ----------
    side : int
        Pixels along one side of the image; x has side^2 coordinates, row by row.
    kernels : int
        Kernels of each convolutional layer; the knob ``width``.
    size, stride : int
        Entries of a kernel along one side, and steps between two of its positions.
    pool : int
        Positions along one side of a square over which is averaged; what is left over at the
        right and at the bottom is not used.
    hidden : int
        Neurons of a fully connected layer before the last; 0 for none.
    layers : int
        Convolutional layers, 1 or 2.
    classes : int
        Number of outputs.
    activation : str
        Name of the activation.
    fan_in : bool
        False: all weights start with the standard deviation ``init_std``. True: with ``init_std``
        / sqrt(inputs of the unit), and 1 / sqrt(3) is the scale of PyTorch's default. Biases start
        at zero either way, so that the small network is odd in its weights.

    Params: ``w [k, s^2]``, ``b [k]``; with two layers ``w2 [k, k s^2]``, ``b2 [k]``; with hidden
    neurons ``u [h, q]``, ``e [h]``; ``v [classes, q or h]``, ``c [classes]``. Numbers are float32.

    Examples
    --------
    >>> Conv().n_parameters, Conv().positions
    (46922, 12)
    """

    dtype: ClassVar[torch.dtype] = torch.float32
    parallel: ClassVar[bool] = True

    side: int = knob(28, 1, 256, help="Pixels along one side of the image.")
    kernels: int = knob(32, 1, 1_000, name="width", symbol="m", help="Number of kernels.")
    size: int = knob(5, 1, 64, symbol="s", help="Entries of a kernel along one side.")
    stride: int = knob(2, 1, 64, help="Steps between two positions of a kernel.")
    pool: int = knob(1, 1, 64, help="Positions along one side that are averaged.")
    hidden: int = knob(0, 0, 2_000, help="Neurons of a fully connected layer; 0 for none.")
    layers: int = knob(1, 1, 2, help="Number of convolutional layers.")
    classes: int = knob(10, 2, 1_000, help="Number of classes.")
    activation: str = knob("tanh", choices=ACTIVATIONS.keys(), help="Activation function.")
    fan_in: bool = knob(False, help="Whether weights start divided by the root of their number.")

    def __post_init__(self) -> None:
        """Check the knobs, and that kernels and pools fit into the image."""
        super().__post_init__()
        found = self.side
        for _ in range(self.layers):
            if self.size > found:
                raise ValueError(
                    f"size must be a whole number from 1 to {found}, the side of what the kernels "
                    f"see, but is {self.size}."
                )
            found = (found - self.size) // self.stride + 1
        if self.pool > found:
            raise ValueError(
                f"pool must be a whole number from 1 to {found}, the positions of a kernel, but is "
                f"{self.pool}."
            )

    @property
    def input_dim(self) -> int:
        """Number of pixels."""
        return self.side**2

    @property
    def output_shape(self) -> tuple[int, ...]:
        """One output for each class."""
        return (self.classes,)

    @property
    def formula(self) -> Model:
        """The network, however it starts."""
        return dataclasses.replace(self, fan_in=False)

    @property
    def positions(self) -> int:
        """Positions along one side of a kernel of the last convolutional layer."""
        found = self.side
        for _ in range(self.layers):
            found = (found - self.size) // self.stride + 1
        return found

    @property
    def pooled(self) -> int:
        """Squares along one side over which is averaged."""
        return self.positions // self.pool

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of kernels and biases, layer by layer."""
        k, area = self.kernels, self.size**2
        shapes: dict[str, tuple[int, ...]] = {"w": (k, area), "b": (k,)}
        if self.layers == 2:
            shapes |= {"w2": (k, k * area), "b2": (k,)}
        inputs = k * self.pooled**2
        if self.hidden:
            shapes |= {"u": (self.hidden, inputs), "e": (self.hidden,)}
        return shapes | {"v": (self.classes, self.hidden or inputs), "c": (self.classes,)}

    def draw_params(self, generator: torch.Generator, std: float) -> Params:
        """Draw weights from N(0, std^2), or N(0, std^2 / inputs) with `fan_in`; biases are zero."""
        params = {}
        for name, shape in self.shapes().items():
            drawn = std * torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
            if self.fan_in:
                drawn /= math.sqrt(shape[-1])
            params[name] = (drawn if len(shape) > 1 else torch.zeros(shape, device="cpu")).to(
                self.dtype
            )
        return params

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one image `x` of shape [side^2]; shape [classes]."""
        act = activation(self.activation).torch
        h, channels = x.view(1, 1, self.side, self.side), 1
        for w, b in (("w", "b"), ("w2", "b2"))[: self.layers]:
            kernels = params[w].view(self.kernels, channels, self.size, self.size)
            h = act(functional.conv2d(h, kernels, params[b], self.stride))
            channels = self.kernels
        h = functional.avg_pool2d(h, self.pool).flatten()
        if self.hidden:
            h = act(params["u"] @ h + params["e"])
        return params["v"] @ h + params["c"]
