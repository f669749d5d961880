"""The model rank as a proof: a bound from above by counting, one from below in a finite field.

The bound from below rests on two theorems. Coordinates x_i and exponentials exp(c x_i) of them are
algebraically independent over the complex numbers: a rational function of both that is zero as a
function of x is zero for any values of them, each by itself. What is left has the number
exp(2 / 2^1200) in it, of which the exponentials of biases are powers (exp(1 / 2^1200) for the
logistic function). It is transcendental (Lindemann 1882), so a rational function of it with
rational coefficients that is zero is zero for any value in its place. What vanishes so is a
polynomial with integer coefficients that are all zero, and it vanishes in every field.
"""

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np

from ..activations import activation
from ..algebra import flint
from ..doors import public
from ..models import MatrixFactorization, Model, Params, TwoLayer, check_params
from ..words import many
from .field import FIELD_FUNCTIONS, Field, residues, safe_prime, units_at_random
from .polynomials import polynomial_tangents
from .relu import relu_rank
from .tangents import NoExactMethod, Tangents, tangents, whole_numbers

__all__ = ["RankCertificate", "bounds", "exact_rank", "over_the_rationals", "rank_certificate"]

Array = np.ndarray[Any, np.dtype[Any]]

SPARE = 10
"""Rows more than columns: with fewer, a random matrix of full rank might look like less."""
DRAWS = 5
"""Primes that are tried before a certificate is given up."""


@dataclasses.dataclass(frozen=True)
class RankCertificate:
    """What is proven of a model rank.

    Attributes
    ----------
    at_most : int
        Dimension of a space that holds all tangent functions.
    at_least : int
        Rank of the tangent functions in a finite field, or over the rationals.
    n_parameters : int
        Parameters of the network.
    field : str
        Where `at_least` was found, e.g. ``"integers modulo 2147483579"``.
    """

    at_most: int
    at_least: int
    n_parameters: int
    field: str

    @property
    def proven(self) -> bool:
        """Whether both bounds meet."""
        return self.at_most == self.at_least

    def __str__(self) -> str:
        """The certificate in a sentence."""
        if self.proven:
            return (
                f"Rank {self.at_most} of {many(self.n_parameters, 'parameter')}, proven: not "
                "more by "
                f"counting, not less over the {self.field}."
            )
        return (
            f"Rank from {self.at_least} to {self.at_most} of "
            f"{many(self.n_parameters, 'parameter')}: the "
            f"count is {self.at_most}, and {self.at_least} is certified over the {self.field}."
        )


@public()
def exact_rank(model: Model, params: Params, seed: int = 0) -> int:
    """Exact model rank: dim span {d f / d theta_i} as functions of x, proven for these very floats.

    No tolerance and no rounding: see `rank_certificate`.

    Parameters
    ----------
    model, params
        One network: `TwoLayer` or `TwoLayerConv` with tanh or the logistic function, `TwoLayer`
        with ReLU or a polynomial, `MatrixFactorization`, a small `Attention`, `Plane` or
        `ProductPlane`.
    seed : int
        Of the random primes and points. The answer does not depend on it.

    Raises
    ------
    NoExactMethod
        If the model or its activation has no exact method.
    ValueError
        If the parameters do not fit the model or are not finite; or if no proof was found.

    Examples
    --------
    >>> import torch
    >>> model = TwoLayer(1, 2)
    >>> one = {"a": [1.0, 2.0], "w": [[0.5], [-0.5]], "b": [0.1, -0.1]}
    >>> exact_rank(model, {name: torch.tensor(leaf, dtype=float) for name, leaf in one.items()})
    3
    """
    certificate = rank_certificate(model, params, seed)
    if not certificate.proven:
        raise ValueError(f"No proof was found in {DRAWS} fields. {certificate}")
    return certificate.at_most


