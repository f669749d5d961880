"""The learning coefficient of Bayesian learning, and other effective numbers of parameters."""

import dataclasses
from fractions import Fraction

from ..doors import door, public
from ..knobs import Knob
from ..models import MatrixFactorization, Model, Params, TwoLayer
from .certificate import exact_rank
from .sample_size import NoTheorem, sample_size
from .targets import target_sample_size

__all__ = [
    "EffectiveParameters",
    "LearningCoefficient",
    "effective_parameters",
    "learning_coefficient",
]

_AOYAGI = "Aoyagi and Watanabe, Neural Networks 18:924-933, 2005, reduced-rank regression"
_REGULAR = (
    "Sussmann, Neural Networks 5:589-593, 1992, and Fukumizu, Neural Networks 9:871-879, 1996: no "
    "neuron to spare, so that the model is regular at the target"
)


@dataclasses.dataclass(frozen=True)
class LearningCoefficient:
    """A learning coefficient.

    Attributes
    ----------
    value : Fraction
        The learning coefficient lambda.
    multiplicity : int
        The order m of its pole.
    formula : str
        Where it comes from, as LaTeX.
    source : str
        Who has shown it.
    """

    value: Fraction
    multiplicity: int
    formula: str
    source: str


@door(but=["target_width"])
def learning_coefficient(model: Model, *, target_width: int) -> LearningCoefficient:
    r"""Learning coefficient lambda: half the effective number of parameters in Bayesian learning.

    With labels of Gaussian noise and a prior that is positive at the target, the Bayes free energy
    of n samples grows as lambda log n - (m - 1) log log n, and the prior gives K(theta) < eps a
    volume of order eps^lambda (-log eps)^(m - 1), for the mean squared distance K to the target.
    In a regular model 2 lambda is the number of parameters (Watanabe 2009).

    Parameters
    ----------
    model : Model
        The network that learns. For `MatrixFactorization`, K has to be zero for A B equal to the
        target and for no other: inputs u and v are Gaussian, say, or all entries are drawn again
        and again, with noise. Nothing is said of completion, where some entries are never seen.
        A tanh `TwoLayer` is known where it has as many neurons as the target.
    target_width : int
        The rank of the target, from 0, or its neurons (non-zero, no two alike up to sign).

    Raises
    ------
    NoTheorem
        If the literature that we know says nothing about this model.
    ValueError
        If the width of the target is not a whole number that the model can have.

    Examples
    --------
    >>> model = MatrixFactorization(4, 4, 4)
    >>> found = [learning_coefficient(model, target_width=r) for r in range(5)]
    >>> [str(2 * one.value) for one in found]
    ['12', '14', '15', '16', '16']
    >>> print(learning_coefficient(MatrixFactorization(4, 1, 2), target_width=0).formula)
    (H M - H r + N r) / 2 = 1
    """
    raise NoTheorem(f"No theorem here: no learning coefficient of {type(model).__name__} is known.")


@learning_coefficient.register
def _factorization(model: MatrixFactorization, *, target_width: int) -> LearningCoefficient:
    h, m, n = model.inner, model.columns, model.rows
    r = int(Knob("target_width", 0, 0, min(h, m, n)).check(target_width))
    multiplicity = 1
    if m + h < n + r:
        eighths, formula = 4 * (h * m - h * r + n * r), "(H M - H r + N r) / 2"
    elif n + h < m + r:
        eighths, formula = 4 * (h * n - h * r + m * r), "(H N - H r + M r) / 2"
    elif m + n < h + r:
        eighths, formula = 4 * m * n, "M N / 2"
    else:
        odd = (h + m + n + r) % 2
        multiplicity += odd
        eighths = odd + 2 * (h + r) * (m + n) + 2 * m * n - (h + r) ** 2 - m * m - n * n
        terms = "2 (H + r)(M + N) + 2 M N - (H + r)^2 - M^2 - N^2"
        formula = f"({terms}{' + 1' if odd else ''}) / 8"
    value = Fraction(eighths, 8)
    return LearningCoefficient(value, multiplicity, f"{formula} = {value}", _AOYAGI)


@learning_coefficient.register
def _two_layer(model: TwoLayer, *, target_width: int) -> LearningCoefficient:
    k = sample_size(model, target_width=target_width).target_width
    if k != model.m:
        raise NoTheorem(
            f"No theorem here: {model.m:,} neurons for a target of {k:,} are not regular, and no "
            "learning coefficient is known."
        )
    value = Fraction(model.n_parameters, 2)
    return LearningCoefficient(value, 1, rf"M / 2 = {value}", _REGULAR)


@dataclasses.dataclass(frozen=True)
class EffectiveParameters:
    """How many parameters a network has, and how many of them count, in four meanings.

    Attributes
    ----------
    parameters : int
        The number of its parameters.
    rank : int
        Its model rank: the directions in which the function can move from here, at first order.
    twice_learning_coefficient : Fraction, optional
        What Bayesian learning from very many samples pays for. None where nobody knows it.
    sample_size : int
        The optimistic sample size: the least model rank of all parameters that compute the target.
    """

    parameters: int
    rank: int
    twice_learning_coefficient: Fraction | None
    sample_size: int

    def __str__(self) -> str:
        """A line for each."""
        known = self.twice_learning_coefficient
        lines = {
            "parameters": f"{self.parameters:,}",
            "model rank at these weights": f"{self.rank:,}",
            "twice the learning coefficient": "not known" if known is None else f"{known}",
            "optimistic sample size": f"{self.sample_size:,}",
        }
        return "\n".join(f"{name:<31}{value:>9}" for name, value in lines.items())


@public()
def effective_parameters(model: Model, params: Params) -> EffectiveParameters:
    """Parameters that count, side by side, where the target is the function of these weights.

    The optimistic sample size is never above the model rank, nor above twice the learning
    coefficient: where the tangent functions have rank R, the volume near shrinks at least as
    eps^(R / 2).

    Parameters
    ----------
    model, params
        One network, whose function is the target. The model rank depends on its weights; all else
        depends on its function alone.

    Raises
    ------
    NoTheorem
        If there is no optimistic sample size for this model or this target.

    Examples
    --------
    >>> import torch
    >>> zeros = {name: torch.zeros(4, 4, dtype=float) for name in ("A", "B")}
    >>> for leaf in zeros.values():
    ...     leaf[0, 0] = 1.0
    >>> print(effective_parameters(MatrixFactorization(4, 4, 4), zeros))
    parameters                            32
    model rank at these weights            7
    twice the learning coefficient        14
    optimistic sample size                 7
    """
    size = target_sample_size(model, model, params)
    return EffectiveParameters(
        model.n_parameters, exact_rank(model, params), _twice(model, size.target_width), size.size
    )


def _twice(model: Model, target_width: int | None) -> Fraction | None:
    if target_width is None:
        return None
    try:
        return 2 * learning_coefficient(model, target_width=target_width).value
    except NoTheorem:
        return None
