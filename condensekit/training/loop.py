"""The one training loop: a batch of runs, moved together, seen from outside as a generator."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, overload

import numpy as np
import torch

from ..derivatives import Landscape
from ..experiments import Experiment
from ..models import Model, Params
from ..problems import stream
from .record import Recorder, Snapshot, check_ratio, record_steps, step_after
from .runs import Outcome, Run, Runs
from .scoring import in_numbers_of, tested

__all__ = ["estimate_seconds", "train", "trajectory"]

Array = np.ndarray[Any, np.dtype[Any]]

CHUNK_SECONDS = 0.02
"""A caller gets the control back after this much work at most, and one step at least."""


def trajectory(
    experiments: Sequence[Experiment],
    init: Params | None = None,
    chunk_seconds: float = CHUNK_SECONDS,
    clock: Callable[[], float] = time.perf_counter,
    record_ratio: float | None = None,
) -> Iterator[Snapshot]:
    """Train, handing back a snapshot at every recorded step and after every chunk of work.

    Where one step takes longer than a chunk, as one of the gradient flow may, snapshots of where it
    began come in between; `Recorder` takes them as it takes all.

    Close the generator, or just stop asking, to cancel. Experiments whose tensors have the same
    shapes move as one batch; where shapes differ, one batch follows the other.

    Parameters
    ----------
    experiments : sequence of Experiment
        What to train.
    init : dict of Tensor, optional
        Parameters to start from instead of the experiment's own draw; leaves [...] for all runs
        alike, or [R, ...] for each of the R runs its own.
    chunk_seconds : float
        Work between two snapshots, in seconds by `clock`.
    clock : callable
        Returns seconds.
    record_ratio : float, optional
        Between one recorded step and the next, instead of the optimizer's own; with infinity, only
        steps 0 and 1 and the last are recorded. It changes no run.

    Raises
    ------
    ValueError
        If there is nothing to train, or `init` does not fit the model.
    """
    if record_ratio is not None:
        check_ratio(record_ratio)
    if not experiments:
        raise ValueError("There is nothing to train: the list of experiments is empty.")
    groups: dict[Any, list[int]] = {}
    for row, e in enumerate(experiments):
        problem, optimizer = e.problem, e.optimizer
        samples = e.n_samples, problem.inputs.dim, problem.loss, problem.score_names
        key = (e.model.formula, type(optimizer), optimizer.batch_size, *samples)
        groups.setdefault(key, []).append(row)
    if init is not None:
        for row, e in enumerate(experiments):
            _start(init, e, row, len(experiments))

    def snapshots() -> Iterator[Snapshot]:
        for rows in groups.values():
            chosen = experiments[rows[0]]
            size = chosen.optimizer.most_rows(chosen.model, chosen.n_samples)
            for first in range(0, len(rows), size):
                batch = _Batch(rows[first : first + size], experiments, init, record_ratio)
                while batch.running.any():
                    yield batch.advance(chunk_seconds, clock)

    return snapshots()


class _Batch:
    """Runs of one shape, moved by one rule."""

    def __init__(
        self,
        rows: list[int],
        experiments: Sequence[Experiment],
        init: Params | None,
        record_ratio: float | None = None,
    ) -> None:
        self.rows = np.array(rows)
        chosen = [experiments[row] for row in rows]
        self.model = chosen[0].model
        self.outcome = [Outcome.RUNNING for _ in rows]
        self.running = np.ones(len(rows), dtype=bool)
        samples = [e.data() for e in chosen]
        x, y = torch.stack([data.x for data in samples]), torch.stack([data.y for data in samples])
        x, y = in_numbers_of(self.model, x), in_numbers_of(self.model, y)
        self.x_test = in_numbers_of(self.model, torch.stack([data.x_test for data in samples]))
        self.y_test = in_numbers_of(self.model, torch.stack([data.y_test for data in samples]))
        self.problems = [e.problem for e in chosen]
        theta = torch.empty(len(rows), self.model.n_parameters, dtype=self.model.dtype).numpy()
        streams = [stream(e.seed, "batches") for e in chosen]
        self.landscape = Landscape(self.model, theta, x, y, chosen[0].problem.loss, streams)
        if chosen[0].optimizer.batch_size:
            self.landscape.use_batches(chosen[0].optimizer.batch_size)
        for i, e in enumerate(chosen):
            start = e.init() if init is None else _start(init, e, rows[i], len(experiments))
            for name, leaf in start.items():
                self.landscape.params[name][i] = leaf
        optimizers = [e.optimizer for e in chosen]
        self.ratio = record_ratio or optimizers[0].record_ratio
        self.rule = type(optimizers[0]).rule(optimizers, self.landscape)
        self.parts = self.rule.parts()
        self.loss = np.full(len(rows), np.nan)  # after the last step
        self.recorded_step = np.full(len(rows), -1)
        self.due = -1  # calls of the rule after which to look again; -1: it has not started

    def advance(self, chunk_seconds: float, clock: Callable[[], float]) -> Snapshot:
        """Go on to the next recorded step, or for a chunk of work."""
        if not self.running.all():
            self._keep(np.flatnonzero(self.running))
        rule, deadline = self.rule, clock() + chunk_seconds
        with _threads(self.model), np.errstate(over="ignore", invalid="ignore"):
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

    def _under_way(self) -> Snapshot:
        """Within a step that takes long: where it began, and nothing to be recorded."""
        rule, runs = self.rule, len(self.rows)
        tests = np.full(runs, np.nan), np.full((runs, len(self.problems[0].score_names)), np.nan)
        where = rule.steps(), rule.time(), self.loss.copy(), *tests, self.landscape.params
        return Snapshot(self.rows, *where, np.zeros(runs, dtype=bool), [*self.outcome])

    def _keep(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> None:
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
            if self.landscape.batches is not None:  # what a step saw is a part of the samples
                loss[rows] = self.landscape.full_loss()[rows]
        # No run makes more than one step a call, so that nothing is missed before then.
        ahead = min(
            (step_after(at, self.ratio) - at for at in step[self.running].tolist()), default=1
        )
        left = min((rule.most_steps - rule.calls)[self.running].tolist(), default=1)
        self.due = rule.calls + min(ahead, left)
        time_now, outcome = rule.time(), [*self.outcome]
        params = self.landscape.params
        tests = test_loss, scores
        return Snapshot(self.rows, step, time_now, loss, *tests, params, recorded, outcome)

    @staticmethod
    def _end(finite: bool, reached: bool, stuck: bool) -> Outcome:
        if not finite:
            return Outcome.DIVERGED
        if reached:
            return Outcome.CONVERGED
        return Outcome.STUCK if stuck else Outcome.BUDGET


def _start(init: Params, experiment: Experiment, row: int, runs: int) -> Params:
    """The row's part of parameters given by a user, checked."""
    shapes = experiment.model.shapes()
    if init.keys() != shapes.keys():
        raise ValueError(f"init must hold {', '.join(shapes)}, but holds {', '.join(init)}.")
    start = {}
    for name, shape in shapes.items():
        leaf = torch.as_tensor(init[name], dtype=experiment.model.dtype)
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


