"""Gradient flow d theta / dt = -grad L, followed by a linearly implicit method.

Along a plateau the flow is slow, but the loss is steep across it: the largest eigenvalue of the
Hessian H limits an explicit step to 2 / lambda_max, 1e4 times less than what the motion itself
would allow. A Rosenbrock method solves with I + h gamma H instead, and is stable with any step.

Other software for gradient flows of small networks: MLPGradientFlow.jl (Brea et al.,
arXiv:2301.10638), with stiff solvers of a library and second-order minimizers.
"""

import dataclasses
import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Self

import numpy as np

from ..derivatives import Landscape
from ..knobs import knob
from ..models import Model
from ..words import number
from .base import Optimizer, Rule, duration

__all__ = ["ROS4", "GradientFlow", "Method"]

Array = np.ndarray[Any, np.dtype[Any]]


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
    """

    name: str
    order: int
    gamma: float
    a: tuple[tuple[float, ...], ...]
    c: tuple[tuple[float, ...], ...]
    m: tuple[float, ...]
    e: tuple[float, ...]
    cap: float


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


@dataclasses.dataclass(frozen=True)
class GradientFlow(Optimizer):
    """Gradient flow, d theta / dt = -grad L, integrated with adaptive steps. Time is flow time.

    Each step's error is kept below `rtol` times the norm of all parameters, and below ten times
    `rtol` of the distance travelled since the start: a wide network that starts large learns while
    it moves by a small share of its size, and what it has learned is that move. A step is rejected,
    and tried again shorter, if its error is larger, or if the loss would rise: along the flow it
    never does. A run ends at `t_end`, at `stop_loss`, after `max_steps` attempts, or at a fixed
    point, where all parts of the gradient are zero to rounding: then it has converged, to whatever
    loss. A plateau is none. Small neurons grow slowly there, but the gradient is compared with what
    it could be for neurons as small as these.
    """

    rtol: float = knob(
        1e-3, 1e-12, 0.5, log=True, help="Error allowed in a step, relative to all parameters."
    )
    t_end: float = knob(1e9, 1e-9, 1e15, log=True, symbol="t", help="Time at which the flow ends.")
    stop_loss: float = knob(
        1e-10, 0.0, 1e6, help="Training stops when the loss falls to this value."
    )
    max_steps: int = knob(
        20_000, 1, 1_000_000, log=True, help="Attempted steps after which the flow ends."
    )
    over_time = True
    record_ratio = 1.02
    limit = "max_steps"

    @property
    def most_steps(self) -> int:
        """All attempts."""
        return self.max_steps

    @classmethod
    def rule(cls, optimizers: Sequence[Self], landscape: Landscape) -> Rule:
        """The rule for a batch with one of `optimizers` for each run."""
        return FlowRule(optimizers, landscape)

    def plan(self, seconds: float) -> str:
        """What will be done, if all steps take `seconds`: for a reader who waits."""
        steps = f"all {self.max_steps:,} steps" if self.max_steps != 1 else "its one step"
        return f"to loss {self.stop_loss:g}; {steps} would take about {duration(seconds)}"

    def share(self, step: int, loss: float, start_loss: float) -> float:
        """How much of a run is done at `step`, from 0 to 1: of its steps, or of its way down."""
        spent = step / self.max_steps
        if not 0.0 < self.stop_loss < loss < start_loss:
            return spent if loss > self.stop_loss else 1.0
        return max(spent, math.log(start_loss / loss) / math.log(start_loss / self.stop_loss))

    def most_rows(self, model: Model, n_samples: int) -> int:
        """Runs of one batch: their Hessians together take about 100 MB."""
        return max(1, 2**23 // (n_samples * model.n_parameters))

    def explain(self, outcome: str, step: int, loss: float, time: float) -> str:
        """Say in a sentence how a run ended at `step`, where there is something to say."""
        if outcome == "stuck":
            return (
                f"The step of the integrator cannot shrink any more at step {step:,}: "
                f"rtol = {self.rtol:g} and stop_loss = {self.stop_loss:g} ask for more than the 16 "
                "digits of the numbers allow here. The run is kept up to there."
            )
        if outcome == "converged" and loss > self.stop_loss:
            return (
                f"The flow came to rest at step {step:,}, at loss {number(loss, 4)}: the "
                "gradient is zero "
                "to rounding. This is a minimum, or a saddle that only rounding would leave."
            )
        if outcome == "budget" and time < self.t_end:
            ended = (
                f"The flow ended at its budget of {self.max_steps:,} attempted steps ({step:,} "
                f"were taken), at t = {number(time, 3)} with loss {number(loss, 3)}; it is not "
                "at its end."
            )
            if 2 * step < self.max_steps:  # a smooth flow has few attempts refused
                return (
                    f"{ended} Most attempts were refused: the flow is not smooth here, as where a "
                    "kink of a ReLU meets a sample. More steps hardly help; a much larger rtol "
                    f"than {self.rtol:g} may."
                )
            return (
                f"{ended} To follow it further, take a larger max_steps, or a larger rtol than "
                f"{self.rtol:g}."
            )
        return super().explain(outcome, step, loss, time)


class FlowRule(Rule):
    """Steps of a Rosenbrock method; each run has its own time, step and error."""

    shortest = 1e-14  # step over time: below, time would stand still
    safety, least, most = 0.9, 0.2, 6.0  # of the factor between one step and the next
    still = 1e-12  # a step that moves theta less, relatively, is reason to look at the gradient
    reach = 10.0  # by it, an error may be a larger share of the distance travelled than of theta
    rounding = 1e-13  # of theta: a smaller error is not told from rounding
    of_runs = ("rests", "rtol", "t_end", "t", "h", "made", "error", "loss", "start_loss", "origin")
    zero = 1e-14  # a gradient is zero if it is smaller, relative to the sizes of its terms
    now, before = 0.7, 0.4  # how much this step's error and the last one's say about the next

    def __init__(
        self, optimizers: Sequence[GradientFlow], landscape: Landscape, method: Method = ROS4
    ) -> None:
        super().__init__(optimizers, landscape)
        self.method, self.hessian = method, landscape.curvature()
        runs = len(optimizers)
        self.rtol = np.array([optimizer.rtol for optimizer in optimizers])
        self.t_end = np.array([optimizer.t_end for optimizer in optimizers])
        self.t, self.h, self.made = np.zeros(runs), np.zeros(runs), np.zeros(runs, dtype=np.int64)
        self.error = np.ones(runs)  # of the last accepted step, over what is allowed
        self.rests = np.zeros(runs, dtype=bool)
        self.moved = True  # since the Hessians were taken

    def start(self) -> Array:
        """The loss of each run where it starts; also guess the first step."""
        self.origin = self.landscape.theta.copy()
        self.loss = self.landscape.loss().copy()
        self.start_loss = self.loss
        size, speed = _norm(self.landscape.theta), _norm(self.landscape.gradient)
        with np.errstate(divide="ignore"):
            guess = self.rtol ** (1 / self.method.order) * np.maximum(size, 1e-8) / speed
        self.h = np.where(np.isfinite(guess), guess, 1.0)
        return self.loss

    def step(self) -> Array:
        """Attempt a step of every run; those whose error is too large stay where they are."""
        parts = self._attempt()
        while (loss := next(parts)) is None:
            pass
        return loss

    def parts(self) -> Iterator[Array | None]:
        """Attempts without end, each in parts."""
        while True:
            yield from self._attempt()

    def _attempt(self) -> Iterator[Array | None]:
        method, landscape, theta = self.method, self.landscape, self.landscape.theta
        if self.moved:
            yield from self.hessian.update_parts()
            self.moved = False
        with np.errstate(divide="ignore"):
            h = np.minimum(self.h, method.cap / np.abs(self.hessian.lowest))
        h = np.minimum(h, self.t_end - self.t)
        here, gradient, loss_here = theta.copy(), landscape.gradient.copy(), self.loss
        stages = yield from self._stages(h, here, gradient)
        theta[...] = here + _combined(method.m, stages)
        loss = landscape.loss().copy()
        size = np.maximum(_norm(here), _norm(theta))
        travelled = _norm(theta - self.origin)
        allowed = self.rtol * np.minimum(size, self.reach * travelled)
        allowed = np.maximum(allowed, self.rounding * size)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = _norm(_combined(method.e, stages)) / allowed
        error[np.isnan(error) & (size == 0.0)] = 0.0  # a network that is zero, and stays so
        # Along the flow the loss falls, but rounding must not look like a rise.
        falls = loss <= loss_here * (1 + 1e-12) + 1e-27 * self.start_loss
        passed = (error <= 1.0) & falls
        failed = ~passed
        theta[failed], landscape.gradient[failed] = here[failed], gradient[failed]
        self.loss = np.where(passed, loss, loss_here)
        self._adapt(h, error, passed)
        after = np.where(h >= self.t_end - self.t, self.t_end, self.t + h)
        self.t = np.where(passed, after, self.t)
        self.made += passed
        self.moved = bool(passed.any())
        for row in np.flatnonzero(passed & (_norm(theta - here) <= self.still * size)).tolist():
            terms = landscape.terms(row)
            self.rests[row] = (np.abs(landscape.gradient[row]) <= self.zero * terms).all()
        yield self.loss

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

    def _adapt(self, h: Array, error: Array, passed: Array) -> None:
        """The next step: a PI controller (Gustafsson 1991) after a step that passed."""
        order = self.method.order
        with np.errstate(invalid="ignore"):
            error = np.clip(np.nan_to_num(error, nan=math.inf), 1e-8, 1e8)
        alone = self.safety * error ** (-1 / order)
        both = error ** (-self.now / order) * self.error ** (self.before / order)
        retry = np.where(error > 1.0, np.clip(alone, self.least, 0.9), 0.5)
        factor = np.where(passed, np.clip(self.safety * both, self.least, self.most), retry)
        self.error = np.where(passed, np.maximum(error, 1e-2), self.error)
        self.h = h * factor

    def steps(self) -> Array:
        """Steps that passed."""
        return self.made

    def time(self) -> Array:
        """Flow time."""
        return self.t

    def going(self, loss: Array) -> Array:
        """Whether each run has a reason to go on, apart from the number of its steps."""
        return super().going(loss) & (self.t < self.t_end) & ~self.stuck() & ~self.rests

    def stuck(self) -> Array:
        """Whether a step has become too short to move time."""
        return self.h < self.shortest * self.t

    def at_rest(self) -> Array:
        """Whether the gradient is zero to rounding."""
        return self.rests

    def keep(self, rows: Array) -> None:
        """Go on with these rows only."""
        super().keep(rows)
        for name in self.of_runs:
            setattr(self, name, getattr(self, name)[rows])
        self.hessian, self.moved = self.landscape.curvature(), True


def _norm(rows: Array) -> Array:
    return np.asarray(np.sqrt(np.vecdot(rows, rows)))


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
