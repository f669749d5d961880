"""Learning rates that the starts of networks can bear, and those that they cannot."""

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np

from ..activations import activation
from ..checks import a_number
from ..doors import public
from ..experiments import Experiment
from ..optimizers import GradientDescent
from ..training import untrained
from .steepness import sharpness

__all__ = ["MARGIN", "bearable_rate", "can_die", "quickly_bearable_rate", "same_time"]

MARGIN = 0.5
"""The offered learning rate is this share of the largest that is stable at the starts."""
_MOST_STEPS = 1_000_000  # of gradient descent, in minutes
_MOST_NUMBERS = 2**24  # samples x parameters: for more, the Hessian takes seconds at every entry

Offer = tuple[float, int]
"""A learning rate, and for how many steps."""


@public()
def bearable_rate(experiments: Sequence[Experiment]) -> float:
    """The largest learning rate with which gradient descent is stable at every start.

    2 / lambda_max, for the largest eigenvalue of the Hessians where the experiments start; infinity
    for a start without curvature, and where the optimizer is not gradient descent.

    Raises
    ------
    ValueError
        If a model is too large for its Hessian.
    """
    starts = [untrained(e) for e in experiments if isinstance(e.optimizer, GradientDescent)]
    steepest = max((float(sharpness(start)[0]) for start in starts), default=0.0)
    return 2.0 / steepest if steepest > 0.0 else math.inf


@public()
def same_time(experiment: Experiment, bound: float, margin: float = MARGIN) -> Offer:
    """A learning rate of two digits below `bound`, and the steps that last as long with it.

    The time of gradient descent is learning rate x steps. At most a million steps are offered.
    """
    a_number("bound", bound, above=0.0)
    a_number("margin", margin, above=0.0, below=1.0)
    values = experiment.values()
    lr, steps = float(values["lr"]), int(values["steps"])
    fair = margin * bound
    fair = _two_digits(fair, math.floor)
    return fair, max(steps, min(int(_two_digits(steps * lr / fair, math.ceil)), _MOST_STEPS))


def _two_digits(value: float, rounded: Callable[[float], int]) -> float:
    digit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{rounded(value / digit) * digit:.2g}")


@functools.lru_cache(maxsize=64)
def quickly_bearable_rate(experiment: Experiment) -> float:
    """`bearable_rate` of one experiment; infinity where it is not to be had in an instant."""
    if experiment.n_samples * experiment.model.n_parameters > _MOST_NUMBERS:
        return math.inf
    try:
        return bearable_rate([experiment])
    except ValueError:  # no Hessian
        return math.inf


def can_die(name: str) -> bool:
    """Whether the activation has no value and no slope on one side, as ReLU."""
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    slope = np.empty_like(z)
    activation(name).fill(z, slope)
    return bool(((z == 0.0) & (slope == 0.0)).any())
