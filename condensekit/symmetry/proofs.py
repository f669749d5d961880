"""The theorem in symbols: F(g theta) = F(theta), and where the gradient of F must then lie.

F(g theta) = F(theta) gives Dg^T grad F(g theta) = grad F(theta): at a fixed point of a linear g the
gradient lies in ker(g^T - 1). It is tangent to the fixed set ker(g - 1) if the two spaces are one,
as for permutations and sign flips, where g^T g = 1 (Zhao, Luo and Zhang 2025, arXiv:2510.09564,
Theorem 4.1). Everything is proven for the formulas
themselves, for all theta and x, or it is said that it was not.
"""

import dataclasses
import random
from fractions import Fraction
from typing import Any

from ..activations import activation
from ..algebra import sympy
from ..doors import door
from ..models import Model, TwoLayer
from ..words import number
from .candidates import Balanced, Candidate, FlatSet
from .maps import Symmetry
from .subspace import Subspace

__all__ = ["Proof", "all_zero", "prove"]

Expr = Any
"""A SymPy expression; SymPy carries no types."""

MOST_WIDTH, MOST_DIM = 3, 2
PRECISION = 40


@dataclasses.dataclass(frozen=True, eq=False)
class Proof:
    """What SymPy found about a statement "these expressions are all zero".

    Attributes
    ----------
    statement : str
        What was to be shown, in words.
    holds : bool or None
        True: each expression was transformed into 0. False: one of them is not 0 at a point that
        was drawn. None: neither was reached.
    remainder : SymPy expression
        The first expression that is left, 0 if none.
    value : float
        Its value at the point, in `PRECISION` digits of arithmetic; 0.0 if there is none.
    """

    statement: str
    holds: bool | None
    remainder: Expr
    value: float = 0.0

    def __str__(self) -> str:
        """The finding in a sentence."""
        if self.holds:
            return f"Proven: {self.statement}."
        if self.holds is None:
            return f"Not decided: {self.statement}. SymPy could not simplify {self.remainder} to 0."
        return (
            f"Refuted: {self.statement}. {self.remainder} is {number(self.value, 3)} at some point."
        )


class _Formula:
    """F of a small two-layer network, and its derivatives, at parameters that are expressions."""

    def __init__(self, model: Model) -> None:
        if not isinstance(model, TwoLayer) or model.m > MOST_WIDTH or model.d > MOST_DIM:
            raise ValueError(
                f"Proofs are made for TwoLayer with at most {MOST_WIDTH} neurons and {MOST_DIM} "
                f"inputs, not for {model}."
            )
        self.model, act = model, activation(model.activation)
        names = [f"a_{j + 1}" for j in range(model.m)]
        names += [f"w_{j + 1}{i + 1}" for j in range(model.m) for i in range(model.d)]
        names += [f"b_{j + 1}" for j in range(model.m * model.bias)]
        self.theta = [sympy.Symbol(name, real=True) for name in names]
        self.x = [sympy.Symbol(f"x_{i + 1}", real=True) for i in range(model.d)]
        self.u = sympy.Symbol("u", real=True)
        # The step is 0 at 0, since relu'(0) = 0 in this package; its own derivative, a delta at the
        # kink, must not appear.
        step = sympy.Heaviside(self.u, 0)
        self.act = self.u * step if act.homogeneous else act.sympy(self.u)
        self.slope = step if act.homogeneous else sympy.diff(self.act, self.u)

    def at(self, theta: list[Expr]) -> tuple[Expr, list[Expr]]:
        """F and grad F at these parameters, in the order of ``model.shapes()``."""
        m, d = self.model.m, self.model.d
        a, w, b = theta[:m], theta[m : m + m * d], theta[m + m * d :] or [sympy.Integer(0)] * m
        inputs = [w[j * d : (j + 1) * d] for j in range(m)]
        z = [sum(c * v for c, v in zip(inputs[j], self.x, strict=True)) + b[j] for j in range(m)]
        hidden = [self.act.xreplace({self.u: z_j}) for z_j in z]
        slopes = [a[j] * self.slope.xreplace({self.u: z[j]}) for j in range(m)]
        by_w = [slope * v for slope in slopes for v in self.x]
        by_b = slopes if self.model.bias else []
        value = sum(a[j] * hidden[j] for j in range(m))
        return value, [*hidden, *by_w, *by_b]


