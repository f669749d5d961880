"""What is recorded of a batch of runs, and when."""

import contextlib
import dataclasses
import functools
import math
import os
import sys
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..defaults import torch_defaults
from ..doors import public
from ..experiments import Experiment
from ..knobs import Knob
from ..models import Params
from ..plain import quoted
from ..problems import Data
from ..words import many
from .outcome import Outcome
from .resting import explained
from .runs import Run, Runs
from .scoring import on_test_points

__all__ = ["Recorder", "Snapshot", "record_steps", "step_after"]

Array = np.ndarray[Any, np.dtype[Any]]
CONTAINER = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
"""Where Linux says how much memory a container has, as the one of Binder."""


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """Where a batch of runs is now.

    Attributes
    ----------
    rows : array of int, shape [r]
        Which of the experiments these are; runs that have ended are no longer among them.
    step : array of int, shape [r]
        Steps that each run has made.
    time, loss : array, shape [r]
        Time and training loss of each run; where `recorded`, the loss on all samples.
    test_loss : array, shape [r]
        Test loss, where `recorded`; elsewhere NaN, since nobody measured it.
    scores : array, shape [r, s]
        The scores of the problem on the test points, where `recorded`; elsewhere NaN.
    params : dict of Tensor, leaves [r, ...]
        The parameters themselves, not a copy: valid until the next snapshot is asked for.
    recorded : array of bool, shape [r]
        Whether this step belongs to the record of the run.
    outcome : list of Outcome
        How each run ended, or that it is still running.
    fallbacks : array of int, shape [r]
        Step tests of each run that met a singular matrix, as in `Run`.
    """

    rows: np.ndarray[Any, np.dtype[np.int64]]
    step: np.ndarray[Any, np.dtype[np.int64]]
    time: Array
    loss: Array
    test_loss: Array
    scores: Array
    params: Params
    recorded: np.ndarray[Any, np.dtype[np.bool_]]
    outcome: list[Outcome]
    fallbacks: np.ndarray[Any, np.dtype[np.int64]]


@public(but=["ratio"])
def record_steps(steps: int, ratio: float = 1.04) -> list[int]:
    """Steps that a run of `steps` steps records: 0, 1, then log-spaced, and the last.

    The spacing, a factor of `ratio`, does not depend on `steps`, so a longer run records all that
    a shorter one does.

    Examples
    --------
    >>> record_steps(5), len(record_steps(20_000))
    ([0, 1, 2, 3, 4, 5], 197)

    Raises
    ------
    ValueError
        If `steps` is no whole number above 0, or `ratio` is not above 1.
    """
    Knob("steps", 1, 0, sys.maxsize).check(steps)
    check_ratio(ratio)
    return [*_steps(steps, ratio)]


@functools.lru_cache(maxsize=64)  # each run asks, and so does each estimate of its time
def _steps(steps: int, ratio: float) -> tuple[int, ...]:
    found = [0]
    while found[-1] < steps:
        found.append(min(step_after(found[-1], ratio), steps))
    return tuple(found)


def check_ratio(ratio: float) -> None:
    """Raise a ValueError unless `ratio` is above 1; infinity is."""
    if not isinstance(ratio, (int, float)) or not ratio > 1.0:
        raise ValueError(f"record_ratio must be a number above 1, but is {quoted(ratio)}.")


@functools.lru_cache(maxsize=64)  # many runs ask the same
def step_after(step: int, ratio: float) -> int:
    """The first log-spaced step after `step`."""
    if ratio == math.inf:
        return step + 1 if step < 1 else sys.maxsize
    power = int(math.log(step + 1) / math.log(ratio))
    while round(ratio**power) <= step:
        power += 1
    return round(ratio**power)


class Recorder:
    """Collects snapshots; gives each run as far as it has come, at any time.

    Parameters
    ----------
    experiments : sequence of Experiment
        The experiments whose snapshots will be added.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        check_memory(experiments)
        self._tapes = [_Tape(e) for e in experiments]
        self._latest: tuple[Snapshot, Array] | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take what the snapshot says of each run in it."""
        going = [outcome is Outcome.RUNNING for outcome in snapshot.outcome]
        passing = ~snapshot.recorded & going
        self._latest = None  # passed, and must not come after what follows
        self._write(snapshot, ~passing)
        # The next snapshot mostly follows before anyone asks, so these cost one copy for all runs.
        params = {name: leaf.clone() for name, leaf in snapshot.params.items()}
        self._latest = dataclasses.replace(snapshot, params=params), passing

    def _write(self, snapshot: Snapshot, chosen: Array) -> None:
        params = {name: leaf.numpy() for name, leaf in snapshot.params.items()}
        for i in np.flatnonzero(chosen).tolist():
            self._tapes[snapshot.rows[i]].add(snapshot, params, i)

    def _up_to_now(self) -> list["_Tape"]:
        if self._latest is not None:
            self._write(*self._latest)
            self._latest = None
        return self._tapes

    def go_on(self, experiments: Sequence[Experiment]) -> None:
        """Expect more of runs whose steps were used up, or that were stopped."""
        check_memory(experiments)
        for tape, experiment in zip(self._up_to_now(), experiments, strict=True):
            tape.go_on(experiment)

    def run(self, row: int = 0) -> Run:
        """Run `row` up to now, its latest step included; arrays are views that training extends."""
        return self._up_to_now()[row].run()

    def so_far(self) -> Runs:
        """All runs up to now; those that have not ended are running."""
        return Runs([tape.run() for tape in self._up_to_now()])

    def runs(self) -> Runs:
        """All runs up to now; those that have not ended are cancelled."""
        return Runs([tape.run(cancelled=True) for tape in self._up_to_now()])


