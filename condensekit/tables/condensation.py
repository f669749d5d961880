"""CondensationLab: neurons gather into a few clusters, whose number grows; or they do not."""

from typing import Any

from .. import dynamics, pictures
from ..experiments import Experiment
from ..frames import COLOURS, SMALL
from ..models import TwoLayer
from ..records import CONDENSATION, LAZY
from ..subjects import Moment, Said, fit_with_merged, merged_sentence
from ..training import Run
from ..verdicts import regime_verdict
from .declared import Dial, Line, Look, More, Part, Picture, Values
from .experiments import (
    ACTIVATION,
    MERGE,
    Experiments,
    bearable,
    moved_by,
    of,
    optimizers,
    read_experiment,
    runs_table,
    std_and_gamma,
    with_knobs,
    write_experiment,
)

__all__ = ["CONDENSATION_TABLE"]

NAMES = ("blue", "orange")  # by what is seen: whether they condense is a result
TOP = 50  # clusters that the picture of their number shows
_HEAVY = 4  # live frames between two images of the matrices, the heavy picture


def _beside(one: Experiment, values: Values) -> Experiment:
    return one.replace(init_std=values["second_std"])


def _turn(batch: Experiments | None, values: Values) -> Experiments:
    knobs = {**values}
    first, *others = batch or (CONDENSATION, LAZY)
    second_std = knobs.pop("second_std", others[0].init_std if others else LAZY.init_std)
    first = with_knobs(first, knobs, batch is None)
    return first, first.replace(init_std=second_std)


def _read(batch: Experiments, values: Values) -> Experiments:
    first = read_experiment(batch[0], values)
    return first, _beside(first, values)


def _write(batch: Experiments) -> dict[str, Any]:
    first, *others = batch
    return write_experiment(first) | {"second_std": others[0].init_std if others else LAZY.init_std}


def _clusters(run: Run, index: int) -> int:
    """Clusters, or lines."""
    return int(pictures.labelled(run, index).max(initial=-1)) + 1


def _history(now: Moment) -> Any:
    run = now.run
    counts, what = now.along["clusters"], pictures.noun(run)
    return pictures.history(run, now.index, counts, now.marks, TOP, what)


def _events(now: Moment) -> list[dynamics.Event]:
    what = pictures.noun(now.run)[:-1]
    return dynamics.events(now.run, counts=now.along["clusters"], what=what)


def _verdict(now: Moment) -> list[Said]:
    moments = [now] if now.beside is None else [now, now.beside]
    colours = COLOURS["network"], COLOURS["last"]
    return [
        Said(f"{name.capitalize()}:", regime_verdict(moment.run, moment.index), colour)
        for name, colour, moment in zip(NAMES, colours, moments, strict=False)
    ]


def _map_of(now: Moment | None) -> Any:
    return None if now is None else pictures.cluster_map(now.run, now.index)


def _turned_map(view: Any, now: Moment) -> None:
    polar = now.look["map"] == "polar"
    if view.polar != polar:
        view.polar = polar


_MAPS = {
    "polar": "As in the talk: angle and log amplitude",
    "axes": "Angle against amplitude",
}


def _polar(name: str, colour: str) -> dict[str, Any]:
    return {"title": name.capitalize(), "colour": COLOURS[colour], "size": SMALL}


CONDENSATION_TABLE = runs_table(
    CONDENSATION,
    lambda one: isinstance(one.model, TwoLayer) and one.model.d == 1,
    shows="two-layer networks of one input",
    turn=_turn,
    read=_read,
    write=_write,
    twin=_beside,
    compare="Compare with orange",
    controls=[
        Dial("init_std", "variance σ²", (1e-16, 10.0), squared=True),
        Line(std_and_gamma),
        Dial(
            "second_std",
            "orange: σ²",
            (1e-16, 10.0),
            squared=True,
            knob=CONDENSATION.knobs()["init_std"],
        ),
        Dial("width", "width m", (1, 1_000)),
        Dial("n_samples", "samples n", (2, 200)),
        Part("targets", "problem"),
        bearable(NAMES),
        MERGE,
        More(
            [
                optimizers(),
                *moved_by(lr=(1e-5, 1.0), steps=(100, 1_000_000)),
                Dial("seed", "seed", (0, 20)),
                ACTIVATION,
                Look("map", "buttons", "neuron map", options=_MAPS),
            ]
        ),
    ],
    along={"clusters": _clusters},
    pictures=[
        Picture(
            "fit", "fit", fit_with_merged, beside=True, options={"other": NAMES[1], "size": SMALL}
        ),
        Picture("blue", "polar", _map_of, adjust=_turned_map, options=_polar(NAMES[0], "network")),
        Picture(
            "orange",
            "polar",
            lambda now: _map_of(now.beside),
            adjust=_turned_map,
            options=_polar(NAMES[1], "last"),
        ),
        Picture(
            "loss",
            "loss",
            of(pictures.loss_history),
            beside=True,
            options={"other": NAMES[1], "size": SMALL},
        ),
        Picture(
            "history", "history", _history, beside=True, options={"names": NAMES, "size": SMALL}
        ),
        Picture(
            "cosines",
            "cosines",
            of(pictures.aligned),
            beside=True,
            every=_HEAVY,
            options={"names": NAMES, "size": SMALL},
        ),
    ],
    verdict=_verdict,
    events=_events,
    below=merged_sentence,
)
