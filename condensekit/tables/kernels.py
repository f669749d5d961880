"""KernelLab: kernels of a network that learns digits turn into one direction, or do not."""

from typing import Any

from .. import dynamics, pictures
from ..frames import COLOURS
from ..measures import blocks
from ..models import Conv
from ..records import GROWING, KERNELS, default_start
from ..subjects import Moment, Said
from ..training import Run
from ..verdicts import kernel_verdict
from .declared import Action, Dial, Line, More, Picture, Row, Values
from .experiments import (
    ACTIVATION,
    Experiments,
    moved_by,
    of,
    optimizers,
    read_experiment,
    runs_table,
    std,
    with_knobs,
)

__all__ = ["KERNEL_TABLE"]


def _blocks(run: Run, index: int) -> int:
    return len(blocks(run.experiment.model, run.at(index)).members)


def _learning(now: Moment) -> Any:
    other = None if now.beside is None else now.beside.run
    return pictures.kernel_learning(now.run, now.index, other)


def _history(now: Moment) -> Any:
    return pictures.kernel_history(now.run, now.index, now.along["blocks"], now.marks)


def _verdict(now: Moment) -> list[Said]:
    parts = [Said("Now:", kernel_verdict(now.run, now.index), COLOURS["network"])]
    if now.beside is not None:
        told = kernel_verdict(now.beside.run, now.beside.index)
        parts.append(Said("Default start:", told, COLOURS["last"]))
    return parts


def _with_default(batch: Experiments) -> Experiments:
    return batch[0], default_start(batch[0])


def _turn(batch: Experiments | None, values: Values) -> Experiments:
    return _with_default((with_knobs((batch or (KERNELS,))[0], values, batch is None),))


KERNEL_TABLE = runs_table(
    KERNELS,
    lambda one: isinstance(one.model, Conv) and pictures.SCORE in one.problem.score_names,
    shows="a Conv that learns images of digits",
    turn=_turn,
    read=lambda batch, values: _with_default((read_experiment(batch[0], values),)),
    twin=lambda one, _: default_start(one),
    once=True,
    compare="Compare with default",
    controls=[
        Row(
            [
                Action(
                    "One block",
                    "The run that this lab opens with",
                    lambda lab: lab.choose((KERNELS,)),
                    136,
                ),
                Action(
                    "Blocks grow",
                    "Average over 6 x 6 positions, and train longer",
                    lambda lab: lab.choose((GROWING,)),
                    136,
                ),
            ]
        ),
        Dial("init_std", "variance σ²", (1e-14, 1.0), squared=True),
        Line(std),
        Dial("width", "kernels m", (1, 64)),
        Dial("size", "kernel size s", (1, 12)),
        Dial("pool", "pooling", (1, 12)),
        Dial("n_samples", "digits n", (10, 2_000)),
        More(
            [
                Dial("layers", "conv layers"),
                Dial("hidden", "hidden width", (0, 100)),
                Dial("stride", "stride", (1, 6)),
                optimizers(without=["GradientFlow"]),
                *moved_by(lr=(1e-3, 10.0), steps=(10, 5_000)),
                Dial("seed", "seed", (0, 20)),
                ACTIVATION,
            ]
        ),
    ],
    along={"blocks": _blocks},
    pictures=[
        Picture(
            "cosines",
            "cosines",
            of(pictures.kernel_pair),
            options={
                "names": ("start", "now"),
                "colours": (COLOURS["others"], COLOURS["network"]),
            },
        ),
        Picture("tiles", "tiles", of(pictures.kernel_tiles)),
        Picture("learning", "curves", _learning),
        Picture(
            "history",
            "history",
            _history,
            beside=True,
            options={"names": ("this run", "default start")},
        ),
    ],
    verdict=_verdict,
    events=lambda now: dynamics.events(now.run, counts=now.along["blocks"], what="block"),
    ending="print(ck.measures.blocks(run.experiment.model, run.at(index)))",
)
