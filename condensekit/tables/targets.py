"""Targets that a reader can choose by name, and curves to be drawn, without a widget."""

from collections.abc import Callable

import numpy as np
import torch

from ..frames import Array
from ..problems import EvenlySpaced, Problem, initial_condensation, relu_1d, three_tanh

__all__ = ["GRID", "TARGETS", "sampled"]

TARGETS: dict[str, Callable[[], Problem]] = {
    "four ReLU": relu_1d,
    "two sines": lambda: initial_condensation(1),
    "three tanh": three_tanh,
}
GRID = 41  # points of a drawn curve


def sampled(problem: Problem) -> tuple[Array, Array]:
    """A target as points to be changed by hand, on [-1, 1] or on its own interval."""
    low, high = -1.0, 1.0
    if isinstance(problem.inputs, EvenlySpaced):
        low, high = problem.inputs.low, problem.inputs.high
    x = np.linspace(low, high, GRID)
    return x, problem.target(torch.from_numpy(x)[:, None]).numpy()
