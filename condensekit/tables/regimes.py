"""RegimeLab: the plane of (gamma, gamma'), and what three widths say of a point of it."""

import math
from typing import Any

from .. import pictures
from ..experiments import Experiment
from ..models import INITIALIZATIONS, ScaledTwoLayer, gammas, regime
from ..records import REGIMES
from ..subjects import Families, Moment, Said
from .declared import Dial, More, Part, Pick, Picture, Values
from .experiments import (
    ACTIVATION,
    Experiments,
    moved_by,
    of,
    optimizers,
    read_experiment,
    runs_table,
    with_knobs,
    write_experiment,
)

__all__ = ["REGIME_TABLE"]

OPENS = REGIMES.replace(width=300, gamma=1.75)
TIMES = (1, 3, 10)
"""The widths of a family, in terms of the smallest."""
SEEDS = 3
OWN = "of your own"


def _family(first: Experiment) -> Experiments:
    """Networks of three widths from three seeds; the first one is the one on the timeline."""
    m, seed = int(first.values()["width"]), first.seed
    return tuple(first.replace(width=m * k, seed=seed + s) for k in TIMES for s in range(SEEDS))


def _at(one: Experiment) -> tuple[float, float]:
    model: Any = one.model
    return model.gamma, model.gamma_prime


def _named(lab: Any, batch: Experiments) -> list[str]:
    del lab, batch
    return [OWN, *INITIALIZATIONS]


def _here(lab: Any, batch: Experiments) -> str:
    del lab
    model: Any = batch[0].model
    known = ((name, gammas(name, max(2, model.m))) for name in INITIALIZATIONS)
    at = _at(batch[0])
    same = [n for n, there in known if all(map(math.isclose, at, there))]
    return same[0] if same else OWN


def _go(lab: Any, name: str) -> None:
    if name != OWN:
        gamma, gamma_prime = gammas(name, max(2, int(lab.entered()[0].values()["width"])))
        lab.put(gamma=gamma, gamma_prime=gamma_prime)


def _clicked(lab: Any, gamma: float, gamma_prime: float) -> None:
    """Train the networks of a point; those that are known are shown."""
    lab.stop()
    lab.put(gamma=gamma, gamma_prime=gamma_prime)
    if not lab.subject.is_known(lab.entered()):
        lab.run()


def _plane(now: Moment) -> Any:
    one = now.run.experiment
    return pictures.regime_plane(*_at(one), max(2, one.model.m))


def _curve(now: Moment) -> Any:
    return pictures.displacement_curve(now.shown.runs)


def _verdict(now: Moment) -> list[Said]:
    gamma, gamma_prime = _at(now.run.experiment)
    found = pictures.displacements_of(now.shown.runs)
    relu = now.run.experiment.values()["activation"] == "relu"
    of_relu = "" if relu else " of ReLU networks"
    kind = f"{regime(gamma, gamma_prime).capitalize()} regime{of_relu}:"
    if math.isnan(found.slope):
        return [Said(kind, "Run trains three widths, from three seeds each.")]
    later = now.index < len(now.run) - 1
    told = f"{found} {'This is where the runs end, not this moment.' * later}"
    return [Said(kind, told.rstrip())]


def _turn(batch: Experiments | None, values: Values) -> Experiments:
    return _family(with_knobs((batch or (OPENS,))[0], values, batch is None))


REGIME_TABLE = runs_table(
    OPENS,
    lambda one: isinstance(one.model, ScaledTwoLayer) and one.model.d == 1,
    shows="two-layer networks of one input whose start follows the width",
    turn=_turn,
    read=lambda batch, values: _family(read_experiment(batch[0], values)),
    write=lambda batch: write_experiment(batch[0]),
    subject=Families,
    compare="",
    controls=[
        Pick("start as", _named, _here, _go, "Where common initializations are at this width"),
        Dial("gamma", "γ", (0.0, 2.5)),
        Dial("gamma_prime", "γ′", (-1.0, 1.5)),
        Dial("width", "width m", (10, 1_000)),
        Dial("n_samples", "samples n", (2, 50)),
        Part("targets", "problem"),
        More(
            [
                optimizers(),
                *moved_by(lr=(1e-5, 1.0), steps=(100, 1_000_000)),
                Dial("dropout", "dropout p", (0.0, 0.5)),
                Dial("seed", "seed", (0, 20)),
                ACTIVATION,
            ]
        ),
    ],
    pictures=[
        Picture("plane", "regimes", _plane, clicked=_clicked),
        Picture("displacement", "curves", _curve),
        Picture("fit", "fit", of(pictures.fit)),
        Picture("neurons", "neurons", of(pictures.cluster_map)),
    ],
    verdict=_verdict,
)
