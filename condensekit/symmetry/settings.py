"""What an escape is made of: a model, an activation, a set, a push and an optimizer."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from ..activations import ACTIVATIONS
from ..experiments import Experiment
from ..knobs import Knob, Settings, knob
from ..models import Model, TwoLayer
from ..problems import three_tanh
from .candidates import Candidate, FlatSet
from .escape import Escape
from .escaping import Escaping
from .families import ESCAPE_OPTIMIZERS, FAMILIES, family_of
from .layers import layer_of
from .maps import permutation, rescaling, sign_flip
from .sets import SETS, equal_blocks, fixed_set

__all__ = [
    "CANDIDATES",
    "SAMPLES",
    "WIDTH",
    "SymmetrySettings",
    "experiment",
    "made",
    "start",
]

INIT_STD = 0.5

_KNOBS = Experiment(TwoLayer(1, 8), three_tanh()).knobs()
WIDTH = dataclasses.replace(_KNOBS["width"], default=8, low=2, high=40, log=False)
SAMPLES = dataclasses.replace(_KNOBS["n_samples"], default=20, low=1, high=200)


def _cycle(model: Model, layer: int = 0) -> FlatSet:
    return fixed_set(permutation(model, _order(model, layer), layer), layer)


def _order(model: Model, layer: int) -> list[int]:
    """Three units in a ring."""
    return [1, 2, 0, *range(3, layer_of(model, layer).width)]


def _flip(model: Model, layer: int = 0) -> FlatSet:
    return fixed_set(sign_flip(model, 0, layer), layer)


def _rescaling(model: Model, layer: int = 0) -> FlatSet:
    return fixed_set(rescaling(model, 0, 2.0, layer), layer)


CANDIDATES: dict[str, Callable[..., Candidate]] = {
    "two blocks": functools.partial(equal_blocks, k=2),
    "one block": functools.partial(equal_blocks, k=1),
    **SETS,
    "fixed by a cycle": _cycle,
    "fixed by a sign flip": _flip,
    "fixed by a rescaling": _rescaling,
}
"""From a model, and `layer`, counted from 0, to a set."""


def made(settings: "SymmetrySettings") -> str:
    """The expression that makes the set from ``S`` (`condensekit.symmetry`), model and layer."""
    order = _order(settings.experiment.model, settings.layer - 1)
    maps = {
        "two blocks": "S.equal_blocks(model, 2, layer)",
        "one block": "S.equal_blocks(model, 1, layer)",
        "fixed by a cycle": f"S.fixed_set(S.permutation(model, {order}, layer), layer)",
        "fixed by a sign flip": "S.fixed_set(S.sign_flip(model, 0, layer), layer)",
        "fixed by a rescaling": "S.fixed_set(S.rescaling(model, 0, 2.0, layer), layer)",
    }
    name = settings.candidate
    return maps.get(name, f"S.SETS[{name!r}](model, layer=layer)")


def experiment(
    model: str,
    activation: str,
    optimizer: str,
    width: int,
    n_samples: int,
    seed: int,
    unit: str = "",
) -> Experiment:
    """What these choices train; `width` is the number of units, by default of the first kind.

    Raises
    ------
    ValueError
        If there is no such choice, or a number is outside its range.
    """
    family = FAMILIES[str(Knob("model", "", choices=tuple(FAMILIES)).check(model))]
    Knob("activation", "", choices=ACTIVATIONS.keys()).check(activation)
    unit = unit or next(iter(family.units))
    if unit not in family.units:
        raise _no_layer(model, unit)
    try:
        Knob("optimizer", "", choices=tuple(family.optimizers)).check(optimizer)
    except ValueError as error:
        why = f": {family.without}." if str(optimizer) in ESCAPE_OPTIMIZERS else "."
        raise ValueError(f"{str(error).rstrip('.')}{why}") from None
    m: Any = dataclasses.replace(WIDTH, high=family.widest).check(width)
    n: Any = SAMPLES.check(n_samples)
    network, rule = family.make(unit, m, activation), family.optimizers[optimizer]
    return Experiment(network, family.problem, rule, n, init_std=INIT_STD, seed=seed)


def _no_layer(model: str, layer: object) -> ValueError:
    known = " or ".join(FAMILIES[model].units)
    return ValueError(f"layer must be {known} for the model {model!r}, but is {layer}.")


@dataclasses.dataclass(frozen=True)
class SymmetrySettings(Settings):
    """A network, a set, and a push off it.

    Raises
    ------
    ValueError
        If a value is outside its range, the model has no such layer, the set needs more neurons
        than there are, or it is fixed by a map that is no symmetry of the model.
    """

    experiment: Experiment
    candidate: str = knob(
        "two blocks", choices=tuple(CANDIDATES), help="The set on which the network starts."
    )
    layer: int = knob(
        1, 1, 100, help="What the set binds: the neurons of a layer, or units of another kind."
    )
    kick: float = knob(
        1e-6,
        0.0,
        10.0,
        log=True,
        help="Length of the random push across the set, in the space of all parameters.",
    )

    def __post_init__(self) -> None:
        """Check that the set is one of the model."""
        super().__post_init__()
        _ = self.unit
        self.set()

    @property
    def unit(self) -> str:
        """The kind of units of the layer, as it is called in the lab.

        Raises
        ------
        ValueError
            If the model is none of the lab, or has no such layer.
        """
        model = self.experiment.model
        name = family_of(model)
        unit = FAMILIES[name].unit(self.layer, model)
        if unit is None:
            raise _no_layer(name, self.layer)
        return unit

    def set(self) -> Candidate:
        """The set, made for the model."""
        return CANDIDATES[self.candidate](self.experiment.model, layer=self.layer - 1)

    def chosen(self) -> dict[str, str | int]:
        """What `experiment` was given.

        Raises
        ------
        ValueError
            If the experiment is none of this lab.
        """
        e, name, unit = self.experiment, family_of(self.experiment.model), self.unit
        rules = {rule: name for name, rule in FAMILIES[name].optimizers.items()}
        found: dict[str, str | int] = {
            "model": name,
            "activation": str(e.values().get("activation", "tanh")),
            "optimizer": rules.get(e.optimizer, repr(e.optimizer)),
            "width": FAMILIES[name].width(unit, e.model),
            "n_samples": e.n_samples,
            "seed": e.seed,
            "unit": unit,
        }
        if experiment(**found) != e:  # type: ignore[arg-type]
            raise ValueError(f"This lab cannot be set to {e!r}.")
        return found


def start(settings: SymmetrySettings) -> Escape:
    """What there is before anything is trained."""
    making = Escaping(settings.experiment, settings.set(), settings.kick)
    for _ in making.work(until=0):
        pass
    return making.found(ended=False)
