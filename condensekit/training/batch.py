"""A batch of runs of one shape, moved by one rule."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch

from ..defaults import torch_defaults
from ..derivatives import Landscape
from ..experiments import Experiment
from ..models import Model, Params, TwoLayer
from ..problems import Data, stream
from ..threads import single_thread
from .outcome import Outcome
from .record import Snapshot, step_after
from .scoring import in_numbers_of, tested

__all__ = ["Batch", "alike", "checked_start", "working"]

Array = np.ndarray[Any, np.dtype[Any]]


def alike(experiment: Experiment) -> tuple[Any, ...]:
    """What experiments share that may move as one batch: their steps are the same work."""
    problem, optimizer = experiment.problem, experiment.optimizer
    samples = experiment.n_samples, problem.inputs.dim, problem.loss, problem.score_names
    return experiment.model.formula, type(optimizer), optimizer.batch_size, *samples


@contextmanager
def working(model: Model) -> Iterator[None]:
    """One torch thread for small networks, all for large ones, and numbers may overflow."""
    threads = nullcontext() if model.parallel else single_thread()
    with threads, torch_defaults(), np.errstate(over="ignore", invalid="ignore"):
        yield


class Batch:
    """Runs of one shape, moved by one rule.

    Parameters
    ----------
    rows : list of int
        Which of the experiments these are.
    experiments : sequence of Experiment
        All that are trained.
    init, record_ratio
        See `trajectory`.
    samples : sequence of Data, optional
        The samples of each run, instead of those that its experiment draws.
    """

    @torch_defaults()
    def __init__(
        self,
        rows: list[int],
        experiments: Sequence[Experiment],
        init: Params | None,
        record_ratio: float | None = None,
        samples: Sequence[Data] | None = None,
    ) -> None:
        self.rows = np.array(rows)
        chosen = [experiments[row] for row in rows]
        self.model = chosen[0].model
        self.outcome = [Outcome.RUNNING for _ in rows]
        self.running = np.ones(len(rows), dtype=bool)
        samples = samples or [e.data() for e in chosen]
        x, y = torch.stack([data.x for data in samples]), torch.stack([data.y for data in samples])
        x, y = in_numbers_of(self.model, x), in_numbers_of(self.model, y)
        self.x_test = in_numbers_of(self.model, torch.stack([data.x_test for data in samples]))
        self.y_test = in_numbers_of(self.model, torch.stack([data.y_test for data in samples]))
        self.problems = [e.problem for e in chosen]
        theta = torch.empty(
            len(rows), self.model.n_parameters, dtype=self.model.dtype, device="cpu"
        ).numpy()
        streams = [stream(e.seed, "batches") for e in chosen]
        self.landscape = Landscape(self.model, theta, x, y, chosen[0].problem.loss, streams)
        if chosen[0].optimizer.batch_size:
            self.landscape.use_batches(chosen[0].optimizer.batch_size)
        if isinstance(self.model, TwoLayer) and self.model.dropout:
            streams = [stream(e.seed, "dropout") for e in chosen]
            self.landscape.use_dropout(self.model.m, streams)
        for i, e in enumerate(chosen):
            start = e.init() if init is None else checked_start(init, e, rows[i], len(experiments))
            for name, leaf in start.items():
                self.landscape.params[name][i] = leaf
        optimizers = [e.optimizer for e in chosen]
        self.ratio = record_ratio or optimizers[0].record_ratio
        self.rule = type(optimizers[0]).rule(optimizers, self.landscape)
        self.parts = self.rule.parts()
        self.loss = np.full(len(rows), np.nan)  # after the last step
        self.recorded_step = np.full(len(rows), -1)
        self.left_behind: list[int] = []  # whose steps were used up long before those of others
        self.due = -1  # calls of the rule after which to look again; -1: it has not started

    def advance(self, chunk_seconds: float, clock: Callable[[], float]) -> Snapshot:
        """Go on to the next recorded step, or for a chunk of work."""
        if not self.running.all():
            self._keep(np.flatnonzero(self.running))
        rule, deadline = self.rule, clock() + chunk_seconds
        with working(self.model):
            if self.due < 0:
                self.loss = rule.start()
                return self._snapshot(self.loss.copy())
            for loss in self.parts:
                if loss is None:
                    if clock() >= deadline:
                        return self._under_way()
                    continue
                self.loss = loss
                rule.calls += 1
                if rule.calls >= self.due or not rule.all_going(loss) or clock() >= deadline:
                    break
            return self._snapshot(self.loss.copy())

    def go_on(self, experiments: Sequence[Experiment]) -> None:
        """Let runs whose steps are used up make as many as `experiments` say."""
        rule, spent = self.rule, self.spent()
        rule.most_steps = np.array([experiments[row].optimizer.most_steps for row in self.rows])
        for i in np.flatnonzero(spent & (rule.most_steps > rule.calls)).tolist():
            self.outcome[i], self.running[i] = Outcome.RUNNING, True
        self.due = min(self.due, rule.calls + 1)

    def spent(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which runs have ended only because their steps are used up."""
        ended = np.array([outcome is Outcome.BUDGET for outcome in self.outcome], dtype=bool)
        return np.asarray(ended & self.rule.going(self.loss))

    def _under_way(self) -> Snapshot:
        """Within a step that takes long: where it began, and nothing to be recorded."""
        rule, runs = self.rule, len(self.rows)
        tests = np.full(runs, np.nan), np.full((runs, len(self.problems[0].score_names)), np.nan)
        where = rule.steps(), rule.time(), self.loss.copy(), *tests, self.landscape.params
        nothing = np.zeros(runs, dtype=bool)
        return Snapshot(self.rows, *where, nothing, [*self.outcome], rule.fallbacks())

    def _keep(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self.left_behind += self.rows[np.setdiff1d(np.flatnonzero(self.spent()), rows)].tolist()
        self.rule.keep(rows)
        self.x_test, self.y_test = self.x_test[rows], self.y_test[rows]
        self.problems = [self.problems[i] for i in rows]
        self.rows, self.recorded_step = self.rows[rows], self.recorded_step[rows]
        self.loss = self.loss[rows]
        self.outcome = [self.outcome[i] for i in rows]
        self.running = self.running[rows]

    def _snapshot(self, loss: Array) -> Snapshot:
        rule = self.rule
        step, spent = rule.steps(), rule.most_steps <= rule.calls
        finite = np.isfinite(loss) & np.isfinite(self.landscape.theta).all(axis=1)
        self.running = finite & rule.going(loss) & ~spent
        for i in np.flatnonzero(~self.running):
            reached = loss[i] <= rule.stop_loss[i] or rule.at_rest()[i]
            self.outcome[i] = self._end(finite[i], reached, rule.stuck()[i])
        first = step != self.recorded_step
        spaced = [at == 0 or at == step_after(at - 1, self.ratio) for at in step.tolist()]
        recorded = finite & first & (~self.running | spaced)
        self.recorded_step = np.where(recorded, step, self.recorded_step)
        test_loss = np.full(len(loss), np.nan)
        scores = np.full((len(loss), len(self.problems[0].score_names)), np.nan)
        if recorded.any():
            rows = slice(None) if recorded.all() else recorded  # a slice does not copy
            params = {name: leaf[rows] for name, leaf in self.landscape.params.items()}
            problems = [
                problem for problem, one in zip(self.problems, recorded, strict=True) if one
            ]
            test = self.x_test[rows], self.y_test[rows]
            test_loss[rows], scores[rows] = tested(self.model, params, *test, problems)
            if self.landscape.partial:
                loss[rows] = self.landscape.full_loss()[rows]
        # No run makes more than one step a call, so that nothing is missed before then.
        ahead = min(
            (step_after(at, self.ratio) - at for at in step[self.running].tolist()), default=1
        )
        left = min((rule.most_steps - rule.calls)[self.running].tolist(), default=1)
        self.due = rule.calls + min(ahead, left)
        time_now, outcome = rule.time(), [*self.outcome]
        params, fallbacks = self.landscape.params, rule.fallbacks()
        where = self.rows, step, time_now, loss, test_loss, scores, params
        return Snapshot(*where, recorded, outcome, fallbacks)

    @staticmethod
    def _end(finite: bool, reached: bool, stuck: bool) -> Outcome:
        if not finite:
            return Outcome.DIVERGED
        if reached:
            return Outcome.CONVERGED
        return Outcome.STUCK if stuck else Outcome.BUDGET


def checked_start(init: Params, experiment: Experiment, row: int, runs: int) -> Params:
    """The row's part of parameters given by a user, checked."""
    shapes = experiment.model.shapes()
    if init.keys() != shapes.keys():
        raise ValueError(f"init must hold {', '.join(shapes)}, but holds {', '.join(init)}.")
    start = {}
    for name, shape in shapes.items():
        leaf = torch.as_tensor(init[name], dtype=experiment.model.dtype, device="cpu").detach()
        if leaf.shape == (runs, *shape):
            leaf = leaf[row]
        if leaf.shape != shape:
            raise ValueError(
                f"init[{name!r}] must have shape {[*shape]} or {[runs, *shape]}, "
                f"but has {[*leaf.shape]}."
            )
        if not bool(leaf.isfinite().all()):
            raise ValueError(f"init[{name!r}] must be finite, but holds NaN or infinity.")
        start[name] = leaf
    return start
