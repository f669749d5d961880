"""PhaseLab: the map of test errors over two settings, filled while one watches."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from .. import pictures
from ..experiments import Experiment
from ..frames import MapFrame
from ..frames.maps import plain
from ..records import PHASE, SLIDING
from ..subjects import Map, Moment, Said, State, Sweeps, said
from ..subjects.sweeps import Filling
from ..sweeps import Grid
from ..verdicts import cell_verdict, recovery_verdict
from .declared import Action, Look, Part, Pick, Picture, Row, Table, Values
from .story import STORY, label_of, shown

__all__ = ["PHASE_TABLE"]

MAPS = {"tanh of one input": PHASE, "tanh of five inputs": SLIDING}
"""The maps that can be chosen, by their target."""
GIVEN = "as given"


def _turn(grid: Grid | None, values: Values) -> Grid:
    grid = grid or PHASE
    return Grid.of(grid.base.replace(**values), dict(grid.axes)) if values else grid


def _targets(lab: Any, grid: Grid) -> list[str]:
    del grid
    return [*MAPS, *([] if lab.opening in MAPS.values() else [GIVEN])]


def _here(lab: Any, grid: Grid) -> str:
    kind = type(grid.base.problem)
    same = [name for name, of in MAPS.items() if type(of.base.problem) is kind]
    if type(lab.default.base.problem) is kind:  # what the axes can reach from there
        same = [name for name in same if MAPS[name] == lab.default]
    return same[0] if same else GIVEN


def _go(lab: Any, target: str) -> None:
    lab.default = MAPS.get(target, lab.opening)
    lab.reset()


def _along(axis: int) -> Any:
    """The cells along an axis, the middle one to begin with, and what the axis is."""

    def offered(now: Moment) -> tuple[Sequence[Any], Any, str]:
        name, values = now.shown.cells.grid.axes[axis]
        options = [(plain(shown(name, value)), k) for k, value in enumerate(values)]
        return options, len(values) // 2, label_of(name)

    return offered


def _seeds(now: Moment) -> tuple[Sequence[Any], Any, str]:
    _, seeds = now.shown.cells.grid.axes[2]
    return [(str(seed), k) for k, seed in enumerate(seeds)], 0, "seed"


def _open(lab: Any, live: bool = True) -> None:
    """Show the run of the chosen cell in the fit picture; train it if it was not."""
    found: Map = lab.shown
    grid, look = found.cells.grid, lab.looks
    (x, _), (y, _), _ = grid.axes
    places = {x: look["column"], y: look["row"], "seed": look["seed"]}
    experiment = grid.experiments[grid.number(**places)]
    subject = lab.subject
    assert isinstance(subject, Sweeps)
    if experiment in subject.opened_runs:
        lab.put_on(dataclasses.replace(found, opened=subject.opened_runs[experiment]))
    elif lab.player.state is State.IDLE:
        lab.work(subject.opening(found, experiment), live, plan="the run of this cell")
    elif isinstance(lab.job, Filling):  # whoever works takes it next
        lab.job.want(experiment)
        if lab.player.state is State.PAUSED:
            lab.say("Paused: this run is opened when you go on.")


def _clicked(lab: Any, column: int, row: int, live: bool = True) -> None:
    lab.see(column=column, row=row)
    _open(lab, live)


# What is seen ------------------------------------------------------------------------------------


def _frame(now: Moment) -> MapFrame:
    """The map as it is now."""
    (x, _), (y, _), _ = now.shown.cells.grid.axes
    found = pictures.map_frame(now.shown.cells, x, y)
    return dataclasses.replace(
        found,
        x=tuple(shown(x, value) for value in found.x),
        y=tuple(shown(y, value) for value in found.y),
        x_label=label_of(x),
        y_label=label_of(y),
    )


def _map(now: Moment) -> tuple[MapFrame, tuple[int, int]]:
    return now.once(_frame), (now.look["column"], now.look["row"])


def _can_be_drawn(now: Moment) -> bool:
    run = now.shown.opened
    return run is None or run.experiment.problem.inputs.dim == 1


def _fit(now: Moment) -> Any:
    run = now.shown.opened
    return pictures.fit(run, -1) if run is not None and len(run) else None


def _named(one: Experiment, grid: Grid) -> str:
    """Which run of the map this is: the settings that the screen has."""
    values = one.values()
    names = [n for n in dict.fromkeys([*STORY, *dict(grid.axes)]) if n in values]
    return ", ".join(f"{label_of(n)} = {plain(shown(n, values[n]))}" for n in names if n != "seed")


def _verdict(now: Moment) -> list[Said]:
    frame, column, row = now.once(_frame), now.look["column"], now.look["row"]
    parts = [Said("", f"Cell {frame.place(column, row)}:"), *said(cell_verdict(frame, column, row))]
    run = now.shown.opened
    if run is not None and len(run):
        named, seed = _named(run.experiment, now.shown.cells.grid), run.experiment.seed
        opened = f"Open: {named}, seed {seed}."
        parts.append(Said("", opened, new_line=True))
        parts += said(recovery_verdict(run, len(run) - 1))
    return parts


PHASE_TABLE = Table(
    shows="maps over two knobs and the seed",
    subject=Sweeps,
    accepts=lambda grid: isinstance(grid, Grid) and len(grid.axes) == 3,
    turn=_turn,
    read=lambda before, values: values["grid"],
    write=lambda grid: {"grid": grid},
    knobs=lambda grid: grid.base.knobs(),
    controls=[
        Pick(
            "target",
            _targets,
            _here,
            _go,
            "What is to be learned; each target has a recorded map",
        ),
        Part("axes", "grid"),
    ],
    under=[
        Look("column", "slider", "cell", offered=_along(0)),
        Look("row", "slider", "cell", offered=_along(1)),
        Row(
            [
                Look("seed", "short list", "seed", offered=_seeds),
                Action("Open", "Train this cell's run and show its fit", _open, 70),
            ]
        ),
    ],
    pictures=[
        Picture("map", "map", _map, clicked=_clicked, chooses=("column", "row")),
        Picture("fit", "fit", _fit, needed=_can_be_drawn),
    ],
    verdict=_verdict,
    compare="",
    torch=False,
)
