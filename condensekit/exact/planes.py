"""The model ranks of the two planes, over the rationals."""

from fractions import Fraction

from ..models import Params, Plane, ProductPlane
from .certificate import RankCertificate, bounds, over_the_rationals

__all__: list[str] = []

_POINTS = ((0, 0), (1, 0), (0, 1))  # three points determine a plane


@bounds.register
def _plane(model: Plane, params: Params, seed: int) -> RankCertificate:
    del params, seed
    return over_the_rationals(model, [[Fraction(v) for v in (1, *point)] for point in _POINTS])


@bounds.register
def _product(model: ProductPlane, params: Params, seed: int) -> RankCertificate:
    """By t_2 the tangent function is t_3 x_2, by t_3 it is t_2 x_2."""
    del seed
    *_, t2, t3 = (Fraction(value) for value in params["t"].tolist())
    return over_the_rationals(
        model, [[Fraction(1), Fraction(x), t3 * y, t2 * y] for x, y in _POINTS]
    )
