"""Gradient flow d theta / dt = -grad L, followed by two methods with one control of their steps.

Until a run has decided where it goes, the method is linearly implicit (`rosenbrock`). On the floor
of a valley it is fully implicit (`implicit`), and takes hundreds of steps where the first would
take thousands: when the loss of a two-layer network is 1e-6 of the labels' mean square and less,
and 40 steps have not brought it to its end, as they do where the loss just falls to zero.

Both are L-stable: with long steps they damp all that changes fast, and would damp what grows as
well, so that a network would never leave a saddle. So no step is longer than a cap over |lambda|,
for the lowest eigenvalue lambda < 0 of the Hessian; up to there, both grow as the flow does. The
first method takes a bound for lambda, neuron by neuron, for which no network leaves late; its steps
are short for their error's sake anyway. On the floor the bound is a thousand times too low, since a
neuron that bends steeply alone is held by the samples; there the signs of the eigenvalues are
counted instead, exactly.

Other software for gradient flows of small networks: MLPGradientFlow.jl (Brea et al.,
arXiv:2301.10638), with stiff solvers of a library and second-order minimizers.
"""

import dataclasses
import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Self

import numpy as np

from ..derivatives import Lagging, Landscape
from ..knobs import knob
from ..models import Model
from ..words import number
from .base import Optimizer, Rule, duration
from .implicit import Implicit
from .rosenbrock import ROS4, Attempt, Method, Rosenbrock

