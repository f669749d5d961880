"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

import dataclasses
import html
from collections.abc import Callable, Sequence
from typing import Any

from .. import dynamics, pictures
from ..records import ESCAPE
from ..subjects import Escapes, Moment, said
from ..symmetry import Escape, SymmetrySettings
from ..symmetry.settings import CANDIDATES, ESCAPE_OPTIMIZERS, MODELS, SAMPLES, WIDTH
from ..symmetry.settings import experiment as trained
from ..verdicts import escape_verdict
from .declared import LIST_WIDTH, Dial, Options, Picture, Remark, Table, Values
from .experiments import ACTIVATION

__all__ = ["SYMMETRY_TABLE"]

_KNOBS = SymmetrySettings.declared_knobs()
_LAYERS = {"1": 1, "2": 2}


def _turn(settings: SymmetrySettings | None, values: Values) -> SymmetrySettings:
    settings = settings or ESCAPE
    unknown = sorted(values.keys() - _write(settings).keys())
    if unknown:
        known = ", ".join(_write(settings))
        raise ValueError(f"There is no setting {unknown[0]!r} here; there are {known}.")
    chosen = _write(settings) | {**values}
    chosen["activation"] = ACTIVATION.taken(chosen["activation"])
    return _read(settings, chosen) if values else settings


def _read(before: SymmetrySettings, values: Values) -> SymmetrySettings:
    del before
    layer: Any = _LAYERS.get(str(values["layer"]), values["layer"])
    names = ("model", "activation", "optimizer", "width", "n_samples", "seed")
    return SymmetrySettings(
        trained(*(values[name] for name in names)),
        values["candidate"],
        layer,
        values["kick"],
    )


def _write(settings: SymmetrySettings) -> dict[str, Any]:
    return settings.chosen() | {
        "candidate": settings.candidate,
        "layer": str(settings.layer),
        "kick": settings.kick,
    }


def _accepts(settings: SymmetrySettings) -> bool:
    try:
        settings.chosen()
    except ValueError:
        return False
    return True


def _choice(name: str, label: str, options: Sequence[str], help_: str) -> Options:
    return Options(name, label, lambda: [*options], help_, LIST_WIDTH)


def _formula(settings: SymmetrySettings) -> str:
    return f"<i>{html.escape(settings.set().formula)}</i>"


def _events(now: Moment) -> list[dynamics.Event]:
    return dynamics.events(now.run, counts=now.shown.escape.places, what="place")


def _story(now: Moment, events: Sequence[dynamics.Event]) -> list[str]:
    escape = now.shown.escape
    claim = str(escape if len(now.run) > 1 else escape.on.claim)
    return [*(event.text for event in events), claim]


def _of(picture: Callable[[Escape, int], Any]) -> Callable[[Moment], Any]:
    return lambda now: picture(now.shown.escape, now.index)


SYMMETRY_TABLE = Table(
    shows="small networks on a set that symmetry makes",
    subject=Escapes,
    accepts=_accepts,
    turn=_turn,
    read=_read,
    write=_write,
    knobs=lambda settings: settings.knobs() | {"width": WIDTH, "n_samples": SAMPLES},
    controls=[
        _choice("model", "model", [*MODELS], "What is trained."),
        dataclasses.replace(ACTIVATION, width=LIST_WIDTH),
        _choice("candidate", "set", [*CANDIDATES], _KNOBS["candidate"].help),
        Remark(_formula),
        _choice("layer", "in layer", [*_LAYERS], _KNOBS["layer"].help),
        _choice("optimizer", "optimizer", [*ESCAPE_OPTIMIZERS], "How the weights are moved."),
        Dial("width", "width m"),
        Dial("n_samples", "samples n", (1, 200)),
        Dial("kick", "push ε", (1e-14, 1.0)),
        Dial("seed", "seed", (0, 20)),
    ],
    pictures=[
        Picture("distance", "curves", _of(pictures.distances)),
        Picture("plane", "plane", _of(pictures.plane)),
        Picture("loss", "curves", _of(pictures.losses)),
        Picture("eigenvalues", "curves", _of(pictures.eigenvalues)),
    ],
    verdict=lambda now: said(escape_verdict(now.shown.escape)),
    events=_events,
    story=_story,
    compare="",
    torch=False,
    width=724,
)