@public()
def rank_certificate(model: Model, params: Params, seed: int = 0) -> RankCertificate:
    """Certified bounds of the model rank, from below and above, each of them proven.

    From above: the tangent functions of the network are combinations of c known functions. From
    below: at random points, tanh and its derivative are rational functions of exponentials, and
    so have values in a finite field (see `condensekit.exact.field`). Where r + 1 tangent functions
    are linearly dependent, every minor of their values is zero as a rational function, since x and
    e^x are algebraically independent and e^(2/2^1200), the unit of biases, is transcendental by
    Lindemann's theorem; it is then zero in every field, and the rank of their values in any field
    is at most the model rank. For ReLU networks the functions are sorted by where they bend, see
    `condensekit.exact.relu`. For polynomials and products of matrices the rank is taken over the
    rationals. In these cases both bounds are one number.

    Parameters
    ----------
    model, params, seed
        As for `exact_rank`.

    Raises
    ------
    NoExactMethod, ValueError
        As `exact_rank`, but not for want of a proof.
    """
    check_params(model, params)
    return bounds(model, {name: leaf.detach().double() for name, leaf in params.items()}, seed)


@singledispatch
def bounds(model: Model, params: Params, seed: int) -> RankCertificate:
    """`rank_certificate` of parameters that are known to fit; each family has its own."""
    return _in_a_field(model, tangents(model, params), seed)


@bounds.register
def _two_layer(model: TwoLayer, params: Params, seed: int) -> RankCertificate:
    if activation(model.activation).degree is not None:
        return over_the_rationals(model, polynomial_tangents(model, params))
    if model.activation == "relu":
        rank = relu_rank(model, params)
        return RankCertificate(rank, rank, model.n_parameters, "rational numbers")
    return _in_a_field(model, tangents(model, params), seed)


@bounds.register
def _factorization(model: MatrixFactorization, params: Params, seed: int) -> RankCertificate:
    del seed
    a, b = (params[name].detach().numpy() for name in ("A", "B"))
    rows = []
    for i, j in np.ndindex(model.rows, model.columns):  # d (A B)_ij
        by_a, by_b = np.zeros_like(a), np.zeros_like(b)
        by_a[i], by_b[:, j] = b[:, j], a[i]
        rows.append(np.concatenate([by_a.ravel(), by_b.ravel()]))
    return over_the_rationals(model, whole_numbers(np.array(rows)))


def over_the_rationals(model: Model, rows: list[Any]) -> RankCertificate:
    """The certificate of tangent functions [P] at the points that determine them [rows]."""
    entries = [[flint.fmpq(v.numerator, v.denominator) for v in row] for row in rows]
    rank = int(flint.fmpq_mat(entries).rank())
    return RankCertificate(rank, rank, model.n_parameters, "rational numbers")


def _in_a_field(model: Model, space: Tangents, seed: int) -> RankCertificate:
    if not np.isfinite(space.weight).all():
        raise NoExactMethod("The weights are not finite.")
    generator = np.random.default_rng(seed)
    count, best, prime = space.count, -1, 0
    for _ in range(DRAWS):
        q = safe_prime(generator)
        found = _rank(space, Field(q, generator), count + SPARE, generator)
        if found > best:
            best, prime = found, q
        if best == count:
            break
    return RankCertificate(count, best, model.n_parameters, f"integers modulo {prime}")


def _rank(space: Tangents, field: Field, rows: int, generator: np.random.Generator) -> int:
    """Rank in the field of the values of the tangent functions at random points."""
    q, d = field.q, space.weight.shape[1] - 1
    units = units_at_random(field, space.weight, rows, generator)
    value, slope = FIELD_FUNCTIONS[space.activation](field, units)
    x = np.column_stack([generator.integers(q, size=(rows, d)), np.ones(rows, dtype=np.int64)])
    rest = [slope[:, space.slopes[:, 0]] * x[:, space.slopes[:, 1]] % q, x[:, space.polynomials]]
    others = np.concatenate(rest, axis=1)
    if space.combined is not None:
        others = field.product(others, residues(space.combined, q))
    return field.rank(np.concatenate([value, others], axis=1))
