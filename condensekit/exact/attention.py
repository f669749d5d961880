"""The model rank of attention, proven: exponentials of bilinear forms in a finite field.

For one head with A = W_Q W_K^T / sqrt d and B = W_V W_O^T, out_i = sum_j S_ij x_j B with
S_ij = E_ij / sum_l E_il and E_ij = exp(x_i A x_j). The tangent functions are

    sum_j S_ij x_j N                                  for N in {dV O^T + V dO^T},
    sum_j S_ij (x_i M x_j - sum_l S_il x_i M x_l) x_j B    for M in {dQ K^T + Q dK^T},

linear in N and in M (x) B, which bounds their number from above: heads with equal A share these
functions, and the second ones are symmetric in two of their four indices. From below, E_ij is a
product of powers of units exp(x_ia x_jb / (sqrt d 2^(2 SHIFT))), one for each product of two
coordinates: products are linearly independent over the rationals, so their exponentials are
algebraically independent of each other and of x (Ax 1971), and whatever is zero as a function is
zero for any values of units and x in any field.
"""

import dataclasses
import itertools
import math
from typing import Any

import numpy as np

from ..algebra import flint
from ..doors import public
from ..models import Attention, Params
from ..models.fitting import check_params
from .certificate import DRAWS, SPARE, RankCertificate, bounds
from .field import Field, exponents, residues, safe_prime
from .tangents import NoExactMethod

__all__ = ["AttentionSampleSize", "attention_sample_size"]

Whole = np.ndarray[Any, np.dtype[np.int64]]
Exact = np.ndarray[Any, np.dtype[np.object_]]
Head = dict[str, Any]
Form = tuple[Any, ...]

MOST_WEIGHTS = 1_000
"""Parameters of the largest model: the time grows as their cube, and is seconds at this size."""


@dataclasses.dataclass(frozen=True)
class AttentionSampleSize:
    """How many numbers tell the heads of a target, and how many samples hold them.

    Attributes
    ----------
    numbers : int
        The model rank at the target.
    ranks : tuple of int
        The same rank on 1, 2, ... samples X in general position, until it is `numbers`.
    """

    numbers: int
    ranks: tuple[int, ...]

    @property
    def samples(self) -> int:
        """So many samples can be enough."""
        return len(self.ranks)


@public(check_params)
def attention_sample_size(model: Attention, params: Params, seed: int = 0) -> AttentionSampleSize:
    """Optimistic sample size of heads of attention, in numbers and in samples.

    For one head with d = 1 on X [T, d_model], T > 2, it is 2 (2 d_model - 1) numbers: so many are
    in two matrices of rank one. A sample gives T d_model, but not all of them tell something new.
    A student may have any heads and columns: where those that the target lacks are zero, its model
    rank is that of the target. Where they are silent only, with W_O = 0, it is more.

    Parameters
    ----------
    model, params
        The target, no wider than it has to be, e.g. ``teacher_heads().teacher()``.
    seed : int
        Of the random primes and samples. That so many samples are enough, almost all of them, is
        proven; that fewer are not is seen in several fields.

    Raises
    ------
    NoExactMethod
        If the model is too large.
    ValueError
        If nothing was proven.

    Examples
    --------
    >>> from condensekit.problems import teacher_heads
    >>> found = attention_sample_size(*teacher_heads().teacher())
    >>> found.numbers, found.samples, found.ranks
    (22, 3, (11, 17, 22))
    """
    heads, exact = _heads(model, params)
    count, generator = _count(model, exact), np.random.default_rng(seed)
    found = [_ranks(model, heads, count, generator) for _ in range(DRAWS)]
    most = [max(ranks) for ranks in itertools.zip_longest(*found, fillvalue=count)]
    if most[-1] != count:
        raise ValueError(f"No proof was found in {DRAWS} fields.")
    return AttentionSampleSize(count, (*most[: most.index(count) + 1],))


def _ranks(
    model: Attention, heads: list[Head], count: int, generator: np.random.Generator
) -> list[int]:
    """Ranks in a field on 1, 2, ... random samples, until they are `count` or enough are seen."""
    field, rows, found = Field(safe_prime(generator), generator), list[Whole](), [-1]
    while found[-1] < count and len(rows) < model.n_parameters + SPARE:
        values = _values(model, heads, field, generator)
        if values is not None:
            rows.append(values)
            found.append(field.rank(np.concatenate(rows)))
    return found[1:]


@bounds.register
def _attention(model: Attention, params: Params, seed: int) -> RankCertificate:
    heads, exact = _heads(model, params)
    generator = np.random.default_rng(seed)
    count, best, prime = _count(model, exact), -1, 0
    for _ in range(DRAWS):
        q = safe_prime(generator)
        found = _rank(model, heads, Field(q, generator), count, generator)
        if found > best:
            best, prime = found, q
        if best == count:
            break
    return RankCertificate(count, best, model.n_parameters, f"integers modulo {prime}")


def _heads(model: Attention, params: Params) -> tuple[list[Head], list[Head]]:
    """The matrices of each head, as floats and as the exact numbers that they are."""
    if model.n_parameters > MOST_WEIGHTS:
        raise NoExactMethod(
            f"{model} has {model.n_parameters:,} parameters; attention has an exact method up to "
            f"{MOST_WEIGHTS:,}."
        )
    heads = [
        {name: params[name][head].detach().numpy() for name in model.shapes()}
        for head in range(model.heads)
    ]
    return heads, [{name: _rational(matrix) for name, matrix in head.items()} for head in heads]


