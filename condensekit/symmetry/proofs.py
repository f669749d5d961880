"""The theorem in symbols: F(g theta) = F(theta), and where the gradient of F must then lie.

F(g theta) = F(theta) gives Dg^T grad F(g theta) = grad F(theta): at a fixed point of a linear g the
gradient lies in ker(g^T - 1). It is tangent to the fixed set ker(g - 1) if the two spaces are one,
as for permutations and sign flips, where g^T g = 1. `transpose_example` shows that they need not
be. Everything is proven for the formulas themselves, for all theta and x, or it is said that it
was not.
"""

import dataclasses
import random
from fractions import Fraction
from functools import singledispatch
from typing import Any

import sympy

from ..activations import activation
from ..models import Model, TwoLayer
from .maps import Symmetry
from .sets import Balanced, Candidate, FlatSet
from .subspace import Subspace

__all__ = ["LinearCheck", "Proof", "check_linear", "prove", "transpose_example"]

Expr = Any
"""A SymPy expression; SymPy carries no types."""

MOST_WIDTH, MOST_DIM = 3, 2
DIGITS = 40


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
        Its value at the point, in `DIGITS` digits of arithmetic; 0.0 if there is none.
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
        return f"Refuted: {self.statement}. {self.remainder} is {self.value:.3g} at some point."


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


def _zero(statement: str, expressions: list[Expr]) -> Proof:
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
            value = abs(sympy.N(found.subs(point), DIGITS))
            if value > sympy.Float(10) ** (-DIGITS // 2):
                return Proof(statement, False, found, float(value))
        if sympy.simplify(found) != 0 and open_question is None:
            open_question = found
    if open_question is not None:
        return Proof(statement, None, open_question)
    return Proof(statement, True, sympy.Integer(0))


@singledispatch
def prove(what: Symmetry | Candidate) -> Proof:
    """Prove, or refute, what theory says of a map or of a set, for all theta and x.

    - Of a `Symmetry` g: F(g theta) = F(theta), and at all its fixed points grad F is in
      ker(g^T - 1).
    - Of a set: at each of its points grad F is tangent to it, for every x. Then it is invariant
      under the gradient flow of every loss and all data (Theorem 4.1), and if it is flat, under
      gradient descent too.

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
    return _zero(statement, [formula.at(moved)[0] - formula.at(formula.theta)[0], *differences])


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
    return _zero(f"where {what.formula}, grad F is tangent to this set", across)


@prove.register
def _balanced(what: Balanced) -> Proof:
    formula = _Formula(what.model)
    (out,), into = what.layer.outgoing[what.unit].tolist(), what.layer.incoming[what.unit].tolist()
    theta = [*formula.theta]
    theta[out] = sympy.sqrt(sum(theta[i] ** 2 for i in into) + _exact(what.value))
    _, gradient = formula.at(theta)
    along = theta[out] * gradient[out] - sum(theta[i] * gradient[i] for i in into)
    return _zero(f"where {what.formula}, grad F is tangent to this set", [along])


@dataclasses.dataclass(frozen=True, eq=False)
class LinearCheck:
    """The theorem for any linear map g of the parameters of a formula.

    Attributes
    ----------
    symmetry : Proof
        Whether F(g theta) = F(theta).
    fixed : list of Matrix
        A basis of Fix(g) = ker(g - 1), the set that might be invariant.
    kernel : list of Matrix
        A basis of ker(g^T - 1), in which grad F lies there.
    gradient : Matrix
        grad F at a fixed point, as a function of x.
    in_kernel, tangent : Proof
        Whether grad F is in ker(g^T - 1) there, and whether it is tangent to Fix(g).
    """

    symmetry: Proof
    fixed: list[Expr]
    kernel: list[Expr]
    gradient: Expr
    in_kernel: Proof
    tangent: Proof

    @property
    def automatic(self) -> bool:
        """Whether ker(g^T - 1) = Fix(g): then every symmetry g has an invariant fixed set."""
        if not self.fixed:
            return True
        both = sympy.Matrix.hstack(*self.fixed, *self.kernel)
        return bool(both.rank() == len(self.fixed))


def check_linear(formula: Expr, theta: list[Expr], matrix: Expr) -> LinearCheck:
    """Check the theorem for a formula F(theta, x) and a matrix g.

    Parameters
    ----------
    formula : SymPy expression
        F, with parameters and inputs as real symbols.
    theta : list of Symbol
        The parameters, in the order of the matrix.
    matrix : SymPy Matrix
        g.

    Returns
    -------
    LinearCheck
    """
    size = len(theta)
    if matrix.shape != (size, size):
        raise ValueError(
            f"matrix must have shape [{size}, {size}], as there are {size} parameters, but has "
            f"shape {[*matrix.shape]}."
        )
    column = sympy.Matrix(theta)
    moved = formula.subs(dict(zip(theta, matrix * column, strict=True)), simultaneous=True)
    one = sympy.eye(size)
    fixed, kernel = (matrix - one).nullspace(), (matrix.T - one).nullspace()
    numbers = [sympy.Symbol(f"t_{i}", real=True) for i in range(1, len(fixed) + 1)]
    point: Expr = sympy.zeros(size, 1)
    for number, vector in zip(numbers, fixed, strict=True):
        point += number * vector
    at = dict(zip(theta, point, strict=True))
    gradient = sympy.Matrix([sympy.diff(formula, t) for t in theta]).subs(at, simultaneous=True)
    symmetry = _zero("F(g theta) = F(theta)", [moved - formula])
    in_kernel = _zero(
        "at fixed points grad F is in ker(g^T - 1)", list(matrix.T * gradient - gradient)
    )
    normals = (
        sympy.Matrix([list(vector) for vector in fixed]).nullspace()
        if fixed
        else [*one.columnspace()]
    )
    tangent = _zero(
        "at fixed points grad F is tangent to Fix(g)", [normal.dot(gradient) for normal in normals]
    )
    return LinearCheck(symmetry, fixed, kernel, gradient, in_kernel, tangent)


def transpose_example(shifted: bool = False) -> LinearCheck:
    """A symmetry whose fixed set is not invariant: one sigmoid neuron with an output bias c.

    F = a sigma(w x + b) + c and g(a, w, b, c) = (-a, -w, -b, c + a). Since sigma(-z) = 1 - sigma(z)
    this is a symmetry, but g is not orthogonal: its fixed set is a = w = b = 0, and ker(g^T - 1) is
    another space of the same dimension. The gradient there, (1/2, 0, 0, 1), lies in the latter.
    With sigma - 1/2, which is odd, the sign flip alone is the symmetry, and all is well.

    Parameters
    ----------
    shifted : bool
        Take sigma - 1/2 and the sign flip (a, w, b, c) to (-a, -w, -b, c).
    """
    theta = [*sympy.symbols("a w b c", real=True)]
    a, w, b, c = theta
    x = sympy.Symbol("x", real=True)
    act = activation("sigmoid").sympy(w * x + b)
    matrix = sympy.diag(-1, -1, -1, 1)
    if shifted:
        return check_linear(a * (act - sympy.Rational(1, 2)) + c, theta, matrix)
    matrix[3, 0] = 1
    return check_linear(a * act + c, theta, matrix)
