"""Steps by a fully implicit method, for a flow that has reached the floor of its valley.

There the motion is slow and smooth in the logarithm of time, and the walls are steep: of 1,500
eigenvalues of the Hessian H some are 1e4, and those of the motion 1e-9. A Rosenbrock method breaks
there, since the floor bends: one linear system for a whole step h points along the walls of where
it began, which by its end have turned by an angle that h lambda_max makes a large error of. What
remains of it beside the floor also bends H down, a thousand times more than the floor itself does,
and would limit the next step.

A fully implicit step ends on the floor. Its equations are solved by Newton's method with the
Jacobian J of every iterate, but with the *residuals of where the step began* in the second part of
H = (2/n) (J^T J + sum_i r_i Hess f(x_i)). For an iterate lies beside the floor, and what its own
residuals r add to H has nothing to do with where the solution is: with them the iteration diverges
from a hundred times shorter steps on.
"""

from collections.abc import Generator
from typing import Any

import numpy as np

from ..derivatives import Lagging, Landscape
from .rosenbrock import Attempt

__all__ = ["Implicit"]

Array = np.ndarray[Any, np.dtype[Any]]

GAMMA = 1.0 - np.sqrt(0.5)
"""SDIRK2: both stages solve k = F(theta + h (sum_j a_ij k_j + gamma k)), with a_21 = 1 - gamma, and
the second one is the result: order 2, L-stable (Alexander 1977, SIAM Journal on Numerical
Analysis 14)."""

WEIGHTS = (0.0, 1.0 - GAMMA, GAMMA)
"""Of the forces at the times 0, gamma and 1 of a step, in its result."""

_TIMES, _AHEAD = (0.0, GAMMA, 1.0), (0.0, GAMMA**2, 0.5)
THIRD = np.linalg.solve([(1.0, 1.0, 1.0), _TIMES, _AHEAD], [1.0, 1 / 2, 1 / 6])
"""Weights with which the same forces are right to order 3 where the flow is linear, as along a
floor it nearly is: sum_i b_i = 1, sum_i b_i c_i = 1/2, sum_ij b_i a_ij c_j = 1/6."""

CAP = 0.5
"""Largest h |lambda| for an eigenvalue lambda < 0 of H: up to it, the method grows as
exp(h |lambda|) does to within one percent of the exponent."""

ITERATIONS, FINE = 8, 6
"""Iterations of a stage, at most, and those up to which a step may be followed by a longer one."""

CLOSE, ROUNDING = 1e-9, 1e-13
"""What an iteration may leave of the way of a step, as far as it has come, or of the size of theta.
Not of h |F| where the step begins: rounding beside the floor makes that thousands of times more."""