def _count(model: Attention, heads: list[Head]) -> int:
    """Dimension of the joint span of the functions above; heads with equal A share them."""
    classes: dict[Form, list[Head]] = {}
    for head in heads:
        form = (head["WQ"] * head["WK"].transpose()).entries() if model.tokens > 1 else []
        classes.setdefault(tuple(form), []).append(head)
    if model.tokens == 1:  # it gets all attention, whatever A is
        return sum(map(_by_values, classes.values()))
    if model.tokens == 2:
        return _of_two_tokens(classes)
    return sum(_by_values(some) + _by_scores(some) for some in classes.values())


def _of_two_tokens(classes: dict[Form, list[Head]]) -> int:
    """The count where the shares of attention are 1/2 + t and 1/2 - t, with t odd in A.

    A and -A exchange the shares. The functions of N are (x_1 + x_2) N / 2, common to all heads,
    plus t (x_1 - x_2) N, the same up to sign for A and -A; those of M (x) B have the factor
    1/4 - t^2, the same for A and -A.
    """
    count, shared = 0, []
    for form, some in classes.items():
        against = tuple(-entry for entry in form)
        if form != against and against not in classes:
            count += _by_values(some) + _by_scores(some)
        elif form >= against:
            other = classes[against] if form > against else []
            count += _by_scores(some + other)
            shared.append((some, 1 if other else 0))
            shared.append((other, -1))
    rows = []
    for slot, (some, sign) in enumerate(shared):
        for product in itertools.chain.from_iterable(map(_tangent, some)):
            row = np.full((1 + len(shared), product.size), flint.fmpq(0))
            row[0], row[1 + slot // 2] = product, sign * product
            rows.append(row.ravel())
    return count + _rank_of(rows)


def _by_values(heads: list[Head]) -> int:
    """Dimension of the N of some heads: all N that map im V^perp into im O."""
    d = int(heads[0]["WV"].nrows())
    left, right = (len(_basis([head[f"W{part}"] for head in heads])) for part in "VO")
    return d * (left + right) - left * right


def _by_scores(heads: list[Head]) -> int:
    """Dimension of the M (x) B of some heads, as functions: symmetric in column of M, row of B.

    sum_l S_il moves the mean out of x_j M, so that what is left is the covariance of x_b and x_c
    under the weights S_i, for column b of M and row c of B. The M of a head are im Q (x) R^d +
    R^d (x) im K: where all heads share these two, a basis of im Q parts the functions.
    """
    d = int(heads[0]["WQ"].nrows())
    groups: dict[Form, tuple[list[Exact], list[Exact], list[Exact]]] = {}
    for head in heads:
        query, key = (_basis([head[f"W{part}"]]) for part in "QK")
        product = _objects(head["WV"] * head["WO"].transpose())
        name = tuple(np.ravel(query)), tuple(np.ravel(key))
        groups.setdefault(name, (query, key, []))[2].append(product)
    unit = _basis([_identity(d)])
    if len(groups) == 1:
        ((query, key, products),) = groups.values()
        wide, narrow = (
            _rank_of([_symmetric(column, b).ravel() for column in columns for b in products])
            for columns in (unit, key)
        )
        return len(query) * wide + (d - len(query)) * narrow
    rows = []
    for query, key, products in groups.values():
        for b in products:
            moved = [(row, column) for row in unit for column in key]
            moved += [(row, column) for row in query for column in unit]
            rows += [np.multiply.outer(row, _symmetric(column, b)).ravel() for row, column in moved]
    return _rank_of(rows)


def _symmetric(column: Exact, product: Exact) -> Exact:
    """`column`_b `product`_ce, symmetric in b and c: shape [d (d + 1) / 2, d]."""
    whole = np.multiply.outer(column, product)
    return np.asarray((whole + whole.swapaxes(0, 1))[np.triu_indices(len(column))])


def _tangent(head: Head) -> list[Exact]:
    """Matrices N that span {dV O^T + V dO^T}, flattened."""
    unit = _basis([_identity(head["WV"].nrows())])
    value, out = (_basis([head[f"W{part}"]]) for part in "VO")
    pairs = itertools.chain(itertools.product(unit, out), itertools.product(value, unit))
    return [np.multiply.outer(left, right).ravel() for left, right in pairs]


def _basis(matrices: list[Any]) -> list[Exact]:
    """The basis in echelon form of what the columns of some matrices span."""
    rows = [row for matrix in matrices for row in matrix.transpose().tolist()]
    reduced, rank = flint.fmpq_mat(rows).rref()
    return [np.array(row, dtype=object) for row in reduced.tolist()[:rank]]


def _identity(d: int) -> Any:
    return flint.fmpq_mat([[int(i == j) for j in range(d)] for i in range(d)])


def _objects(matrix: Any) -> Exact:
    return np.array(matrix.tolist(), dtype=object)


def _rank_of(rows: list[Exact]) -> int:
    return int(flint.fmpq_mat([row.tolist() for row in rows]).rank()) if rows else 0


def _rational(matrix: Any) -> Any:
    """A matrix of floats as the exact numbers that they are."""
    pairs = [[value.as_integer_ratio() for value in row] for row in matrix.tolist()]
    return flint.fmpq_mat([[flint.fmpq(*pair) for pair in row] for row in pairs])


def _rank(
    model: Attention, heads: list[Head], field: Field, count: int, generator: np.random.Generator
) -> int:
    """Rank in the field of the values of the tangent functions at random X.

    Each X adds at least one to the rank, as long as the functions are not all told apart, but of
    the rows of one X it may be one only: so many X are taken as there are functions, if need be.
    """
    rows: list[Whole] = []
    found, wanted = -1, 1 + (model.n_parameters + SPARE) // math.prod(model.output_shape)
    while found < count and len(rows) < model.n_parameters + SPARE:
        while len(rows) < wanted:
            values = _values(model, heads, field, generator)
            if values is not None:
                rows.append(values)
        found, wanted = field.rank(np.concatenate(rows)), 2 * wanted
    return found


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
