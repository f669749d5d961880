"""Steps by a Rosenbrock method: linearly implicit, one factorization and four solves each.

Along a plateau the flow is slow, but the loss is steep across it: the largest eigenvalue of the
Hessian H limits an explicit step to 2 / lambda_max, 1e4 times less than what the motion itself
would allow. A Rosenbrock method solves with I + h gamma H instead, and is stable with any step.
"""

import dataclasses
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from ..derivatives import Landscape

__all__ = ["ROS4", "Attempt", "Method", "Rosenbrock"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A step of each run, tried.

    Attributes
    ----------
    h : array, shape [R]
        Its length in time: what was asked for, or less.
    loss : array, shape [R]
        Where it ends.
    error : array, shape [R, P]
        Estimate of what it is wrong by.
    solved : array of bool, shape [R]
        Whether its equations could be solved.
    most : array, shape [R]
        By what factor the next step may be longer, at most.
    fell_back : array of bool, shape [R]
        Whether the test of its length met a singular matrix, so that the bound was taken.
    """

    h: Array
    loss: Array
    error: Array
    solved: Array
    most: Array
    fell_back: Array


@dataclasses.dataclass(frozen=True)
class Method:
    """A Rosenbrock method, in the form that needs no product with H.

    Stage i of a step h from y solves

        (I + h gamma H) k_i = gamma (h F(y + sum_j a_ij k_j) + sum_j c_ij k_j)

    with F = -grad L; then y + sum_i m_i k_i is the result, and sum_i e_i k_i estimates its error,
    which is of the order h^order.

    Attributes
    ----------
    cap : float
        Largest h |lambda| for an eigenvalue lambda < 0 of H. All these methods turn growth into
        decay beyond their pole at 1 / gamma, and would never leave a saddle; up to the cap they
        grow as exp(h |lambda|) does, to within one percent of the exponent.
    now, before : float
        How much the errors of this step and of the last one say about the next: a PI controller
        (Gustafsson 1991, ACM Transactions on Mathematical Software 17).
    """

    name: str
    order: int
    gamma: float
    a: tuple[tuple[float, ...], ...]
    c: tuple[tuple[float, ...], ...]
    m: tuple[float, ...]
    e: tuple[float, ...]
    cap: float
    now: float = 0.7
    before: float = 0.4


ROS4 = Method(
    "ROS4",
    4,
    0.57282,
    (
        (),
        (2.0,),
        (1.867943637803922, 0.2344449711399156),
        (1.867943637803922, 0.2344449711399156, 0.0),
    ),
    (
        (),
        (-7.137615036412310,),
        (2.580708087951457, 0.6515950076447975),
        (-2.137148994382534, -0.3214669691237626, -0.6949742501781779),
    ),
    (2.255570073418735, 0.2870493262186792, 0.4353179431840180, 1.093502252409163),
    (-0.2815431932141155, -0.07276199124934920, -0.1082196201495311, -1.093502252409163),
    0.5,
)
"""L-stable, order 4(3), four stages and three gradients: Hairer and Wanner, Solving Ordinary
Differential Equations II (1996), Section IV.7. `benchmarks/` says why this one."""


class Rosenbrock:
    """Attempts of all runs of a landscape."""

    def __init__(self, landscape: Landscape, method: Method = ROS4) -> None:
        self.landscape, self.method, self.hessian = landscape, method, landscape.curvature()
        self.order, self.now, self.before = method.order, method.now, method.before
        self.moved = True  # since the Hessians were taken

    def attempt(self, longest: Array, settled: Array) -> Generator[None, None, Attempt]:
        """Try steps of length `longest`, or as long as the cap allows; in parts."""
        del settled
        method, landscape, theta = self.method, self.landscape, self.landscape.theta
        if self.moved:
            yield from self.hessian.update_parts()
            self.moved = False
        with np.errstate(divide="ignore"):
            h = np.minimum(longest, method.cap / np.abs(self.hessian.lowest))
        here = theta.copy()
        stages = yield from self._stages(h, here, landscape.gradient.copy())
        theta[...] = here + _combined(method.m, stages)
        loss, runs = landscape.loss().copy(), len(h)
        error = _combined(method.e, stages)
        never = np.zeros(runs, dtype=bool)
        return Attempt(h, loss, error, ~never, np.full(runs, np.inf), never)

    def judged(self, passed: Array) -> None:
        """Hear which steps passed; runs whose step did not are where they were."""
        self.moved = bool(passed.any())

    def _stages(self, h: Array, here: Array, gradient: Array) -> Generator[None, None, list[Array]]:
        method, landscape, column = self.method, self.landscape, h[:, None]
        yield from self.hessian.factor_parts(method.gamma * h)
        stages: list[Array] = []
        seen: tuple[float, ...] = ()  # where the gradient was taken last
        force = -column * gradient
        for a, c in zip(method.a, method.c, strict=True):
            where = a if any(a) else ()
            if _trimmed(where) != seen:
                seen = _trimmed(where)
                if seen:
                    landscape.theta[...] = here + _combined(seen, stages)
                    landscape.loss()
                    landscape.theta[...] = here
                    yield
                    force = -column * landscape.gradient
                else:
                    force = -column * gradient
            right = force + _combined(c, stages) if any(c) else force
            stages.append(self.hessian.solve(method.gamma * right))
            yield
        return stages


def _combined(weights: Sequence[float], stages: list[Array]) -> Array:
    """Sum of the stages times their weights; at least one weight is not zero."""
    total: Any = 0.0
    for weight, stage in zip(weights, stages, strict=False):
        if weight:
            total = total + weight * stage
    return np.asarray(total)


def _trimmed(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Without zeros at the end: stages with the same weights share their gradient."""
    while weights and weights[-1] == 0.0:
        weights = weights[:-1]
    return weights
