"""Optimizers: settings, and the rule by which each moves a batch of networks.

A rule sees a batch as one array theta [R, P], a row per run, and moves it in place. It never sees
a model; rows never mix, so a run alone moves like its row in a batch.
"""

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from .knobs import Settings, knob

__all__ = ["Adam", "GradientDescent", "Optimizer", "Rule"]

Array = np.ndarray[Any, np.dtype[Any]]


class Rule(abc.ABC):
    """How one batch moves: one `update` a step."""

    @abc.abstractmethod
    def update(self, theta: Array, gradient: Array) -> None:
        """Move `theta` [R, P] one step in place; `gradient` [R, P] may be overwritten."""

    @abc.abstractmethod
    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""

    @abc.abstractmethod
    def time(self, step: int) -> Array:
        """The time of each run [R] after `step` steps."""


class Optimizer(Settings, abc.ABC, role="optimizer"):
    """Settings of an optimizer; full batch."""

    lr: float
    steps: int
    stop_loss: float
    time_label: str

    @classmethod
    @abc.abstractmethod
    def rule(cls, optimizers: Sequence[Self], n_parameters: int) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""


def _column(values: Sequence[float]) -> Array:
    return np.array(values, dtype=np.float64)[:, None]


@dataclasses.dataclass(frozen=True)
class GradientDescent(Optimizer):
    """theta <- theta - lr * gradient. Time is lr * step, the time of the gradient flow."""

    lr: float = knob(5e-3, 1e-8, 100.0, log=True, symbol=r"\eta", help="Learning rate.")
    steps: int = knob(20_000, 1, 10_000_000, log=True, help="Number of steps (epochs).")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    time_label = "time (learning rate x step)"

    @classmethod
    def rule(cls, optimizers: Sequence[Self], n_parameters: int) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return _DescentRule(_column([optimizer.lr for optimizer in optimizers]))


class _DescentRule(Rule):
    def __init__(self, lr: Array) -> None:
        self.lr = lr

    def update(self, theta: Array, gradient: Array) -> None:
        np.multiply(gradient, self.lr, out=gradient)
        np.subtract(theta, gradient, out=theta)

    def keep(self, rows: Array) -> None:
        self.lr = self.lr[rows]

    def time(self, step: int) -> Array:
        return self.lr[:, 0] * step


@dataclasses.dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, Algorithm 1), betas 0.9 and 0.999, eps 1e-8. Time is the step."""

    lr: float = knob(1e-3, 1e-8, 100.0, log=True, symbol=r"\eta", help="Learning rate.")
    steps: int = knob(20_000, 1, 10_000_000, log=True, help="Number of steps (epochs).")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    time_label = "step"

    @classmethod
    def rule(cls, optimizers: Sequence[Self], n_parameters: int) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return _AdamRule(_column([optimizer.lr for optimizer in optimizers]), n_parameters)


class _AdamRule(Rule):
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def __init__(self, lr: Array, n_parameters: int) -> None:
        self.lr = lr
        self.step = 0
        self.mean = np.zeros((len(lr), n_parameters))
        self.square = np.zeros((len(lr), n_parameters))
        self.work = np.empty((len(lr), n_parameters))

    def update(self, theta: Array, gradient: Array) -> None:
        self.step += 1
        work = self.work
        self.mean *= self.beta1
        self.mean += np.multiply(gradient, 1.0 - self.beta1, out=work)
        self.square *= self.beta2
        np.multiply(gradient, gradient, out=work)
        work *= 1.0 - self.beta2
        self.square += work
        np.sqrt(self.square, out=work)
        work *= 1.0 / (1.0 - self.beta2**self.step) ** 0.5
        work += self.eps
        np.divide(self.mean, work, out=work)
        work *= self.lr / (1.0 - self.beta1**self.step)
        theta -= work

    def keep(self, rows: Array) -> None:
        self.lr, self.mean, self.square = self.lr[rows], self.mean[rows], self.square[rows]
        self.work = self.work[rows]

    def time(self, step: int) -> Array:
        return np.full(len(self.lr), float(step))
