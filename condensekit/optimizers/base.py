"""What every optimizer is: settings, and the rule by which they move a batch of networks.

A rule sees a batch as a landscape: one array theta [R, P], a row per run, with losses and
derivatives. It never sees a model; rows never mix, so a run alone moves like its row in a batch.
"""

import abc
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np

from ..derivatives import Landscape
from ..knobs import Settings
from ..models import Model
from ..words import many

__all__ = ["Optimizer", "Rule", "duration", "overflowed"]

Array = np.ndarray[Any, np.dtype[Any]]


def duration(seconds: float) -> str:
    """A time for a reader.

    Examples
    --------
    >>> duration(0.5), duration(100.0), duration(9000.0)
    ('0.5 s', '2 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def overflowed(step: int, reason: str = "") -> str:
    """Say that the loss overflowed, and the reason; at step 0 nothing has moved yet."""
    if step == 0:
        return (
            "The loss overflows before the first step: the numbers of the target, or of the "
            "network at its start, are too large."
        )
    return (
        f"The loss overflowed at step {step:,}{reason}. The run is kept up to the last recorded "
        "step before it."
    )


class Rule(abc.ABC):
    """How one batch moves.

    Attributes
    ----------
    calls : int
        How often `step` was called; the loop counts.
    """

    def __init__(self, optimizers: Sequence["Optimizer"], landscape: Landscape) -> None:
        self.landscape = landscape
        self.calls = 0
        self.stop_loss = np.array([optimizer.stop_loss for optimizer in optimizers])
        self.most_steps = np.array([optimizer.most_steps for optimizer in optimizers])

    def start(self) -> Array:
        """The loss of each run [R] where it starts."""
        return self.landscape.loss()

    @abc.abstractmethod
    def step(self) -> Array:
        """Move every run; return its loss [R] there, and leave the gradient in the landscape."""

    def parts(self) -> Iterator[Array | None]:
        """Step after step, without end: the loss after each.

        A rule whose steps may take long gives None between the parts of a step, where every run
        is, and says that it is, where the step before left it.
        """
        while True:
            yield self.step()

    @abc.abstractmethod
    def steps(self) -> Array:
        """Steps that each run [R] has made."""

    @abc.abstractmethod
    def time(self) -> Array:
        """The time of each run [R]."""

    def fallbacks(self) -> Array:
        """How many step tests of each run [R] met a singular matrix, and fell back to a bound."""
        return np.zeros(len(self.stop_loss), dtype=np.int64)

    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""
        self.landscape.keep(rows)
        self.stop_loss, self.most_steps = self.stop_loss[rows], self.most_steps[rows]

    def going(self, loss: Array) -> Array:
        """Whether each run [R] has a reason to go on, apart from the number of its steps."""
        # False for NaN, for infinity, and for a loss that is low enough.
        return (loss > self.stop_loss) & (loss < np.inf)

    def all_going(self, loss: Array) -> bool:
        """Whether every run has a reason to go on; the loop asks after each step."""
        return bool(self.going(loss).all())

    def stuck(self) -> Array:
        """Whether each run [R] cannot go on though it should."""
        return np.zeros(len(self.stop_loss), dtype=bool)

    def at_rest(self) -> Array:
        """Whether each run [R] is where nothing moves it any more."""
        return np.zeros(len(self.stop_loss), dtype=bool)


class Optimizer(Settings, abc.ABC):
    """Settings of an optimizer.

    Attributes
    ----------
    stop_loss : float
        Training stops when the loss falls to this value.
    over_time : bool
        True if a run is best told over its time, False if over its steps.
    record_ratio : float
        Between one recorded step and the next.
    batch_size : int
        Samples that a step sees; 0: all of them.
    stochastic : bool
        Whether a step may see another loss than the one before: a part of the samples, or of the
        neurons.
    limit : str
        The knob that says how many steps there may be and nothing else, so that a run of more of
        them begins as this one. A class whose steps depend on their number, as a schedule makes
        them, has none. It is not inherited: a class of your own says so itself.
    """

    stop_loss: float
    over_time: bool = False
    record_ratio: float = 1.04
    batch_size: int = 0
    stochastic: bool = False
    limit: str = ""

    @property
    @abc.abstractmethod
    def most_steps(self) -> int:
        """Steps after which a run ends at the latest."""

    @classmethod
    @abc.abstractmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""

    def longer(self) -> Self | None:
        """The same with twice as many steps, whose run begins as this one does; else None."""
        name = vars(type(self)).get("limit", "")
        if not name:
            return None
        high = self.knobs()[name].high
        most = 2 * self.most_steps if high is None else min(2 * self.most_steps, int(high))
        return self.replace(**{name: most}) if most > self.most_steps else None

    def goes_on(self, before: "Optimizer") -> bool:
        """Whether a run with this is one with `before`, or begins as that and has more steps."""
        name = vars(type(self)).get("limit", "")
        if self == before:
            return True
        longer = bool(name) and type(self) is type(before) and self.most_steps > before.most_steps
        return longer and self.replace(**{name: before.most_steps}) == before

    def plan(self, seconds: float) -> str:
        """What will be done, if all steps take `seconds`: for a reader who waits."""
        return f"{many(self.most_steps, 'step')}: about {duration(seconds)}"

    def share(self, step: int, loss: float, start_loss: float) -> float:
        """How much of a run is done at `step`, from 0 to 1: for a progress bar."""
        del loss, start_loss
        return step / self.most_steps

    def most_rows(self, model: Model, n_samples: int) -> int:
        """Runs that one batch may hold, so that memory stays bounded."""
        del model, n_samples
        return sys.maxsize

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        del loss, time
        if outcome != "diverged":
            return ""
        return overflowed(step)
