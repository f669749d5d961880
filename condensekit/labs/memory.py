"""What a lab remembers: runs that were trained in it, and those that ship with the package."""

import dataclasses

from ..experiments import Experiment
from ..training import Outcome, Recorder, Run, trajectory
from .recordings import recording

__all__ = ["Memory", "up_to"]

KEPT_RUNS = 12  # finished runs that are remembered, a few megabytes each


class Memory:
    """Finished runs by their experiment; the oldest are forgotten."""

    def __init__(self) -> None:
        self._finished: dict[Experiment, Run] = {}

    def keep(self, run: Run) -> None:
        """Remember a run."""
        self._finished.pop(run.experiment, None)
        self._finished[run.experiment] = run
        while len(self._finished) > KEPT_RUNS:
            del self._finished[next(iter(self._finished))]

    def trained(self, experiment: Experiment) -> bool:
        """Whether it was trained here."""
        return experiment in self._finished

    def found(self, experiment: Experiment) -> Run | None:
        """The run of `experiment` if it was trained before, here or for the package."""
        return self._finished.get(experiment) or recording(experiment)

    def known(self, experiment: Experiment) -> Run:
        """The run of `experiment` if it was trained before, else where it starts."""
        found = self.found(experiment)
        if found is not None:
            return found
        recorder = Recorder([experiment])
        recorder.add(next(trajectory([experiment])))
        return recorder.run()


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
