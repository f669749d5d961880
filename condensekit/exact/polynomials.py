"""Tangent functions of two-layer networks whose activation is a polynomial, in rational numbers.

They are polynomials in x of at most its degree p, and so are known from their values at the points
of a simplex, 0 <= x_i and x_1 + ... + x_d <= p. For act(z) = z^p without biases they span the space
tangent to sums of k powers of linear forms: for generic weights it has min(k d, C(d + p - 1, p))
dimensions, but for the exceptions of Alexander and Hirschowitz (1995, J. Algebraic Geom. 4).
"""

import itertools
from fractions import Fraction

import numpy as np

from ..activations import Activation, activation
from ..algebra import sympy
from ..models import Params, TwoLayer
from .tangents import NoExactMethod

__all__ = ["polynomial_tangents"]


def polynomial_tangents(model: TwoLayer, params: Params) -> list[list[Fraction]]:
    """Tangent functions [P] at the points that determine a polynomial of this degree [rows]."""
    value = _coefficients(activation(model.activation))
    slope = [power * c for power, c in enumerate(value)][1:]
    a, w = _exact(params["a"].tolist()), [_exact(row) for row in params["w"].tolist()]
    b = _exact(params["b"].tolist()) if model.bias else [Fraction(0)] * model.m
    degree = len(value) - 1
    rows = []
    for point in itertools.product(range(degree + 1), repeat=model.d):
        if sum(point) > degree:
            continue
        x = [*point] + [1] * model.bias
        z = [
            sum((c * v for c, v in zip(row, x, strict=False)), bias)
            for row, bias in zip(w, b, strict=True)
        ]
        slopes = [out * _at(slope, one) for out, one in zip(a, z, strict=True)]
        rows.append([_at(value, one) for one in z] + [s * v for s in slopes for v in x])
    return rows


def _coefficients(act: Activation) -> list[Fraction]:
    """Of the polynomial that its formula is, the constant first; exact."""
    if not act.has_formula:
        raise NoExactMethod(
            f"The activation {act.name} has no exact method without a formula: give its Activation "
            "one, sympy=lambda x: ..."
        )
    x = sympy.Symbol("x", real=True)
    formula = sympy.sympify(act.sympy(x))
    numbers = sympy.Poly(formula, x).all_coeffs()[::-1] if formula.is_polynomial(x) else []
    if not (numbers and all(number.is_Rational or number.is_Float for number in numbers)):
        raise NoExactMethod(
            f"The activation {act.name} has no exact method: its formula {formula} is no "
            "polynomial with rational coefficients."
        )
    found = [Fraction(*sympy.Rational(number).as_numer_denom()) for number in numbers]
    z = np.linspace(-3.0, 3.0, 41)
    told, value = np.polynomial.Polynomial([*map(float, found)])(z), z.copy()
    act.fill(value)
    if not np.allclose(told, value, rtol=0.0, atol=1e-9 * np.abs(value).max()):
        raise NoExactMethod(
            f"The activation {act.name} has no exact method: its formula {formula} is another "
            "function than it computes."
        )
    return found


def _at(coefficients: list[Fraction], z: Fraction) -> Fraction:
    """The value of a polynomial, by Horner's rule."""
    value = Fraction(0)
    for coefficient in reversed(coefficients):
        value = value * z + coefficient
    return value


def _exact(values: list[float]) -> list[Fraction]:
    return [Fraction(value) for value in values]
