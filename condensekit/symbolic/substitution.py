"""Tangent functions as rational functions, by u = exp(2 x / q)."""

import dataclasses
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy
from sympy import QQ

from ..activations import ACTIVATIONS
from ..models import Model
from .formula import sympy_formula

__all__ = ["LARGEST_EXPONENT", "Pairs", "Substitution", "require_method", "substitute"]

LARGEST_EXPONENT = 1_000
"""Powers of a unit above this make the exact numbers too long to wait for."""

BETA = sympy.Symbol("beta", positive=True)

Pairs = tuple[tuple[sympy.Symbol, sympy.Expr], ...]
"""Symbols and what stands for them, as ``Expr.subs`` takes it."""


@dataclasses.dataclass(frozen=True)
class Substitution:
    """Functions of x, each a constant factor times a rational function of x and the units.

    Attributes
    ----------
    x : tuple of sympy.Symbol
        Input symbols.
    units : tuple of (sympy.Symbol, sympy.Expr)
        What each unit stands for, e.g. (u, exp(2 x / q)).
    factors : tuple of sympy.Expr
        The factor of each function that does not depend on x.
    functions : tuple
        The rest of each: elements of the field of fractions Q(x, units).
    """

    x: tuple[sympy.Symbol, ...]
    units: Pairs
    factors: tuple[sympy.Expr, ...]
    functions: tuple[Any, ...]

    def __getstate__(self) -> tuple[Any, ...]:
        """Expressions: SymPy 1.14 cannot pickle the field itself."""
        return self.x, self.units, self.factors, [h.as_expr() for h in self.functions]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Make the fractions anew."""
        x, units, factors, plain = state
        field = _field(x, units)
        state = x, units, factors, tuple(field.from_sympy(h) for h in plain)
        for one, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, one.name, value)

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The generators of the field, in its order."""
        return (*self.x, *(unit for unit, _ in self.units))

    def rational(self) -> tuple[sympy.Expr, ...]:
        """The functions in x and the units, their constant factors in front."""
        pairs = zip(self.factors, self.functions, strict=True)
        return tuple(sympy.Mul(factor, _readable(h)) for factor, h in pairs)

    def points(self, count: int, seed: int) -> Iterator[list[Any]]:
        """Draw small rational values of the symbols, with one beta for all points.

        The coefficients of a relation may depend on beta: it holds for the values at all points of
        one beta, and a beta for each point could give them a larger rank than the functions have.
        """
        draw = random.Random(seed)
        height = 3 + math.isqrt(count)  # many units: at one u the functions are polynomials in x
        sizes = range(1, height + 1)
        fractions = [QQ(p, q) for p in sizes for q in sizes if p != q and math.gcd(p, q) == 1]
        for _ in range(count):
            x = [QQ(draw.randint(-height, height)) for _ in self.x]
            units = [QQ(2) if unit == BETA else draw.choice(fractions) for unit, _ in self.units]
            yield x + units

    def at(self, point: Sequence[Any]) -> list[Any]:
        """Values of the functions; a positive unit is no pole of tanh or the sigmoid."""
        return [_value(h.numer, point) / _value(h.denom, point) for h in self.functions]

    def named(self, point: Sequence[Any]) -> Pairs:
        """The point as symbols and their values."""
        return tuple(zip(self.symbols, map(QQ.to_sympy, point), strict=True))

    def rescaled(self, weight: Any, i: int, j: int) -> sympy.Expr:
        """The weight of functions j in i, where each has its constant factor in front."""
        return QQ.to_sympy(weight) * self.factors[i] / self.factors[j]


def _readable(h: Any) -> sympy.Expr:
    """A fraction whose denominator is a product of powers, as (u + 1)^2."""
    content, powers = h.denom.sqf_list()
    denominator = sympy.Mul(*(base.as_expr() ** power for base, power in powers))
    return h.numer.as_expr() / (QQ.to_sympy(content) * denominator)


def _value(polynomial: Any, point: Sequence[Any]) -> Any:
    terms = (
        math.prod((value**power for value, power in zip(point, powers, strict=True)), start=factor)
        for powers, factor in polynomial.terms()
    )
    return sum(terms, QQ.zero)


