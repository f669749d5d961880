"""Sweeps: a map of runs over two knobs and the seed, and the run of one cell that is opened."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

from ..experiments import Experiment
from ..knobs import Settings
from ..records import PHASE, recorded_map
from ..sweeps import Cells, Grid, fill
from ..training import Recorder, Run, trajectory
from ..twins import expression
from .base import Subject

__all__ = ["Filling", "Map", "MapSettings", "Sweeps"]

MOST_CELLS = 900
KEPT_RUNS = 16


@dataclasses.dataclass(frozen=True)
class MapSettings(Settings):
    """A grid as settings, for a token."""

    base: Experiment
    axes: tuple[Any, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Map:
    """The runs of a grid as far as they are known, and the run of a cell that is open.

    Attributes
    ----------
    cells : Cells
        The runs.
    opened : Run or None
        The run that is open, as far as it has come.
    training : bool
        Whether the open run still trains.
    """

    cells: Cells
    opened: Run | None = None
    training: bool = False


class Filling:
    """Runs of a map that are trained one after the other, and runs that a reader opens meanwhile.

    Parameters
    ----------
    shown : Map
        What is known.
    fills : bool
        Whether the runs that are not known are trained, or only those that are opened.
    opened : dict of Run
        Runs that were opened before, by experiment; more are added.
    """

    seconds = 0.0

    def __init__(self, shown: Map, fills: bool, opened: dict[Experiment, Run]) -> None:
        self._shown, self._fills, self._opened = shown, fills, opened
        self._wanted: Experiment | None = None
        self._recorder: Recorder | None = None
        self._lock, self._complete = threading.Lock(), False

    def want(self, experiment: Experiment) -> None:
        """Open this run next; of two that were not opened yet, the later."""
        with self._lock:
            self._wanted = experiment

    def work(self, until: float = 0.0) -> Iterator[None]:
        """Train, in pieces of some milliseconds."""
        del until
        for cells in fill(self._shown.cells) if self._fills else ():
            self._shown = dataclasses.replace(self._shown, cells=cells)
            yield
            yield from self._follow()
        yield from self._follow()
        self._complete = True

    def _follow(self) -> Iterator[None]:
        """Train the run that the reader wants to see, if there is one."""
        while True:
            with self._lock:
                experiment, self._wanted = self._wanted, None
            if experiment is None:
                return
            self._recorder = recorder = Recorder([experiment])
            for snapshot in trajectory([experiment]):
                recorder.add(snapshot)
                yield
            self._keep(recorder.run())

    def _keep(self, run: Run) -> None:
        self._recorder = None
        self._shown = dataclasses.replace(self._shown, opened=run)
        while len(self._opened) >= KEPT_RUNS:
            del self._opened[next(iter(self._opened))]
        self._opened[run.experiment] = run

    def shown(self, ended: bool) -> Map:
        """The map up to now."""
        if ended and self._complete:  # asked for when the work was just done
            for _ in self._follow():
                pass
        if self._recorder is None:
            return self._shown
        run = self._recorder.runs()[0] if ended else self._recorder.run()
        return dataclasses.replace(self._shown, opened=run, training=not ended)


class Sweeps(Subject[Grid, Map]):
    """Maps of runs over two knobs and the seed."""

    timed = False
    stays = True

    def __init__(self) -> None:
        super().__init__()
        self.opened_runs: dict[Experiment, Run] = {}

    def opened(self, start: object) -> Grid:
        """A grid, or cells of one, or the table of a sweep; cells are remembered."""
        given: Any = start.experiment if isinstance(start, Run) else start
        if isinstance(given, Experiment):
            here = given.knobs()
            axes = [name for name, _ in PHASE.axes if name in here]
            given = Grid.of(given, {name: dict(PHASE.axes)[name] for name in axes})
        cells = Cells.of(given).plane()
        if cells.known:
            self.memory.keep({cells.grid: Map(cells)})
        return cells.grid

    def start(self, what: Grid) -> Map:
        """A map of which nothing is known."""
        return Map(Cells(what).foretold())

    def shipped(self, what: Grid) -> Map | None:
        """A recorded map."""
        cells = recorded_map(what)
        return Map(cells) if cells.known else None

    def job(self, what: Grid, shown: Map) -> Filling:
        """All runs of a grid; after Stop, those that are not known yet."""
        cells = shown.cells
        begun = cells.grid == what and cells.done < cells.total
        start = dataclasses.replace(shown, cells=cells if begun else Cells(what).foretold())
        return Filling(start, True, self.opened_runs)

    def opening(self, shown: Map, experiment: Experiment) -> Filling:
        """The run of one cell alone."""
        job = Filling(shown, False, self.opened_runs)
        job.want(experiment)
        return job

    def what(self, shown: Map) -> Grid:
        """The grid."""
        return shown.cells.grid

    def keep(self, shown: Map) -> None:
        """Remember what is known of the map."""
        self.memory.keep({shown.cells.grid: Map(shown.cells)})

    def runs(self, shown: Map) -> list[Run]:
        """None: there is no clock."""
        del shown
        return []

    def written(self, shown: Map) -> list[Settings]:
        """The grid as settings."""
        grid = shown.cells.grid
        return [MapSettings(grid.base, grid.axes)]

    def recalled(self, written: list[Settings]) -> Grid:
        """The grid of a token."""
        (settings,) = written if len(written) == 1 else (None,)
        if not isinstance(settings, MapSettings):
            raise ValueError("This token names no map.")
        return Grid.of(settings.base, dict(settings.axes), MOST_CELLS)

    def code(self, shown: Map, index: int, ending: str) -> str:
        """The sweep."""
        del index
        grid = shown.cells.grid
        axes = ", ".join(f"{name}={list(values)}" for name, values in grid.axes)
        return (
            "import condensekit as ck\n"
            f"base = {expression(grid.base)}\n"
            f"print(ck.sweep(base, {axes}).test_loss)" + ending
        )

    def plan(self, what: Grid) -> str:
        """What will be done."""
        return f"{len(what.experiments):,} runs"

    def announced(self, shown: Map) -> str:
        """What can be done with the map."""
        cells = shown.cells
        if not cells.done:  # what theory says is known before
            return "Run fills the map."
        if cells.done < cells.total:
            return f"{cells.done} of {cells.total} runs. Press Run to go on."
        here = "A map that was trained before" if self.was_trained_here(shown) else "A recorded map"
        return f"{here}. Click a cell, or choose one below and press Open."

    def meanwhile(self, shown: Map) -> str:
        """How far the map is."""
        cells = shown.cells
        opened = " Training the run of this cell …" if shown.training else ""
        return f"{cells.done} of {cells.total} runs.{opened}"

    def ended(self, shown: Map, seconds: float, beside: str) -> tuple[str, str]:
        """How far the map is now."""
        del seconds, beside
        done, total = shown.cells.done, shown.cells.total
        if done == total:
            return f"All {total} runs are trained. Click a cell to open it.", "note"
        return f"Stopped: {done} of {total} runs. Press Run to go on.", "note"

    def progress(self, shown: Map, index: int) -> float:
        """The share of runs that are known."""
        del index
        return shown.cells.done / shown.cells.total
