"""The rank of the tangent functions of a target on given samples, at the very floats of x.

The theorem of local linear recovery asks for rank_S = r: on the samples S the tangent functions of
the target must stay as independent as they are everywhere (Zhang et al., arXiv:2406.18035, Lemma
1). It is asked at the target itself, as a network of the student's family that is as narrow as can
be: all points of a wide network that are equal to the target have these tangent functions, and
those of least rank have no others.

From below: w, x and b are whole numbers over a power of two, so that for tanh each E = exp(2 (w . x
+ b)) is a power of one unit beta = exp(2 / 2^(2 SHIFT)). Since beta is transcendental (Lindemann),
a minor is zero only if it is zero as a rational function of beta, and then it is zero in every
field. So the rank in a field is never above rank_S. From above: see `condensekit.exact.unseen`;
between the bounds, nothing is proven. Products of matrices and planes: rank over the rationals.
"""

import dataclasses
import functools
from collections.abc import Callable
from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..algebra import flint
from ..doors import door
from ..models import MatrixFactorization, Model, Params, Plane, ProductPlane, TwoLayer, TwoLayerConv
from ..models.fitting import check_inputs, check_target
from .field import FIELD_FUNCTIONS, SHIFT, Field, exponents, residues, safe_prime
from .tangents import NoExactMethod, rational_rank
from .targets import _units as units
from .unseen import rank_bound

__all__ = ["SampleRank", "at_the_target", "target_sample_rank"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]
Rows = Callable[[Field, Array], Whole | None]
"""Tangent functions at inputs [n, d], shape [n, P], in a field; None at a pole."""

FIELDS = 3
"""Fields that are tried before a rank is taken to be smaller, which is then proven or not."""
MOST_TANGENTS = 1_500
"""Largest rank that is computed: the time grows with its cube, to a second here."""


@dataclasses.dataclass(frozen=True)
class SampleRank:
    """What is proven of the rank of the target's tangent functions on the samples.

    Attributes
    ----------
    at_least, at_most : int
        Bounds, each of them proven.
    rank : int
        Rank r of the same functions everywhere: the optimistic sample size.
    """

    at_least: int
    at_most: int
    rank: int

    @property
    def enough(self) -> bool | None:
        """Whether the samples keep all of the rank; None if neither is proven."""
        if self.at_least >= self.rank:
            return True
        return False if self.at_most < self.rank else None

    def __str__(self) -> str:
        """In words, e.g. ``rank 8 of 9 on these samples``."""
        if self.at_least == self.at_most:
            return f"rank {self.at_least} of {self.rank} on these samples"
        return (
            f"rank on these samples from {self.at_least} to {min(self.at_most, self.rank)} of "
            f"{self.rank}"
        )


@door(check_target)
def target_sample_rank(
    model: Model, target: Model, params: Params, x: Tensor, size: int
) -> SampleRank:
    """Rank, on the samples `x`, of the tangent functions of a target in the family of `model`.

    Parameters
    ----------
    model : Model
        The network that learns.
    target, params : Model, dict of Tensor
        The network that is learned, one to which `target_sample_size` applies.
    x : Tensor, shape [n, d]
        The inputs of the samples.
    size : int
        What `target_sample_size` says: the rank everywhere.

    Raises
    ------
    NoExactMethod
        If the model has no exact method, or the size is above `MOST_TANGENTS`.

    Examples
    --------
    >>> import torch
    >>> from condensekit.problems import three_tanh
    >>> problem, model = three_tanh(), TwoLayer(1, 500)
    >>> target_sample_rank(model, *problem.teacher(), problem.data(9).x, 9).at_most
    8
    >>> target_sample_rank(model, *problem.teacher(), problem.data(10).x, 9).at_least
    9
    """
    raise NoExactMethod(f"{type(model).__name__} has no exact method for the rank on samples.")


@target_sample_rank.register(TwoLayer)
@target_sample_rank.register(TwoLayerConv)
def _network(
    model: TwoLayer | TwoLayerConv, target: Model, params: Params, x: Tensor, size: int
) -> SampleRank:
    narrow, own = at_the_target(model, target, params)
    check_inputs(target, x)
    points = np.unique(x.numpy() + 0.0, axis=0)  # -0.0 becomes 0.0
    found = _in_fields(lambda field, part: _tangents(narrow, own, part, field), points, size)
    if found == min(size, len(points)):
        return SampleRank(found, found, size)
    return SampleRank(found, min(size, rank_bound(narrow, own, points)), size)


