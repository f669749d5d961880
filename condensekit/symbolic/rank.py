"""The model rank over the rational numbers, proven from below and from above."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from ..doors import public
from ..models import Model
from ..words import many
from .formula import TangentFunctions, aligned, inputs, partial, tangent_functions
from .substitution import Pairs, Substitution, require_method, substitute

__all__ = ["Relation", "SymbolicRank", "Unproven", "symbolic_rank"]

ATTEMPTS = 3
_SPARE = 2  # points more than functions
TOLD = 3  # relations that a sentence holds

Weights = list[tuple[int, Any]]


class Unproven(ArithmeticError):
    """The two bounds of a rank did not meet; the message says what is missing."""


@dataclasses.dataclass(frozen=True)
class Relation:
    """d f / d parameter = sum_i coefficient_i d f / d parameter_i, for every x.

    Attributes
    ----------
    parameter : sympy.Symbol
        The parameter whose tangent function is redundant.
    terms : tuple of (sympy.Expr, sympy.Symbol)
        Coefficient and parameter of each term; none where the function vanishes.
    """

    parameter: sympy.Symbol
    terms: tuple[tuple[sympy.Expr, sympy.Symbol], ...]

    def __str__(self) -> str:
        """The relation as text, e.g. ``df/da_2 = -df/da_1``."""
        total = self._sum(lambda c: str(c) if c.is_Integer else f"({c})", "df/d{}".format)
        return f"df/d{self.parameter} = {total}"

    def latex(self) -> str:
        """The relation as LaTeX, aligned at its ``=``."""

        def factor(c: sympy.Expr) -> str:
            text = str(sympy.latex(c))
            return text if c.is_Rational else rf"\left({text}\right)"

        return f"{partial(self.parameter)} &= {self._sum(factor, partial)}"

    def _sum(self, factor: Callable[[sympy.Expr], str], name: Callable[[sympy.Symbol], str]) -> str:
        text = ""
        for coefficient, parameter in self.terms:
            minus = coefficient.could_extract_minus_sign()
            size = -coefficient if minus else coefficient
            sign = (" - " if minus else " + ") if text else ("-" if minus else "")
            text += sign + ("" if size == 1 else factor(size) + " ") + name(parameter)
        return text or "0"


@dataclasses.dataclass(frozen=True)
class SymbolicRank:
    """The model rank at one point, with what proves it; ``str`` reads as a sentence.

    Attributes
    ----------
    rank : int
        Number of linearly independent tangent functions, as functions of x.
    tangents : TangentFunctions
        The functions d f / d theta_i at this point.
    substitution : Substitution
        How they become rational functions.
    basis : tuple of sympy.Symbol
        Parameters whose functions are linearly independent.
    points : tuple of tuple of (sympy.Symbol, sympy.Rational)
        One value of x and of the units for each function of the basis; beta is the same in all.
    determinant : sympy.Rational
        Determinant of the basis, without constant factors, at the points. It is not 0.
    relations : tuple of Relation
        How every other function depends on the basis.
    """

    rank: int
    tangents: TangentFunctions
    substitution: Substitution
    basis: tuple[sympy.Symbol, ...]
    points: tuple[Pairs, ...]
    determinant: sympy.Rational
    relations: tuple[Relation, ...]

    @property
    def n_parameters(self) -> int:
        """Number of parameters, and of tangent functions."""
        return len(self.tangents.parameters)

    def __str__(self) -> str:
        """The rank and its proof in a sentence."""
        told = [str(relation) for relation in self.relations[:TOLD]]
        if len(self.relations) > TOLD:
            told.append(f"{len(self.relations) - TOLD} more")
        size = f"{self.rank} x {self.rank}"
        below = f"a {size} determinant of exact values of tangent functions is not 0"
        above = f"for every x, {'; '.join(told)}"
        proof = [below] * bool(self.rank) + [above] * bool(told)
        return (
            f"The model rank is {self.rank} of {many(self.n_parameters, 'parameter')}, proven: "
            f"{', and '.join(proof)}."
        )

    def latex(self) -> str:
        """The derivation as aligned LaTeX: substitution, rational functions, relations, rank."""
        by = self.substitution
        pairs = zip(self.tangents.parameters, by.rational(), strict=True)
        return aligned(
            [
                *(f"{sympy.latex(unit)} &= {sympy.latex(value)}" for unit, value in by.units),
                *(f"{partial(theta)} &= {sympy.latex(function)}" for theta, function in pairs),
                *(relation.latex() for relation in self.relations),
                rf"r &= {self.n_parameters} - {len(self.relations)} = {self.rank}",
            ]
        )

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


@public()
def symbolic_rank(model: Model, params: Mapping[str, object]) -> SymbolicRank:
    """Symbolic model rank, dim span { d f / d theta_i } as functions of x, with a proof.

    In u_i = exp(2 x_i / q) and beta = exp(2 / q), with q a common denominator of the weights, the
    tangent functions are rational. The functions x_i and u_i are algebraically independent, and
    beta is no root of a polynomial over Q (Hermite 1873), so they may be read as free symbols: the
    rank is that of rational functions. From below: values at rational points, with one beta for all
    of them, have an exact rank over Q. From above: the relations that the values suggest are
    checked as identities of rational functions. Where both agree, the rank is proven.

    Parameters
    ----------
    model : Model
        A model whose tangent functions are rational in x and exponentials of x: two-layer networks
        with tanh, sigmoid, x tanh or x^2 tanh.
    params : mapping of str to numbers
        One point, see `tangent_functions`. Short fractions are quick: the powers of a unit are the
        weights of its input over their greatest common divisor.

    Raises
    ------
    ValueError
        If the model has no such formula, the parameters do not fit it, or a power of a unit would
        be above `LARGEST_EXPONENT`.
    Unproven
        If the bounds do not meet.

    Examples
    --------
    >>> from condensekit import TwoLayer
    >>> params = {"a": [1, -2], "w": [["1/2"], ["-1/2"]], "b": [1, -1]}
    >>> print(symbolic_rank(TwoLayer(1, 2), params))
    The model rank is 3 of 6 parameters, proven: a 3 x 3 determinant of exact values of tangent functions is not 0, and for every x, df/da_2 = -df/da_1; df/dw_2 = -2 df/dw_1; df/db_2 = -2 df/db_1.
    """  # noqa: E501  a sentence is one line
    require_method(model)
    tangents = tangent_functions(model, params)
    by = substitute(tangents.functions, tuple(inputs(model)))
    theta = tangents.parameters
    for seed in range(ATTEMPTS):
        points = list(by.points(len(theta) + _SPARE, seed))
        values = DomainMatrix([by.at(point) for point in points], (len(points), len(theta)), QQ)
        basis, dependent = _dependence(values)
        if all(_is_identity(by.functions, *each) for each in dependent.items()):
            rows, minor = _witness(values, basis)
            return SymbolicRank(
                rank=len(basis),
                tangents=tangents,
                substitution=by,
                basis=tuple(theta[i] for i in basis),
                points=tuple(by.named(points[row]) for row in rows),
                determinant=minor,
                relations=tuple(
                    Relation(theta[k], tuple((by.rescaled(c, k, i), theta[i]) for i, c in weights))
                    for k, weights in dependent.items()
                ),
            )
    raise Unproven(
        f"The rank is at least {len(basis)}, but relations with rational coefficients that hold at "
        f"{len(points)} points do not hold for every x; the model is {model}."
    )


def _dependence(values: DomainMatrix) -> tuple[tuple[int, ...], dict[int, Weights]]:
    """Columns that are a basis, and every other column as a combination of them."""
    reduced, basis = values.rref(method="CD")  # keeps numerators and denominators short
    rows = reduced.to_list()
    dependent = {
        column: [(i, row[column]) for i, row in zip(basis, rows, strict=False) if row[column]]
        for column in range(values.shape[1])
        if column not in basis
    }
    return basis, dependent


def _is_identity(functions: Sequence[Any], column: int, weights: Weights) -> bool:
    """Whether a combination of functions is another one, as rational functions."""
    difference = functions[column]
    for i, weight in weights:
        difference = difference - functions[i] * weight
    return not difference


def _witness(
    values: DomainMatrix, basis: tuple[int, ...]
) -> tuple[tuple[int, ...], sympy.Rational]:
    """Rows in which the basis has a determinant that is not 0, and this determinant."""
    for count in (len(basis) + _SPARE, values.shape[0]):  # a few rows are enough, with some luck
        columns = values.extract(range(count), basis)
        _, rows = columns.transpose().rref(method="CD")
        if len(rows) == len(basis):
            break
    return rows, QQ.to_sympy(columns.extract(rows, range(len(basis))).det())
