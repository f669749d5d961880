"""A learning rate that the starts of all networks in a lab can bear, offered where one cannot."""

import math
from collections.abc import Callable, Sequence

import ipywidgets
import numpy as np

from ..activations import activation
from ..dynamics import sharpness
from ..experiments import Experiment
from ..optimizers import GradientDescent
from ..pictures import number
from .memory import untrained
from .widgets import button

__all__ = ["MARGIN", "FairRate", "bearable_rate", "same_time"]

MARGIN = 0.5
"""The offered learning rate is this share of the largest that is stable at the starts."""
_MOST_STEPS = 1_000_000  # of gradient descent, in minutes
_TIP = f"Set this learning rate, and steps for the same time, {_MOST_STEPS:,} at most"
_MOST_NUMBERS = 2**24  # samples x parameters: for more, the Hessian takes seconds at every entry

Offer = tuple[float, int]
"""A learning rate, and for how many steps."""


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


def same_time(experiment: Experiment, bound: float, margin: float = MARGIN) -> Offer:
    """A learning rate of two digits below `bound`, and the steps that last as long with it.

    The time of gradient descent is learning rate x steps. At most a million steps are offered.
    """
    values = experiment.values()
    lr, steps = float(values["lr"]), int(values["steps"])
    fair = margin * bound
    fair = _two_digits(fair, math.floor)
    return fair, max(steps, min(int(_two_digits(steps * lr / fair, math.ceil)), _MOST_STEPS))


def _two_digits(value: float, rounded: Callable[[float], int]) -> float:
    digit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{rounded(value / digit) * digit:.2g}")


def _small(experiment: Experiment) -> bool:
    return experiment.n_samples * experiment.model.n_parameters <= _MOST_NUMBERS


def _can_die(name: str) -> bool:
    """Whether the activation has no value and no slope on one side, as ReLU."""
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    slope = np.empty_like(z)
    activation(name).fill(z, slope)
    return bool(((z == 0.0) & (slope == 0.0)).any())


class FairRate(ipywidgets.VBox):
    """Says that a learning rate is too large for a start, and offers one that is not.

    Parameters
    ----------
    use : callable
        Called with a learning rate and a number of steps when the reader takes the offer.
    """

    def __init__(self, use: Callable[[float, int], None]) -> None:
        self.text = ipywidgets.HTML(layout=ipywidgets.Layout(width="278px"))
        self.button = button("", _TIP, "", 240)
        self.button.on_click(lambda _: use(*self.offer) if self.offer else None)
        self.offer: Offer | None = None
        self._asked: tuple[Experiment, ...] = ()
        super().__init__([self.text, self.button])
        self.layout.display = "none"

    def ask(self, experiments: Sequence[Experiment], names: Sequence[str]) -> None:
        """Look at the starts of these experiments, named for the reader."""
        if self._asked == (*experiments,):
            return
        self._asked, self.offer = (*experiments,), None
        try:
            bounds = [bearable_rate([e]) for e in experiments if _small(e)]
        except ValueError:  # no Hessian
            bounds = []
        lr = float(experiments[0].values().get("lr", 0.0))
        above = [(name, bound) for name, bound in zip(names, bounds, strict=False) if lr > bound]
        self.layout.display = "" if above else "none"
        if not above:
            return
        self.offer = same_time(experiments[0], min(bounds))
        said = " and ".join(f"2/λ = {number(bound)} for {name}" for name, bound in above)
        risk = ", and neurons can die" * _can_die(str(experiments[0].values()["activation"]))
        self.text.value = (
            "<div role='note' style='line-height:1.35;color:#9a4a00'>"
            f"⚠ η = {number(lr)} is too large for this start: descent is stable there below "
            f"{said}. Above it the loss can rise{risk}.</div>"
        )
        rate, steps = self.offer
        self.button.description = f"Use η = {number(rate)}, {steps:,} steps"
