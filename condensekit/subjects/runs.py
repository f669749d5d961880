"""Runs: one network, or several in one batch."""

import dataclasses
import math
from collections.abc import Iterator, Sequence

from ..experiments import Experiment
from ..knobs import Settings
from ..pictures import moment
from ..records import recorded_run
from ..training import Outcome, Run, Runs, Snapshot, Training, untrained, up_to
from ..twins import library_code, torch_code
from . import words
from .base import Job, Subject

__all__ = ["LARGE_WORK", "QUICK", "Families", "Trained", "Trainings"]

LARGE_WORK = 1_000_000
"""Samples x parameters, above which the start of a network takes a moment."""
QUICK = 5.0
"""Seconds; a flow that is followed faster is replayed at once, to be seen."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """Runs of one batch: the one on the timeline first."""

    runs: tuple[Run, ...]


class _Job:
    """Runs that are trained together."""

    seconds = 0.0

    def __init__(self, experiments: Sequence[Experiment], known: Sequence[Run]) -> None:
        self._known = [*known]
        self.training = Training(experiments)

    def work(self, until: float = math.inf) -> Iterator[Snapshot]:
        return self.training.work(until)

    def shown(self, ended: bool) -> Trained:
        """The runs up to now; one that has not begun is where it starts."""
        pairs = zip(self.training.runs(ended), self._known, strict=True)
        return Trained(tuple(run if len(run) else known for run, known in pairs))

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        return tuple(self.training.experiments)

    def left(self) -> float:
        """The share of the steps that are still to be made."""
        run: Run = self.training.runs(ended=False)[0]  # not one that was known before
        made = float(run.step[-1]) if len(run) else 0.0  # none, where it diverges at once
        return 1.0 - made / run.experiment.optimizer.most_steps


class Trainings(Subject[tuple[Experiment, ...], Trained]):
    """Training runs, each from its experiment alone."""

    _job: _Job | None = None

    def opened(self, start: object) -> tuple[Experiment, ...]:
        """Experiments, or runs that are remembered from now on."""
        if isinstance(start, (Experiment, Run)):
            start = (start,)
        if not isinstance(start, (tuple, list, Runs)) or not start:
            raise ValueError(f"A lab of runs opens on an Experiment or a Run, not on {start!r}.")
        for one in start:
            if not isinstance(one, (Experiment, Run)):
                raise ValueError(f"A lab of runs opens on an Experiment or a Run, not on {one!r}.")
        self.memory.keep({one.experiment: one for one in start if isinstance(one, Run)})
        return tuple(one.experiment if isinstance(one, Run) else one for one in start)

    def start(self, what: Experiment) -> Run:
        """A run of which nothing but the start is known."""
        return untrained(what)

    def shipped(self, what: Experiment) -> Run | None:
        """The recorded run of an experiment."""
        return recorded_run(what)

    def job(self, what: tuple[Experiment, ...], shown: Trained) -> Job[Trained]:
        """One batch."""
        del shown
        self._job = _Job(what, [self.memory.known(one) for one in what])
        return self._job

    def further(
        self, what: tuple[Experiment, ...], shown: Trained
    ) -> tuple[Experiment, ...] | None:
        """What was stopped, as it is; what has used up its steps, with twice as many."""
        if self._job is None or self._job.experiments != self.what(shown):
            return None
        outcomes = [run.outcome for run in shown.runs]
        if Outcome.CANCELLED in outcomes:
            return what
        if Outcome.BUDGET not in outcomes or not self._job.training.has_more():
            return None
        longer = [one.optimizer.longer() for one in what]
        pairs = zip(what, longer, strict=True)
        more = [dataclasses.replace(one, optimizer=by) for one, by in pairs if by is not None]
        return tuple(more) if len(more) == len(what) else None

    def resumed(self, what: tuple[Experiment, ...]) -> Job[Trained]:
        """The batch, with more steps."""
        assert self._job is not None, what
        self._job.training.go_on(what)
        return self._job

    def what(self, shown: Trained) -> tuple[Experiment, ...]:
        """The experiments."""
        return tuple(run.experiment for run in shown.runs)

    def keep(self, shown: Trained) -> None:
        """Remember what ended by itself."""
        stopped = (Outcome.CANCELLED, Outcome.RUNNING)
        self.memory.keep({run.experiment: run for run in shown.runs if run.outcome not in stopped})

    def known(self, what: tuple[Experiment, ...]) -> Trained:
        """Each as it was trained before, else where it starts."""
        return Trained(tuple(self.memory.known(one) for one in what))

    def takes_a_moment(self, what: tuple[Experiment, ...]) -> bool:
        """Whether a network that is not known yet is large."""
        unknown = [one for one in what if self.memory.found(one) is None]
        return any(one.n_samples * one.model.n_parameters > LARGE_WORK for one in unknown)

    def is_known(self, what: tuple[Experiment, ...]) -> bool:
        """Whether every run was trained before."""
        return all(self.memory.found(one) is not None for one in what)

    def was_trained_here(self, shown: Trained) -> bool:
        """Whether the first run was."""
        return self.memory.trained(shown.runs[0].experiment)

    def runs(self, shown: Trained) -> list[Run]:
        """All of them."""
        return [*shown.runs]

    def written(self, shown: Trained) -> list[Settings]:
        """The experiments."""
        return [*self.what(shown)]

    def recalled(self, written: list[Settings]) -> tuple[Experiment, ...]:
        """The experiments of a token."""
        found = tuple(settings for settings in written if isinstance(settings, Experiment))
        if not found or len(found) < len(written):
            raise ValueError("This token names no experiment.")
        return found

    def cut(self, shown: Trained, until: int) -> Trained:
        """The runs up to a step."""
        return Trained(tuple(up_to(run, until) for run in shown.runs))

    def replayed(self, what: tuple[Experiment, ...], seconds: float) -> bool:
        """A flow that is followed faster than it can be seen."""
        return seconds < QUICK and what[0].optimizer.over_time

    def code(self, shown: Trained, index: int, ending: str) -> str:
        """Train them as one batch, and look at the first."""
        return library_code(shown.runs, index, ending)

    def result(self, shown: Trained) -> Run:
        """The first run."""
        return shown.runs[0]

    def torch_code(self, shown: Trained, index: int) -> str:
        """The training of the first in plain torch."""
        return torch_code(shown.runs[0], index)

    def plan(self, what: tuple[Experiment, ...]) -> str:
        """What will be done, and how long it takes here."""
        last = self._job is not None and self._job.experiments == what
        return words.plan(what, self._job.left() if self._job is not None and last else 1.0)

    def announced(self, shown: Trained) -> str:
        """What the run on screen is."""
        run = shown.runs[0]
        if len(run) > 1:
            return words.known(run, self.was_trained_here(shown))
        return words.to_be_trained(self.what(shown))

    def ended(self, shown: Trained, seconds: float, beside: str) -> tuple[str, str]:
        """How the first run ended."""
        run = shown.runs[0]
        return words.ended(run, seconds, beside), "warning" if run.message else "note"

    def meanwhile(self, shown: Trained) -> str:
        """How long the rest takes, once that is known better than it was before."""
        return "" if self._job is None else words.under_way(shown.runs[0], self._job.seconds)

    def progress(self, shown: Trained, index: int) -> float:
        """How much of the first run is done at a recorded step."""
        return shown.runs[0].share(index)

    def moment(self, shown: Trained, index: int) -> str:
        """The step or the time."""
        return moment(shown.runs[0], index)


class Families(Trainings):
    """Training runs of several networks, each of which ends at a step of its own."""

    def until(self, shown: Trained) -> int:
        """The last step of all."""
        return max(int(run.step[-1]) for run in shown.runs if len(run))
