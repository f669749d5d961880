"""What a file of runs holds of each of them, and the way back."""

from typing import Any, Protocol

import numpy as np
import torch

from ..experiments import Experiment
from ..models import Params
from . import storage
from .outcome import Outcome

__all__ = ["arrays_of", "entry_of", "fields"]

Array = np.ndarray[Any, np.dtype[Any]]


class _Curves(Protocol):
    @property
    def scores(self) -> dict[str, Array]: ...


def entry_of(
    experiment: Experiment, outcome: Outcome, message: str, kept: Params
) -> dict[str, Any]:
    """The settings of a run, how it ended, and which of its parameters are kept."""
    return {
        "experiment": storage.encode(experiment),
        "outcome": str(outcome),
        "message": message,
        "leaves": [*kept],
    }


def arrays_of(i: int, run: _Curves, kept: Params, compact: bool) -> dict[str, Any]:
    """The numbers of run `i`."""
    found = {f"{i}.{name}": getattr(run, name) for name in ("step", "time", "loss", "test_loss")}
    found |= {f"{i}.score.{name}": values for name, values in run.scores.items()}
    for name, leaf in kept.items():
        if compact:
            packed, scale = storage.pack(leaf.numpy())
            found |= {f"{i}.packed.{name}": packed, f"{i}.scale.{name}": scale}
        else:
            found[f"{i}.params.{name}"] = leaf.numpy()
    return found


def fields(i: int, entry: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """What run `i` of a file is made of; a ValueError or a KeyError if that is no run."""
    experiment = storage.decode(entry["experiment"])
    if not isinstance(experiment, Experiment):
        raise ValueError(f"run {i} has no experiment")
    step = arrays[f"{i}.step"]
    if step.ndim != 1 or step.dtype.kind != "i":
        raise ValueError(f"run {i} has no recorded steps")
    time, loss, test_loss = (
        _numbers(arrays[f"{i}.{name}"], step.shape) for name in ("time", "loss", "test_loss")
    )
    params, shapes, dtype = {}, experiment.model.shapes(), experiment.model.dtype
    for name in entry.get("leaves", shapes):
        if f"{i}.packed.{name}" in arrays:
            leaf = storage.unpack(arrays[f"{i}.packed.{name}"], arrays[f"{i}.scale.{name}"])
        else:
            leaf = arrays[f"{i}.params.{name}"]
        params[name] = torch.from_numpy(_numbers(leaf, (len(step), *shapes[name]))).to(dtype)
    names = experiment.problem.score_names
    scores = {name: _numbers(arrays[f"{i}.score.{name}"], step.shape) for name in names}
    return {
        "experiment": experiment,
        "step": step,
        "time": time,
        "loss": loss,
        "test_loss": test_loss,
        "params": params,
        "outcome": Outcome(entry["outcome"]),
        "message": str(entry["message"]),
        "scores": scores,
    }


def _numbers(array: Array, shape: tuple[int, ...]) -> Array:
    if array.dtype.kind != "f" or array.shape != shape:
        raise ValueError(f"an array is {array.dtype} {array.shape}, not float {shape}")
    return array.astype(np.float64)
