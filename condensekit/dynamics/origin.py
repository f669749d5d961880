"""How long a flow stays at the origin: the smaller the start, the longer, and in what law.

Near the origin a network of L layers of weights W_l, without biases and with act'(0) = 1, is the
product of its matrices. If all of them are of the size eps, the force on each is of the order
eps^(L-1): its size doubles in a time of the order eps^-(L-2) for L > 2, and in a time that does not
depend on eps for L = 2, which makes the whole time a logarithm (Rawal and DeWeese 2026, "A Theory
of Saddle Escape in Deep Nonlinear Networks", arXiv:2605.01288; if only r layers start small, it is
eps^-(r-2)).

With one neuron in each layer the law is exact. With c = <x y>, u_l' = 2 c prod_(j != l) u_j keeps
all differences of squares, so that s = u_l(t)^2 - u_l(0)^2 is the same for all l, and the weights
are infinite, that is, the network has left, after

    t = integral from 0 to infinity of ds / (4 |c| prod_l (u_l(0)^2 + s)^(1/2))

if c prod_l u_l(0) > 0. For u_l(0) = eps v_l that is eps^-(L-2) times a number of the v_l.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..experiments import Experiment
from ..optimizers import GradientFlow
from ..plain import quoted
from ..training import Run, train
from ..words import many, number
from .critical import landscape

__all__ = ["OriginEscape", "origin_escape"]

Array = np.ndarray[Any, np.dtype[Any]]

_ALIKE = 1.25
"""Rates between neighbouring scales may differ by this factor, and time is called a logarithm."""


@dataclasses.dataclass(frozen=True, eq=False)
class OriginEscape:
    """When flows left the origin, for several scales of their starts.

    Attributes
    ----------
    init_std : array, shape [S]
        Standard deviations of the starts.
    time : array, shape [S]
        When the loss came down to `level`; infinity where it did not.
    level : float
        That loss.
    """

    init_std: Array
    time: Array
    level: float

    @property
    def exponent(self) -> float:
        """The slope of log time against log(1 / init_std): L - 2 for L > 2 layers of weights."""
        left = np.isfinite(self.time)
        return _slope(self.init_std[left], np.log(self.time[left]))

    @property
    def rate(self) -> float:
        """The slope of time against log(1 / init_std), where that is the law: for two layers."""
        left = np.isfinite(self.time)
        return _slope(self.init_std[left], self.time[left])

    def __str__(self) -> str:
        """The law in a sentence."""
        left = int(np.isfinite(self.time).sum())
        if left < len(self.time):
            return f"Only {left} of {many(len(self.time), 'flow')} left the origin."
        told = (
            f"{many(left, 'flow')} left the origin after {number(self.time.min())} to "
            f"{number(self.time.max())}: time"
        )
        order = np.argsort(-self.init_std)
        scale, time = -np.log(self.init_std[order]), self.time[order]
        if not (np.diff(time) > 0.0).all():
            return f"{told} does not grow with every smaller start: no law is seen."
        if self.exponent >= 0.5:  # a whole number, or a logarithm
            return f"{told} grows as init_std^-{self.exponent:.3f}."
        rates = np.diff(time) / np.diff(scale)
        alike = len(rates) > 1 and rates.max() <= _ALIKE * rates.min()
        ten = number(self.rate * np.log(10.0))
        law = ", as a logarithm does" if alike else ""
        return f"{told} grows by {ten} when init_std falls tenfold{law}."


def _slope(init_std: Array, values: Array) -> float:
    """The slope of the straight line through `values` against log(1 / init_std)."""
    if len(values) < 2:
        return float("nan")
    return float(np.polyfit(-np.log(init_std), values, 1)[0])


@public()
def origin_escape(
    experiment: Experiment, init_std: Sequence[float], fall: float = 0.5
) -> OriginEscape:
    """Times at which gradient flow leaves the origin, for starts of several scales.

    Parameters
    ----------
    experiment : Experiment
        A network that is zero at the origin, such as `Deep` without biases. It is moved by the
        gradient flow, whatever its optimizer is.
    init_std : sequence of float
        Standard deviations of the start, at least two; the draw is the same for all.
    fall : float
        It has left once the loss has fallen by this share of the loss at the origin.

    Returns
    -------
    OriginEscape

    Raises
    ------
    ValueError
        If there are fewer than two scales, or `fall` is not between 0 and 1.

    Examples
    --------
    >>> from condensekit import Deep, three_tanh
    >>> three = Experiment(Deep(1, 1, layers=2, bias=False), three_tanh(1), n_samples=10)
    >>> print(round(origin_escape(three, [1e-3, 1e-4]).exponent, 2))
    1.0
    """
    a_number("fall", fall, above=0.0, below=1.0)
    if len(set(init_std)) < 2:
        raise ValueError(f"init_std must hold two scales or more, but is {quoted(init_std)}.")
    model = experiment.model
    origin = landscape(experiment, model, np.zeros(model.n_parameters))
    level = (1.0 - fall) * float(origin.loss()[0])
    flow = GradientFlow(stop_loss=level, t_end=1e15)
    still = dataclasses.replace(experiment, optimizer=flow)
    runs = train([still.replace(init_std=std) for std in init_std])
    times = [_crossing(run, level) for run in runs]
    return OriginEscape(np.array([*map(float, init_std)]), np.array(times), level)


def _crossing(run: Run, level: float) -> float:
    """When the loss falls to the level, between two recorded steps."""
    below = np.flatnonzero(run.loss <= level)
    if not len(below):
        return float("inf")
    last = max(int(below[0]), 1)
    losses, times = run.loss[last - 1 : last + 1], run.time[last - 1 : last + 1]
    return float(np.interp(-level, -losses, times))
