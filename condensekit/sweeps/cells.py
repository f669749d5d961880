"""What a sweep keeps of each run: a few numbers, how it ended, and what there is to say of it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from ..experiments import Experiment
from ..measures import (
    RECOVERED,
    mean_cosine,
    orientations,
    simplicity,
    target_square,
    theory,
)
from ..training import Outcome, Run, Snapshot, on_test_points, trajectory

__all__ = [
    "FAILED",
    "VARIABLES",
    "Cell",
    "Measure",
    "cells",
    "one_thread",
    "reached",
    "theory_of",
    "train_block",
]

Cell = dict[str, float | str]
Measure = Callable[[Run], float]

FAILED = "failed"
"""The outcome of a run that raised an error; the message says which."""

VARIABLES = {
    "loss": "training loss, mean squared error",
    "test_loss": "test error, mean squared error",
    "relative_error": "test error over the mean square of the target on the test points",
    "steps": "steps made",
    "time": "time, as the optimizer counts",
    "groups": "as how many neurons a network acts; groups of equal kernels; the rank of a matrix",
    "similarity": "mean |cosine| of the orientations of two neurons",
    "optimistic_sample_size": "fewest samples that theory asks for",
    "sample_rank": "rank of the target's tangent functions on the samples, as far as it is proven",
    "allowed": "whether theory allows recovery from these samples",
    "reached": f"whether training recovered the target: relative error below {RECOVERED:g}",
    "outcome": "how the run ended",
    "message": "what there is to say of the run",
}
"""The variables of every sweep, and what they mean."""


def cells(
    experiments: Sequence[Experiment], measures: Mapping[str, Measure]
) -> Iterator[dict[int, Cell]]:
    """Train a block; after every piece of work, the cells of the runs that ended in it.

    A measure sees a `Run` with one recorded step, its last.
    """
    for snapshot in trajectory(experiments, record_ratio=math.inf):
        yield {
            int(row): _cell(experiments[row], snapshot, i, measures)
            for i, row in enumerate(snapshot.rows)
            if snapshot.outcome[i] is not Outcome.RUNNING
        }


def train_block(experiments: Sequence[Experiment], measures: Mapping[str, Measure]) -> list[Cell]:
    """The cells of a block. A run that raises an error becomes a failed cell, the others go on."""
    found: dict[int, Cell] = {}
    try:
        for ended in cells(experiments, measures):
            found |= ended
    except Exception as error:  # noqa: BLE001  recorded with its reason
        if len(experiments) == 1:
            return [failed(f"{type(error).__name__}: {error}")]
        return [cell for e in experiments for cell in train_block([e], measures)]
    return [found[row] for row in range(len(experiments))]


def in_worker(experiments: Sequence[Experiment], measures: Mapping[str, Measure]) -> list[Cell]:
    """`train_block` in a process that works for a sweep: with one thread from now on.

    More would be slower on small networks; and sums that are split among threads are rounded in
    another way.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  needs the extra

    torch.set_num_threads(1)
    threadpool_limits(1)
    return train_block(experiments, measures)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for torch and BLAS of this process, as in the workers of a sweep."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  needs the extra

    before = torch.get_num_threads()
    try:
        with threadpool_limits(1):
            torch.set_num_threads(1)
            yield
    finally:
        torch.set_num_threads(before)


def failed(reason: str) -> Cell:
    """The cell of a run that was not trained to its end."""
    return {"outcome": FAILED, "message": reason}


def _cell(
    experiment: Experiment, snapshot: Snapshot, i: int, measures: Mapping[str, Measure]
) -> Cell:
    outcome, step = snapshot.outcome[i], int(snapshot.step[i])
    scale = target_square(experiment)
    time, loss = float(snapshot.time[i]), float(snapshot.loss[i])
    cell: Cell = {
        "steps": float(step),
        "time": time,
        **theory_of(experiment),
        "reached": math.nan if scale is None else 0.0,
        "outcome": str(outcome),
        "message": experiment.optimizer.explain(outcome, step, loss, time),
    }
    if outcome is Outcome.DIVERGED:
        return cell
    run = _last_moment(experiment, snapshot, i)
    error = float(run.test_loss[0])
    cell |= {
        "loss": float(run.loss[0]),
        "test_loss": error,
        **reached(error, scale),
        "groups": _where_there_are_neurons(_count, run),
        "similarity": _where_there_are_neurons(_similarity, run),
    }
    for name, measure in measures.items():
        try:
            cell[name] = float(measure(run))
        except Exception as error:  # noqa: BLE001  somebody's measure; the run is kept
            cell["message"] = f"{cell['message']} {name}: {error}".strip()
    return cell


def theory_of(experiment: Experiment) -> dict[str, float]:
    """What theory says of a cell, before anybody trains it; NaN where it says nothing."""
    said = theory(experiment)
    found = {
        "optimistic_sample_size": said.size,
        "sample_rank": None if said.samples is None else said.samples.at_least,
        "allowed": said.allowed,
    }
    return {name: math.nan if value is None else float(value) for name, value in found.items()}


def reached(error: float, scale: float | None) -> dict[str, float]:
    """A test error beside the mean square of the target; NaN where there is none."""
    if scale is None:
        return {"relative_error": math.nan, "reached": math.nan}
    return {"relative_error": error / scale, "reached": float(error / scale < RECOVERED)}


def _last_moment(experiment: Experiment, snapshot: Snapshot, i: int) -> Run:
    params = {name: leaf[i].clone() for name, leaf in snapshot.params.items()}
    error, scores = float(snapshot.test_loss[i]), snapshot.scores[i]
    if math.isnan(error):  # the step was seen before it turned out to be the last
        error, scores = on_test_points(experiment, params)
    return Run(
        experiment,
        snapshot.step[i : i + 1].copy(),
        snapshot.time[i : i + 1].copy(),
        snapshot.loss[i : i + 1].copy(),
        np.array([error]),
        {name: leaf[None] for name, leaf in params.items()},
        snapshot.outcome[i],
        scores=dict(zip(experiment.problem.score_names, scores[:, None], strict=True)),
    )


def _where_there_are_neurons(measure: Measure, run: Run) -> float:
    try:
        return measure(run)
    except ValueError:  # networks of this family have none
        return math.nan


def _count(run: Run) -> float:
    experiment = run.experiment
    return float(simplicity(experiment.model, run.final, experiment.data()).acts_as)


def _similarity(run: Run) -> float:
    return mean_cosine(orientations(run.experiment.model, run.final))
