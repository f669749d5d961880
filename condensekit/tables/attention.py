"""AttentionLab: rows of attention matrices gather, or do not, while something is learned."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from .. import dynamics, pictures
from ..checks import one_of
from ..experiments import Experiment
from ..frames import COLOURS, SMALL
from ..knobs import Knob
from ..measures import levels, matrices
from ..optimizers import OPTIMIZERS, Optimizer
from ..records import ANCHORS, HEADS
from ..subjects import Moment, Said, said
from ..training import Run
from ..verdicts import attention_verdict
from ..words import transposed
from .declared import Dial, Line, Look, More, Pick, Picture, Values
from .experiments import (
    Experiments,
    known_knobs,
    moved_by,
    of,
    runs_table,
    std,
    with_knobs,
    write_experiment,
)

__all__ = ["ATTENTION_TABLE"]

TASKS = {"heads": [*HEADS.values()], "anchors": [*ANCHORS.values()]}
"""Stored runs of each task, the one to begin with at the front."""
TASK_NAMES = {"heads": "heads learn a head", "anchors": "anchor functions"}
STORED = HEADS | ANCHORS
_TALL, _WIDE = (412, 246), (300, 246)
_PAIR = {
    "names": ("at initialization", "now"),
    "size": _TALL,
    "colours": (COLOURS["others"], COLOURS["network"]),
}
_HEAVY = 4  # live frames between two images of the matrices, the heavy picture


def task_of(one: Experiment) -> str:
    """Which of the tasks it is; empty if it is none of them."""
    for name, experiments in TASKS.items():
        problem, model = type(experiments[0].problem), type(experiments[0].model)
        if isinstance(one.problem, problem) and isinstance(one.model, model):
            return name
    return ""


def _turn(batch: Experiments | None, values: Values) -> Experiments:
    knobs = {**values}
    task = one_of("task", knobs.pop("task", task_of(batch[0]) if batch else "heads"), TASKS)
    base = batch[0] if batch and task_of(batch[0]) == task else TASKS[task][0]
    return (with_knobs(base, knobs, any_optimizer=True),)


def _knobs(batch: Experiments) -> dict[str, Knob]:
    return known_knobs((*(one for tasks in TASKS.values() for one in tasks), *batch))


def _write(batch: Experiments) -> dict[str, Any]:
    """What controls hold; X of the heads has the size that it has."""
    values = write_experiment(batch[0])
    if task_of(batch[0]) == "heads":
        del values["d_model"]
    return values


# Where a reader may go ---------------------------------------------------------------------------


def _to_task(lab: Any, chosen: str) -> None:
    task = next(task for task, name in TASK_NAMES.items() if name == chosen)
    lab.choose((TASKS[task][0],))


def _stored(batch: Experiments) -> str:
    return next((name for name, one in STORED.items() if one == batch[0]), "")


def _to_stored(lab: Any, chosen: str) -> None:
    if chosen:
        lab.choose((STORED[chosen],))


def _kinds(one: Experiment) -> dict[str, Optimizer]:
    """Optimizers with the settings of the stored runs, by name; all of them for full matrices."""
    stored = {type(e.optimizer).__name__: e.optimizer for e in TASKS[task_of(one)]}
    # The matrices of a flow would be too large.
    others = {n: kind() for n, kind in OPTIMIZERS.items() if n != "GradientFlow"}
    return others | stored


def _to_optimizer(lab: Any, chosen: str) -> None:
    one = lab.entered()[0]
    lab.choose((dataclasses.replace(one, optimizer=_kinds(one)[chosen]),))


# What is seen ------------------------------------------------------------------------------------


def _scale(values: Values) -> str:
    """Standard deviation, and gamma: the width to the -gamma."""
    gamma = 0.0 - math.log(values["init_std"]) / math.log(max(2.0, float(values["d_model"])))
    return f"{std(values)}, γ = {gamma:.2f}"


def _levels(run: Run, index: int) -> Any:
    return levels(run.experiment, run.at(index))


def _names(now: Moment) -> list[str]:
    return [*matrices(now.run.experiment.model, now.run.at(now.index))]


def _offered(now: Moment) -> tuple[Sequence[tuple[str, str]], str, str]:
    names = _names(now)
    shown = [(transposed(name), name) for name in names]
    return shown, next(name for name in names if name.startswith("W_Q")), "matrix"


def _drawn(now: Moment) -> list[str]:
    """The matrices of the layer of the chosen one, or of the first, and those of no layer."""
    layer = now.look["matrix"].rpartition(" ")[2]
    layer = layer if layer.isdigit() else "1"
    names = _names(now)
    return [n for n in names if n.rpartition(" ")[2] in (layer,) or not n[-1].isdigit()]


def _pair(now: Moment) -> Any:
    return pictures.attention_pair(now.run, now.index, now.look["matrix"])


def _ranks(now: Moment) -> Any:
    matrix, history = now.look["matrix"], now.along["levels"]
    return pictures.attention_ranks(now.run, now.index, matrix, _drawn(now), history)


def _cosines(now: Moment) -> Any:
    matrix, history = now.look["matrix"], now.along["levels"]
    return pictures.attention_cosines(now.run, now.index, matrix, history)


def _last_loss(now: Moment) -> Any:
    """The loss of the last run, if it was the same task."""
    last = now.beside
    if last is None or task_of(last.run.experiment) != task_of(now.run.experiment):
        return None
    return pictures.loss_history(last.run, last.index)


def _answers(now: Moment) -> Any:
    return pictures.attention_answers(now.run, now.index, now.along["levels"])


def _verdict(now: Moment) -> list[Said]:
    one, matrix = now.run.experiment, now.look["matrix"]
    stored = {type(e.optimizer): e.optimizer for e in TASKS[task_of(one)]}
    stored.pop(type(one.optimizer), None)
    alike = [dataclasses.replace(one, optimizer=other) for other in stored.values()]
    twins = [] if now.live else [run for e in alike if (run := now.found(e)) is not None]
    return said(attention_verdict(now.run, now.index, matrix, now.along["levels"], twins))


def _events(now: Moment) -> list[dynamics.Event]:
    """Those of the loss, and where matrices begin to condense."""
    run, found = now.run, dynamics.events(now.run)
    if task_of(run.experiment) == "anchors":
        ranks = now.along["levels"][..., 0]
        for layer in range(run.experiment.model.layers):
            found += dynamics.stages(run, layer, ranks).events(run)
    return sorted(found, key=lambda event: event.index)


def _ending(now: Moment) -> str:
    found = f"ck.measures.matrices(experiment.model, run.at(index))[{now.look['matrix']!r}]"
    return f'matrix = {found}\nprint(f"{{ck.measures.effective_rank(matrix):.2f}}")'


ATTENTION_TABLE = runs_table(
    TASKS["heads"][0],
    lambda one: bool(task_of(one)),
    shows="heads that learn a head, and anchor functions",
    turn=_turn,
    write=_write,
    knobs=_knobs,
    controls=[
        Pick(
            "task",
            lambda lab, batch: [*TASK_NAMES.values()],
            lambda lab, batch: TASK_NAMES[task_of(batch[0])],
            _to_task,
            "What is to be learned.",
        ),
        Pick(
            "stored run",
            lambda lab, batch: ["", *STORED],
            lambda lab, batch: _stored(batch),
            _to_stored,
            "Runs that are here already.",
        ),
        Look("matrix", "list", "matrix", "Whose rows are compared.", offered=_offered),
        Dial("init_std", "variance σ²", (1e-8, 10.0), squared=True),
        Line(_scale),
        Pick(
            "optimizer",
            lambda lab, batch: [*_kinds(batch[0])],
            lambda lab, batch: type(batch[0].optimizer).__name__,
            _to_optimizer,
            "How the weights are moved.",
        ),
        Dial("heads", "heads H", (1, 16)),
        Dial("d_head", "head size d", (1, 64)),
        Dial("d_model", "width d_model", (8, 128)),
        Dial("d_ff", "FFN neurons", (8, 256)),
        Dial("layers", "layers", (1, 3)),
        Dial("target_heads", "teacher heads", (1, 4)),
        Dial("n_samples", "samples n", (1, 590)),
        More(
            [
                *moved_by(lr=(1e-5, 10.0), steps=(100, 10_000)),
                Dial("seed", "seed", (0, 20)),
            ]
        ),
    ],
    along={"levels": _levels},
    pictures=[
        Picture("pair", "cosines", _pair, every=_HEAVY, options=_PAIR),
        Picture("ranks", "curves", _ranks, options={"size": _WIDE}),
        Picture("cosines", "curves", _cosines, options={"size": SMALL}),
        Picture("loss", "loss", of(pictures.loss_history), _last_loss, options={"size": SMALL}),
        Picture("answers", "curves", _answers, options={"size": SMALL}),
    ],
    verdict=_verdict,
    events=_events,
    ending=_ending,
    width=736,
)
