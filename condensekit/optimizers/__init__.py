"""Optimizers: gradient flow, gradient descent and Adam; SGD and AdamW for larger networks."""

from collections.abc import Iterable

from .base import Optimizer, Rule, duration
from .descent import Adam, GradientDescent
from .flow import GradientFlow
from .stochastic import SGD, AdamW

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "AdamW",
    "GradientDescent",
    "GradientFlow",
    "Optimizer",
    "Rule",
    "duration",
    "optimizer_with",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    kind.__name__: kind for kind in (GradientFlow, Adam, GradientDescent, SGD, AdamW)
}
"""Optimizers by name, the one that is best for a first look at the front."""


def optimizer_with(names: Iterable[str]) -> Optimizer:
    """The first optimizer that has all the knobs in `names` that belong to any optimizer.

    Examples
    --------
    >>> type(optimizer_with([])).__name__, type(optimizer_with(["steps"])).__name__
    ('GradientFlow', 'Adam')

    Raises
    ------
    ValueError
        If no optimizer has all of them.
    """
    every = {name for kind in OPTIMIZERS.values() for name in kind.declared_knobs()}
    asked = every.intersection(names)
    for kind in OPTIMIZERS.values():
        if asked <= kind.declared_knobs().keys():
            return kind()
    raise ValueError(f"No optimizer has all of these knobs: {', '.join(sorted(asked))}.")