def check_memory(experiments: Sequence[Experiment]) -> None:
    """Raise a ValueError if what runs record together cannot be held by this machine."""
    needed = [_record_bytes(one) for one in experiments]
    if sum(needed) <= _machine_bytes():
        return
    largest = experiments[needed.index(max(needed))]
    optimizer, parameters = largest.optimizer, largest.model.n_parameters
    steps = len(record_steps(optimizer.most_steps, optimizer.record_ratio))
    which = "A run" if len(needed) == 1 else f"{many(len(needed), 'run')}, the largest"
    raise ValueError(
        f"{which} of {many(parameters, 'parameter')} would be recorded at {steps:,} "
        f"steps, which takes {sum(needed) / 1e9:,.0f} GB: more than the "
        f"{_machine_bytes() / 1e9:,.0f} GB of this machine. Take a narrower network, or fewer "
        f"{'steps' if len(needed) == 1 else 'steps or runs'}."
    )


def _record_bytes(experiment: Experiment) -> int:
    optimizer, model = experiment.optimizer, experiment.model
    steps = len(record_steps(optimizer.most_steps, optimizer.record_ratio))
    return steps * model.n_parameters * model.dtype.itemsize


@functools.cache
def _machine_bytes() -> int:
    """Memory of this machine, or less in a container; as much as a large one has, if unknown."""
    known = [2**37]
    with contextlib.suppress(AttributeError, ValueError, OSError):
        known = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for limit in CONTAINER:
        with contextlib.suppress(ValueError, OSError):  # "max", or no such file
            known.append(int(Path(limit).read_text()))
    return min(known)


class _Tape:
    def __init__(self, experiment: Experiment) -> None:
        self.recorded = 0  # steps that belong to the record
        self.length = 0  # these, and the latest one
        self._begin(experiment)

    @torch_defaults()
    def _begin(self, experiment: Experiment) -> None:
        self.experiment = experiment
        optimizer = experiment.optimizer
        # One more for the latest step.
        length = len(record_steps(optimizer.most_steps, optimizer.record_ratio)) + 1
        self.step = np.zeros(length, dtype=np.int64)
        self.time, self.loss, self.test_loss = np.full((3, length), np.nan)
        self.scores = np.full((length, len(experiment.problem.score_names)), np.nan)
        self.params = {
            name: torch.zeros((length, *shape), dtype=experiment.model.dtype, device="cpu")
            for name, shape in experiment.model.shapes().items()
        }
        self.outcome = Outcome.RUNNING
        self.message, self.fallbacks = "", 0
        self.memo: dict[Hashable, Any] = {}  # of all runs that are made of this tape

    def go_on(self, experiment: Experiment) -> None:
        """Go on in other arrays: those of before belong to runs that were given away."""
        ended, length = self.outcome, self.length
        if ended not in (Outcome.BUDGET, Outcome.RUNNING):
            self.experiment = experiment
            return
        before = self.step, self.time, self.loss, self.test_loss, self.scores, self.params
        self._begin(experiment)
        after = self.step, self.time, self.loss, self.test_loss, self.scores
        for old, new in zip(before[:-1], after, strict=True):
            new[:length] = old[:length]
        for name, leaf in self.params.items():
            leaf[:length] = before[-1][name][:length]
        last, ratio = int(self.step[length - 1]), experiment.optimizer.record_ratio
        if ended is Outcome.BUDGET and last and last != step_after(last - 1, ratio):
            self.recorded -= 1  # recorded as the last one only

    def add(self, snapshot: Snapshot, params: dict[str, Array], i: int) -> None:
        outcome, at = snapshot.outcome[i], self.recorded
        step = int(snapshot.step[i])
        loss = float(snapshot.loss[i])
        time = float(snapshot.time[i])
        message = explained(self.experiment, outcome, step, loss, time, params, i)
        self.length = at  # whatever interrupts this finds a run that is one step shorter, and true
        # A step that was rejected changes nothing.
        new = outcome is not Outcome.DIVERGED and not (at and self.step[at - 1] == step)
        if new:
            self.step[at], self.time[at] = step, snapshot.time[i]
            self.loss[at], self.test_loss[at] = snapshot.loss[i], snapshot.test_loss[i]
            self.scores[at] = snapshot.scores[i]
            for name, leaf in params.items():
                self.params[name].numpy()[at] = leaf[i]  # a quarter of the time that torch takes
        length, recorded = at + new, at + (new and bool(snapshot.recorded[i]))
        self.length, self.recorded, self.outcome, self.message = length, recorded, outcome, message
        self.fallbacks = int(snapshot.fallbacks[i])

    @functools.cached_property
    def _data(self) -> Data:
        return self.experiment.data()

    def run(self, cancelled: bool = False) -> Run:
        length = self.length
        if length > self.recorded:  # the latest step was not measured when it was taken
            params = {name: leaf[length - 1] for name, leaf in self.params.items()}
            found = on_test_points(self.experiment, params, self._data)
            self.test_loss[length - 1], self.scores[length - 1] = found
        ended = cancelled and self.outcome is Outcome.RUNNING
        run = Run(
            self.experiment,
            self.step[:length],
            self.time[:length],
            self.loss[:length],
            self.test_loss[:length],
            {name: leaf[:length] for name, leaf in self.params.items()},
            Outcome.CANCELLED if ended else self.outcome,
            self.message,
            dict(zip(self.experiment.problem.score_names, self.scores[:length].T, strict=True)),
            self.fallbacks,
        )
        object.__setattr__(run, "memo", self.memo)
        return run
