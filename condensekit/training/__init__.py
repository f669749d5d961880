"""Training: experiments in, runs out, through one batched loop."""

from .estimate import estimate_seconds
from .loop import train, trajectory
from .outcome import Outcome
from .record import Recorder, Snapshot, record_steps
from .runs import Run, Runs
from .scoring import on_test_points
from .starts import untrained, up_to
from .under_way import Training

__all__ = [
    "Outcome",
    "Recorder",
    "Run",
    "Runs",
    "Snapshot",
    "Training",
    "estimate_seconds",
    "on_test_points",
    "record_steps",
    "train",
    "trajectory",
    "untrained",
    "up_to",
]
