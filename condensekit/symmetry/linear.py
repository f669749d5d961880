"""The theorem for any linear map and any formula, and a map that is not orthogonal.

`transpose_example` shows that the fixed set of a symmetry need not be invariant.
"""

import dataclasses
from typing import Any

from ..activations import activation
from ..algebra import sympy
from ..doors import public
from .proofs import Proof, all_zero

__all__ = ["LinearCheck", "check_linear", "transpose_example"]

Expr = Any
"""A SymPy expression; SymPy carries no types."""


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


@public()
def check_linear(
    formula: "sympy.Expr", theta: "list[sympy.Symbol]", matrix: "sympy.Matrix"
) -> LinearCheck:
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
    symmetry = all_zero("F(g theta) = F(theta)", [moved - formula])
    in_kernel = all_zero(
        "at fixed points grad F is in ker(g^T - 1)", list(matrix.T * gradient - gradient)
    )
    normals = (
        sympy.Matrix([list(vector) for vector in fixed]).nullspace()
        if fixed
        else [*one.columnspace()]
    )
    tangent = all_zero(
        "at fixed points grad F is tangent to Fix(g)", [normal.dot(gradient) for normal in normals]
    )
    return LinearCheck(symmetry, fixed, kernel, gradient, in_kernel, tangent)


@public()
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
