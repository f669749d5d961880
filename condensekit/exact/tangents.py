"""The tangent space of a network at a point, as combinations of a few known functions.

The tangent functions d f / d theta_i of a two-layer network, convolutions included, are
combinations of act(z_c), act'(z_c) x_i, act'(z_c), x_i and 1, where z_c = w_c . x + b_c runs over
the *different* hidden neurons: (w, b) and (-w, -b) are one for an odd activation. They are one for
the logistic function, too: its derivative is even, and act(-z) = 1 - act(z), so that act(z) of one
member of the class stands for all of them, together with 1 if both signs occur. Counting these
bounds the model rank from above.
"""

import dataclasses
import math
from functools import singledispatch
from typing import Any

import numpy as np

from ..algebra import flint
from ..models import Model, Params, TwoLayer, TwoLayerConv
from .field import FIELD_FUNCTIONS

__all__ = ["NoExactMethod", "Tangents", "rational_rank", "tangents", "whole_numbers"]

Array = np.ndarray[Any, np.dtype[Any]]
Index = np.ndarray[Any, np.dtype[np.int64]]


class NoExactMethod(ValueError):
    """The rank of this model cannot be proven here; the message names those for which it can."""


@dataclasses.dataclass(frozen=True, eq=False)
class Tangents:
    """A spanning set of the tangent space at one point.

    Attributes
    ----------
    activation : str
        Name of the activation.
    weight : array, shape [c, d + 1]
        (w, b) of the different neurons with w != 0, one member of each class; act(z) of each is in
        the set. Where the logistic function has members of both signs, 1 is in the set as well.
    slopes : array of int, shape [k, 2]
        Pairs (neuron, coordinate) for act'(z) x_i; coordinate d stands for act'(z) alone.
    polynomials : array of int, shape [l]
        Coordinates of the functions x_i; coordinate d stands for 1.
    combined : array, shape [k + l, g], or None
        The combinations of the slopes and polynomials that are in the set; None: each by itself.
    """

    activation: str
    weight: Array
    slopes: Index
    polynomials: Index
    combined: Array | None = None

    @property
    def count(self) -> int:
        """Upper bound of the dimension: the functions of the set, or the rank of the combinations.

        The combinations have floats as coefficients; their rank is taken over the rationals.
        """
        rest = len(self.slopes) + len(self.polynomials)
        return len(self.weight) + (rest if self.combined is None else rational_rank(self.combined))


@singledispatch
def tangents(model: Model, params: Params) -> Tangents:
    """The tangent space of a network with hidden neurons.

    Raises
    ------
    NoExactMethod
        If the model, or its activation, has no exact method.
    """
    raise NoExactMethod(
        f"{type(model).__name__} has no exact method; TwoLayer and TwoLayerConv with the "
        f"activations {', '.join(FIELD_FUNCTIONS)} have one, TwoLayer with ReLU or a polynomial, "
        "MatrixFactorization and a small Attention."
    )


@tangents.register
def _two_layer(model: TwoLayer, params: Params) -> Tangents:
    _check_activation(model.activation)
    d, free = model.d, np.arange(model.d + model.bias)
    w = params["w"].detach().numpy()
    b = params["b"].detach().numpy() if model.bias else np.zeros(model.m)
    a = params["a"].detach().numpy()
    weight, label, flipped = _different(np.column_stack([w, b]))
    steep = np.unique(label[(a != 0.0) & (label >= 0)])
    flat = label < 0
    polynomials = [d] if _constant(model.activation, weight, label, flipped, b) else []
    if (flat & (a != 0.0)).any():
        polynomials = sorted({*polynomials, *free.tolist()})
    slopes = np.stack(np.meshgrid(steep, free, indexing="ij"), axis=-1).reshape(-1, 2)
    return Tangents(model.activation, weight, slopes, np.array(polynomials, dtype=np.int64))


