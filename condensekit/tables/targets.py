"""What is to be learned in a lab: from a list, typed as a formula, drawn, or read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..problems import (
    Drawn,
    EvenlySpaced,
    Formula,
    Problem,
    drawn,
    formula,
    initial_condensation,
    read_csv,
    relu_1d,
    three_tanh,
)

__all__ = ["CSV", "DRAWN", "FIRST", "FORMULA", "KINDS", "OTHER", "chosen", "kind_of", "sampled"]

_NAMED: dict[str, Callable[[], Problem]] = {
    "four ReLU": relu_1d,
    "two sines": lambda: initial_condensation(1),
    "three tanh": three_tanh,
}
FORMULA, DRAWN, CSV, OTHER = "formula", "drawn", "CSV file", "as given"
KINDS = (*_NAMED, FORMULA, DRAWN, CSV)
"""What can be chosen; what was given may be another problem."""
FIRST = "sin(3*x)"
"""The formula to begin with."""
_POINTS = 41  # of a drawn curve
Array = np.ndarray[Any, np.dtype[np.float64]]


def chosen(kind: str, text: str, points: tuple[Array, Array], given: Problem) -> Problem:
    """The problem of a kind: of a formula or a path, of drawn points, or else the one given.

    Raises
    ------
    ValueError
        If what was typed or drawn is none, or the file cannot be read.
    """
    if kind == FORMULA:
        return formula(text)
    if kind == DRAWN:
        return drawn(*(axis.tolist() for axis in points))
    if kind == CSV:
        return _read(text.strip())
    return _NAMED[kind]() if kind in _NAMED else given


def _read(path: str) -> Problem:
    if not path:
        raise ValueError("Type the path of a CSV file whose last column is y, and press Enter.")
    try:
        return read_csv(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None


def kind_of(problem: Problem) -> str:
    """Of which kind a problem is, as it can be chosen here."""
    if isinstance(problem, Drawn) and len(problem.points) == _POINTS:
        return DRAWN
    named = next((name for name, make in _NAMED.items() if make() == problem), OTHER)
    if named == OTHER and isinstance(problem, Formula) and problem == Formula(problem.text):
        return FORMULA  # on the interval that is offered
    return named


def sampled(problem: Problem) -> tuple[Array, Array]:
    """A target as points to be changed by hand, on [-1, 1] or on its own interval."""
    low, high = -1.0, 1.0
    if isinstance(problem.inputs, EvenlySpaced):
        low, high = problem.inputs.low, problem.inputs.high
    x = np.linspace(low, high, _POINTS)
    return x, problem.target(torch.from_numpy(x)[:, None]).numpy()
