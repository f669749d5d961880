"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

import dataclasses
import html
from collections.abc import Callable, Sequence
from typing import Any

from .. import dynamics, pictures
from ..knobs import Knob
from ..records import ESCAPE
from ..subjects import Escapes, Moment, said
from ..symmetry import Escape, SymmetrySettings
from ..symmetry.families import ATTENTION_HAS_NO_FLOW, ESCAPE_OPTIMIZERS, FAMILIES
from ..symmetry.settings import CANDIDATES, SAMPLES, WIDTH
from ..symmetry.settings import experiment as trained
from ..verdicts import escape_verdict
from .declared import LIST_WIDTH, Dial, Options, Picture, Remark, Table, Values
from .experiments import ACTIVATION

__all__ = ["SYMMETRY_TABLE"]

_KNOBS = SymmetrySettings.declared_knobs()
_ONE_OF_TWO = ["1", "2"]
_HOW = f"How the weights are moved; {ATTENTION_HAS_NO_FLOW}."
_UNITS = [*dict.fromkeys(unit for family in FAMILIES.values() for unit in family.units)]
"""Of all models; one is in the list of several."""


def _units(values: Values) -> list[str]:
    """What a set may bind in a model; a network of one layer says so itself."""
    units = [*FAMILIES[values["model"]].units]
    return units if units[0] not in _ONE_OF_TWO else _ONE_OF_TWO


def _rules(values: Values) -> list[str]:
    return [*FAMILIES[values["model"]].optimizers]


def _turn(settings: SymmetrySettings | None, values: Values) -> SymmetrySettings:
    settings = settings or ESCAPE
    names = {**_write(settings), "activation": ""}
    unknown = sorted(values.keys() - names.keys())
    if unknown:
        known = ", ".join(names)
        raise ValueError(f"There is no setting {unknown[0]!r} here; there are {known}.")
    if not values:
        return settings
    chosen = {"activation": "tanh"} | _write(settings) | {**values}
    Knob("model", "", choices=[*FAMILIES]).check(chosen["model"])
    for name, among in (("layer", _units), ("optimizer", _rules)):
        if name not in values and chosen[name] not in among(chosen):
            chosen[name] = among(chosen)[0]  # what a model does not have begins with its own
    chosen["activation"] = ACTIVATION.taken(chosen["activation"])
    found = _read(settings, chosen)
    if values.keys() - _write(found).keys():
        raise ValueError(f"activation is no setting of the model {chosen['model']!r}.")
    return found


def _read(before: SymmetrySettings, values: Values) -> SymmetrySettings:
    del before
    unit = str(values["layer"]) or "''"  # no text is no layer, not the first one
    names = ("model", "activation", "optimizer", "width", "n_samples", "seed")
    one = trained(**{name: values[name] for name in names}, unit=unit)
    layer = FAMILIES[values["model"]].layer(unit, one.model)
    return SymmetrySettings(one, values["candidate"], layer, values["kick"])


def _write(settings: SymmetrySettings) -> dict[str, Any]:
    chosen = settings.chosen()
    if not FAMILIES[str(chosen["model"])].activated:
        del chosen["activation"]
    chosen["layer"] = chosen.pop("unit")
    return chosen | {"candidate": settings.candidate, "kick": settings.kick}


def _accepts(settings: SymmetrySettings) -> bool:
    try:
        settings.chosen()
    except ValueError:
        return False
    return True


def _choice(
    name: str,
    label: str,
    options: Sequence[str],
    help_: str,
    among: Callable[[Values], list[str]] | None = None,
) -> Options:
    return Options(name, label, lambda: [*options], help_, LIST_WIDTH, among=among)


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
        _choice("model", "model", [*FAMILIES], "What is trained."),
        dataclasses.replace(ACTIVATION, width=LIST_WIDTH),
        _choice("candidate", "set", [*CANDIDATES], _KNOBS["candidate"].help),
        Remark(_formula),
        _choice("layer", "in layer", _UNITS, _KNOBS["layer"].help, _units),
        _choice("optimizer", "optimizer", [*ESCAPE_OPTIMIZERS], _HOW, _rules),
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
    verdict=lambda now: said(escape_verdict(now.shown.escape, now.index)),
    events=_events,
    story=_story,
    compare="",
    torch=False,
    width=724,
)
