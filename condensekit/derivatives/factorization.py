"""Closed forms for matrix factorization, f(u, v) = u^T A B v.

By automatic differentiation one Hessian of 32 parameters takes 15 ms, ten times as long as all the
rest of a step of the gradient flow: the price of bookkeeping on tiny tensors. A batch of them in
closed form takes some microseconds each.
"""

from typing import Any

import numpy as np
from torch import Tensor

from ..losses import Loss, mean_squared_error
from ..models import MatrixFactorization, Params
from .curvature import Curvature, Dense, check_dense, curvature, dense
from .gradients import LossGradient, autodiff, evaluate, loss_and_gradient

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[Any]]


@evaluate.register
def _outputs(model: MatrixFactorization, params: Params, x: Tensor) -> Tensor:
    u, v = x[..., : model.rows], x[..., model.rows :]
    found: Tensor = ((u @ params["A"]) * (v @ params["B"].mT)).sum(-1).detach()
    return found


@loss_and_gradient.register
def _gradient(
    model: MatrixFactorization,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """With residuals r: dL/dA = (2/n) U^T (r V B^T), dL/dB = (2/n) (r U A)^T V."""
    if loss is not mean_squared_error:
        return autodiff(model, params, gradient, x, y, loss)
    n = y.shape[1]
    a, b, to_a, to_b = (leaves[name].numpy() for leaves in (params, gradient) for name in "AB")
    u, v = _split(model, x)
    ut, labels = u.swapaxes(1, 2), y.numpy()

    def call() -> Array:
        left, right = u @ a, v @ b.swapaxes(1, 2)
        residual = np.vecdot(left, right) - labels
        pulled = (residual * (2.0 / n))[..., None]
        np.matmul(ut, pulled * right, out=to_a)
        np.matmul((pulled * left).swapaxes(1, 2), v, out=to_b)
        return np.asarray(np.vecdot(residual, residual) / n)

    return call


@curvature.register
def _curvature(
    model: MatrixFactorization,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> Curvature:
    if loss is not mean_squared_error:
        return dense(model, theta, params, x, y, loss)
    check_dense(model)
    return _Products(model, theta, params, x, y)


class _Products(Dense):
    """H = (2/n) J^T J, and between A_pq and B_qs also the (p, s) entry of (2/n) U^T r V."""

    def __init__(
        self, model: MatrixFactorization, theta: Array, params: Params, x: Tensor, y: Tensor
    ) -> None:
        super().__init__(theta)
        self._a, self._b = params["A"].numpy(), params["B"].numpy()
        self._u, self._v = _split(model, x)
        self._y = y.numpy()

    def hessians(self) -> Array:
        (runs, rows, inner), columns = self._a.shape, self._b.shape[2]
        n = self._y.shape[1]
        left, right = self._u @ self._a, self._v @ self._b.swapaxes(1, 2)
        by_a = (self._u[..., :, None] * right[..., None, :]).reshape(runs, n, -1)
        by_b = (left[..., :, None] * self._v[..., None, :]).reshape(runs, n, -1)
        jacobian = np.concatenate([by_a, by_b], axis=2)
        found: Array = jacobian.swapaxes(1, 2) @ jacobian
        residual = np.vecdot(left, right) - self._y
        mixed = self._u.swapaxes(1, 2) @ (residual[..., None] * self._v)
        split = rows * inner
        across = np.zeros((runs, rows, inner, inner, columns))
        across[:, :, np.arange(inner), np.arange(inner), :] = mixed[:, :, None, :]
        block = across.reshape(runs, split, inner * columns)
        found[:, :split, split:] += block
        found[:, split:, :split] += block.swapaxes(1, 2)
        found *= 2.0 / n
        return found


def _split(model: MatrixFactorization, x: Tensor) -> tuple[Array, Array]:
    """Inputs (u, v) as u [R, n, rows] and v [R, n, columns]."""
    inputs = x.numpy()
    return inputs[..., : model.rows], inputs[..., model.rows :]
