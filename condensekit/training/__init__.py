"""Training: experiments in, runs out, through one batched loop."""

from .loop import (
    Recorder,
    Snapshot,
    estimate_seconds,
    on_test_points,
    record_steps,
    train,
    trajectory,
)
from .runs import Outcome, Run, Runs

__all__ = [
    "Outcome",
    "Recorder",
    "Run",
    "Runs",
    "Snapshot",
    "estimate_seconds",
    "on_test_points",
    "record_steps",
    "train",
    "trajectory",
]