@tangents.register
def _convolution(model: TwoLayerConv, params: Params) -> Tangents:
    _check_activation(model.activation)
    d, patches = model.input_dim, model.patches.numpy()
    a = params["a"].detach().numpy()
    (k, p), s = a.shape, patches.shape[1]
    own = params["w"].detach().numpy()
    own = np.broadcast_to(own[:, None], (k, p, s)) if model.sharing else own
    b = np.zeros((k, p))
    if model.bias:
        b[...] = params["b"].detach().numpy().reshape(k, -1)
    padded = np.zeros((k, p, d + 1))
    padded[:, np.arange(p)[:, None], patches] = own
    padded[:, :, d] = b
    weight, label, flipped = _different(padded.reshape(k * p, d + 1))
    constant = _constant(model.activation, weight, label, flipped, b.ravel())
    # Rows of `combined`: act'(z_c) x_i and act'(z_c), then x_i and 1. A neuron with w = 0 has a
    # slope that is a number, the same for all positions of its kernel, and no matter for the rank.
    rows = np.where(label < 0, len(weight), label).reshape(k, p) * (d + 1)
    columns = []
    for kernel in range(k):
        groups = [np.arange(p)] if model.sharing else np.arange(p)[:, None]
        for places in groups:
            seen = [patches[places, entry] for entry in range(s)]
            for coordinate in [*seen, np.full(len(places), d)] if model.bias else seen:
                column = np.zeros((len(weight) + 1) * (d + 1))
                _add(column, rows[kernel, places] + coordinate, a[kernel, places])
                columns.append(column)
    if constant:
        columns.append(
            np.eye(1, (len(weight) + 1) * (d + 1), -1 % ((len(weight) + 1) * (d + 1)))[0]
        )
    slopes = np.stack(
        np.meshgrid(np.arange(len(weight)), np.arange(d + 1), indexing="ij"), axis=-1
    ).reshape(-1, 2)
    return Tangents(model.activation, weight, slopes, np.arange(d + 1), np.array(columns).T)


def _add(column: Array, index: Index, values: Array) -> None:
    """Sums of `values` by `index`, which are zero only where the sums of these floats are.

    Only those of a kernel without input have several terms: its bias moves the constant alone, and
    all that matters of such a sum is whether it is zero.
    """
    for place in np.unique(index):
        column[place] = math.fsum(values[index == place])


def _check_activation(name: str) -> None:
    if name not in FIELD_FUNCTIONS:
        raise NoExactMethod(
            f"The activation {name} has no exact method; {', '.join(FIELD_FUNCTIONS)} have one, "
            "and ReLU and polynomials in TwoLayer."
        )


def _constant(activation: str, weight: Array, label: Index, flipped: Array, b: Array) -> bool:
    """Whether the output weights make the function 1 a tangent function."""
    flat = label < 0
    if activation == "tanh":
        return bool((b[flat] != 0.0).any())
    kinds = np.unique(np.column_stack([label[~flat], flipped[~flat]]), axis=0)
    return bool(flat.any()) or len(kinds) > len(weight)  # act(z) + act(-z) = 1


def _different(weight: Array) -> tuple[Array, Index, Array]:
    """The different neurons (w, b) with w != 0, up to sign and to the last bit.

    Returns
    -------
    tuple of arrays, shapes [c, d + 1], [e] and [e]
        Representatives, each the first of its class; of each neuron the number of its
        representative, -1 where w = 0; and whether it is minus its representative.
    """
    weight = weight + 0.0  # -0.0 becomes 0.0
    steep = (weight[:, :-1] != 0.0).any(axis=1)
    first = (weight != 0.0).argmax(axis=1)
    flipped = weight[np.arange(len(weight)), first] < 0.0
    upright = np.where(flipped[:, None], -weight, weight) + 0.0
    _, first, inverse = np.unique(upright[steep], axis=0, return_index=True, return_inverse=True)
    label = np.full(len(weight), -1)
    label[steep] = inverse.ravel()
    flipped[steep] ^= flipped[steep][first][inverse.ravel()]
    return weight[steep][first], label, flipped


def whole_numbers(matrix: Array) -> list[list[int]]:
    """Rows of floats as whole numbers, each row times a power of two; exact."""
    mantissa, exponent = np.frexp(matrix)
    whole = (mantissa * 2.0**53).astype(np.int64)
    shift = exponent - np.where(whole != 0, exponent, 2_000).min(axis=1, initial=2_000)[:, None]
    return [
        [m << e if m else 0 for m, e in zip(row, shifts, strict=True)]
        for row, shifts in zip(whole.tolist(), shift.tolist(), strict=True)
    ]


def rational_rank(matrix: Array) -> int:
    """Rank of a matrix of floats, taken as the exact numbers that they are."""
    return int(flint.fmpz_mat(whole_numbers(matrix)).rank()) if matrix.size else 0