@target_sample_rank.register
def _factorization(
    model: MatrixFactorization, target: Model, params: Params, x: Tensor, size: int
) -> SampleRank:
    """At a target M the tangent functions are u (dU M + M dV) v, for all matrices dU and dV."""
    del target
    a, b = (
        flint.fmpq_mat([[_rational(value) for value in row] for row in params[name].tolist()])
        for name in ("A", "B")
    )
    product = a * b
    rows = [[product[i, j] for j in range(model.columns)] for i in _pivots(product.transpose())]
    columns = [[product[i, j] for i in range(model.rows)] for j in _pivots(product)]
    points = np.unique(x.numpy() + 0.0, axis=0)

    def tangents(field: Field, part: Array) -> Whole:
        q, u, v = field.q, *np.split(residues(part, field.q), [model.rows], axis=1)
        right, left = (
            field.product(side, np.array([[_modulo(value, q) for value in row] for row in of]).T)
            for side, of in ((v, rows), (u, columns))
        )
        return _flat(_outer(u, right, q), _outer(v, left, q))

    found = _in_fields(tangents, points, size)
    if found == min(size, len(points)):
        return SampleRank(found, found, size)
    exact = []
    for point in points.tolist():
        u, v = (
            [_rational(e) for e in point[: model.rows]],
            [_rational(e) for e in point[model.rows :]],
        )
        right, left = (
            [sum((s * e for s, e in zip(side, row, strict=True)), flint.fmpq(0)) for row in of]
            for side, of in ((v, rows), (u, columns))
        )
        exact.append([s * e for s in u for e in right] + [s * e for s in v for e in left])
    rank = int(flint.fmpq_mat(exact).rank())
    return SampleRank(rank, rank, size)


@target_sample_rank.register(Plane)
@target_sample_rank.register(ProductPlane)
def _plane(
    model: Plane | ProductPlane, target: Model, params: Params, x: Tensor, size: int
) -> SampleRank:
    """The tangent functions are 1, x_1 and x_2, or 1 and x_1: the size says which."""
    del model, target, params
    rank = rational_rank(np.column_stack([np.ones(len(x)), x.numpy()])[:, :size])
    return SampleRank(rank, rank, size)


# The target in the family of the student --------------------------------------------------------


@door(check_target)
def at_the_target(model: Model, target: Model, params: Params) -> tuple[Model, Params]:
    """The narrowest network of a family that is equal to a target: its model and parameters.

    Parameters
    ----------
    model, target, params
        As for `target_sample_rank`: two-layer tanh networks, convolutional or not.

    Raises
    ------
    NoExactMethod
        If the family is another one.
    """
    raise NoExactMethod(f"{type(model).__name__} has no exact method for the rank on samples.")


@at_the_target.register
def _as_two_layer(model: TwoLayer, target: Model, params: Params) -> tuple[Model, Params]:
    found = units(target, params, model.activation)
    weight = np.array([*found])
    leaves = {"a": np.array([*map(float, found.values())]), "w": weight[:, :-1], "b": weight[:, -1]}
    narrow = dataclasses.replace(model, m=len(found))
    return narrow, {name: _tensor(leaves[name]) for name in narrow.shapes()}


@at_the_target.register
def _as_convolution(model: TwoLayerConv, target: Model, params: Params) -> tuple[Model, Params]:
    patches = model.patches.tolist()
    at: list[dict[Any, float]] = [{} for _ in patches]  # kernels and outputs at each position
    for (*w, b), output in units(target, params, model.activation).items():
        support = {i for i, value in enumerate(w) if value != 0.0}
        place = next(p for p, patch in enumerate(patches) if support <= {*patch})
        at[place][*(w[i] for i in patches[place]), b] = float(output)
    count, entries = len(patches), len(patches[0]) + 1
    if model.sharing:
        kernels = list(dict.fromkeys(kernel for here in at for kernel in here))
        weight = np.array(kernels)
        a = np.array([[here.get(kernel, 0.0) for here in at] for kernel in kernels])
    else:
        width = max(map(len, at))
        weight, a = np.zeros((width, count, entries)), np.zeros((width, count))
        for place, here in enumerate(at):
            weight[: len(here), place] = np.array([*here]).reshape(-1, entries)
            a[: len(here), place] = [*here.values()]
    narrow = dataclasses.replace(model, kernels=len(a))
    leaves = {"a": a, "w": weight[..., :-1], "b": weight[..., -1]}
    return narrow, {name: _tensor(leaves[name]) for name in narrow.shapes()}


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


