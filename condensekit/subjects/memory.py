"""What a lab remembers: what was trained in it, and what ships with the package."""

import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

from ..experiments import Experiment
from ..training import Outcome, Recorder, Run, trajectory

__all__ = ["Memory", "untrained", "up_to"]

KEPT = 12  # finished trainings that are remembered, a few megabytes each

What = TypeVar("What")
Result = TypeVar("Result")


class Memory(Generic[What, Result]):
    """Finished trainings by what was trained; the oldest are forgotten.

    Parameters
    ----------
    recorded : callable
        Gives what ships with the package, or None.
    start : callable
        Gives what there is before anything is trained.
    """

    def __init__(
        self, recorded: Callable[[What], Result | None], start: Callable[[What], Result]
    ) -> None:
        self._recorded, self._start = recorded, start
        self._finished: dict[What, Result] = {}

    def keep(self, what: What, result: Result) -> None:
        """Remember a training."""
        self._finished.pop(what, None)
        self._finished[what] = result
        while len(self._finished) > KEPT:
            del self._finished[next(iter(self._finished))]

    def trained(self, what: What) -> bool:
        """Whether it was trained here."""
        return what in self._finished

    def found(self, what: What) -> Result | None:
        """What was trained before, here or for the package."""
        return self._finished.get(what) or self._recorded(what)

    def known(self, what: What) -> Result:
        """What was trained before, else where it starts."""
        return self.found(what) or self._start(what)


def untrained(experiment: Experiment) -> Run:
    """A run of which nothing but the start is known."""
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
