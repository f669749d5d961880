"""The one training loop: a batch of runs, moved together, seen from outside as a generator."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from ..doors import public
from ..experiments import Experiment
from ..models import Params
from ..plain import quoted
from .batch import Batch, alike, checked_start
from .record import Recorder, Snapshot, check_ratio
from .runs import Run, Runs

__all__ = ["train", "trajectory"]

CHUNK_SECONDS = 0.02
"""A caller gets the control back after this much work at most, and one step at least."""


@public(but=["record_ratio"])
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
    each = batches(experiments, init, record_ratio)

    def snapshots() -> Iterator[Snapshot]:
        for batch in each:
            while batch.running.any():
                yield batch.advance(chunk_seconds, clock)

    return snapshots()


def batches(
    experiments: Sequence[Experiment],
    init: Params | None = None,
    record_ratio: float | None = None,
) -> Iterator[Batch]:
    """The batches of experiments, each made when it is asked for; see `trajectory`."""
    if record_ratio is not None:
        check_ratio(record_ratio)
    if not experiments:
        raise ValueError("There is nothing to train: the list of experiments is empty.")
    groups: dict[Any, list[int]] = {}
    for row, e in enumerate(experiments):
        groups.setdefault(alike(e), []).append(row)
    if init is not None:
        for row, e in enumerate(experiments):
            checked_start(init, e, row, len(experiments))

    def made() -> Iterator[Batch]:
        for rows in groups.values():
            chosen = experiments[rows[0]]
            size = chosen.optimizer.most_rows(chosen.model, chosen.n_samples)
            for first in range(0, len(rows), size):
                yield Batch(rows[first : first + size], experiments, init, record_ratio)

    return made()


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


@public(but=["experiment"], calls=True)
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
            raise ValueError(
                f"train needs an Experiment, or several of them, but has {quoted(given)}."
            )
    recorder, begun = Recorder(experiments), False
    try:
        for snapshot in trajectory(experiments, init):
            recorder.add(snapshot)
            begun = True
            answer = None if on_step is None else on_step(snapshot)
            if isinstance(answer, (bool, np.bool_)) and answer:
                break
        return recorder.runs()
    except KeyboardInterrupt:
        if not begun:
            raise
        return recorder.runs()
