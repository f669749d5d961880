"""The model of k neurons that stand for blocks of equal ones, and its derivatives."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..activations import ACTIVATIONS, activation
from ..derivatives import Curvature, Lagging, curvature, dense, evaluate, loss_and_gradient
from ..derivatives.gradients import LossGradient
from ..knobs import knob
from ..losses import Loss, mean_squared_error
from ..models import Model, Params, TwoLayer
from ..models.parameters import named
from ..plain import quoted

__all__ = ["Condensed"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class Condensed(Model):
    """k neurons that stand for blocks of s_k equal ones, in variables that keep lengths.

    f(x) = sum_k sqrt(s_k) A_k act((W_k . x + B_k) / sqrt(s_k)), where A = sqrt(s) a, W = sqrt(s) w
    and B = sqrt(s) b. The norm of (A, W, B) is that of all neurons of the block, so that gradients,
    the gradient flow and even the steps of an adaptive method are those of the wide network. In the
    plain variables (s a, w, b) of a narrow network the same motion has rate s for the output weight
    and 1 / s for w and b. For ReLU the formula is sum_k A_k act(W_k . x + B_k): a plain narrow
    network.

    Parameters
    ----------
    d : int
        Input dimension.
    sizes : tuple of int
        Number of equal neurons in each block.
    activation : str
        Name of the activation.
    bias : bool
        Whether neurons have a bias. Params: ``a [k]``, ``w [k, d]`` and, with it, ``b [k]``.
    """

    d: int = knob(1, 1, 10_000, symbol="d", help="Number of input coordinates.")
    sizes: tuple[int, ...] = (1,)
    activation: str = knob("tanh", choices=ACTIVATIONS.keys(), help="Activation function.")
    bias: bool = knob(True, help="Whether each hidden neuron has a bias b.")

    def __post_init__(self) -> None:
        """Check the knobs, and that every block has a neuron."""
        super().__post_init__()
        if not self.sizes or any(size < 1 for size in self.sizes):
            raise ValueError(f"sizes must be whole numbers above 0, but are {quoted(self.sizes)}.")

    @property
    def input_dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of ``a``, ``w`` and, with a bias, ``b``: those of a network of k neurons."""
        return TwoLayer(self.d, len(self.sizes), self.activation, self.bias).shapes()

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [d]; shape []."""
        root = torch.tensor(self.sizes, dtype=torch.float64, device="cpu").sqrt()
        z = params["w"] @ x
        z = z + params["b"] if self.bias else z
        return (root * params["a"]) @ activation(self.activation).torch(z / root)


def _plain(model: Condensed) -> tuple[TwoLayer, dict[str, Tensor]]:
    """The narrow network in its usual variables, and what each of them is times the other ones."""
    root = torch.tensor(model.sizes, dtype=torch.float64, device="cpu").sqrt()
    scale = {"a": root, "w": 1.0 / root[:, None], "b": 1.0 / root}
    return TwoLayer(model.d, len(root), model.activation, model.bias), scale


@evaluate.register
def _outputs(model: Condensed, params: Params, x: Tensor) -> Tensor:
    narrow, scale = _plain(model)
    return evaluate(narrow, {name: leaf * scale[name] for name, leaf in params.items()}, x)


@loss_and_gradient.register
def _closed_form(
    model: Condensed,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """The closed form of the two-layer network, by the chain rule: it takes 1 / 50 of the time."""
    narrow, scale = _plain(model)
    own, slopes = ({name: leaf.clone() for name, leaf in params.items()} for _ in range(2))
    inner = loss_and_gradient(narrow, own, slopes, x, y, loss)

    def call() -> Array:
        for name, leaf in params.items():
            torch.mul(leaf, scale[name], out=own[name])
        losses = inner()
        for name, leaf in gradient.items():
            torch.mul(slopes[name], scale[name], out=leaf)
        return losses

    return call


@curvature.register
def _condensed(
    model: Condensed,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> Curvature:
    if loss is not mean_squared_error:
        return dense(model, theta, params, x, y, loss)
    return _Blocks(model, theta, params, x, y)


class _Blocks(Lagging):
    """The dense Hessian, with the bound for its lowest eigenvalue that two-layer networks have.

    An adaptive method caps its step by that bound, or by the signs of the eigenvalues of the wide
    network: these are its own, and those across each block of two and more equal neurons, which are
    the eigenvalues of the second derivatives of one neuron.
    """

    def __init__(
        self, model: Condensed, theta: Array, params: Params, x: Tensor, y: Tensor
    ) -> None:
        self._dense = dense(model, theta, params, x, y)
        self._model, self._theta, self._y = model, theta, y.numpy()
        ones = np.ones((*y.shape, 1))
        self._inputs = np.concatenate([x.numpy(), ones], axis=2) if model.bias else x.numpy()

    def update_parts(self, residual: Array | None = None) -> Iterator[None]:
        k, (runs, n, _) = len(self._model.sizes), self._inputs.shape
        root = np.sqrt(self._model.sizes)
        params = named(self._model, self._theta)
        parts = [params["w"].numpy()]
        if self._model.bias:
            parts.append(params["b"].numpy()[..., None])
        a = params["a"].numpy()
        z = self._inputs @ (np.concatenate(parts, axis=2) / root[:, None]).swapaxes(1, 2)
        slope, bend = np.empty((2, runs, n, k))
        activation(self._model.activation).fill(z, slope, bend)
        outputs = np.matvec(z, root * a)
        self._residual = np.asarray(outputs - self._y)
        self._dense.relabel(self._y if residual is None else outputs - residual)
        self._dense.update()
        yield
        held = 2.0 / n * (self._residual if residual is None else residual)
        g = np.einsum("ri,rik,riq->rkq", held, slope, self._inputs)
        m = np.einsum("ri,rik,rip,riq->rkpq", held, bend, self._inputs, self._inputs)
        own = np.zeros((*g.shape[:2], g.shape[2] + 1, g.shape[2] + 1))
        own[..., :-1, :-1] = m * (a / root)[..., None, None]
        own[..., -1, :-1] = g  # of which the lower triangle is read
        low = np.linalg.eigvalsh(own[..., :-1, :-1])[..., 0]
        bound = low / 2.0 - np.sqrt(low * low / 4.0 + np.vecdot(g, g))
        self.lowest = np.minimum(bound.min(axis=1), 0.0)
        many = np.array(self._model.sizes) > 1
        self._across = np.linalg.eigvalsh(own)[..., 0].min(axis=1, where=many, initial=0.0)

    def residuals(self) -> Array:
        return self._residual

    def factor(self, shift: Array) -> None:
        self._dense.factor(shift)
        self._bends = -shift * self._across < 1.0

    def definite(self) -> Array:
        return np.asarray(self._dense.definite() & self._bends)

    def singular(self) -> Array:
        return np.zeros(len(self.lowest), dtype=bool)  # eigenvalues are an answer wherever they are

    def solve(self, vector: Array) -> Array:
        return self._dense.solve(vector)

    def product(self, vector: Array) -> Array:
        return self._dense.product(vector)
