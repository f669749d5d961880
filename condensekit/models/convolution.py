"""The two-layer convolutional network, with and without shared weights."""

import dataclasses
import functools
import itertools

import torch
from torch import Tensor

from ..activations import ACTIVATIONS, activation
from ..defaults import torch_defaults
from ..knobs import knob
from .base import Model, Params

__all__ = ["TwoLayerConv"]


@functools.lru_cache(maxsize=64)
@torch_defaults()
def _patches(side: int, dims: int, size: int) -> Tensor:
    """Index of the inputs that each position of a kernel sees, shape [p, s]; stride 1."""
    grid = torch.arange(side**dims, device="cpu").reshape([side] * dims)
    corners = itertools.product(range(side + 1 - size), repeat=dims)
    windows = [grid[tuple(slice(i, i + size) for i in corner)].flatten() for corner in corners]
    return torch.stack(windows)


@dataclasses.dataclass(frozen=True)
class TwoLayerConv(Model):
    """Convolution f(x) = sum_kp a_kp act(w_k . x_p + b_k), x_p the inputs under the kernel at p.

    Kernels of `size` (or `size` x `size`) entries slide with stride 1 over a line (or a square) of
    `side` inputs, p = (side + 1 - size)^dims positions. Without sharing, every position has a
    kernel and a bias of its own: w_kp and b_kp.

    Parameters
    ----------
    side : int
        Inputs along one direction; x has side^dims coordinates.
    kernels : int
        Number of kernels; the knob ``width``.
    size : int
        Entries of a kernel along one direction.
    dims : int
        1 for a line of inputs, 2 for a square.
    activation : str
        Name of the activation.
    bias : bool
        Whether there is a bias b.
    sharing : bool
        Whether all positions share the kernel. Params: ``a [k, p]``, and ``w [k, s]``, ``b [k]``
        with sharing, ``w [k, p, s]``, ``b [k, p]`` without, s = size^dims.

    Examples
    --------
    >>> TwoLayerConv(5, 100).n_parameters, TwoLayerConv(5, 100, sharing=False).n_parameters
    (700, 1500)
    """

    side: int = knob(5, 1, 1_000, help="Number of inputs along one direction.")
    kernels: int = knob(1, 1, 10_000, name="width", log=True, symbol="m", help="Number of kernels.")
    size: int = knob(3, 1, 1_000, symbol="s", help="Entries of a kernel along one direction.")
    dims: int = knob(1, 1, 2, help="1: the inputs form a line; 2: a square.")
    activation: str = knob("tanh", choices=ACTIVATIONS.keys(), help="Activation function.")
    bias: bool = knob(True, help="Whether there is a bias b.")
    sharing: bool = knob(True, help="Whether all positions share one kernel.")

    def __post_init__(self) -> None:
        """Check the knobs, and that a kernel fits into the inputs."""
        super().__post_init__()
        if self.size > self.side:
            raise ValueError(
                f"size must be a whole number from 1 to side = {self.side}, but is {self.size}."
            )

    @property
    def input_dim(self) -> int:
        """Number of input coordinates."""
        return int(self.side**self.dims)

    @property
    def patches(self) -> Tensor:
        """Index of the inputs under each position of a kernel, shape [p, s]."""
        return _patches(self.side, self.dims, self.size)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of ``a``, ``w`` and, with a bias, ``b``."""
        p, s = self.patches.shape
        own = (self.kernels,) if self.sharing else (self.kernels, p)
        shapes: dict[str, tuple[int, ...]] = {"a": (self.kernels, p), "w": (*own, s)}
        return shapes | {"b": own} if self.bias else shapes

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [side^dims]; shape []."""
        w, x = params["w"], x[self.patches]
        z = w @ x.T if self.sharing else (w * x).sum(-1)
        if self.bias:
            z = z + (params["b"][:, None] if self.sharing else params["b"])
        return (params["a"] * activation(self.activation).torch(z)).sum()
