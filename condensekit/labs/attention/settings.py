"""What AttentionLab can be set to: tasks, stored runs, controls, and which of them are used."""

from collections.abc import Sequence

from ...experiments import Experiment
from ...records import ANCHORS, HEADS

__all__ = ["LABELS", "REACH", "STORED", "TASKS", "TASK_NAMES", "first", "shown", "task_of", "used"]

TASKS = {"heads": [*HEADS.values()], "anchors": [*ANCHORS.values()]}
"""Stored runs of each task, the one to begin with at the front."""
TASK_NAMES = {"heads": "heads learn a head", "anchors": "anchor functions"}
STORED = HEADS | ANCHORS

LABELS = {
    "heads": "heads H",
    "d_head": "head size d",
    "d_model": "width d_model",
    "d_ff": "FFN neurons",
    "layers": "layers",
    "target_heads": "teacher heads",
    "n_samples": "samples n",
    "lr": "learning rate η",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "steps": "steps",
    "seed": "seed",
}
REACH: dict[str, tuple[float, float]] = {
    "heads": (1, 16),
    "d_head": (1, 64),
    "d_model": (8, 128),
    "d_ff": (8, 256),
    "layers": (1, 3),
    "target_heads": (1, 4),
    "n_samples": (1, 590),
    "lr": (1e-5, 10.0),
    "weight_decay": (0.0, 1.0),
    "batch_size": (0, 590),
    "steps": (100, 10_000),
    "seed": (0, 20),
}


def task_of(experiment: Experiment) -> str:
    """Which of the tasks it is; a ValueError if it is none of them."""
    for name, experiments in TASKS.items():
        kinds = type(experiments[0].problem), type(experiments[0].model)
        if (type(experiment.problem), type(experiment.model)) == kinds:
            return name
    raise ValueError("This lab shows heads that learn a head, and anchor functions.")


def used(experiment: Experiment) -> list[str]:
    """The controls that an experiment needs; X of the heads has the size that it has."""
    fixed = {"d_model"} if task_of(experiment) == "heads" else set()
    known = experiment.knobs().keys()
    return [name for name in ("init_std", *LABELS) if name in known and name not in fixed]


def first(names: Sequence[str]) -> str:
    """The matrix to begin with."""
    return next(name for name in names if name.startswith("W_Q"))


def shown(names: Sequence[str], chosen: str) -> list[str]:
    """The matrices of the layer of the chosen one, or of the first, and those of no layer."""
    layer = chosen.rpartition(" ")[2]
    layer = layer if layer.isdigit() else "1"
    return [n for n in names if n.rpartition(" ")[2] in (layer,) or not n[-1].isdigit()]