__all__ = ["GradientFlow"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class GradientFlow(Optimizer):
    """Gradient flow, d theta / dt = -grad L, integrated with adaptive steps. Time is flow time.

    Each step's error is kept below `rtol` times the norm of all parameters, and below ten times
    `rtol` of the distance travelled since the start: a wide network that starts large learns while
    it moves by a small share of its size, and what it has learned is that move. Where a low
    loss takes long to fall further, it is also below ten times `rtol` of the step itself, so that
    the flow is on time. A step is rejected, and tried again shorter, if its error is larger, if its
    equations cannot be solved, or if the loss would rise: along the flow it never does. A run ends
    at `t_end`, at `stop_loss`, after `max_steps` attempts, or at a fixed point, where all parts of
    the gradient are zero to rounding: then it has converged, to whatever loss. A plateau is none.
    Small neurons grow slowly there, but the gradient is compared with what it could be for neurons
    as small as these.
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
                "to rounding. This is a minimum, a saddle that only rounding would leave, or so "
                "flat a place that rounding hides its slope."
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
    """Steps of the two methods; each run has its own time, step and error."""

    shortest = 1e-14  # step over time: below, time would stand still
    safety, least, most = 0.9, 0.2, 6.0  # of the factor between one step and the next
    still = 1e-12  # a step that moves theta less, relatively, is reason to look at the gradient
    reach = 10.0  # by it, an error may be a larger share of the distance travelled than of theta
    rounding = 1e-13  # of theta: a smaller error is not told from rounding
    of_runs = (
        *("rests", "rtol", "t_end", "t", "h", "made", "error", "loss", "start_loss", "origin"),
        *("floor", "settled", "unsolved", "low", "scale", "fell_back"),
    )
    deep = 1e-6  # of the mean square of the labels: a loss below may be on the floor of a valley,
    patience = 40  # and is if it still goes on after so many steps
    zero = 1e-14  # a gradient is zero if it is smaller, relative to the sizes of its terms

    def __init__(
        self, optimizers: Sequence[GradientFlow], landscape: Landscape, method: Method = ROS4
    ) -> None:
        super().__init__(optimizers, landscape)
        runs = len(optimizers)
        self.rtol = np.array([optimizer.rtol for optimizer in optimizers])
        self.t_end = np.array([optimizer.t_end for optimizer in optimizers])
        self.t, self.h, self.made = np.zeros(runs), np.zeros(runs), np.zeros(runs, dtype=np.int64)
        self.error = np.ones(runs)  # of the last accepted step, over what is allowed
        self.rests = np.zeros(runs, dtype=bool)
        self.floor, self.settled, self.unsolved = np.zeros((3, runs), dtype=bool)
        self.low = np.zeros(runs, dtype=np.int64)  # steps to a loss that is `deep`
        self.fell_back = np.zeros(runs, dtype=np.int64)  # attempts with a singular step test
        labels = landscape.y.reshape(runs, -1).numpy()
        with np.errstate(over="ignore"):
            self.scale = np.vecdot(labels, labels) / labels.shape[1]
        self.method = method
        self._group()
        exact = landscape.theta.dtype == np.float64
        self.lags = exact and isinstance(self.groups[0][1].hessian, Lagging)

    def start(self) -> Array:
        """The loss of each run where it starts; also guess the first step."""
        self.origin = self.landscape.theta.copy()
        self.loss = self.landscape.loss().copy()
        self.start_loss = self.loss.copy()
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
        tried: list[Any] = []
        for group in self.groups:  # until all have tried, none has moved
            tried += [(*group, *(yield from self._try(*group)))]
        for one in tried:
            self._judge(*one)
        floor = self.low > self.patience
        if self.lags and (floor != self.floor).any():
            self.floor = floor
            self._group()
        yield self.loss.copy()

    def _group(self) -> None:
        """Give the runs on the floor of their valley to one method, and the others to the other."""
        self.groups: list[tuple[Array, Rosenbrock | Implicit]] = []
        rows = np.flatnonzero(~self.floor)
        if len(rows) == len(self.floor):
            self.groups.append((rows, Rosenbrock(self.landscape, self.method)))
        elif len(rows):
            self.groups.append((rows, Rosenbrock(self.landscape.part(rows), self.method)))
        if len(rows := np.flatnonzero(self.floor)):
            self.groups.append((rows, Implicit(self.landscape.part(rows))))

    def _try(
        self, rows: Array, method: Rosenbrock | Implicit
    ) -> Generator[None, None, tuple[Array, Array, Attempt]]:
        """Where these runs are, their gradients there, and a step from there."""
        here, slope = self.landscape.theta[rows], self.landscape.gradient[rows]
        if (own := method.landscape) is not self.landscape:
            own.theta[...], own.gradient[...] = here, slope
        left = self.t_end[rows] - self.t[rows]
        tried = yield from method.attempt(np.minimum(self.h[rows], left), self.settled[rows])
        return here, slope, tried

    def _judge(
        self,
        rows: Array,
        method: Rosenbrock | Implicit,
        here: Array,
        slope: Array,
        tried: Attempt,
    ) -> None:
        """Let those of these runs move whose step is good enough."""
        theta, gradient, own = self.landscape.theta, self.landscape.gradient, method.landscape
        loss_here, left = self.loss[rows], self.t_end[rows] - self.t[rows]
        moved, size = _norm(own.theta - here), np.maximum(_norm(here), _norm(own.theta))
        travelled = _norm(own.theta - self.origin[rows])
        allowed = np.minimum(size, self.reach * travelled)
        if isinstance(method, Implicit):
            allowed = np.minimum(allowed, self.reach * moved)
        allowed = np.maximum(self.rtol[rows] * allowed, self.rounding * size)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = _norm(tried.error) / allowed
        error[np.isnan(error) & (size == 0.0)] = 0.0  # a network that is zero, and stays so
        # Along the flow the loss falls, but rounding must not look like a rise.
        falls = tried.loss <= loss_here * (1 + 1e-12) + 1e-27 * self.start_loss[rows]
        passed = tried.solved & (error <= 1.0) & falls
        theta[rows] = np.where(passed[:, None], own.theta, here)
        gradient[rows] = np.where(passed[:, None], own.gradient, slope)
        self.loss[rows] = np.where(passed, tried.loss, loss_here)
        self._adapt(rows, method, tried, error, passed)
        after = np.where(tried.h >= left, self.t_end[rows], self.t[rows] + tried.h)
        self.t[rows] = np.where(passed, after, self.t[rows])
        self.made[rows] += passed
        self.fell_back[rows] += tried.fell_back
        method.judged(passed)
        if isinstance(method, Implicit):
            self.settled[rows] |= passed
        self.low[rows] += passed & (self.loss[rows] <= self.deep * self.scale[rows])
        for row in rows[passed & (moved <= self.still * size)].tolist():
            terms = self.landscape.terms(row)
            self.rests[row] = (np.abs(gradient[row]) <= self.zero * terms).all()

    def _adapt(
        self,
        rows: Array,
        method: Rosenbrock | Implicit,
        tried: Attempt,
        error: Array,
        passed: Array,
    ) -> None:
        """The next step, by what the errors of this one and of the last one say about it."""
        order = method.order
        with np.errstate(invalid="ignore"):
            error = np.clip(np.nan_to_num(error, nan=math.inf), 1e-8, 1e8)
        alone = self.safety * error ** (-1 / order)
        both = error ** (-method.now / order) * self.error[rows] ** (method.before / order)
        refused = np.where(tried.solved & (error > 1.0), np.clip(alone, self.least, 0.9), 0.5)
        most = np.minimum(tried.most, np.where(self.unsolved[rows], 1.0, self.most))
        longer = np.clip(self.safety * both, self.least, most)
        self.error[rows] = np.where(passed, np.maximum(error, 1e-2), self.error[rows])
        self.h[rows] = tried.h * np.where(passed, longer, refused)
        self.unsolved[rows] = ~tried.solved

    def steps(self) -> Array:
        """Steps that passed."""
        return self.made.copy()

    def time(self) -> Array:
        """Flow time."""
        return self.t.copy()

    def fallbacks(self) -> Array:
        """Step tests that met a singular matrix."""
        return self.fell_back.copy()

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
        self._group()


def _norm(rows: Array) -> Array:
    return np.asarray(np.sqrt(np.vecdot(rows, rows)))
