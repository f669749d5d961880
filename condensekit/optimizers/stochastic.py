"""For larger networks: stochastic gradient descent with momentum, and AdamW."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from ..derivatives import Landscape
from ..knobs import knob
from .base import Optimizer, Rule
from .descent import AdamRule, StepsRule, too_fast

__all__ = ["SGD", "AdamW"]

Array = np.ndarray[Any, np.dtype[Any]]

_BATCH = "Samples that a step sees; 0: all of them."


@dataclasses.dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v <- momentum v + gradient, theta <- theta - lr v.

    As `torch.optim.SGD`, with mini-batches that go through a shuffle of the samples, and with
    gradients that may be cut to the norm `clip`. Time is the step.
    """

    lr: float = knob(0.1, 1e-8, 100.0, log=True, symbol=r"\eta", help="Learning rate.")
    momentum: float = knob(0.9, 0.0, 0.9999, help="Share of the last step that is kept.")
    batch_size: int = knob(0, 0, 1_000_000, help=_BATCH)
    steps: int = knob(2_000, 1, 10_000_000, log=True, help="Number of steps.")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    clip: float = knob(0.0, 0.0, 1e6, help="Largest norm of a gradient; 0: no limit.")
    stochastic = True
    limit = "steps"

    @property
    def most_steps(self) -> int:
        """All steps."""
        return self.steps

    @classmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return _MomentumRule(optimizers, landscape)

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        del loss, time
        return too_fast(self.lr, step) if outcome == "diverged" else ""


@dataclasses.dataclass(frozen=True)
class AdamW(Optimizer):
    """The AdamW optimizer (Loshchilov and Hutter 2019): Adam with decoupled weight decay.

    As `torch.optim.AdamW` with betas 0.9 and 0.999 and eps 1e-8, with a learning rate that rises
    in proportion to the step for `warmup` steps and falls as a half cosine to 0 at the last step,
    and with gradients that may be cut to the norm `clip`. Time is the step.
    """

    lr: float = knob(1e-3, 1e-8, 100.0, log=True, symbol=r"\eta", help="Largest learning rate.")
    weight_decay: float = knob(0.01, 0.0, 100.0, help="Shrinking of weights, times lr, in a step.")
    warmup: int = knob(0, 0, 1_000_000, help="Steps in which the learning rate rises.")
    clip: float = knob(1.0, 0.0, 1e6, help="Largest norm of a gradient; 0: no limit.")
    batch_size: int = knob(0, 0, 1_000_000, help=_BATCH)
    steps: int = knob(2_000, 1, 10_000_000, log=True, help="Number of steps.")
    stop_loss: float = knob(0.0, 0.0, 1e6, help="Training stops when the loss falls to this value.")
    stochastic = True

    @property
    def most_steps(self) -> int:
        """All steps."""
        return self.steps

    def factor(self, step: int) -> float:
        """Learning rate of step 0, 1, ... as a share of the largest."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return 0.5 * (1.0 + math.cos(math.pi * done))

    @classmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return _AdamWRule(optimizers, landscape)

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        del loss, time
        return too_fast(self.lr, step) if outcome == "diverged" else ""


def _cut(gradient: Array, largest: Array) -> None:
    """Shorten the gradient of each run, as `torch.nn.utils.clip_grad_norm_` does."""
    norm = np.sqrt(np.vecdot(gradient, gradient))[:, None]
    gradient *= np.minimum(1.0, largest / (norm + 1e-6))


class _MomentumRule(StepsRule):
    def __init__(self, optimizers: Sequence[SGD], landscape: Landscape) -> None:
        super().__init__(optimizers, landscape)
        self.momentum = self.column([optimizer.momentum for optimizer in optimizers])
        self.clip = self.column([optimizer.clip or math.inf for optimizer in optimizers])
        self.velocity = np.zeros_like(landscape.theta)

    def step(self) -> Array:
        landscape = self.landscape
        _cut(landscape.gradient, self.clip)
        self.velocity *= self.momentum
        self.velocity += landscape.gradient
        landscape.theta -= self.lr * self.velocity
        landscape.next_batch()
        return landscape.loss()

    def keep(self, rows: Array) -> None:
        super().keep(rows)
        self.momentum, self.velocity = self.momentum[rows], self.velocity[rows]
        self.clip = self.clip[rows]

    def time(self) -> Array:
        return np.full(len(self.lr), float(self.calls))


class _AdamWRule(AdamRule):
    def __init__(self, optimizers: Sequence[AdamW], landscape: Landscape) -> None:
        super().__init__(optimizers, landscape)
        self.optimizers = [*optimizers]
        self.largest = self.lr
        self.decay = self.column([optimizer.weight_decay for optimizer in optimizers])
        self.clip = self.column([optimizer.clip or math.inf for optimizer in optimizers])

    def step(self) -> Array:
        landscape = self.landscape
        _cut(landscape.gradient, self.clip)
        self.lr = self.largest * self.column([o.factor(self.calls) for o in self.optimizers])
        landscape.theta *= 1.0 - self.lr * self.decay
        self.move()
        landscape.next_batch()
        return landscape.loss()

    def keep(self, rows: Array) -> None:
        super().keep(rows)
        self.optimizers = [self.optimizers[row] for row in rows.tolist()]
        self.largest, self.decay, self.clip = self.largest[rows], self.decay[rows], self.clip[rows]