def _exact(factor: float) -> Expr:
    """The simple fraction that a float stands for, e.g. 1/3."""
    simple = Fraction(factor).limit_denominator(10**6)
    return sympy.Rational(simple if float(simple) == factor else factor)


def _one_sided(argument: Expr, at_zero: Expr) -> Expr:
    """Heaviside(c z) = Heaviside(z) for c > 0."""
    factors = sympy.Mul.make_args(sympy.factor_terms(sympy.expand(argument)))
    kept = [factor for factor in factors if not factor.is_positive]
    return sympy.Heaviside(sympy.Mul(*kept), at_zero)


def all_zero(statement: str, expressions: list[Expr]) -> Proof:
    """Try to transform each expression into 0; where a number says that it is not, stop there."""
    draw = random.Random(0)
    open_question: Expr = None
    for expression in expressions:
        found = sympy.expand(expression.replace(sympy.Heaviside, _one_sided))
        if found == 0:
            continue
        for _ in range(3):
            symbols = sorted(found.free_symbols, key=str)
            point = {
                s: draw.choice((-1, 1)) * sympy.Rational(draw.randint(5, 30), 10) for s in symbols
            }
            value = abs(sympy.N(found.subs(point), PRECISION))
            if value > sympy.Float(10) ** (-PRECISION // 2):
                return Proof(statement, False, found, float(value))
        if sympy.simplify(found) != 0 and open_question is None:
            open_question = found
    if open_question is not None:
        return Proof(statement, None, open_question)
    return Proof(statement, True, sympy.Integer(0))


@door(but=["what"])
def prove(what: Symmetry | Candidate) -> Proof:
    """Prove, or refute, what theory says of a map or of a set, for all theta and x.

    - Of a `Symmetry` g: F(g theta) = F(theta), and at all its fixed points grad F is in
      ker(g^T - 1).
    - Of a set: at each of its points grad F is tangent to it, for every x. Then it is invariant
      under the gradient flow of every loss and all data (Zhao, Luo and Zhang 2025,
      arXiv:2510.09564, Theorem 4.1, for analytic models), and if it is flat, under gradient descent
      too.

    Parameters
    ----------
    what : Symmetry or Candidate
        Of a `TwoLayer` with at most 3 neurons and 2 inputs.

    Raises
    ------
    ValueError
        If the model is another one or larger.
    """
    raise ValueError(f"There is nothing to prove about {what!r}.")


@prove.register
def _symmetry(what: Symmetry) -> Proof:
    formula = _Formula(what.model)
    factors = [_exact(factor) for factor in what.factor.tolist()]
    source = what.source.tolist()
    moved = [factor * formula.theta[i] for factor, i in zip(factors, source, strict=True)]
    _, gradient = formula.at(_on(what.fixed(), formula.theta))
    pulled: list[Expr] = [sympy.Integer(0)] * len(gradient)
    for i, j in enumerate(source):
        pulled[j] += factors[i] * gradient[i]
    differences = [one - other for one, other in zip(pulled, gradient, strict=True)]
    statement = (
        f"the map that {what.name} leaves F as it is, and at its fixed points grad F is in "
        "ker(g^T - 1)"
    )
    return all_zero(statement, [formula.at(moved)[0] - formula.at(formula.theta)[0], *differences])


def _on(space: Subspace, theta: list[Expr]) -> list[Expr]:
    """Every parameter by the head of its class."""
    pairs = zip(space.head.tolist(), space.ratio.tolist(), strict=True)
    return [_exact(c) * theta[h] if h >= 0 else sympy.Integer(0) for h, c in pairs]


@prove.register
def _flat(what: FlatSet) -> Proof:
    formula = _Formula(what.model)
    _, gradient = formula.at(_on(what.space, formula.theta))
    wanted = _on(what.space, gradient)
    across = [one - other for one, other in zip(gradient, wanted, strict=True)]
    return all_zero(f"where {what.formula}, grad F is tangent to this set", across)


@prove.register
def _balanced(what: Balanced) -> Proof:
    formula = _Formula(what.model)
    (out,), into = what.units.outgoing[what.unit].tolist(), what.units.incoming[what.unit].tolist()
    theta = [*formula.theta]
    theta[out] = sympy.sqrt(sum(theta[i] ** 2 for i in into) + _exact(what.value))
    _, gradient = formula.at(theta)
    along = theta[out] * gradient[out] - sum(theta[i] * gradient[i] for i in into)
    return all_zero(f"where {what.formula}, grad F is tangent to this set", [along])
