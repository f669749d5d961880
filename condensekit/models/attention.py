"""Attention, as on the slide, and a small Transformer around it."""

import dataclasses
import math
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from ..knobs import knob
from .base import Model, Params

__all__ = ["Attention", "PreciseTransformer", "Transformer"]


def heads_of(params: Params, x: Tensor, mask: Tensor | None = None, suffix: str = "") -> Tensor:
    """Sum over heads of softmax(X Q K^T X^T / sqrt d) X V O^T for X [..., T, d_model].

    `params` holds WQ, WK, WV and WO, each [heads, d_model, d], their names followed by `suffix`,
    and perhaps biases bQ, bK, bV [heads, d] and bO [d_model]. The matrices of all heads stand side
    by side, so that each of the four is one product.
    """
    heads, _, d = params[f"WQ{suffix}"].shape

    def side_by_side(part: str) -> Tensor:
        return params[f"W{part}{suffix}"].transpose(0, 1).flatten(1)

    def projected(part: str) -> Tensor:
        bias = params.get(f"b{part}{suffix}")
        flat = functional.linear(x, side_by_side(part).mT, None if bias is None else bias.flatten())
        return flat.reshape(*x.shape[:-1], heads, d).transpose(-3, -2)

    scores = projected("Q") @ projected("K").mT / math.sqrt(d)
    if mask is not None:
        scores = scores.masked_fill(mask, -math.inf)
    mixed = (scores.softmax(-1) @ projected("V")).transpose(-3, -2).flatten(-2)
    return functional.linear(mixed, side_by_side("O"), params.get(f"bO{suffix}"))


@dataclasses.dataclass(frozen=True)
class Attention(Model):
    """Attention A(X) = sum_h softmax(X W_Q W_K^T X^T / sqrt d) X W_V W_O^T, each row of scores by itself.

    The slide's map, without layer norm, residual or mask. The input is X [T, d_model], row by row.

    Parameters
    ----------
    tokens, d_model : int
        X has T = `tokens` rows and `d_model` columns.
    heads, d_head : int
        Number of heads, and d, the columns of their matrices. Params: ``WQ``, ``WK``, ``WV`` and
        ``WO``, each [heads, d_model, d].

    Examples
    --------
    >>> Attention().n_parameters
    384
    """  # noqa: E501  the formula stays in a line

    broadcasts: ClassVar[bool] = True

    tokens: int = knob(6, 1, 256, symbol="T", help="Rows of the input X.")
    d_model: int = knob(6, 1, 512, help="Columns of the input X.")
    heads: int = knob(8, 1, 64, symbol="H", help="Number of heads.")
    d_head: int = knob(2, 1, 512, symbol="d", help="Columns of the matrices of a head.")

    @property
    def input_dim(self) -> int:
        """Numbers in X."""
        return self.tokens * self.d_model

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of X."""
        return (self.tokens, self.d_model)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the four matrices of all heads."""
        return {f"W{part}": (self.heads, self.d_model, self.d_head) for part in "QKVO"}

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """A(X) for one input `x` of shape [T d_model]; shape [T, d_model]."""
        return heads_of(params, x.reshape(*x.shape[:-1], *self.output_shape))


