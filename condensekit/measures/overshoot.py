"""Did a run start with steps that were too long: its loss rose, or its neurons died."""

import dataclasses

import numpy as np

from ..checks import a_count, a_number
from ..doors import public
from ..models import TwoLayer
from ..training import Run
from ..words import many, number
from .clusters import dead

__all__ = ["DIED", "FIRST", "RISE", "Overshoot", "overshoot"]

RISE = 2.0
"""A loss has risen if it was above so many times its start. Along the flow it never rises at all,
and with a learning rate just above 2 / lambda_max at the start it rises by less than this."""
DIED = 0.25
"""Neurons have died in number if they are more than this share of those that lived at the start.
Along the flow itself, ReLU neurons that turn away from all samples are up to an eighth."""
FIRST = 25
"""First steps: each of them is recorded, so that no jump among them is missed."""


@dataclasses.dataclass(frozen=True)
class Overshoot:
    """What too long a step does to a run: the loss rises far above its start, neurons die.

    Attributes
    ----------
    rise : float
        Largest recorded loss, over the loss at the start; at least 1.
    step : int
        The recorded step at which the loss was largest.
    index : int
        Where that is, among the recorded steps.
    living, died : int
        Neurons that were not dead at the start (see `dead`), and those of them that are dead at the
        step that is asked for; both 0 for models that are not a `TwoLayer`.
    rose, killed : bool
        Whether the loss rose by more than the threshold; whether more neurons died than that.
    text : str
        What happened, in a sentence; empty if neither did.
    """

    rise: float
    step: int
    index: int
    living: int
    died: int
    rose: bool
    killed: bool
    text: str

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return self.rose or self.killed

    def __str__(self) -> str:
        """The sentence."""
        return self.text


@public(but=["index"])
def overshoot(
    run: Run, rise: float = RISE, died: float = DIED, first: int = FIRST, index: int = -1
) -> Overshoot:
    """Was the learning rate too large? Whether the loss rose far above its start, or neurons died.

    Gradient descent with steps that are short enough never raises its loss by much, unless weights
    decay. ReLU neurons that a long step has thrown off all samples get no gradient any more; the
    few that are left then look condensed. The loss is known at the recorded steps, to which all of
    the first ones belong.

    Parameters
    ----------
    run : Run
        A run.
    rise : float
        How many times its start the loss may be, at least 1.
    died : float
        Share of the living neurons that may die, from 0 to 1.
    first : int
        Steps that are the first ones: a jump among them is blamed on the start.
    index : int
        The recorded step up to which the run is judged.

    Raises
    ------
    ValueError
        If a threshold is outside its range.

    Examples
    --------
    >>> from condensekit import Experiment, GradientDescent, TwoLayer, problems, train
    >>> model, problem = TwoLayer(1, 200, "relu"), problems.relu_1d()
    >>> large = Experiment(model, problem, GradientDescent(0.1, steps=50), 20, 0.3)
    >>> overshoot(train(large)).rose, overshoot(train(large.replace(lr=0.02))).rose
    (True, False)
    """
    a_number("rise", rise, 1.0)
    a_number("died", died, 0.0, 1.0)
    a_count("first", first, 0)
    loss = run.loss[: run.place(index) + 1]
    top = int(np.argmax(loss))
    factor = float(loss[top]) / float(loss[0]) if loss[top] > loss[0] > 0.0 else 1.0
    living, gone = _lost(run, index)
    rose, killed = factor > rise, gone > died * living
    crossed = run.step[int(np.argmax(loss > rise * loss[0]))]  # it may go on to rise for long
    where = "for this start" if crossed <= first else "on the way"
    text = (
        _told(run, top, factor, living, gone, where)
        if rose
        else _still(factor, living, gone, killed)
    )
    return Overshoot(factor, int(run.step[top]), top, living, gone, rose, killed, text)


def _lost(run: Run, index: int) -> tuple[int, int]:
    """Neurons that lived at the start, and how many of them are dead."""
    model = run.experiment.model
    if not isinstance(model, TwoLayer):
        return 0, 0
    x = run.data().x
    start = run.once("dead at the start", lambda: dead(model, run.at(0), x))
    now = dead(model, run.at(index), x)
    return int((~start).sum()), int((now & ~start).sum())


def _told(run: Run, top: int, factor: float, living: int, gone: int, where: str) -> str:
    values = run.experiment.optimizer.values()
    rate = values.get("lr")
    named = "the steps are" if rate is None else f"the learning rate {rate:g} is"
    decay = "the decay of the weights pulls it up, or " if values.get("weight_decay") else ""
    lost = f", and {_died(living, gone)}" if gone else ""
    return (
        f"The loss rose {number(factor)}-fold, from {number(run.loss[0], 3)} to "
        f"{number(run.loss[top], 3)} at "
        f"{run.moment(top)}{lost}: {decay}{named} too large {where}."
    )


def _still(factor: float, living: int, gone: int, killed: bool) -> str:
    if not killed:
        return ""
    rose = "did not rise" if factor == 1.0 else f"rose only {number(factor, 3)}-fold"
    moves = f"though the recorded loss {rose}: no sample moves them any more."
    return f"{_died(living, gone)}, {moves}"


def _died(living: int, gone: int) -> str:
    return f"{gone:,} of {many(living, 'living neuron')} died"
