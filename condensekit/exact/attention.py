"""The model rank of attention, proven: exponentials of bilinear forms in a finite field.

For one head with A = W_Q W_K^T / sqrt d and B = W_V W_O^T, out_i = sum_j S_ij x_j B with
S_ij = E_ij / sum_l E_il and E_ij = exp(x_i A x_j). The tangent functions are

    sum_j S_ij x_j N                                  for N in {dV O^T + V dO^T},
    sum_j S_ij (x_i M x_j - sum_l S_il x_i M x_l) x_j B    for M in {dQ K^T + Q dK^T},

linear in N and in M (x) B, which bounds their number from above: heads with equal A share these
functions. From below, E_ij is a product of powers of units exp(x_ia x_jb / (sqrt d 2^(2 SHIFT))),
one for each product of two coordinates: products are linearly independent over the rationals, so
their exponentials are algebraically independent of each other and of x (Ax 1971), and whatever is
zero as a function is zero for any values of units and x in any field.
"""

import itertools
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from ..models import Attention, Params
from .certificate import DRAWS, SPARE, RankCertificate, bounds
from .field import Field, exponents, residues, safe_prime
from .tangents import NoExactMethod

__all__: list[str] = []

Whole = np.ndarray[Any, np.dtype[np.int64]]
Exact = np.ndarray[Any, np.dtype[np.object_]]
Head = dict[str, Any]

MOST = 400
"""Parameters of the largest model: numbers in the count grow as d_model^4."""


@bounds.register
def _attention(model: Attention, params: Params, seed: int) -> RankCertificate:
    if model.n_parameters > MOST:
        raise NoExactMethod(
            f"{model} has {model.n_parameters:,} parameters; attention has an exact method up to "
            f"{MOST:,}."
        )
    heads = [
        {name: params[name][head].detach().numpy() for name in model.shapes()}
        for head in range(model.heads)
    ]
    generator = np.random.default_rng(seed)
    count, best, prime = _count(model, heads), -1, 0
    for _ in range(DRAWS):
        q = safe_prime(generator)
        found = _rank(model, heads, Field(q, generator), generator)
        if found > best:
            best, prime = found, q
        if best == count:
            break
    return RankCertificate(count, best, model.n_parameters, f"integers modulo {prime}")


def _count(model: Attention, heads: list[Head]) -> int:
    """Dimensions of the spaces of N and of M (x) B, for each class of heads with equal A.

    One token gets all attention, whatever A is. Two tokens share it as s and 1 - s: heads with A
    and -A exchange the shares, and have the same functions of M (x) B, since s (1 - s) is even.
    """
    values: dict[Any, list[Exact]] = {}
    queries: dict[Any, list[Exact]] = {}
    unit = np.array(
        [[Fraction(int(i == j)) for j in range(model.d_model)] for i in range(model.d_model)]
    )
    for head in heads:
        query, key, value, out = (
            np.array([[Fraction(v) for v in row] for row in head[f"W{part}"].tolist()])
            for part in "QKVO"
        )
        form = tuple((query @ key.T).ravel()) if model.tokens > 1 else ()
        values.setdefault(form, []).extend(_tangent(value, out, unit))
        product = (value @ out.T).ravel()
        if model.tokens > 1:
            form = max(form, tuple(-entry for entry in form)) if model.tokens == 2 else form
            moved = [np.outer(m, product).ravel() for m in _tangent(query, key, unit)]
            queries.setdefault(form, []).extend(moved)
    return sum(map(_rational, [*values.values(), *queries.values()]))


def _tangent(left: Exact, right: Exact, unit: Exact) -> list[Exact]:
    """Matrices that span {d left right^T + left d right^T}, flattened."""
    return [np.outer(e, k).ravel() for e, k in itertools.product(unit, right.T)] + [
        np.outer(k, e).ravel() for e, k in itertools.product(unit, left.T)
    ]