# From below: the rank in a field ----------------------------------------------------------------


def _in_fields(rows: Rows, points: Array, size: int) -> int:
    """The largest rank in some fields, of as many samples as it takes to reach the size."""
    if size > MOST_TANGENTS:
        raise NoExactMethod(
            f"The rank on samples is computed up to {MOST_TANGENTS:,}, not for {size:,}."
        )
    generator, best = np.random.default_rng(0), 0
    for _ in range(FIELDS):
        field = Field(safe_prime(generator), generator)
        n = size
        while True:  # twice as many, until it is enough
            values = rows(field, points[:n])
            found = 0 if values is None else field.rank(values)
            best = max(best, found)
            if best == min(size, len(points)):
                return best
            if values is None or n >= len(points):
                break
            n *= 2
    return best


@singledispatch
def _tangents(model: Model, params: Params, x: Array, field: Field) -> Whole | None:
    raise NotImplementedError


@_tangents.register
def _of_two_layer(model: TwoLayer, params: Params, x: Array, field: Field) -> Whole | None:
    b = params["b"].numpy() if model.bias else np.zeros(model.m)
    found = _neurons(model.activation, params["w"].numpy(), b, x, field)
    if found is None:
        return None
    value, slope = found
    return _flat(value, _outer(slope, _coordinates(x, model.bias, field.q), field.q))


@_tangents.register
def _of_convolution(model: TwoLayerConv, params: Params, x: Array, field: Field) -> Whole | None:
    q, (k, p) = field.q, params["a"].shape
    w = params["w"].numpy()
    padded = np.zeros((k, p, model.input_dim))
    padded[:, np.arange(p)[:, None], model.patches.numpy()] = w[:, None] if model.sharing else w
    b = np.zeros((k, p))
    if model.bias:
        b[...] = params["b"].numpy().reshape(k, -1)
    found = _neurons(model.activation, padded.reshape(k * p, -1), b.ravel(), x, field)
    if found is None:
        return None
    value, slope = found
    slope = slope.reshape(-1, k, p, 1) * residues(params["a"].numpy(), q)[..., None] % q
    seen = residues(x, q)[:, model.patches.numpy()]  # [n, p, s]
    if model.bias:
        seen = np.concatenate([seen, np.ones_like(seen[..., :1])], axis=2)
    each = slope * seen[:, None] % q
    return _flat(value, each.sum(axis=2) % q if model.sharing else each)


def _neurons(
    activation: str, w: Array, b: Array, x: Array, field: Field
) -> tuple[Whole, Whole] | None:
    """act(w . x + b) and act'(w . x + b), shapes [n, k]."""
    modulus = field.q - 1
    factor, point = exponents(w, field.q), exponents(x, field.q)
    exponent = exponents(b, field.q) * pow(2, SHIFT, modulus) % modulus * np.ones((len(x), 1), int)
    for i in range(w.shape[1]):
        exponent = (exponent + point[:, i, None] * factor[:, i]) % modulus
    unit = field.power(exponent)
    if (unit == modulus).any():  # E = -1, a pole
        return None
    return FIELD_FUNCTIONS[activation](field, unit)


def _coordinates(x: Array, bias: bool, q: int) -> Whole:
    found = residues(x, q)
    return np.column_stack([found, np.ones(len(x), dtype=np.int64)]) if bias else found


def _outer(one: Whole, other: Whole, q: int) -> Whole:
    """Products of all pairs of columns, shape [n, P, Q]."""
    return np.asarray(one[:, :, None] * other[:, None, :] % q)


def _flat(*parts: Whole) -> Whole:
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


# Matrices over the rationals ----------------------------------------------------------------------


@functools.lru_cache(maxsize=1_024)  # coordinates of unit vectors are 0 and 1
def _rational(value: float) -> Any:
    return flint.fmpq(*Fraction(value).as_integer_ratio())


def _modulo(value: Any, q: int) -> int:
    return int(value.p) * pow(int(value.q), -1, q) % q


def _pivots(matrix: Any) -> list[int]:
    """Columns that span all the others."""
    reduced, rank = matrix.rref()
    return [next(j for j in range(matrix.ncols()) if reduced[i, j] != 0) for i in range(int(rank))]
