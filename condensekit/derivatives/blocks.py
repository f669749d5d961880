"""Closed form of the Hessian of a two-layer network, and linear systems with it.

L = (1/n) sum_i r_i^2 with residuals r has the Hessian H = (2/n) J^T J + B, where J is the Jacobian
of the outputs and B = (2/n) sum_i r_i Hess f(x_i). In a two-layer network no two neurons share a
second derivative, so that B consists of one small block for each neuron: a system with I + s H then
costs m small systems and one with n unknowns, instead of one with P.

The same two steps tell whether I + s H is positive definite, exactly. Haynsworth's inertia formula
(Haynsworth 1968, Linear Algebra and its Applications 1) for [[D, J^T], [J, -n / (2 s)]], where
D = I + s B, says that I + s H has as many negative eigenvalues as D has more than
n / (2 s) + J D^-1 J^T: those of D can be counted block by block, and those of the other from its
factors. A neuron that bends steeply alone, and is held by the samples, thus limits nothing.
"""

import itertools
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from torch import Tensor

from ..activations import activation
from ..losses import Loss, mean_squared_error
from ..models import Params, TwoLayer
from .curvature import Curvature, Lagging, curvature, dense
from .gradients import BLOCK, with_one
from .systems import Definite, Symmetric, dot, inverse_factors

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[Any]]

MOST_NUMBERS = 2**26
"""Numbers in the Jacobian, or in all blocks, of the largest two-layer network: half a gigabyte."""

PART = 2**21
"""Numbers of a Jacobian handled at a time: between two parts, training may be asked to stop."""


@curvature.register
def _two_layer(
    model: TwoLayer,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> Curvature:
    if loss is not mean_squared_error:
        return dense(model, theta, params, x, y, loss)
    n, per_neuron = y.shape[1], model.n_parameters // model.m
    numbers = max(n * model.n_parameters, model.m * per_neuron**2)
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"The gradient flow of {model} on {n:,} samples would need matrices of {numbers:,} "
            f"numbers (at most {MOST_NUMBERS:,}); use fewer neurons or samples, or Adam."
        )
    return _TwoLayers(model, theta, x.numpy(), y.numpy())