def _rational(rows: list[Exact]) -> int:
    entries = [[flint.fmpq(v.numerator, v.denominator) for v in row] for row in rows]
    return int(flint.fmpq_mat(entries).rank()) if entries else 0


def _rank(model: Attention, heads: list[Head], field: Field, generator: np.random.Generator) -> int:
    """Rank in the field of the values of the tangent functions at random X."""
    rows: list[Whole] = []
    while sum(map(len, rows)) < model.n_parameters + SPARE:
        found = _values(model, heads, field, generator)
        if found is not None:
            rows.append(found)
    return field.rank(np.concatenate(rows))


def _values(
    model: Attention, heads: list[Head], field: Field, generator: np.random.Generator
) -> Whole | None:
    """All tangent functions at one X, shape [T d_model, P]; None at a pole."""
    q, (t, d) = field.q, model.output_shape
    x = generator.integers(q, size=(t, d))
    logs = generator.integers(q - 1, size=(t * d, t * d))
    logs = np.triu(logs) + np.triu(logs, 1).T  # x_ia x_jb = x_jb x_ia
    logs = logs.reshape(t, d, t, d)
    columns: dict[str, list[Whole]] = {name: [] for name in model.shapes()}
    for head in heads:
        power = _product(exponents(head["WQ"], q), exponents(head["WK"], q).T, q - 1)
        scores = np.zeros((t, t), dtype=np.int64)
        for a, b in np.ndindex(d, d):
            scores = (scores + logs[:, a, :, b] * power[a, b]) % (q - 1)
        weight = field.power(scores)
        total = weight.sum(axis=1) % q
        if not total.all():
            return None
        s = weight * field.inverse(total)[:, None] % q
        query, key, value, out = (residues(head[f"W{part}"], q) for part in "QKVO")
        seen = _product(x, value, q)  # [T, k]
        moved = _product(seen, out.T, q)  # x_j B
        mean = _product(s, moved, q)
        averaged, mixed = _product(s, x, q), _product(s, seen, q)
        by_value = [  # d out_ic / d V_bk = sum_j S_ij x_jb O_ck
            np.outer(averaged[:, b], out[:, k]).ravel() % q for b, k in np.ndindex(*value.shape)
        ]
        by_out = []  # d out_ic / d O_ck = sum_j S_ij (x_j V)_k, for this c alone
        for c, k in np.ndindex(*out.shape):
            only = np.zeros((t, d), dtype=np.int64)
            only[:, c] = mixed[:, k]
            by_out.append(only.ravel())
        # sum_j S_ij ds_ij (x_j B - mean)_c for ds_ij = x_ia (x_j K)_k and (x_i Q)_k x_jb
        looked, asked = _product(x, key, q), _product(x, query, q)
        by_query = [
            _pulled(s, np.outer(x[:, a], looked[:, k]) % q, moved, mean, q)
            for a, k in np.ndindex(*query.shape)
        ]
        by_key = [
            _pulled(s, np.outer(asked[:, k], x[:, b]) % q, moved, mean, q)
            for b, k in np.ndindex(*key.shape)
        ]
        for name, part in zip("QKVO", (by_query, by_key, by_value, by_out), strict=True):
            columns[f"W{name}"] += part
    return np.column_stack([column for part in columns.values() for column in part])


def _pulled(s: Whole, change: Whole, moved: Whole, mean: Whole, q: int) -> Whole:
    """sum_j S_ij change_ij (moved_jc - mean_ic), flattened over (i, c)."""
    weighted = s * change % q
    total = weighted.sum(axis=1) % q
    return np.asarray((_product(weighted, moved, q) - total[:, None] * mean % q) % q).ravel()


def _product(left: Whole, right: Whole, modulus: int) -> Whole:
    """A matrix product of residues of at most 31 bits."""
    terms = left[:, :, None] * right[None] % modulus
    return np.asarray(terms.sum(axis=1) % modulus)
