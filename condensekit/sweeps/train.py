"""How a block of a sweep is trained, and what is measured of each run when it ends."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from ..experiments import Experiment
from ..measures import mean_cosine, orientations, simplicity, target_square
from ..training import Outcome, Run, Snapshot, on_test_points, trajectory
from ..training.resting import explained, fallen_back
from .cell import Cell, failed, reached, theory_of

__all__ = ["RunMeasure", "train_block", "train_cells"]

RunMeasure = Callable[[Run], float]


def train_cells(
    experiments: Sequence[Experiment], measures: Mapping[str, RunMeasure]
) -> Iterator[dict[int, Cell]]:
    """Train a block; after every piece of work, the cells of the runs that ended in it.

    A measure sees a `Run` with one recorded step, its last. If a run raises an error, those that
    have not ended are trained one by one: it becomes a failed cell, the others go on.
    """
    left = set(range(len(experiments)))
    try:
        for snapshot in trajectory(experiments, record_ratio=math.inf):
            ended = {
                int(row): _cell(experiments[row], snapshot, i, measures)
                for i, row in enumerate(snapshot.rows)
                if snapshot.outcome[i] is not Outcome.RUNNING
            }
            left -= ended.keys()
            yield ended
    except Exception as error:  # noqa: BLE001  recorded with its reason
        if len(experiments) == 1:
            yield {0: failed(f"{type(error).__name__}: {error}")}
            return
        for row in sorted(left):
            for alone in train_cells([experiments[row]], measures):
                yield {row: alone[0]} if alone else {}


def train_block(
    experiments: Sequence[Experiment], measures: Mapping[str, RunMeasure]
) -> list[Cell]:
    """The cells of a block."""
    found: dict[int, Cell] = {}
    for ended in train_cells(experiments, measures):
        found |= ended
    return [found[row] for row in range(len(experiments))]


def _cell(
    experiment: Experiment, snapshot: Snapshot, i: int, measures: Mapping[str, RunMeasure]
) -> Cell:
    outcome, step = snapshot.outcome[i], int(snapshot.step[i])
    scale = target_square(experiment)
    time, loss = float(snapshot.time[i]), float(snapshot.loss[i])
    ended = explained(experiment, outcome, step, loss, time, snapshot.params, i)
    cell = Cell(
        steps=float(step),
        time=time,
        reached=math.nan if scale is None else 0.0,
        outcome=str(outcome),
        message=f"{ended} {fallen_back(int(snapshot.fallbacks[i]))}".strip(),
        **theory_of(experiment),
    )
    if outcome is Outcome.DIVERGED:
        return cell
    run = _last_moment(experiment, snapshot, i)
    test_loss = float(run.test_loss[0])
    measured, message = {}, cell.message
    for name, measure in measures.items():
        try:
            measured[name] = float(measure(run))
        except Exception as error:  # noqa: BLE001  somebody's measure; the run is kept
            message = f"{message} {name}: {error}".strip()
    return dataclasses.replace(
        cell,
        loss=float(run.loss[0]),
        test_loss=test_loss,
        groups=_where_there_are_neurons(_count, run),
        similarity=_where_there_are_neurons(_similarity, run),
        message=message,
        measured=measured,
        **reached(test_loss, scale),
    )


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
        fallbacks=int(snapshot.fallbacks[i]),
    )


def _where_there_are_neurons(measure: RunMeasure, run: Run) -> float:
    try:
        return measure(run)
    except ValueError:  # networks of this family have none
        return math.nan


def _count(run: Run) -> float:
    experiment = run.experiment
    return float(simplicity(experiment.model, run.final, experiment.data()).acts_as)


def _similarity(run: Run) -> float:
    return mean_cosine(orientations(run.experiment.model, run.final))
