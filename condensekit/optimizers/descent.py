"""Gradient descent and Adam, full batch."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from ..derivatives import Landscape
from ..knobs import knob
from .base import Optimizer, Rule, overflowed

__all__ = ["Adam", "GradientDescent"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class GradientDescent(Optimizer):
    """Gradient descent, full batch: theta <- theta - lr * gradient. Time is lr * step."""

    lr: float = knob(5e-3, 1e-8, 100.0, log=True, symbol=r"\eta", help="Learning rate.")
    steps: int = knob(20_000, 1, 10_000_000, log=True, help="Number of steps (epochs).")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    limit = "steps"

    @property
    def most_steps(self) -> int:
        """All steps."""
        return self.steps

    @classmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return _DescentRule(optimizers, landscape)

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        del loss, time
        return too_fast(self.lr, step) if outcome == "diverged" else ""


def too_fast(lr: float, step: int) -> str:
    """Say that a learning rate was too large."""
    return overflowed(step, f": the learning rate lr = {lr:g} is too large here")


class StepsRule(Rule):
    """What all runs do in step: a learning rate each, and as many steps as were asked for."""

    def __init__(self, optimizers: Sequence[Any], landscape: Landscape) -> None:
        super().__init__(optimizers, landscape)
        self.lr = self.column([optimizer.lr for optimizer in optimizers])

    def column(self, values: Sequence[float]) -> Array:
        """One number for each run, shape [R, 1], of the kind that the parameters are."""
        return np.array(values, dtype=self.landscape.theta.dtype)[:, None]

    def keep(self, rows: Array) -> None:
        super().keep(rows)
        self.lr = self.lr[rows]

    def all_going(self, loss: Array) -> bool:
        # Plain numbers: for a few runs a tenth of the time of array operations, for many as much.
        for low, value in zip(self.stop_loss.tolist(), loss.tolist(), strict=True):
            if not low < value < math.inf:
                return False
        return True

    def steps(self) -> Array:
        return np.full(len(self.lr), self.calls)


class _DescentRule(StepsRule):
    def step(self) -> Array:
        theta, gradient = self.landscape.theta, self.landscape.gradient
        np.multiply(gradient, self.lr, out=gradient)
        np.subtract(theta, gradient, out=theta)
        return self.landscape.loss()

    def time(self) -> Array:
        return self.lr[:, 0].astype(np.float64) * self.calls


@dataclasses.dataclass(frozen=True)
class Adam(Optimizer):
    """The Adam optimizer (Kingma and Ba 2015): betas 0.9 and 0.999, eps 1e-8. Time is the step."""

    stochastic = True

    lr: float = knob(1e-3, 1e-8, 100.0, log=True, symbol=r"\eta", help="Learning rate.")
    steps: int = knob(20_000, 1, 10_000_000, log=True, help="Number of steps (epochs).")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    limit = "steps"

    @property
    def most_steps(self) -> int:
        """All steps."""
        return self.steps

    @classmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return AdamRule(optimizers, landscape)

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        del loss, time
        return too_fast(self.lr, step) if outcome == "diverged" else ""


class AdamRule(StepsRule):
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def __init__(self, optimizers: Sequence[Any], landscape: Landscape) -> None:
        super().__init__(optimizers, landscape)
        self.mean, self.square, self.work = (np.zeros_like(landscape.theta) for _ in range(3))

    def step(self) -> Array:
        self.move()
        self.landscape.next_batch()
        return self.landscape.loss()

    def move(self) -> None:
        """Move by the gradient that is in the landscape."""
        gradient, work, moved = self.landscape.gradient, self.work, self.calls + 1
        self.mean *= self.beta1
        self.mean += np.multiply(gradient, 1.0 - self.beta1, out=work)
        self.square *= self.beta2
        np.multiply(gradient, gradient, out=work)
        work *= 1.0 - self.beta2
        self.square += work
        np.sqrt(self.square, out=work)
        work *= 1.0 / (1.0 - self.beta2**moved) ** 0.5
        work += self.eps
        np.divide(self.mean, work, out=work)
        work *= self.lr / (1.0 - self.beta1**moved)
        self.landscape.theta -= work

    def keep(self, rows: Array) -> None:
        super().keep(rows)
        self.mean, self.square = self.mean[rows], self.square[rows]
        self.work = self.work[rows]

    def time(self) -> Array:
        return np.full(len(self.lr), float(self.calls))
