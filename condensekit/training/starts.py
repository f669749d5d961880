"""Parts of a run: its start alone, and its record up to a step."""

import dataclasses

from ..doors import public
from ..experiments import Experiment
from .loop import trajectory
from .outcome import Outcome
from .record import Recorder
from .runs import Run

__all__ = ["untrained", "up_to"]


@public()
def untrained(experiment: Experiment) -> Run:
    """A run of which nothing but the start is known."""
    recorder = Recorder([experiment])
    recorder.add(next(trajectory([experiment])))
    return recorder.run()


@public()
def up_to(run: Run, step: int) -> Run:
    """A run as it was recorded up to a step."""
    length = run.index_at(step) + 1
    if length == len(run):
        return run
    return dataclasses.replace(
        run,
        step=run.step[:length],
        time=run.time[:length],
        loss=run.loss[:length],
        test_loss=run.test_loss[:length],
        params={name: leaf[:length] for name, leaf in run.params.items()},
        outcome=Outcome.CANCELLED,
        scores={name: values[:length] for name, values in run.scores.items()},
    )