def substitute(functions: Iterable[sympy.Expr], x: tuple[sympy.Symbol, ...]) -> Substitution:
    """Write functions of x as rational ones: a unit for each input, and beta for the biases.

    A unit is the exponential of the greatest common divisor of the weights of its input.

    Raises
    ------
    ValueError
        If a power of a unit would be above `LARGEST_EXPONENT`.
    """
    # Without its constant factor, tanh'(b) x is x: relations then have rational coefficients.
    pairs = [sympy.factor_terms(g).as_independent(*x, as_Add=False) for g in functions]
    parts = [_in_exponentials(part) for pair in pairs for part in pair]
    exponents = {
        power: _coefficients(power.as_base_exp()[1], x)
        for part in parts
        for power in _exponentials(part)
    }
    units, products = [], dict.fromkeys(exponents, sympy.S.One)
    for unit, argument in _units(x):
        step = _common_divisor([exponent[argument] for exponent in exponents.values()])
        if step:
            units.append((unit, sympy.exp(step * argument)))
            for power, exponent in exponents.items():
                products[power] *= unit ** _short(exponent[argument] / step)
    field = _field(x, units)
    images = [field.from_sympy(part.xreplace(products)) for part in parts]
    images = [
        h if factor else field.zero for factor, h in zip(images[::2], images[1::2], strict=True)
    ]
    return Substitution(x, tuple(units), tuple(factor for factor, _ in pairs), tuple(images))


def _field(x: Iterable[sympy.Symbol], units: Iterable[tuple[sympy.Symbol, Any]]) -> Any:
    return QQ.frac_field(*x, *(unit for unit, _ in units))


def _units(x: tuple[sympy.Symbol, ...]) -> Pairs:
    names = (sympy.Symbol(each.name.replace("x", "u"), positive=True) for each in x)
    return (*zip(names, x, strict=True), (BETA, sympy.S.One))


def _common_divisor(numbers: Sequence[sympy.Rational]) -> sympy.Rational:
    """The largest rational number of which all are whole multiples; 0 if all are 0."""
    over = math.lcm(*(number.denominator for number in numbers))
    return sympy.Rational(math.gcd(*(number.numerator for number in numbers)), over)


def _coefficients(z: sympy.Expr, x: tuple[sympy.Symbol, ...]) -> dict[sympy.Expr, sympy.Rational]:
    coefficients: dict[sympy.Expr, sympy.Rational] = sympy.expand(z).as_coefficients_dict()
    if not coefficients.keys() <= {*x, sympy.S.One}:
        raise ValueError(f"The symbolic rank needs exponentials of linear functions, not exp({z}).")
    return coefficients


def _short(power: sympy.Rational) -> sympy.Rational:
    if abs(power) > LARGEST_EXPONENT:
        raise ValueError(
            f"The weights are too long for exact powers: one is {abs(power)} times the greatest "
            f"common divisor, and at most {LARGEST_EXPONENT:,} is allowed. Give short fractions, "
            'as text such as "0.6" or "3/5", or ask exact_rank, which takes any float.'
        )
    return power


def _in_exponentials(g: sympy.Expr) -> sympy.Expr:
    return g.replace(sympy.tanh, lambda z: 1 - 2 / (sympy.exp(2 * z) + 1))


def _exponentials(g: sympy.Expr) -> set[sympy.Expr]:
    return set(g.atoms(sympy.exp, type(sympy.E)))


def require_method(model: Model) -> None:
    """Refuse a model whose formula is not rational in its symbols and their exponentials.

    Raises
    ------
    ValueError
        If it is not; the message says which function stands in the way, and which activations have
        a method.
    """
    obstacle = _obstacle(sympy_formula(model))
    if obstacle is not None:
        z = sympy.Symbol("z", real=True)
        known = {name: act.sympy(z) for name, act in ACTIVATIONS.items() if act.has_formula}
        fine = [name for name, found in known.items() if _obstacle(found) is None]
        raise ValueError(
            f"The symbolic rank needs rational functions of x and exponentials, which "
            f"{obstacle} is not. Activations that have a method are {', '.join(fine)}; the model "
            f"is {model}."
        )


def _obstacle(g: sympy.Expr) -> sympy.Expr | None:
    """A function that is in the way of a rational formula in exponentials, if there is one."""
    g = _in_exponentials(g)
    others = g.atoms(sympy.core.function.Application) - _exponentials(g)
    return min(others, key=sympy.default_sort_key, default=None)
