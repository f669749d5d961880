"""Hessians of the losses of a batch of runs, and linear systems with them."""

import abc
import functools
from collections.abc import Callable, Iterator
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..defaults import recordable, torch_defaults
from ..losses import Loss, mean_squared_error
from ..models import Model, Params

__all__ = ["Curvature", "Dense", "Lagging", "check_dense", "curvature", "dense"]

Array = np.ndarray[Any, np.dtype[Any]]

MOST_DENSE = 2_000
"""Parameters of the largest model whose Hessian is taken as one dense matrix."""


class Curvature(abc.ABC):
    """The Hessian of each of R runs.

    For one large network a preparation takes seconds; it then comes in parts, an item after each,
    for whoever has something else to do in between.

    Attributes
    ----------
    lowest : array, shape [R]
        A lower bound, at most zero, for the smallest eigenvalue at the last `update`.
    """

    lowest: Array

    @abc.abstractmethod
    def update(self) -> None:
        """Take the Hessians where the parameters are now."""

    def update_parts(self) -> Iterator[None]:
        """`update` in parts."""
        self.update()
        yield

    @abc.abstractmethod
    def factor(self, shift: Array) -> None:
        """Prepare systems with I + shift H; shift [R]."""

    def factor_parts(self, shift: Array) -> Iterator[None]:
        """`factor` in parts."""
        self.factor(shift)
        yield

    @abc.abstractmethod
    def definite(self) -> Array:
        """Whether each I + shift H that was prepared is positive definite, [R]: exact, no bound.

        So it is where ``-shift * lowest < 1``. False also where the way to the answer meets a
        number that is too small to divide by.
        """

    @abc.abstractmethod
    def solve(self, vector: Array) -> Array:
        """(I + shift H)^-1 `vector`, for each run; shapes [R, P]."""

    @abc.abstractmethod
    def product(self, vector: Array) -> Array:
        """H `vector`, for each run; shapes [R, P]."""

    def products(self, vectors: Array) -> Array:
        """H v of the first run for each row v of `vectors` [k, P]; without an `update` before."""
        self.update()
        spread = np.zeros((len(vectors), len(self.lowest), vectors.shape[1]))
        spread[:, 0] = vectors
        return np.array([self.product(each)[0] for each in spread]).reshape(vectors.shape)


class Lagging(Curvature):
    """A Hessian of the mean square that can be taken with the residuals of another network.

    H = (2/n) (J^T J + sum_i r_i Hess f(x_i)). Of a network beside the floor of a valley, J is
    right, and the curvature that its own residuals r add is not what it will be on the floor.
    """

    def update(self) -> None:
        """Take the Hessians where the parameters are now."""
        for _ in self.update_parts():
            pass

    @abc.abstractmethod
    def update_parts(self, residual: Array | None = None) -> Iterator[None]:
        """`update` in parts, with these residuals [R, n] if there are any."""

    @abc.abstractmethod
    def singular(self) -> Array:
        """Where `definite` is False for a number that is too small to divide by, no answer; [R]."""

    @abc.abstractmethod
    def residuals(self) -> Array:
        """Outputs minus labels [R, n] of the network itself, where the last `update` was."""


