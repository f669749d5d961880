"""A few heads that stand for blocks of equal ones: the narrow network of attention."""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor

from ..models import Attention, Model, Params, Transformer
from ..plain import quoted

__all__ = ["CondensedHeads"]


@dataclasses.dataclass(frozen=True)
class CondensedHeads(Model):
    """k heads that stand for blocks of s_k equal ones, in variables that keep lengths.

    All parameters of a head are sqrt(s_k) times those of a head of the block, so that gradients
    and the steps of gradient descent are those of the wide network, as in `Condensed`. The s_k
    equal heads give s_k softmax(X W_Q W_K^T X^T / sqrt d) X W_V W_O^T: in these variables
    W_V W_O^T is what it is, and W_Q and W_K are divided by sqrt(s_k) each.

    Parameters
    ----------
    narrow : Attention or Transformer
        The model with k heads, of one layer. Params: those of this model.
    sizes : tuple of int
        Number of equal heads in each block.
    """

    broadcasts: ClassVar[bool] = True

    narrow: Model
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check that there is a block for each head, and that every block has a head."""
        super().__post_init__()
        if not isinstance(self.narrow, (Attention, Transformer)):
            raise ValueError(
                f"narrow must be an Attention or a Transformer, but is {quoted(self.narrow)}."
            )
        if len(self.sizes) != self.narrow.heads or any(size < 1 for size in self.sizes):
            raise ValueError(
                f"sizes must be {self.narrow.heads} whole numbers above 0, one for each head, but "
                f"are {self.sizes!r}."
            )

    @property
    def dtype(self) -> torch.dtype:  # type: ignore[override]
        """Numbers of the parameters."""
        return self.narrow.dtype

    @property
    def input_dim(self) -> int:
        """As that of the narrow model."""
        return self.narrow.input_dim

    @property
    def output_shape(self) -> tuple[int, ...]:
        """As that of the narrow model."""
        return self.narrow.output_shape

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the parameters of the narrow model."""
        return self.narrow.shapes()

    def draw_params(self, generator: torch.Generator, std: float) -> Params:
        """Draw them as those of the narrow model."""
        return self.narrow.draw_params(generator, std)

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs for one input `x`."""
        root = torch.tensor(self.sizes, dtype=self.dtype, device="cpu").sqrt()
        halved = ("WQ", "WK", "bQ", "bK")
        scaled = {
            name: leaf / root.reshape(-1, *[1] * (leaf.ndim - 1)) if name[:2] in halved else leaf
            for name, leaf in params.items()
        }
        found: Tensor = self.narrow(scaled, x)
        return found
