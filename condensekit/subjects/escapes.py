"""Escapes: a network on a set that symmetry makes, one pushed off it, and the narrow one."""

import dataclasses
import math
from collections.abc import Iterator

from ..experiments import Experiment
from ..knobs import Settings
from ..pictures import moment
from ..records import recorded_escape
from ..symmetry import Escape, Escaping, SymmetrySettings, escaped
from ..symmetry.settings import made
from ..training import Outcome, Run, Snapshot, up_to
from ..twins import expression
from . import words
from .base import Job, Subject
from .runs import QUICK

__all__ = ["Escapes", "Watched"]


@dataclasses.dataclass(frozen=True, eq=False)
class Watched:
    """An escape, and the settings that it is of."""

    settings: SymmetrySettings
    escape: Escape


class _Training:
    """The three trainings that settings ask for."""

    seconds = 0.0

    def __init__(self, settings: SymmetrySettings) -> None:
        self.settings = settings
        self._making = Escaping(settings.experiment, settings.set(), settings.kick)

    def work(self, until: float = math.inf) -> Iterator[Snapshot]:
        return self._making.work(until)

    def go_on(self) -> None:
        self._making.go_on()

    def shown(self, ended: bool) -> Watched:
        return Watched(self.settings, self._making.found(ended))


class Escapes(Subject[SymmetrySettings, Watched]):
    """Networks on a symmetric set, pushed off it or not, and what becomes of them."""

    _job: _Training | None = None

    def opened(self, start: object) -> SymmetrySettings:
        """Settings of an escape."""
        if not isinstance(start, SymmetrySettings):
            raise ValueError(f"This lab opens on SymmetrySettings, not on {start!r}.")
        return start

    def start(self, what: SymmetrySettings) -> Watched:
        """The networks before they move."""
        making = _Training(what)
        for _ in making.work(until=0):
            pass
        return making.shown(ended=False)

    def shipped(self, what: SymmetrySettings) -> Watched | None:
        """The recorded escape."""
        found = recorded_escape(what)
        return None if found is None else Watched(what, found)

    def job(self, what: SymmetrySettings, shown: Watched) -> Job[Watched]:
        """The three trainings, not yet begun."""
        del shown
        self._job = _Training(what)
        return self._job

    def further(self, what: SymmetrySettings, shown: Watched) -> SymmetrySettings | None:
        """The same, if it was stopped; how many steps there are is fixed here."""
        last = self._job is not None and self._job.settings == what == shown.settings
        stopped = any(run.outcome is Outcome.CANCELLED for run in shown.escape.runs())
        return what if last and stopped else None

    def resumed(self, what: SymmetrySettings) -> Job[Watched]:
        """The trainings that were stopped."""
        assert self._job is not None, what
        self._job.go_on()
        return self._job

    def what(self, shown: Watched) -> SymmetrySettings:
        """The settings."""
        return shown.settings

    def keep(self, shown: Watched) -> None:
        """Remember an escape that ended by itself."""
        ended = (Outcome.CANCELLED, Outcome.RUNNING)
        if all(run.outcome not in ended for run in shown.escape.runs()):
            self.memory.keep({shown.settings: shown})

    def runs(self, shown: Watched) -> list[Run]:
        """The pushed run, of which the timeline counts the steps, and the others."""
        on, off, *narrow = shown.escape.runs()
        return [off, on, *narrow]

    def written(self, shown: Watched) -> list[Settings]:
        """The settings."""
        return [shown.settings]

    def recalled(self, written: list[Settings]) -> SymmetrySettings:
        """The settings of a token."""
        (settings,) = written if len(written) == 1 else (None,)
        if not isinstance(settings, SymmetrySettings):
            raise ValueError("This token names no network on a set.")
        return settings

    def cut(self, shown: Watched, until: int) -> Watched:
        """The runs up to a step."""
        settings = shown.settings
        runs = [up_to(run, until) for run in shown.escape.runs()]
        return Watched(settings, escaped(settings.set(), settings.kick, runs))

    def replayed(self, what: SymmetrySettings, seconds: float) -> bool:
        """A flow that is followed faster than it can be seen."""
        return seconds < QUICK and what.experiment.optimizer.over_time

    def code(self, shown: Watched, index: int, ending: str) -> str:
        """Make the same escape."""
        del index
        settings = shown.settings
        return (
            "import condensekit as ck\n"
            f"experiment = {expression(settings.experiment)}\n"
            f"model, layer, S = experiment.model, {settings.layer - 1}, ck.symmetry\n"
            f"candidate = {made(settings)}\n"
            f"print(S.escape(experiment, candidate, {settings.kick!r}))" + ending
        )

    def result(self, shown: Watched) -> Escape:
        """The escape."""
        return shown.escape

    def plan(self, what: SymmetrySettings) -> str:
        """What will be done, and how long it takes here."""
        return words.plan(_trainings(what))

    def announced(self, shown: Watched) -> str:
        """What is on screen."""
        run = shown.escape.off.run
        if len(run) > 1:
            return words.known(run, self.was_trained_here(shown))
        return words.to_be_trained([one.experiment for one in self.runs(shown)])

    def ended(self, shown: Watched, seconds: float, beside: str) -> tuple[str, str]:
        """How the pushed run ended."""
        run = shown.escape.off.run
        return words.ended(run, seconds, beside), "warning" if run.message else "note"

    def progress(self, shown: Watched, index: int) -> float:
        """How much of the pushed run is done at a recorded step."""
        return shown.escape.off.run.share(index)

    def moment(self, shown: Watched, index: int) -> str:
        """The step or the time."""
        return moment(shown.escape.off.run, index)


def _trainings(what: SymmetrySettings) -> list[Experiment]:
    return Escaping(what.experiment, what.set(), what.kick).experiments
