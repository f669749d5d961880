"""The plane of (gamma, gamma'): its regimes, and where known starts are in it."""

import dataclasses

from .look import Array, Range

__all__ = ["REGIONS", "RegimesFrame"]

REGIONS = {"linear": "#d3e6f3", "critical": "#ffffff", "condensed": "#fae0d0"}
"""Colours of the regimes: light, since marks lie on them."""


@dataclasses.dataclass(frozen=True, eq=False)
class RegimesFrame:
    """Regimes of training at infinite width over two exponents, which can be chosen by a click.

    Attributes
    ----------
    gamma, gamma_prime : array, shapes [nx] and [ny]
        Evenly spaced points that can be chosen.
    kind : array of int, shape [ny, nx]
        Which of `REGIONS` each is in.
    border : array, shape [k, 2]
        Corners of the boundary.
    named : tuple of (str, str, float, float)
        Known starts: a letter, what it stands for, and where it is.
    chosen : pair of float
        Where the networks on screen are.
    caption : str
        The picture's numbers in words.
    """

    gamma: Array
    gamma_prime: Array
    kind: Array
    border: Array
    named: tuple[tuple[str, str, float, float], ...]
    chosen: tuple[float, float]
    caption: str

    @property
    def ranges(self) -> tuple[Range, Range]:
        """What to show, half a step more than the points on all sides."""
        (x, dx), (y, dy) = ((of, (of[1] - of[0]) / 2) for of in (self.gamma, self.gamma_prime))
        return (float(x[0] - dx), float(x[-1] + dx)), (float(y[0] - dy), float(y[-1] + dy))
