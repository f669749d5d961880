"""What an escape is made of: a model, an activation, a set, a push and an optimizer."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from ..activations import ACTIVATIONS
from ..experiments import Experiment
from ..knobs import Knob, Settings, knob
from ..models import Deep, Model, TwoLayer
from ..optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow, Optimizer
from ..problems import three_tanh
from .candidates import Candidate, FlatSet
from .escape import Escape
from .escaping import Escaping
from .layers import layer_of
from .maps import permutation, rescaling, sign_flip
from .sets import SETS, equal_blocks, fixed_set

__all__ = [
    "CANDIDATES",
    "ESCAPE_OPTIMIZERS",
    "MODELS",
    "SAMPLES",
    "WIDTH",
    "SymmetrySettings",
    "experiment",
    "made",
    "model_name",
    "start",
]

ESCAPE_OPTIMIZERS: dict[str, Optimizer] = {
    "GradientFlow": GradientFlow(t_end=1e5, stop_loss=1e-8, max_steps=600),
    "GradientDescent": GradientDescent(2e-2, steps=5_000),
    "Adam": Adam(1e-2, steps=5_000),
    "SGD": SGD(2e-3, steps=5_000),
    "AdamW": AdamW(1e-2, steps=5_000),
}
"""Bounded, so that each run ends within seconds."""
MODELS: dict[str, tuple[Callable[[int, str], Model], int, int]] = {
    "one hidden layer": (lambda m, activation: TwoLayer(1, m, activation), 1, 40),
    "one layer, no bias": (lambda m, activation: TwoLayer(1, m, activation, bias=False), 1, 40),
    "two hidden layers": (lambda m, activation: Deep(1, m, 2, activation), 2, 10),
}
"""From width and activation to a model; its hidden layers; the largest width, for many Hessians."""
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


def model_name(model: Model) -> str:
    """Which of `MODELS` this is.

    Raises
    ------
    ValueError
        If it is none.
    """
    values = model.values()
    width, activation = int(values.get("width", 0)), str(values.get("activation", ""))
    for name, (make, _, _) in MODELS.items():
        if width and make(width, activation) == model:
            return name
    raise ValueError(f"model must be one of {', '.join(MODELS)}, but is {model!r}.")


def experiment(
    model: str, activation: str, optimizer: str, width: int, n_samples: int, seed: int
) -> Experiment:
    """What these choices train.

    Raises
    ------
    ValueError
        If there is no such choice, or a number is outside its range.
    """
    Knob("model", "", choices=tuple(MODELS)).check(model)
    Knob("activation", "", choices=ACTIVATIONS.keys()).check(activation)
    Knob("optimizer", "", choices=tuple(ESCAPE_OPTIMIZERS)).check(optimizer)
    make, _, widest = MODELS[model]
    m: Any = dataclasses.replace(WIDTH, high=widest).check(width)
    n: Any = SAMPLES.check(n_samples)
    network, rule = make(m, activation), ESCAPE_OPTIMIZERS[optimizer]
    return Experiment(network, three_tanh(), rule, n, init_std=INIT_STD, seed=seed)


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
    layer: int = knob(1, 1, 2, help="The hidden layer whose neurons the set binds.")
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
        name = model_name(self.experiment.model)
        if self.layer > MODELS[name][1]:
            raise ValueError(f"layer must be 1 for the model {name!r}, but is {self.layer}.")
        self.set()

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
        e = self.experiment
        rules = {rule: name for name, rule in ESCAPE_OPTIMIZERS.items()}
        values = e.values()
        found: dict[str, str | int] = {
            "model": model_name(e.model),
            "activation": str(values["activation"]),
            "optimizer": rules.get(e.optimizer, repr(e.optimizer)),
            "width": int(values["width"]),
            "n_samples": e.n_samples,
            "seed": e.seed,
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