@torch_defaults()
@singledispatch
def curvature(
    model: Model,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> Curvature:
    """Bind the Hessians of a batch of runs to the memory of their parameters.

    Parameters
    ----------
    model : Model
        The formula; models with structure have their own implementation.
    theta : array, shape [R, P]
        All parameters.
    params : dict of Tensor, leading axis [R]
        Views into `theta`.
    x, y : Tensor, shapes [R, n, d] and [R, n, ...]
        Training samples of each run.
    loss : Loss
        Of the outputs and labels of one run.

    Raises
    ------
    ValueError
        If the model is too large.
    """
    return dense(model, theta, params, x, y, loss)


def dense(
    model: Model,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> "Autodiff":
    """`curvature` by automatic differentiation and an eigendecomposition; right for every model."""
    check_dense(model)
    return Autodiff(model, theta, params, x, y, loss)


def check_dense(model: Model) -> None:
    """Raise a ValueError if a model has no dense Hessian: it is too large, or in half precision."""
    if model.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            "The gradient flow needs parameters of float32 or float64, but these are of "
            f"{str(model.dtype).removeprefix('torch.')}; use Adam or GradientDescent."
        )
    if model.n_parameters > MOST_DENSE:
        raise ValueError(
            f"The gradient flow of this model has {model.n_parameters:,} parameters, too many "
            f"for a dense Hessian (at most {MOST_DENSE:,}); use Adam or GradientDescent."
        )


class Dense(Curvature):
    """Eigenvalues and eigenvectors of whole matrices."""

    def __init__(self, theta: Array) -> None:
        self._values, self._vectors = np.empty_like(theta), np.empty((*theta.shape, len(theta[0])))
        self.lowest = np.zeros(len(theta))

    @abc.abstractmethod
    def hessians(self) -> Array:
        """The Hessians where the parameters are now, shape [R, P, P], symmetric."""

    def update(self) -> None:
        """Take the Hessians, and their eigenvectors, where the parameters are now."""
        self._values, self._vectors = np.linalg.eigh(self.hessians())
        self.lowest = np.minimum(self._values[:, 0], 0.0)

    def factor(self, shift: Array) -> None:
        """Prepare systems with I + shift H."""
        with np.errstate(divide="ignore"):
            self._inverse = 1.0 / (1.0 + shift[:, None] * self._values)

    def definite(self) -> Array:
        """Whether each I + shift H is positive definite."""
        return np.asarray((np.isfinite(self._inverse) & (self._inverse > 0.0)).all(axis=1))

    def solve(self, vector: Array) -> Array:
        """(I + shift H)^-1 `vector`, for each run."""
        return self._scaled(vector, self._inverse)

    def product(self, vector: Array) -> Array:
        """H `vector`, for each run."""
        return self._scaled(vector, self._values)

    def _scaled(self, vector: Array, factors: Array) -> Array:
        inner = np.vecmat(vector, self._vectors)
        return np.asarray(np.matvec(self._vectors, inner * factors))


def _row_by_row(of: Callable[..., Tensor], theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The Hessian of one run in torch's plain way."""
    hessian = torch.autograd.functional.hessian
    found: Tensor = hessian(lambda flat: of(flat, x, y), theta)  # type: ignore[no-untyped-call]
    return found


class Autodiff(Dense):
    """By automatic differentiation."""

    def __init__(
        self, model: Model, theta: Array, params: Params, x: Tensor, y: Tensor, loss: Loss
    ) -> None:
        super().__init__(theta)
        self._theta = torch.from_numpy(theta)
        self._x, self._y = recordable(x), recordable(y)
        shapes = model.shapes()
        sizes = [leaf[0].numel() for leaf in params.values()]

        def of(flat: Tensor, x: Tensor, y: Tensor) -> Tensor:
            parts = zip(shapes.items(), torch.split(flat, sizes), strict=True)
            named = {name: part.view(shape) for (name, shape), part in parts}
            outputs = model if model.broadcasts else torch.vmap(model, in_dims=(None, 0))
            return loss(outputs(named, x), y)

        self._of: Callable[..., Tensor] | None = of if model.vmaps else None

        # All small networks at once: for one alone it takes 15 ms, whatever its size.
        some = max(1, 2**20 // (model.n_parameters**2 * y.shape[1]))
        hessian = torch.func.jacrev(torch.func.grad(of))
        self._hessians: Callable[..., Tensor] = torch.vmap(hessian, chunk_size=some)
        if not model.vmaps:
            alone = functools.partial(_row_by_row, of)
            self._hessians = lambda *runs: torch.stack([*map(alone, *runs)])

    def relabel(self, y: Array) -> None:
        """Go on with other labels, [R, n, ...]."""
        self._y = recordable(torch.from_numpy(y))

    @torch_defaults()
    def hessians(self) -> Array:
        """The Hessians where the parameters are now."""
        found = self._second(lambda: self._hessians(self._theta, self._x, self._y))
        return ((found + found.mT) / 2).numpy()

    @torch_defaults()
    def products(self, vectors: Array) -> Array:
        """As many derivatives of the gradient as there are vectors, and no eigenvectors."""
        of = self._of
        if of is None or not len(vectors):
            return super().products(vectors)
        theta, x, y = self._theta[0], self._x[0], self._y[0]

        def along() -> Tensor:
            pull: Callable[..., Any] = torch.func.vjp(
                torch.func.grad(functools.partial(of, x=x, y=y)), theta
            )[1]
            some = torch.vmap(lambda v: pull(v)[0], chunk_size=64)  # more would leave the caches
            found: Tensor = some(torch.from_numpy(vectors).to(theta))
            return found

        return self._second(along).numpy()

    def _second(self, derive: Callable[[], Tensor]) -> Tensor:
        try:
            with sdpa_kernel(SDPBackend.MATH):  # fused attention has no second derivatives
                return derive()
        except RuntimeError as error:
            raise ValueError(
                "The gradient flow needs second derivatives, which torch does not have here "
                f"({str(error).strip().splitlines()[0]}): use Adam or GradientDescent."
            ) from error