class Implicit:
    """Attempts of all runs of a landscape, which it moves while it tries.

    The estimate of their error is solved for twice with I + gamma h H. Across the floor, once would
    leave all that was there, where a long step itself leaves 1 / (h lambda) of it; what moves
    slowly is hardly changed (Hairer and Wanner 1996, Section IV.8, for Radau).
    """

    order = 3
    now, before = 0.7, 0.2
    """How much the errors of this step and of the last one say about the next. Steps grow as time
    does, and behind that the controller of the first method would lag: at half their length."""

    def __init__(self, landscape: Landscape) -> None:
        found = landscape.curvature()
        if not isinstance(found, Lagging):
            raise TypeError(f"The Hessian of {landscape.model} cannot lag, but is asked to.")
        self.landscape, self.hessian = landscape, found
        self.moved = True  # since the Hessians were taken

    def attempt(self, longest: Array, settled: Array) -> Generator[None, None, Attempt]:
        """Try steps of length `longest`, or as long as the Hessian allows; in parts.

        Runs that are not `settled` have made no such step before, and may be beside their floor:
        their force is no guess.
        """
        landscape, hessian, theta = self.landscape, self.hessian, self.landscape.theta
        if self.moved:
            yield from hessian.update_parts()
        self.moved = True  # until it is judged
        h, fell_back = yield from self._allowed(longest)
        here, force = theta.copy(), -landscape.gradient
        step, column = GAMMA * h, h[:, None]
        way = column * force
        smooth = settled[:, None]
        if not settled.all():  # the way to the floor is no force along it
            yield from hessian.factor_parts(step)
            force = np.where(smooth, force, hessian.solve(force))

        guess = np.where(smooth, here + GAMMA * way, here)
        solved, work = yield from self._solve(here, here, step, guess, hessian.residuals())
        first = (theta - here) / step[:, None]

        yield from hessian.update_parts()
        base = here + (1.0 - GAMMA) * column * first
        ahead = np.where(smooth, first + (1.0 - GAMMA) / GAMMA * (first - force), first)
        guess = base + step[:, None] * ahead
        done, more = yield from self._solve(here, base, step, guess, hessian.residuals())
        solved, work = solved & done, np.maximum(work, more)
        second = (theta - base) / step[:, None]

        yield from hessian.update_parts()
        yield from hessian.factor_parts(step)
        forces = zip(WEIGHTS, THIRD, (force, first, second), strict=True)
        error = hessian.solve(column * sum((low - high) * k for low, high, k in forces))
        error = hessian.solve(error)  # what decays beside the floor is no error of a long step
        loss = landscape.loss().copy()
        return Attempt(h, loss, error, solved, FINE / np.maximum(work, 1), fell_back)

    def judged(self, passed: Array) -> None:
        """Hear which steps passed; runs whose step did not are where they were."""
        self.moved = not passed.all()

    def _allowed(self, longest: Array) -> Generator[None, None, tuple[Array, Array]]:
        """Lengths up to `longest` with I + h H / `CAP` positive definite.

        Halved until it is; within the bound of the Hessian it is without a question. Where the test
        meets a singular matrix, the bound is taken at once, and the second array says so.
        """
        hessian = self.hessian
        with np.errstate(divide="ignore"):
            bound = CAP / np.abs(hessian.lowest)
        h, fell_back = longest.copy(), np.zeros(len(longest), dtype=bool)
        while (asked := h > bound).any():
            yield from hessian.factor_parts(np.where(asked, h, 0.0) / CAP)
            definite, singular = hessian.definite(), asked & hessian.singular()
            shorter = np.where(singular, bound, np.maximum(h / 2.0, bound))
            h = np.where(asked & ~definite, shorter, h)
            bound = np.where(asked & definite, h, bound)
            fell_back |= singular
        return h, fell_back

    def _solve(
        self, here: Array, base: Array, step: Array, guess: Array, residual: Array
    ) -> Generator[None, None, tuple[Array, Array]]:
        """Put theta where it is `base` + `step` times the force there.

        Returns
        -------
        solved : array of bool, shape [R]
            Whether the iteration came `close`.
        work : array of int, shape [R]
            Iterations.
        """
        landscape, hessian, theta = self.landscape, self.hessian, self.landscape.theta
        theta[...] = guess
        landscape.loss()
        runs = len(base)
        going, solved = np.ones(runs, dtype=bool), np.zeros(runs, dtype=bool)
        work, before = np.zeros(runs, dtype=np.int64), np.full(runs, np.inf)
        for iteration in range(ITERATIONS):
            yield from hessian.update_parts(residual)
            yield from hessian.factor_parts(step)
            move = hessian.solve(base - theta - step[:, None] * landscape.gradient)
            size = _norm(move)
            going &= np.isfinite(size) & (size <= before)
            theta[going] += move[going]
            landscape.loss()
            work += going
            if iteration:
                close = np.maximum(CLOSE * _norm(theta - here), ROUNDING * _norm(here))
                rate = np.minimum(size / np.where(before > 0.0, before, 1.0), 0.9)
                solved |= going & (size * rate < close * (1.0 - rate))
                going &= ~solved
            if not going.any():
                break
            before = np.where(going, size, before)
        return solved, work


def _norm(rows: Array) -> Array:
    return np.asarray(np.sqrt(np.vecdot(rows, rows)))