class _TwoLayers(Lagging):
    """Blocks of runs, each small enough for the cache."""

    def __init__(self, model: TwoLayer, theta: Array, x: Array, y: Array) -> None:
        runs, n = y.shape
        size = max(1, BLOCK // (n * model.n_parameters))
        self._slices = [slice(first, min(first + size, runs)) for first in range(0, runs, size)]
        self._blocks = [_TwoLayerBlock(model, theta[s], x[s], y[s]) for s in self._slices]
        self.lowest = np.zeros(runs)

    def update_parts(self, residual: Array | None = None) -> Iterator[None]:
        for s, block in zip(self._slices, self._blocks, strict=True):
            self.lowest[s] = yield from block.update(None if residual is None else residual[s])

    def residuals(self) -> Array:
        return np.concatenate([block.residual for block in self._blocks])

    def factor(self, shift: Array) -> None:
        for _ in self.factor_parts(shift):
            pass

    def factor_parts(self, shift: Array) -> Iterator[None]:
        for s, block in zip(self._slices, self._blocks, strict=True):
            yield from block.factor(shift[s])

    def definite(self) -> Array:
        return np.concatenate([block.definite for block in self._blocks])

    def singular(self) -> Array:
        return np.concatenate([block.singular for block in self._blocks])

    def solve(self, vector: Array) -> Array:
        return self._each(lambda block, part: block.solve(part), vector)

    def product(self, vector: Array) -> Array:
        return self._each(lambda block, part: block.product(part), vector)

    def _each(self, work: Callable[["_TwoLayerBlock", Array], Array], vector: Array) -> Array:
        if len(self._blocks) == 1:
            return work(self._blocks[0], vector)
        parts = zip(self._slices, self._blocks, strict=True)
        return np.concatenate([work(block, vector[s]) for s, block in parts])


def _split(rows: int, numbers: int) -> list[slice]:
    """Rows of a matrix of so many numbers, in parts of about `PART` numbers."""
    count = max(1, min(rows, -(-numbers // PART)))
    ends = [rows * k // count for k in range(count + 1)]
    return [slice(first, last) for first, last in itertools.pairwise(ends)]


class _TwoLayerBlock:
    """Some runs of a two-layer network: r of them, n samples, p = q + 1 parameters a neuron.

    With inputs X = (x, 1) of q parts, neuron j has the columns a act'(z_ij) X_ik of J for its
    weights, act(z_ij) for its output weight, and the block

        B_j = [[a M, g], [g^T, 0]],  g = (2/n) sum_i r_i act'(z_ij) X_i,
                                     M = (2/n) sum_i r_i act''(z_ij) X_i X_i^T.

    Vectors inside are [r, p, m]: weights, bias, output weight.

    I + s H = D + c J^T J with D = I + s B and c = 2 s / n. With D = C S C^T block by block, where S
    holds signs, T = C^-1 and Z = J T^T,

        (I + s H)^-1 = T^T (S + c Z^T Z)^-1 T = T^T (S - c S Z^T (I + c Z S Z^T)^-1 Z S) T,

    where the smaller of S + c Z^T Z and I + c Z S Z^T is factored: without signs both are positive
    definite. With them, I + s H is if the first one is, or if the second one has as many negative
    eigenvalues as S.
    """

    def __init__(self, model: TwoLayer, theta: Array, x: Array, y: Array) -> None:
        self.model, self.y = model, y
        self.fill = activation(model.activation).fill
        self.inputs = with_one(model, x)
        r, n, q = self.inputs.shape
        p, m = q + 1, model.m
        self.theta = theta
        self.low, self.high = np.tril_indices(q)
        pairs = self.inputs[..., self.low] * self.inputs[..., self.high]
        self.inputs_t = np.ascontiguousarray(self.inputs.swapaxes(1, 2)) * (2.0 / n)
        self.pairs_t = np.ascontiguousarray(pairs.swapaxes(1, 2)) * (2.0 / n)
        self.hidden, self.slope, self.bend = np.empty((3, r, n, m))
        self.z = np.empty((r, n, p * m))
        self.wide = n <= p * m
        size = n if self.wide else p * m
        self.gram = np.zeros((r, size, size))
        self.diagonal = np.einsum("rii->ri", self.gram)
        self.samples = _split(n, self.z.size)
        self.rows = _split(size, self.z.size * size // 2**10)  # its entries are longer sums

    def inner(self, vector: Array) -> Array:
        """[r, P] as [r, p, m]."""
        m, d = self.model.m, self.model.d
        out = np.empty((len(vector), self.inputs.shape[2] + 1, m))
        out[:, -1] = vector[:, :m]
        out[:, :d] = vector[:, m : m + m * d].reshape(-1, m, d).swapaxes(1, 2)
        if self.model.bias:
            out[:, d] = vector[:, m + m * d :]
        return out

    def outer(self, inner: Array) -> Array:
        """[r, p, m] as [r, P]."""
        m, d = self.model.m, self.model.d
        out = np.empty((len(inner), inner.shape[1] * m))
        out[:, :m] = inner[:, -1]
        out[:, m : m + m * d].reshape(-1, m, d)[...] = inner[:, :d].swapaxes(1, 2)
        if self.model.bias:
            out[:, m + m * d :] = inner[:, d]
        return out

    def update(self, residual: Array | None) -> Generator[None, None, Array]:
        theta = self.inner(self.theta)
        self.a = theta[:, -1]
        for some in self.samples:
            hidden = self.hidden[:, some]
            np.matmul(self.inputs[:, some], theta[:, :-1], out=hidden)
            self.fill(hidden, self.slope[:, some], self.bend[:, some])
            yield
        self.residual = np.matvec(self.hidden, self.a) - self.y
        residual = self.residual if residual is None else residual
        self.g = np.matmul(self.inputs_t * residual[:, None], self.slope)
        self.am = np.matmul(self.pairs_t * residual[:, None], self.bend) * self.a[:, None]
        self.low_bound = self._lowest()
        return self.low_bound

    def _lowest(self) -> Array:
        """Bound for the blocks: s a M s + 2 t g.s is least where g points along the lowest of M."""
        q = self.g.shape[1]
        if q == 1:
            low = self.am[:, 0]
        elif q == 2:
            first, mixed, second = self.am.swapaxes(0, 1)
            low = (first + second) / 2 - np.hypot((first - second) / 2, mixed)
        else:
            matrices = np.empty((len(self.am), self.model.m, q, q))
            matrices[..., self.low, self.high] = self.am.swapaxes(1, 2)
            low = np.linalg.eigvalsh(matrices)[..., 0]  # reads the lower triangle
        bound = low / 2 - np.sqrt(low * low / 4 + dot(self.g, self.g))
        return np.asarray(np.minimum(bound.min(axis=1), 0.0))

    def factor(self, shift: Array) -> Iterator[None]:
        r, q, m = self.g.shape
        s = shift[:, None, None]
        block = np.zeros((r, q + 1, q + 1, m))
        block[:, self.low, self.high] = s * self.am
        block[:, q, :q] = s * self.g
        for k in range(q + 1):
            block[:, k, k] += 1.0
        signed = -shift * self.low_bound >= 1.0
        self.t, self.signs, safe = inverse_factors(block, signed)
        self.definite, self.singular = safe, ~safe
        weights = (self.t[:, :, :q] * self.a[:, None, None]).swapaxes(1, 2)
        for some in self.samples:
            np.matmul(self.inputs[:, some], weights.reshape(r, q, -1), out=self.z[:, some])
            columns = self.z[:, some].reshape(r, -1, q + 1, m)
            columns *= self.slope[:, some, None]
            columns[:, :, q] += self.hidden[:, some] * self.t[:, None, q, q]
            yield
        side = self.z if self.wide else self.z.swapaxes(1, 2)
        signs = None if self.signs is None else self.signs.reshape(r, -1)
        below = np.zeros(r, dtype=int) if signs is None else (signs < 0.0).sum(axis=1)
        for some in self.rows:  # of the triangle that is read below
            one, other = side[:, some], side[:, : some.stop]
            np.matmul(one, other.swapaxes(1, 2), out=self.gram[:, some, : some.stop])
            if self.wide and signs is not None:
                for row in np.flatnonzero(below):  # others as they are alone
                    right = (other[row] * signs[row]).T
                    np.matmul(one[row], right, out=self.gram[row, some, : some.stop])
            yield
        self.c = 2.0 / self.y.shape[1] * shift[:, None]
        self.gram *= self.c[:, None]
        self.diagonal += 1.0 if self.wide or signs is None else signs
        if signs is None:
            self.system: Definite | Symmetric = Definite(self.gram)
            return
        self.system = Symmetric(self.gram, below > 0)
        self.definite &= self.system.negative == (below if self.wide else 0)

    def solve(self, vector: Array) -> Array:
        v = self.inner(vector)
        u = (self.t * v[:, None]).sum(axis=2)
        if self.wide and self.signs is not None:
            u *= self.signs
        u = u.reshape(len(v), -1)
        if self.wide:
            less = self.c * np.vecmat(self.system.solve(np.matvec(self.z, u)), self.z)
            u -= less if self.signs is None else less * self.signs.reshape(less.shape)
        else:
            u = self.system.solve(u)
        return self.outer((self.t * u.reshape(v.shape)[:, :, None]).sum(axis=1))

    def product(self, vector: Array) -> Array:
        v = self.inner(vector)
        w, last = v[:, :-1], v[:, -1]
        # J v for all samples, then its share and that of the blocks.
        moved = np.matmul(self.inputs, w * self.a[:, None]) * self.slope
        along = moved.sum(axis=2) + np.matvec(self.hidden, last)
        out = np.empty_like(v)
        out[:, :-1] = np.matmul(self.inputs_t * along[:, None], self.slope) * self.a[:, None]
        out[:, -1] = np.vecmat(along, self.hidden) * (2.0 / self.y.shape[1])
        out[:, :-1] += self.g * last[:, None]
        out[:, -1] += dot(self.g, w)
        for pair, (k, j) in enumerate(zip(self.low, self.high, strict=True)):
            out[:, k] += self.am[:, pair] * w[:, j]
            if k != j:
                out[:, j] += self.am[:, pair] * w[:, k]
        return self.outer(out)
