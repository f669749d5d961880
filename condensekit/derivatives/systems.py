"""Linear systems with signs: factors of many small symmetric matrices, and of one larger one.

Each counts the negative eigenvalues of what it factors, by Sylvester's law of inertia.
"""

from typing import Any

import numpy as np
import torch

__all__: list[str] = []

Array = np.ndarray[Any, np.dtype[Any]]

SINGULAR = 1e-8
"""A pivot, over its column and what was taken from it, that is too small to divide by."""


def dot(one: Array, other: Array) -> Array:
    """Products of [r, k, m] summed over k."""
    return np.asarray((one * other).sum(axis=1))


class Definite:
    """Systems with positive definite matrices [r, k, k], of which the lower triangle is read.

    Attributes
    ----------
    negative : array of int, shape [r]
        Zero, or where the matrix is not positive definite, another number.
    """

    def __init__(self, matrices: Array) -> None:
        found = torch.linalg.cholesky_ex(torch.from_numpy(matrices))
        self._root, self.negative = found.L, found.info.numpy()

    def solve(self, vector: Array) -> Array:
        solved = torch.cholesky_solve(torch.from_numpy(vector[..., None]), self._root)
        return solved.numpy()[..., 0]


class Symmetric:
    """Systems with symmetric matrices; some rows are positive definite, and solved as such.

    So that a run is the same whatever the others are.

    Attributes
    ----------
    negative : array of int, shape [r]
        How many eigenvalues are negative, by Sylvester's law of the pivots.
    """

    def __init__(self, matrices: Array, signed: Array) -> None:
        self._signed, self._others = signed, Definite(matrices[~signed])
        found = torch.linalg.ldl_factor_ex(torch.from_numpy(matrices[signed]))
        self._factors, self._pivots = found.LD, found.pivots
        alone = found.pivots.numpy() > 0  # others are pairs, of a negative and a positive one
        below = np.einsum("rii->ri", found.LD.numpy()) < 0.0
        self.negative = np.zeros(len(matrices), dtype=int)
        self.negative[signed] = (alone & below).sum(axis=1) + (~alone).sum(axis=1) // 2

    def solve(self, vector: Array) -> Array:
        found = np.empty_like(vector)
        found[~self._signed] = self._others.solve(vector[~self._signed])
        right = torch.from_numpy(vector[self._signed, :, None])
        found[self._signed] = torch.linalg.ldl_solve(self._factors, self._pivots, right)[..., 0]
        return found


def inverse_factors(block: Array, signed: Array) -> tuple[Array, Array | None, Array]:
    """T = C^-1 and S, for C S C^T equal to small matrices [r, p, p, m], all m at a time.

    Overwrites `block`, of which only the lower triangle is read. Rows that are not `signed` are
    positive definite.

    Returns
    -------
    inverse : array, shape [r, p, p, m]
        T; lower triangles.
    signs : array, shape [r, p, m], or None
        The diagonals of S; None where all are 1.
    safe : array of bool, shape [r]
        Whether no pivot was too small to divide by.
    """
    p = block.shape[1]
    inverse = np.zeros_like(block)
    signs = np.ones((len(block), p, block.shape[3])) if signed.any() else None
    safe = np.ones(len(block), dtype=bool)
    for k in range(p):
        size = np.abs(block[:, k:, k]).max(axis=1) if signs is not None else 0.0
        for j in range(k):
            row = block[:, k, :j] if signs is None else block[:, k, :j] * signs[:, :j]
            if j:
                block[:, k, j] -= dot(row, block[:, j, :j])
            block[:, k, j] /= block[:, j, j]
            if signs is not None:
                block[:, k, j] *= signs[:, j]
        if k:
            row = block[:, k, :k] if signs is None else block[:, k, :k] * signs[:, :k]
            taken = dot(row, block[:, k, :k])
            block[:, k, k] -= taken
            size = size + np.abs(taken)
        if signs is not None:
            pivot, least = (
                block[:, k, k],
                signed[:, None] * (SINGULAR * size + np.finfo(float).tiny),
            )
            np.copysign(1.0, pivot, out=signs[:, k])
            np.abs(pivot, out=pivot)
            safe &= (pivot > least).all(axis=1)
            np.maximum(pivot, least, out=pivot)
        inverse[:, k, k] = 1.0 / np.sqrt(block[:, k, k], out=block[:, k, k])
        for j in range(k):
            below = dot(block[:, k, j:k], inverse[:, j:k, j])
            np.multiply(below, -inverse[:, k, k], out=inverse[:, k, j])
    return inverse, signs, safe
