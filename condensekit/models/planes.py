"""Two models of the same functions: planes, with and without a product of parameters."""

import dataclasses

from torch import Tensor

from .base import Model, Params

__all__ = ["Plane", "ProductPlane"]


@dataclasses.dataclass(frozen=True)
class Plane(Model):
    """Linear model f(x) = t_0 + t_1 x_1 + t_2 x_2.

    Every point of it has the same tangent functions 1, x_1, x_2, and so every target needs 3
    samples (f_L of Zhang et al., arXiv:2307.08921, Figure 1). Params: ``t [3]``.
    """

    @property
    def input_dim(self) -> int:
        """Two coordinates."""
        return 2

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of ``t``."""
        return {"t": (3,)}

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [2]; shape []."""
        t = params["t"]
        return t[0] + t[1] * x[0] + t[2] * x[1]


@dataclasses.dataclass(frozen=True)
class ProductPlane(Model):
    """The same functions with a product, f(x) = t_0 + t_1 x_1 + t_2 t_3 x_2.

    Where t_2 = t_3 = 0 the tangent functions are only 1 and x_1: targets without x_2 need 2
    samples (f_NL, ibid.). Params: ``t [4]``.
    """

    @property
    def input_dim(self) -> int:
        """Two coordinates."""
        return 2

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of ``t``."""
        return {"t": (4,)}

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [2]; shape []."""
        t = params["t"]
        return t[0] + t[1] * x[0] + t[2] * t[3] * x[1]
