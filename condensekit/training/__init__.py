"""Training: experiments in, runs out, through one batched loop."""

from .loop import estimate_seconds, train, trajectory
from .record import Recorder, Snapshot, record_steps
from .runs import Outcome, Run, Runs
from .scoring import on_test_points
from .starts import untrained, up_to

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
    "untrained",
    "up_to",
]