@dataclasses.dataclass(frozen=True)
class Transformer(Model):
    """Small transformer, a decoder that reads a few tokens and predicts the next one.

    Layers of attention and of a two-layer ReLU network (FFN), each added to what it reads and
    followed by a layer norm (post-LN); causal mask; learned positions; the output is U h + c at
    the last token. Every projection has a bias and every layer norm a gain and a bias, as in
    torch.nn.

    Parameters
    ----------
    vocabulary, tokens : int
        Number of tokens that exist, and that are read at once; x holds their numbers.
    d_model, heads, d_head, d_ff, layers : int
        Sizes. Params: ``E [vocabulary, d_model]``, ``P [tokens, d_model]``; for each layer l
        ``WQl``, ``WKl``, ``WVl``, ``WOl [heads, d_model, d_head]`` with biases ``bQl``, ``bKl``,
        ``bVl [heads, d_head]`` and ``bOl [d_model]``; ``W1l [d_ff, d_model]``, ``b1l [d_ff]``,
        ``W2l [d_model, d_ff]``, ``b2l [d_model]``; gains and biases of the two layer
        norms ``g1l``, ``c1l``, ``g2l``, ``c2l [d_model]``; ``U [vocabulary, d_model]`` and
        ``c [vocabulary]``. Numbers are float32.

    Examples
    --------
    >>> Transformer().n_parameters
    34535
    """

    dtype: ClassVar[torch.dtype] = torch.float32
    broadcasts: ClassVar[bool] = True

    vocabulary: int = knob(71, 2, 10_000, help="Number of tokens that exist.")
    tokens: int = knob(3, 1, 256, symbol="T", help="Number of tokens that are read at once.")
    d_model: int = knob(64, 1, 512, help="Numbers that stand for a token.")
    heads: int = knob(1, 1, 64, symbol="H", help="Number of heads in a layer.")
    d_head: int = knob(32, 1, 512, symbol="d", help="Columns of the matrices of a head.")
    d_ff: int = knob(128, 1, 4_096, help="Hidden neurons of the FFN in a layer.")
    layers: int = knob(1, 1, 12, help="Number of layers.")

    @property
    def input_dim(self) -> int:
        """Number of tokens that are read at once."""
        return self.tokens

    @property
    def output_shape(self) -> tuple[int, ...]:
        """One output for each token that exists."""
        return (self.vocabulary,)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all matrices and biases, layer by layer."""
        d, heads = self.d_model, (self.heads, self.d_head)
        shapes: dict[str, tuple[int, ...]] = {"E": (self.vocabulary, d), "P": (self.tokens, d)}
        for layer in range(self.layers):
            shapes |= {f"W{part}{layer}": (self.heads, d, self.d_head) for part in "QKVO"}
            shapes |= {f"b{part}{layer}": heads for part in "QKV"} | {f"bO{layer}": (d,)}
            shapes |= {f"W1{layer}": (self.d_ff, d), f"b1{layer}": (self.d_ff,)}
            shapes |= {f"W2{layer}": (d, self.d_ff), f"b2{layer}": (d,)}
            shapes |= {f"{part}{layer}": (d,) for part in ("g1", "c1", "g2", "c2")}
        return shapes | {"U": (self.vocabulary, d), "c": (self.vocabulary,)}

    def draw_params(self, generator: torch.Generator, std: float) -> Params:
        """Draw each matrix from N(0, fan_in^(-2 gamma)), with d_model^-gamma = `std`.

        So `std` is the standard deviation of a matrix that reads d_model numbers; one that reads
        fewer starts larger. gamma of a paper means another std at another width: quote the std.
        Biases start at zero, and gains at one.
        """
        rate = -math.log(std) / math.log(max(2, self.d_model)) if std else math.inf
        params = {}
        for name, shape in self.shapes().items():
            if name[0] in "bcg":
                params[name] = torch.full(
                    shape, float(name[0] == "g"), dtype=self.dtype, device="cpu"
                )
                continue
            drawn = torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
            reads = {"WO": self.d_head, "W2": self.d_ff}.get(name[:2], self.d_model)
            params[name] = (max(2, reads) ** -rate * drawn).to(self.dtype)
        return params

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs at the last token for one input `x` of shape [tokens]; shape [vocabulary]."""
        h = params["E"][x.long()] + params["P"]
        later = torch.ones(self.tokens, self.tokens, dtype=torch.bool, device="cpu").triu(1)
        for layer in range(self.layers):
            w1, b1, w2, b2, g1, c1, g2, c2 = (
                params[f"{name}{layer}"]
                for name in ("W1", "b1", "W2", "b2", "g1", "c1", "g2", "c2")
            )
            h = _norm(h + heads_of(params, h, later, str(layer)), g1, c1)
            inner = functional.relu(functional.linear(h, w1, b1))
            h = _norm(h + functional.linear(inner, w2, b2), g2, c2)
        return functional.linear(h[..., -1, :], params["U"], params["c"])


@dataclasses.dataclass(frozen=True)
class PreciseTransformer(Transformer):
    """A `Transformer` in float64, for small ones of which rounding is to be told from drift.

    Parameters
    ----------
    vocabulary, tokens, d_model, heads, d_head, d_ff, layers : int
        As of a `Transformer`.

    Examples
    --------
    >>> PreciseTransformer(d_model=6, heads=4, d_head=4, d_ff=4).n_parameters
    1461
    """

    dtype: ClassVar[torch.dtype] = torch.float64


def _norm(h: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return functional.layer_norm(h, h.shape[-1:], gain, bias)
