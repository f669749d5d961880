"""What a file of runs holds of each of them, and the way back."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch

from ..archives import Stored
from ..experiments import Experiment
from ..models import Params
from . import storage
from .outcome import Outcome

__all__ = ["arrays_of", "entry_of", "fields", "kept_of"]

Array = np.ndarray[Any, np.dtype[Any]]

MOST_STEPS = 1_000_000  # that a run records; so that a file of few bytes takes no memory for more


class _Curves(Protocol):
    @property
    def scores(self) -> dict[str, Array]: ...


def kept_of(params: Params, leaves: Sequence[str] | None) -> Params:
    """The parameters that a file keeps: some by their names, or all; a ValueError if one is not."""
    wrong = [leaf for leaf in leaves or () if leaf not in params]
    if wrong or isinstance(leaves, str):
        raise ValueError(
            f"leaves must be a list of some of {', '.join(params)}, but is {leaves!r}."
        )
    return {name: leaf for name, leaf in params.items() if leaves is None or name in leaves}


def entry_of(
    experiment: Experiment, outcome: Outcome, message: str, fallbacks: int, kept: Params
) -> dict[str, Any]:
    """The settings of a run, how it went and ended, and which of its parameters are kept."""
    return {
        "experiment": storage.encode(experiment),
        "outcome": str(outcome),
        "message": message,
        "fallbacks": fallbacks,
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


def fields(i: int, entry: dict[str, Any], arrays: Mapping[str, Stored]) -> dict[str, Any]:
    """What run `i` of a file is made of; a ValueError or a KeyError if that is no run."""
    experiment = storage.decode(entry["experiment"])
    if not isinstance(experiment, Experiment):
        raise ValueError(f"run {i} has no experiment")
    steps = arrays[f"{i}.step"]
    if steps.ndim != 1 or steps.dtype.kind != "i" or steps.shape[0] > MOST_STEPS:
        raise ValueError(f"run {i} has no recorded steps")
    step = steps.read()
    time, loss, test_loss = (
        _numbers(arrays[f"{i}.{name}"], step.shape) for name in ("time", "loss", "test_loss")
    )
    params, shapes, dtype = {}, experiment.model.shapes(), experiment.model.dtype
    for name in entry.get("leaves", shapes):
        shape = len(step), *shapes[name]
        if f"{i}.packed.{name}" in arrays:
            leaf = _unpacked(arrays[f"{i}.packed.{name}"], arrays[f"{i}.scale.{name}"], shape)
        else:
            leaf = _numbers(arrays[f"{i}.params.{name}"], shape)
        params[name] = torch.from_numpy(leaf).to(dtype)
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
        "fallbacks": _count(entry.get("fallbacks", 0)),  # files of before have none
    }


def _count(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"a count is {number!r}")
    return number


def _numbers(array: Stored, shape: tuple[int, ...]) -> Array:
    if array.dtype.kind != "f" or array.shape != shape:
        raise ValueError(f"an array is {array.dtype} {array.shape}, not float {shape}")
    return array.read().astype(np.float64)


def _unpacked(halves: Stored, scale: Stored, shape: tuple[int, ...]) -> Array:
    if halves.dtype != np.uint8 or halves.shape != (2, *shape[1:], shape[0]):
        raise ValueError(f"packed numbers are {halves.dtype} {halves.shape}, not of {shape}")
    return storage.unpack(halves.read(), _numbers(scale, shape[:1]))
