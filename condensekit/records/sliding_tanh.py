"""The target of three tanh in R^5 (Zhang et al., arXiv:2307.08921, Figure 4), trained here.

The paper starts at standard deviation 1e-10 and tunes the learning rate of gradient descent between
0.05 and 0.5 for the test error. Here the gradient flow is beside four such rates. The seed changes
the weights at the start and the samples.
"""

import dataclasses
import json
from collections.abc import Iterable
from importlib import resources

import numpy as np

from .. import problems
from ..experiments import Experiment
from ..models import Model, TwoLayer, TwoLayerConv
from ..optimizers import GradientDescent, GradientFlow, Optimizer

__all__ = [
    "BELOW",
    "FLOW",
    "PUBLISHED",
    "SlidingTanhCell",
    "first_recovery",
    "sliding_tanh_cells",
    "sliding_tanh_experiment",
    "sliding_tanh_plan",
]

BELOW = 1e-3
"""The paper's threshold: a mean squared error as it stands, not relative to the target."""

FLOW = 0.0
"""The learning rate that stands for the gradient flow."""

PUBLISHED = {
    "full": {3: 20, 9: 25, 30: 26, 102: 28, 300: 26},
    "shared": {1: 7, 3: 10, 10: 12, 34: 13, 100: 12},
    "unshared": {1: 15, 3: 19, 10: 28, 34: 26, 100: 27},
}
"""First number of samples with test error below 1e-3, by width: neurons, or kernels.

Read off the colours of arXiv:2307.08921, Figure 4: fully connected, convolution with shared and
with unshared weights.
"""

_PLAN = {
    "full": ((3, 30, 300), (20, 21, 22, 24, 26, 28, 30, 34, 40, 48), (FLOW, 0.4, 0.5, 0.45, 0.3)),
    "shared": ((1, 10), (6, 7, 8, 10, 12, 13, 16, 20, 26), (FLOW,)),
    "unshared": ((1, 10), (14, 15, 16, 18, 20, 24, 28, 34, 40), (FLOW,)),
}
"""Widths, numbers of samples and learning rates of each family."""
_SEEDS = (0, 1, 2)


@dataclasses.dataclass(frozen=True)
class SlidingTanhCell:
    """One training on the target of three tanh: its settings, and what came of it.

    Attributes
    ----------
    family : str
        ``"full"``, ``"shared"`` or ``"unshared"``, as in `PUBLISHED`.
    width : int
        Neurons, or kernels.
    lr : float
        Learning rate of gradient descent, or `FLOW`.
    n_samples, seed : int
        As of an `Experiment`.
    test_error : float
        Mean squared error at the end; NaN if the run diverged.
    steps : int
        Steps made.
    outcome : str
        How it ended.
    """

    family: str
    width: int
    lr: float
    n_samples: int
    seed: int
    test_error: float = float("nan")
    steps: int = 0
    outcome: str = "running"


def sliding_tanh_plan() -> list[SlidingTanhCell]:
    """What is trained, before anybody has trained it."""
    return [
        SlidingTanhCell(family, width, lr, n, seed)
        for family, (widths, samples, rates) in _PLAN.items()
        for lr in rates
        for width in widths
        for n in samples
        for seed in _SEEDS
    ]


def sliding_tanh_experiment(cell: SlidingTanhCell) -> Experiment:
    """The experiment of a cell: standard deviation 1e-10, training loss down to 1e-8."""
    optimizer: Optimizer = GradientFlow(stop_loss=1e-8, max_steps=1_000)
    if cell.lr != FLOW:
        optimizer = GradientDescent(cell.lr, 20_000, stop_loss=1e-8)
    model: Model = TwoLayer(5, cell.width)
    if cell.family != "full":
        model = TwoLayerConv(5, cell.width, sharing=cell.family == "shared")
    problem = problems.sliding_tanh()
    return Experiment(
        model, problem, optimizer, n_samples=cell.n_samples, init_std=1e-10, seed=cell.seed
    )


def sliding_tanh_cells() -> list[SlidingTanhCell]:
    """The stored cells; ``tools/record_sliding_tanh.py`` makes them."""
    text = (resources.files(__package__) / "sliding_tanh.json").read_text(encoding="utf-8")
    return [SlidingTanhCell(**fields) for fields in json.loads(text)]


def first_recovery(
    cells: Iterable[SlidingTanhCell], threshold: float = BELOW
) -> dict[int, int | None]:
    """For each seed, the fewest samples of which the target was recovered; None if it never was.

    Where there are several learning rates, the best one counts, as in the paper.

    Parameters
    ----------
    cells : iterable of SlidingTanhCell
        Trainings of one model.
    threshold : float
        Largest test error that counts as recovered; by default that of the paper, which is not
        relative. The mean square of this target is about 3.
    """
    found: dict[int, list[int]] = {}
    for cell in cells:
        reached = found.setdefault(cell.seed, [])
        if not np.isnan(cell.test_error) and cell.test_error < threshold:
            reached.append(cell.n_samples)
    return {seed: min(reached, default=None) for seed, reached in sorted(found.items())}
