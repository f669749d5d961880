"""Lab: one run on screen, trained live or replayed, beside another."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets

from ..dynamics import Plateau, plateaus
from ..experiments import Experiment
from ..knobs import Settings
from ..records import recorded_run
from ..training import Outcome, Recorder, Run, Snapshot, trajectory
from ..twins import library_code, torch_code
from .memory import Memory, untrained, up_to
from .stage import Stage
from .widgets import guarded

__all__ = ["Lab"]


class _Batch:
    """Runs that are trained together."""

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self.experiments = [*experiments]
        self.recorder = Recorder(self.experiments)

    def work(self, until: float = math.inf) -> Iterator[Snapshot]:
        """Train in short pieces, up to a step."""
        for snapshot in trajectory(self.experiments):
            self.recorder.add(snapshot)
            yield snapshot
            if (snapshot.step >= until).all():
                break


class Lab(Stage[list[Experiment], _Batch]):
    """A lab of runs: each from its experiment alone, perhaps several as one batch.

    A subclass gives `entered` (the experiment that the controls describe), `enter` (the way back)
    and `draw`.

    Attributes
    ----------
    result : Run
        The run on screen.
    others : list of Run
        What was trained together with it, in one batch.
    last : Run or None
        The trained run before it, drawn beside it while "Compare" is ticked.
    """

    comparison = "Compare with last run"

    def __init__(
        self,
        default: Sequence[Experiment],
        controls: ipywidgets.Widget,
        grid: ipywidgets.Widget,
    ) -> None:
        self.default = default[0]
        self.last: Run | None = None
        self.memory = Memory(recorded_run, untrained)
        self.compare = ipywidgets.Checkbox(
            value=True,
            description=self.comparison,
            indent=False,
            tooltip="Draw the other run beside this one",
            layout=ipywidgets.Layout(width="170px"),
        )
        self.compare.observe(lambda _: self._on_compare(), "value")
        self.result = self.memory.known(default[0])
        self.others: list[Run] = []
        self._plateaus: tuple[Run | None, list[Plateau]] = None, []
        super().__init__([*default], controls, grid, [self.compare])
        self.begin()

    # What a subclass gives ---------------------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe; a ValueError if they describe none."""
        raise NotImplementedError

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        raise NotImplementedError

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step, beside the last run; `live`: another frame will follow at once."""
        raise NotImplementedError

    def batch(self) -> list[Experiment]:
        """What is trained together: the experiment on screen first."""
        return [self.entered()]

    def enter_batch(self, experiments: Sequence[Experiment]) -> None:
        """Set the controls to what is trained together."""
        self.enter(experiments[0])

    def view(self) -> dict[str, Any]:
        """What a reader chose to see, as JSON data."""
        return {"compare": self.compare.value}

    def set_view(self, view: dict[str, Any]) -> None:
        """Choose what to see; the way back from `view`."""
        self.compare.value = bool(view.get("compare", True))

    ending = 'print(f"{run.moment(index)}: training loss {run.loss[index]:.6e}")'
    """The line with which `code` prints what is on screen."""

    # What the stage asks -----------------------------------------------------------------------

    def described(self) -> list[Experiment]:
        """The experiments that the controls describe."""
        return self.batch()

    def put(self, what: list[Experiment]) -> None:
        """Set the controls to experiments."""
        self.enter_batch(what)

    def job(self, what: list[Experiment]) -> _Batch:
        """A batch that has not begun."""
        return _Batch(what)

    def written(self) -> list[Settings]:
        """The experiments on screen, for a token."""
        return [run.experiment for run in self.runs()]

    def recalled(self, written: list[Settings]) -> list[Experiment]:
        """The experiments of a token."""
        found = [settings for settings in written if isinstance(settings, Experiment)]
        if not found or len(found) < len(written):
            raise ValueError("This token names no experiment.")
        return found

    def runs(self) -> list[Run]:
        """The run on screen and the others."""
        return [self.result, *self.others]

    def is_known(self, what: list[Experiment]) -> bool:
        """Whether every run was trained before."""
        return all(self.memory.found(e) is not None for e in what)

    def was_trained_here(self) -> bool:
        """Whether the run on screen was trained in this lab."""
        return self.memory.trained(self.result.experiment)

    def show_known(self, what: list[Experiment], alone: bool = False) -> None:
        """Put on screen what was trained before, or else where it starts."""
        runs = [self.memory.known(e) for e in what]
        if alone:
            self.result, self.others, self.last = runs[0], runs[1:], None
        self._show_runs(runs)

    def show_growing(self, work: _Batch, live: bool = True) -> None:
        """The runs up to now; one that has not begun is where it starts."""
        runs = work.recorder.so_far()
        self._show_runs(
            [run if len(run) else self.memory.known(run.experiment) for run in runs], live=live
        )

    def show_trained(self, work: _Batch) -> None:
        """The runs that have ended are shown and remembered."""
        runs = [*work.recorder.runs()]
        for run in runs:
            if run.outcome is not Outcome.CANCELLED:
                self.memory.keep(run.experiment, run)
        self._show_runs([run if len(run) else self.memory.known(run.experiment) for run in runs])

    def show_recalled(self, what: list[Experiment], work: _Batch, step: int, until: int) -> None:
        """The runs as far as the token was, or as far as they are known."""
        runs = []
        for experiment, trained in zip(what, work.recorder.runs(), strict=True):
            known = self.memory.known(experiment)
            if len(trained) > len(known):
                if trained.outcome is not Outcome.CANCELLED:
                    self.memory.keep(experiment, trained)
                known = up_to(trained, until)
            runs.append(known)
        self.last = None
        self._show_runs(runs, index=runs[0].index_at(step))

    def _show_runs(self, runs: Sequence[Run], live: bool = False, index: int | None = None) -> None:
        """Put runs on screen; the trained run that was there is the last one now."""
        run = runs[0]
        with self._lock:
            if len(self.result) > 1 and self.result.experiment != run.experiment:
                self.last = self.result
            if self.last is not None and self.last.experiment == run.experiment:
                self.last = None
            self.result, self.others = run, [*runs[1:]]
            self._put_up(live, index)

    def draw_step(self, index: int, live: bool) -> None:
        """Draw a recorded step, beside the last run if that is wanted."""
        self.draw(self.result, index, self.last if self.compare.value else None, live)

    def plateaus(self) -> list[Plateau]:
        """What the plateaus of the run on screen are; found when first asked for, in seconds."""
        run, found = self._plateaus
        if run is not self.result:
            self._plateaus = self.result, plateaus(self.result)
            found = self._plateaus[1]
        return found

    # Beside it ---------------------------------------------------------------------------------

    _on_compare = guarded(lambda self: self.compare_changed())

    def compare_changed(self) -> None:
        """The reader wants the other run drawn, or no more."""
        self._show(self._index)

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        return library_code(self.runs(), self._index, self.ending)

    def torch_code(self) -> str:
        """The lines that train what is on screen in plain torch."""
        return torch_code(self.result, self._index)

    def beside(self) -> str:
        """What the last run, beside this one, had other settings for."""
        if self.last is None:
            return "Play replays them."
        before, now = self.last.experiment.values(), self.result.experiment.values()
        differ = [
            f"{name} {_short(before[name])}" for name in before if before[name] != now.get(name)
        ]
        return f"Orange: the last run, {', '.join(differ)}."


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
