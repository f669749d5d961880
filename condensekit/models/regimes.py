"""The phase diagram of two-layer ReLU networks, and where common initializations lie in it.

Luo, Xu, Ma and Zhang 2021 (Phase Diagram for Two-layer ReLU Neural Networks at Infinite-width
Limit, JMLR 22(71)): as the width grows, input weights move by a vanishing share of their size in
the linear regime, and by an infinite one in the condensed regime.
"""

import dataclasses
import math
from collections.abc import Callable

from torch.nn.init import calculate_gain

from ..checks import a_count, a_number, one_of
from ..doors import public

__all__ = ["INITIALIZATIONS", "Initialization", "boundary", "gammas", "regime"]

_SAME = 1e-9
_WIDE = 1e100  # a width at which whatever is added to it is lost


@public()
def boundary(gamma_prime: float) -> float:
    """The gamma at which the linear regime ends and the condensed one begins."""
    return 1.0 + max(gamma_prime, 0.0)


@public()
def regime(gamma: float, gamma_prime: float = 0.0) -> str:
    """The regime of training at infinite width: linear, critical or condensed.

    Linear if gamma < 1 or gamma' > gamma - 1; condensed if gamma > 1 and gamma' < gamma - 1;
    critical on the boundary between them.

    Parameters
    ----------
    gamma, gamma_prime : float
        The exponents, see `ScaledTwoLayer`.

    Returns
    -------
    str
        ``"linear"``, ``"critical"`` or ``"condensed"``.

    Examples
    --------
    >>> regime(0.5), regime(1.0), regime(1.75), regime(1.75, 1.0)
    ('linear', 'critical', 'condensed', 'linear')
    """
    beyond = a_number("gamma", gamma) - boundary(a_number("gamma_prime", gamma_prime))
    if not abs(beyond) > _SAME * max(1.0, abs(gamma)):
        return "critical"
    return "condensed" if beyond > 0.0 else "linear"


Scale = Callable[[float, float], float]
"""A number at a width m and an input dimension d."""


@dataclasses.dataclass(frozen=True)
class Initialization:
    """A common way to start f(x) = (1/alpha) sum_k a_k relu(w_k . x).

    Attributes
    ----------
    name, source : str
        What it is called, and where it is from.
    a, w : callable
        Standard deviations of output and input weights at a width m and an input dimension d.
    alpha : callable
        The divisor of the output.
    """

    name: str
    source: str
    a: Scale
    w: Scale
    alpha: Scale = lambda m, d: 1.0

    def logarithms(self, m: float, d: float) -> tuple[float, float]:
        """-log(b1 b2 / alpha) and -log(b1 / b2)."""
        a, w, alpha = (math.log(of(m, d)) for of in (self.a, self.w, self.alpha))
        return alpha - a - w, w - a


def _fan_in(gain: float) -> tuple[Scale, Scale]:
    """Variances gain^2 / inputs: an output weight has m inputs beside it, an input weight d."""
    return lambda m, d: gain / m**0.5, lambda m, d: gain / d**0.5


def _one(m: float, d: float) -> float:
    return 1.0


INITIALIZATIONS = {
    found.name: found
    for found in (
        Initialization(
            "LeCun",
            "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp: variance 1 / inputs",
            *_fan_in(calculate_gain("linear")),
        ),
        Initialization(
            "He",
            "He, Zhang, Ren and Sun 2015, arXiv:1502.01852: variance 2 / inputs",
            *_fan_in(calculate_gain("relu")),
        ),
        Initialization(
            "Xavier",
            "Glorot and Bengio 2010, AISTATS: variance 2 / (inputs + outputs)",
            lambda m, d: (2.0 / (m + 1.0)) ** 0.5,
            lambda m, d: (2.0 / (d + m)) ** 0.5,
        ),
        Initialization(
            "NTK",
            "Jacot, Gabriel and Hongler 2018, arXiv:1806.07572: variance 1, output / m^(1/2)",
            _one,
            _one,
            lambda m, d: m**0.5,
        ),
        Initialization(
            "mean field",
            "Mei, Montanari and Nguyen 2018, arXiv:1804.06561: variance 1, output / m",
            _one,
            _one,
            lambda m, d: m,
        ),
        Initialization(
            "PyTorch",
            "the default of torch.nn.Linear, kaiming_uniform_ with a = 5^(1/2): variance "
            "1 / (3 inputs)",
            *_fan_in(calculate_gain("leaky_relu", 5**0.5)),
        ),
    )
}
"""Common initializations by name."""


@public()
def gammas(name: str, width: int | None = None, d: int = 1) -> tuple[float, float]:
    """(gamma, gamma') of a common initialization, at a width or in the limit of large widths.

    At a width, constants such as the 3 of PyTorch's default count: they vanish as 1 / log m.

    Parameters
    ----------
    name : str
        One of `INITIALIZATIONS`.
    width : int, optional
        The width m, from 2 on; by default the limit.
    d : int
        Input dimension.

    Examples
    --------
    >>> gammas("LeCun"), gammas("Xavier"), gammas("NTK"), gammas("mean field")
    ((0.5, 0.5), (1.0, 0.0), (0.5, 0.0), (1.0, 0.0))
    >>> [round(found, 3) for found in gammas("PyTorch", 1000)]
    [0.659, 0.5]

    Raises
    ------
    ValueError
        If there is no such initialization, or the width is below 2.
    """
    of = INITIALIZATIONS[one_of("name", name, INITIALIZATIONS)]
    d = a_count("d", d, 1)
    if width is not None:
        m = a_count("width", width, 2)
        first, second = of.logarithms(m, d)
        return first / math.log(m) + 0.0, second / math.log(m) + 0.0
    here, wider = of.logarithms(_WIDE, d), of.logarithms(_WIDE**2, d)
    growth = [(b - a) / math.log(_WIDE) for a, b in zip(here, wider, strict=True)]
    first, second = (round(found, 9) + 0.0 for found in growth)
    return first, second
