"""Condensation of whole matrices: rows that align, and the effective rank that falls."""

import math
from typing import Any

import numpy as np
import torch

from ..doors import door, public
from ..models import Attention, Model, Params, Transformer
from ..models.fitting import check_network
from ..plain import quoted
from .neurons import unit_vectors

__all__ = ["effective_rank", "matrices", "mean_cosine", "random_cosine"]

Array = np.ndarray[Any, np.dtype[Any]]


@door(check_network)
def matrices(model: Model, params: Params) -> dict[str, Array]:
    """The matrices of one network whose rows may condense, by name, float64.

    For attention, "W_Q W_K^T" and "W_V W_O^T" have a row for each head, its product flattened
    [heads, d_model^2]. For a Transformer W_Q, W_K, W_V and W_O of each layer have a row for each of
    the d_model coordinates, [d_model, heads d]; "FFN in" and "FFN out" a row for each hidden
    neuron, [d_ff, d_model]; "embedding" and "unembedding" one for each token. Layers count from 1.

    Raises
    ------
    ValueError
        If nothing is known about this family.
    """
    del params
    raise ValueError(
        f"{type(model).__name__} has no named matrices here; known are Attention and Transformer."
    )


@matrices.register
def _attention(model: Attention, params: Params) -> dict[str, Array]:
    query, key, value, out = (params[name].detach().double() for name in model.shapes())
    products = {"W_Q W_K^T": query @ key.mT, "W_V W_O^T": value @ out.mT}
    return {name: product.flatten(1).numpy() for name, product in products.items()}


@matrices.register
def _transformer(model: Transformer, params: Params) -> dict[str, Array]:
    leaves = {name: leaf.detach().double() for name, leaf in params.items()}
    found = {"embedding": leaves["E"]}
    for layer in range(model.layers):
        for part in "QKVO":
            heads = leaves[f"W{part}{layer}"]
            found[f"W_{part} {layer + 1}"] = torch.cat([*heads], dim=1)
        found[f"FFN in {layer + 1}"] = leaves[f"W1{layer}"]
        found[f"FFN out {layer + 1}"] = leaves[f"W2{layer}"].T
    found["unembedding"] = leaves["U"]
    return {name: leaf.numpy() for name, leaf in found.items()}


@public()
def effective_rank(matrix: Array) -> float:
    """Effective rank of a matrix (Roy and Vetterli 2007), which need not be a whole number.

    It is exp(H) for the entropy H of the singular values as shares of their sum: 1 for a matrix of
    rank one, the number of singular values where all are equal, and 0 for a matrix of zeros.

    Examples
    --------
    >>> round(effective_rank(np.eye(4)), 6), round(effective_rank(np.ones((4, 3))), 6)
    (4.0, 1.0)
    """
    values = np.linalg.svd(np.asarray(matrix, dtype=np.float64), compute_uv=False)
    total = float(values.sum())
    if total == 0.0:
        return 0.0
    shares = values[values > 0.0] / total
    return math.exp(-float((shares * np.log(shares)).sum()))


@public()
def mean_cosine(matrix: Array) -> float:
    """Mean |cos| of the angles between all pairs of different rows that are not zero.

    Parameters
    ----------
    matrix : array, shape [m, d]

    Returns
    -------
    float
        NaN if there are fewer than two such rows.
    """
    unit = unit_vectors(np.asarray(matrix, dtype=np.float64))
    unit = unit[np.linalg.norm(unit, axis=1) > 0.0]
    m = len(unit)
    if m < 2:
        return math.nan
    # A few rows at a time: the matrix of all pairs of a wide network is large.
    total = sum(float(np.abs(unit[k : k + 500] @ unit.T).sum()) for k in range(0, m, 500))
    return min(1.0, (total - float(np.vecdot(unit, unit).sum())) / (m * (m - 1)))


@public()
def random_cosine(dim: int) -> float:
    """Mean |cos| of the angle between two random directions of `dim` dimensions.

    Gamma(dim / 2) / (sqrt(pi) Gamma((dim + 1) / 2)): the level of no condensation at all.

    Examples
    --------
    >>> [round(random_cosine(dim), 3) for dim in (1, 2, 25, 32, 64)]
    [1.0, 0.637, 0.161, 0.142, 0.1]
    """
    if dim < 1:
        raise ValueError(f"dim must be a whole number of at least 1, but is {quoted(dim)}.")
    return math.exp(math.lgamma(dim / 2) - math.lgamma((dim + 1) / 2)) / math.sqrt(math.pi)
