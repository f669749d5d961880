"""The lab itself."""

import dataclasses
import html
import math
import threading
from collections.abc import Iterator
from typing import Any

from ... import pictures
from ...experiments import Experiment
from ...frames import MapFrame
from ...measures import recovery
from ...records import PHASE, recorded_map
from ...sweeps import Cells, Grid, fill, series, written
from ...training import Recorder, Run, trajectory
from ...twins import expression
from ...verdicts import recovery_rows
from ..lifetime import take_place
from ..player import State
from .screen import Screen
from .words import MAPS, STORY, knob, named, shown, told

__all__ = ["PhaseLab"]

MOST_CELLS = 900
KEPT_RUNS = 16


class PhaseLab(Screen):
    """The map of test errors over two settings, filled while one watches.

    Every method can be called from a cell: what a button does, ``lab.run()`` does.

    Parameters
    ----------
    grid : Grid, optional
        What to map: axes two of n_samples, init_std, width and target_width, then the seed. Another
        target can be chosen in the lab.

    Raises
    ------
    ValueError
        If the grid has other axes.

    Attributes
    ----------
    grid : Grid
        What the map shows, or will show.
    cells : Cells
        What is known of each run.
    result : Run or None
        The run in the fit picture.
    """

    def __init__(self, grid: Grid = PHASE) -> None:
        names = [name for name, _ in grid.axes]
        if len(names) != 3 or names[2] != "seed" or not {*names[:2]} <= STORY.keys():
            raise ValueError(
                f"The map needs two axes of {', '.join(STORY)}, and then the seed, but has "
                f"{', '.join(names)}."
            )
        self.default = self.grid = grid
        self.cells = Cells(grid)
        self.result: Run | None = None
        self._recorder: Recorder | None = None
        self._opened: dict[Experiment, Run] = {}
        self._wanted: Experiment | None = None
        self._lock = threading.RLock()
        self._entering = self._other = False
        super().__init__()
        named = {of: name for name, of in MAPS.items()}
        if grid not in named:
            named[grid] = "as given"
            self.target.options = [*named.values()]
        self._maps = {name: of for of, name in named.items()}
        self.target.value = named[grid]
        self._connect()
        self.reset()
        take_place(self)

    def _connect(self) -> None:
        for button, act in (
            (self.run_button, self.run),
            (self.pause_button, self.pause),
            (self.stop_button, self.stop),
            (self.reset_button, self.reset),
            (self.open_button, self.open_run),
        ):
            button.on_click(self._guarded(act))
        self.target.observe(self._guarded(self._target_changed), "value")
        for chooser in (self.across, self.up):
            chooser.observe(self._axes_changed, "value")
        for control in (self.across, self.up, *self.values.values(), self.seeds):
            control.observe(lambda _: self._settings_changed(), "value")
        for chooser in (self.column, self.row, self.seed):
            chooser.observe(lambda _: self._cell_changed(), "value")
        self.map.on_click(self._map_clicked)

    # Settings ------------------------------------------------------------------------------------

    def entered(self) -> Grid:
        """The grid that the controls describe.

        Raises
        ------
        ValueError
            If an entry is not a value, or not a series of values for an axis.
        """
        if self.across.value == self.up.value:
            raise ValueError("The map needs two different axes; choose another one across or up.")
        here = self.default.base.knobs()
        found = {n: self._read(n, text.value) for n, text in self.values.items() if n in here}
        axes = {name: found.pop(name) for name in (self.across.value, self.up.value)}
        for name, values in found.items():
            if len(values) != 1:
                raise ValueError(
                    f"{STORY[name][0]} is not an axis here, and takes one value, not {len(values)}."
                )
        base = self.default.base.replace(**{name: values[0] for name, values in found.items()})
        return Grid.of(base, {**axes, "seed": range(self.seeds.value)}, MOST_CELLS)

    def _read(self, name: str, text: str) -> list[Any]:
        values = series(knob(name), text)
        if name != "init_std":
            return [*values]
        return [float(f"{math.sqrt(float(value)):.12g}") for value in values]

    def enter(self, grid: Grid) -> None:
        """Set the controls to a grid over two settings of the lab and seeds."""
        axes = dict(grid.axes)
        seeds = axes.pop("seed")
        known = grid.base.values()
        self._entering = True
        try:
            for chooser in (self.across, self.up):
                chooser.options = [(label, n) for n, (label, _, _) in STORY.items() if n in known]
            self.across.value, self.up.value = axes
            for name, text in self.values.items():
                text.layout.display = "" if name in known else "none"
                if name not in known:
                    continue
                values = axes.get(name, (known[name],))
                text.value = written([shown(name, value) for value in values])
            self.seeds.value = len(seeds)
        finally:
            self._entering = False

    def _axes_changed(self, _: object) -> None:
        """Give a setting that became an axis several values, and one that is none a single one."""
        if self._entering:
            return
        for name, (_, several, one) in STORY.items():
            text, axis = self.values[name], name in (self.across.value, self.up.value)
            if axis and not {",", ":"} & {*text.value}:
                text.value = several
            elif not axis and {",", ":"} & {*text.value}:
                text.value = one

    def _settings_changed(self) -> None:
        """The map stays what it was, and the reader is told so."""
        if self._entering:
            return
        try:
            self._other = self.entered() != self.grid
        except ValueError as error:
            self._other = True
            self.say(str(error), "error")
        else:
            self.say(f"{self.cells.done} of {math.prod(self.grid.shape)} runs.")

    def say(self, text: str, kind: str = "status") -> None:
        """Put a sentence into the status line; and whether the controls describe another map."""
        if self._other and kind == "status":
            text += " The controls describe another map than this one; Run fills it."
        super().say(text, kind)

    # Buttons -------------------------------------------------------------------------------------

    def run(self, live: bool = True) -> None:
        """Fill the map: from the start, or, after Stop, the cells that are not known yet.

        Parameters
        ----------
        live : bool
            With False, train in the calling thread and draw only the end.
        """
        grid = self.entered()
        self.player.stop()
        if grid != self.grid or self.cells.done == len(grid.experiments):
            self.cells = Cells(grid).foretold()
            self._take(grid)
        self.player.start(self._fill(), self.draw, self._finished, live)

    def pause(self) -> None:
        """Hold what is going on, or go on."""
        if self.player.state is State.PAUSED:
            self.player.resume()
        elif self.player.state is State.WORKING:
            self.player.pause()

    def stop(self) -> None:
        """End here and keep what was trained; Run goes on."""
        self.player.stop()

    def reset(self) -> None:
        """Back to the map of the start."""
        self.player.stop()
        self.cells, self.result = recorded_map(self.default).foretold(), None
        self.enter(self.default)
        self._take(self.default)
        self.say(
            "A recorded map. Click a cell, or choose one below and press Open."
            if self.cells.done
            else "Run fills the map."
        )

    def open_run(self, live: bool = True) -> None:
        """Show the run of the chosen cell in the fit picture; train it if it was not."""
        experiment = self.chosen()
        if experiment in self._opened:
            self.result, self._recorder = self._opened[experiment], None
            self.draw()
            return
        with self._lock:
            self._wanted = experiment
            if self.player.state is State.PAUSED:
                self.say("Paused: this run is opened when you go on.")
            if self.player.state is not State.IDLE:
                return  # whoever works takes it next
        self.player.start(self._follow(), self.draw, self._finished, live)

    def chosen(self) -> Experiment:
        """The experiment of the chosen cell and seed."""
        return self.grid.experiments[self._number(self.seed.value)]

    def _number(self, seed: int) -> int:
        """The number of the chosen cell in the grid."""
        (x, _), (y, _), _ = self.grid.axes
        return self.grid.number(**{x: self.column.value, y: self.row.value, "seed": seed})

    def code(self) -> str:
        """What this lab shows, without it."""
        axes = ", ".join(f"{name}={list(values)}" for name, values in self.grid.axes)
        return (
            "import condensekit as ck\n"
            f"base = {expression(self.grid.base)}\n"
            f"print(ck.sweep(base, {axes}).test_loss)"
        )

    # Work ----------------------------------------------------------------------------------------

    def _fill(self) -> Iterator[None]:
        for cells in fill(self.cells):
            self.cells = cells
            yield
            yield from self._follow()

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
            self.result, self._recorder = recorder.run(), None
            while len(self._opened) >= KEPT_RUNS:
                del self._opened[next(iter(self._opened))]
            self._opened[experiment] = self.result

    def _finished(self, stopped: bool) -> None:
        if stopped:
            self._wanted = None
        for _ in self._follow():  # asked for when the work was just done
            pass
        recorder, self._recorder = self._recorder, None
        if recorder is not None:  # stopped on its way
            self.result = recorder.runs()[0]
        self.draw()
        self._told(stopped)

    def _told(self, stopped: bool) -> None:
        done, total = self.cells.done, math.prod(self.grid.shape)
        if done == total:
            self.say(f"All {total} runs are trained. Click a cell to open it.")
        elif stopped:
            self.say(f"Stopped: {done} of {total} runs. Run goes on.")

    # Drawing -------------------------------------------------------------------------------------

    def frame(self) -> MapFrame:
        """The map as it is now."""
        (x, _), (y, _), _ = self.grid.axes
        found = pictures.map_frame(self.cells, x, y)
        return dataclasses.replace(
            found,
            x=tuple(shown(x, value) for value in found.x),
            y=tuple(shown(y, value) for value in found.y),
            x_label=STORY[x][0],
            y_label=STORY[y][0],
        )

    def draw(self) -> None:
        """Draw the map, and the run that is open."""
        frame = self.frame()
        column, row = self.column.value, self.row.value
        self.map.show(frame, (column, row))
        done, total = self.cells.done, math.prod(self.grid.shape)
        self.progress.value = done / total
        recorder = self._recorder
        if self.player.state is not State.IDLE:
            opened = "" if recorder is None else " Training the run of this cell …"
            self.say(f"{done} of {total} runs.{opened}")
        run = self.result if recorder is None else recorder.run()
        lines = [told(frame, column, row)]
        self.fit.layout.visibility = "hidden" if run is None else "visible"
        if run is not None and len(run):
            self._show_fit(run)
            when = run.moment(-1)
            verdict = recovery_rows(recovery(run), when)
            seed = run.experiment.seed
            said = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in verdict)
            lines.append(f"Open: {named(run.experiment)}, seed {seed}. {said}")
        self.verdict.value = (
            f'<div style="font-size:15px;line-height:1.4">{"<br>".join(lines)}</div>'
        )

    def _show_fit(self, run: Run) -> None:
        drawable = run.experiment.problem.inputs.dim == 1
        self.fit.layout.display = "" if drawable else "none"
        if drawable:
            self.fit.show(pictures.fit(run, -1))

    def _take(self, grid: Grid) -> None:
        """Make a grid the one on screen, which is the one that the controls describe."""
        self.grid, self._other = grid, False
        (x, across), (y, up), (_, seeds) = grid.axes
        self._entering = True
        try:
            for slider, name, values in ((self.column, x, across), (self.row, y, up)):
                slider.options = [(f"{shown(name, v):g}", k) for k, v in enumerate(values)]
                slider.description, slider.value = STORY[name][0], len(values) // 2
            self.seed.options = [*range(len(seeds))]
        finally:
            self._entering = False
        self.lines.value = f"<pre style='white-space:pre-wrap'>{html.escape(self.code())}</pre>"
        self.draw()

    def _cell_changed(self) -> None:
        if not self._entering and self.player.state is State.IDLE:
            self.draw()

    def _target_changed(self) -> None:
        self.default = self._maps[self.target.value]
        self.reset()

    def _map_clicked(self, column: int, row: int) -> None:
        self._entering = True
        try:
            self.column.value, self.row.value = column, row
        finally:
            self._entering = False
        self._guarded(self.open_run)(None)
