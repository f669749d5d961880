"""Arithmetic in the field of q elements, in which tanh and its derivative are rational numbers.

With E = exp(2 z) both are rational in E: tanh z = (E - 1) / (E + 1), tanh' z = 4 E / (E + 1)^2. For
z = w . x + b, E is a product of powers of the units exp(2 x_i / 2^SHIFT) and exp(2 / 2^SHIFT) whose
exponents w_i 2^SHIFT and b 2^SHIFT are whole numbers for every float. In the field a unit is a
power of a generator, so that whole numbers modulo q - 1 are all that is needed of an exponent.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..algebra import flint

__all__ = ["Field", "exponents", "residues", "safe_prime", "units_at_random"]

Whole = np.ndarray[Any, np.dtype[np.int64]]
Array = np.ndarray[Any, np.dtype[Any]]

SHIFT = 1_200
"""Every float is a whole number over 2^SHIFT, also the smallest one, 2^-1074."""

_BITS = 31  # products of two residues stay below 2^62


def safe_prime(generator: np.random.Generator) -> int:
    """A random prime q of 31 bits for which (q - 1) / 2 is prime too.

    Then q - 1 has no small factors besides 2, so that exponents that differ hardly ever collide;
    2^61 - 1, for example, cannot tell the weights 1 and 2^-60 apart.
    """
    while True:
        half = int(generator.integers(2 ** (_BITS - 2), 2 ** (_BITS - 1))) | 1
        if flint.fmpz(half).is_prime() and flint.fmpz(2 * half + 1).is_prime():
            return 2 * half + 1


def _scaled(values: Array, modulus: int) -> Whole:
    """Floats times 2^SHIFT, modulo `modulus`; exact."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**53).astype(np.int64) % modulus
    powers = _powers_of_two(modulus)[exponent.astype(np.int64) - 53 + SHIFT]
    return np.asarray(whole * powers % modulus)


@functools.lru_cache(maxsize=8)
def _powers_of_two(modulus: int) -> Whole:
    powers = [1]
    while len(powers) <= 1_024 + SHIFT:
        powers.append(powers[-1] * 2 % modulus)
    return np.array(powers)


def exponents(values: Array, q: int) -> Whole:
    """Floats times 2^SHIFT modulo q - 1: as exponents."""
    return _scaled(values, q - 1)


def residues(values: Array, q: int) -> Whole:
    """Floats as elements of the field: mantissa times a power of two, modulo `q`."""
    back = pow(pow(2, -1, q), SHIFT, q)
    return _scaled(values, q) * back % q


class Field:
    """The field of `q` elements, q a safe prime of 31 bits, with a generator of its units.

    Parameters
    ----------
    q : int
        The number of elements.
    generator : numpy.random.Generator
        Chooses the generator of the units.
    """

    def __init__(self, q: int, generator: np.random.Generator) -> None:
        self.q = q
        root = 1
        while root in (1, q - 1) or pow(root, (q - 1) // 2, q) == 1:
            root = int(generator.integers(2, q))
        # Three small tables instead of 31 squarings: one for each 11 bits of an exponent.
        self._tables = [_geometric(pow(root, 2**first, q), 2**11, q) for first in (0, 11, 22)]

    def power(self, exponent: Whole) -> Whole:
        """The generator to powers 0 <= `exponent` < q - 1."""
        low, middle, high = self._tables
        found = low[exponent & 0x7FF] * middle[exponent >> 11 & 0x7FF] % self.q
        return np.asarray(found * high[exponent >> 22] % self.q)

    def inverse(self, values: Whole) -> Whole:
        """1 / `values`, for values that are not zero: a tree of products, one inversion."""
        flat = values.ravel()
        if flat.size < 2:
            single = [pow(value, -1, self.q) for value in flat.tolist()]
            return np.array(single, dtype=np.int64).reshape(values.shape)
        padded = np.append(flat, 1) if flat.size % 2 else flat
        first, second = padded[::2], padded[1::2]
        both = self.inverse(first * second % self.q)
        found = np.empty_like(padded)
        found[::2], found[1::2] = both * second % self.q, both * first % self.q
        return found[: flat.size].reshape(values.shape)

    def rank(self, matrix: Whole) -> int:
        """Rank of a matrix of residues."""
        return int(self._matrix(matrix).rank())

    def product(self, one: Whole, other: Whole) -> Whole:
        """Matrix product of residues."""
        product = self._matrix(one) * self._matrix(other)
        whole = np.array([int(entry) for entry in product.entries()], dtype=np.int64)
        return whole.reshape(one.shape[0], other.shape[1])

    def _matrix(self, matrix: Whole) -> Any:
        # By way of whole numbers, which python-flint takes twice as fast as residues.
        rows, columns = matrix.shape
        whole = flint.fmpz_mat(rows, columns, matrix.ravel().tolist())
        return flint.nmod_mat(whole, self.q)


def _geometric(root: int, length: int, q: int) -> Whole:
    """1, root, root^2, ...: each pass doubles what is known."""
    powers = np.ones(1, dtype=np.int64)
    while len(powers) < length:
        powers = np.concatenate([powers, powers * pow(root, len(powers), q) % q])
    return powers[:length]


def units_at_random(
    field: Field, weight: Array, rows: int, generator: np.random.Generator
) -> Whole:
    """E of the neurons (w, b) in the rows of `weight` at random points, shape [rows, neurons].

    None of them is -1, the pole. All points share one unit of biases, exp(2 / 2^SHIFT).
    """
    q, (c, d) = field.q, (len(weight), weight.shape[1] - 1)
    powers = exponents(weight, q)
    constant = generator.integers(q - 1)
    units = np.empty((0, c), dtype=np.int64)
    while len(units) < rows:
        # For each point, the logarithms of the units exp(2 x_i / 2^SHIFT).
        point = generator.integers(q - 1, size=(rows, d))
        exponent = constant * powers[:, d] % (q - 1) * np.ones((rows, 1), dtype=np.int64)
        for i in range(d):
            exponent = (exponent + point[:, i, None] * powers[:, i]) % (q - 1)
        unit = field.power(exponent)
        units = np.concatenate([units, unit[(unit != q - 1).all(axis=1)]])
    return units[:rows]


Functions = Callable[["Field", Whole], tuple[Whole, Whole]]
"""E = exp(2 z) or exp(z) -> (act(z), act'(z)), elements of the field; E + 1 is not zero."""


def tanh(field: Field, unit: Whole) -> tuple[Whole, Whole]:
    """Tanh and its derivative, by E = exp(2 z)."""
    q, inverse = field.q, field.inverse((unit + 1) % field.q)
    slope = 4 * unit % q * inverse % q * inverse % q
    return (unit - 1) % q * inverse % q, slope


def sigmoid(field: Field, unit: Whole) -> tuple[Whole, Whole]:
    """The logistic function and its derivative, by E = exp(z)."""
    q, inverse = field.q, field.inverse((unit + 1) % field.q)
    value = unit * inverse % q
    return value, value * inverse % q


FIELD_FUNCTIONS: dict[str, Functions] = {"tanh": tanh, "sigmoid": sigmoid}
"""The activations that are rational in an exponential function."""
