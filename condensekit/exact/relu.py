"""The model rank of two-layer ReLU networks, which are linear on each side of a few hyperplanes.

A neuron with w != 0 bends at the hyperplane H: w . x + b = 0. With 1_H for the indicator of one of
its sides, and z for w . x + b on that side, its tangent functions span 1_H l for all affine l if it
has an output (relu(z) = 1_H z is one of them), and 1_H z alone if not. On the other side they are
l - 1_H l, or 1_H z - z. A neuron with w = 0 is dead if b <= 0; else it gives 1, and with an output
all affine l. Without biases "affine" is "linear".

**These are independent.** Let sum_H 1_H l_H + l_0 be zero, almost everywhere. Crossing H, away from
the other hyperplanes, the sum jumps by l_H, so l_H is zero on H: l_H = c z. The slope then jumps by
c w, so c = 0. As this holds for each H, l_0 = 0. So the rank is the dimension of a space of
vectors (l_0, l_H, ...), each H by itself:

- the l_H: all affine functions where a neuron with an output bends at H, and the multiples of z
  where only others do;
- what is then left of l_0: all affine functions, if neurons with outputs bend to both sides of one
  H, or one with w = 0 < b has an output; else the span of the z of those H where neurons bend to
  both sides, and of 1 if there is a neuron with w = 0 < b.

No tolerance: two neurons bend at one hyperplane if their weights, as the exact numbers that floats
are, are multiples of each other.
"""

import math
from typing import Any

import numpy as np

from ..algebra import flint
from ..models import Params, TwoLayer
from .tangents import whole_numbers

__all__ = ["relu_rank"]

Array = np.ndarray[Any, np.dtype[Any]]
Plane = tuple[int, ...]


def relu_rank(model: TwoLayer, params: Params) -> int:
    """Dimension of the span of the tangent functions of a ReLU network, for these very floats."""
    a, w = (params[name].detach().double().numpy() for name in ("a", "w"))
    b = params["b"].detach().double().numpy() if model.bias else np.zeros(model.m)
    every = model.d + model.bias  # affine functions, or linear ones
    count, two_sided, free = 0, [], False
    for plane, (left, right) in _planes(np.column_stack([w, b]), a).items():
        count += every if True in (left, right) else 1
        free |= left is right is True
        if None not in (left, right):
            two_sided.append(plane)
    alive = ~(w != 0.0).any(axis=1) & (b > 0.0)
    if alive.any():
        two_sided.append((0,) * model.d + (1,))
        free |= bool((a[alive] != 0.0).any())
    return count + (every if free else _rank(two_sided))


def _planes(weights: Array, a: Array) -> dict[Plane, list[bool | None]]:
    """For each hyperplane and its two sides: None without a neuron, else whether one has output."""
    found: dict[Plane, list[bool | None]] = {}
    for row, output in zip(whole_numbers(weights), (a != 0.0).tolist(), strict=True):
        if not any(row[:-1]):
            continue
        first = next(value for value in row if value)
        divisor = math.gcd(*row) * (1 if first > 0 else -1)
        sides = found.setdefault(tuple(value // divisor for value in row), [None, None])
        side = int(first > 0)
        sides[side] = output or sides[side] or False
    return found


def _rank(planes: list[Plane]) -> int:
    return int(flint.fmpz_mat([list(plane) for plane in planes]).rank()) if planes else 0