@contextmanager
def _threads(model: Model) -> Iterator[None]:
    """One torch thread for small networks; as many as the process may have for large ones."""
    before = torch.get_num_threads()
    torch.set_num_threads(before if model.parallel else 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@overload
def train(
    experiment: Experiment,
    on_step: Callable[[Snapshot], object] | None = None,
    init: Params | None = None,
) -> Run: ...


@overload
def train(
    experiment: Sequence[Experiment],
    on_step: Callable[[Snapshot], object] | None = None,
    init: Params | None = None,
) -> Runs: ...


def train(
    experiment: Experiment | Sequence[Experiment],
    on_step: Callable[[Snapshot], object] | None = None,
    init: Params | None = None,
) -> Run | Runs:
    """Train one experiment, or a list of them as a batch.

    Interrupting it (Ctrl+C, or the square of a notebook) cancels as `on_step` can: what was trained
    so far is kept and returned, and its outcome says so.

    Parameters
    ----------
    experiment : Experiment or list of Experiment
        One experiment gives a `Run`, a list gives `Runs`.
    on_step : callable, optional
        Called with a `Snapshot` at every recorded step and at least every 20 ms of work; a return
        value of True cancels, and what was trained so far is kept.
    init : dict of Tensor, optional
        Where to start, instead of the experiment's own draw (see `trajectory`).

    Raises
    ------
    ValueError
        If there is nothing to train, or something that is no experiment, or `init` does not fit
        the model.
    """
    if isinstance(experiment, Experiment):
        alone: Run = train([experiment], on_step, init)[0]
        return alone
    experiments = [*experiment] if isinstance(experiment, Iterable) else [experiment]
    for given in experiments:
        if not isinstance(given, Experiment):
            raise ValueError(f"train needs an Experiment, or several of them, but has {given!r}.")
    recorder, begun = Recorder(experiments), False
    try:
        for snapshot in trajectory(experiments, init):
            recorder.add(snapshot)
            begun = True
            answer = None if on_step is None else on_step(snapshot)
            if isinstance(answer, (bool, np.bool_)) and answer:
                break
    except KeyboardInterrupt:
        if not begun:
            raise
    return recorder.runs()


def estimate_seconds(experiment: Experiment, budget: float = 0.03) -> float:
    """Seconds that training `experiment` will take here at most, found in about `budget` seconds.

    The quickest of the steps that fit into the budget counts, since the first ones pay for warming
    up; the record is estimated from one evaluation on the test points.
    """
    batch = _Batch([0], [experiment], None)
    with _threads(batch.model), np.errstate(over="ignore", invalid="ignore"):
        batch.rule.start()
        step = _quickest(batch.rule.step, budget)
        params = batch.landscape.params
        record = _quickest(
            lambda: tested(batch.model, params, batch.x_test, batch.y_test, batch.problems),
            budget / 2,
        )
    optimizer = experiment.optimizer
    records = len(record_steps(optimizer.most_steps, optimizer.record_ratio))
    return step * optimizer.most_steps + record * records


def _quickest(work: Callable[[], object], budget: float) -> float:
    start = now = time.perf_counter()
    quickest = math.inf
    while now - start < budget:
        work()
        before, now = now, time.perf_counter()
        quickest = min(quickest, now - before)
    return quickest
