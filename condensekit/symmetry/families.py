"""The models that SymmetryLab offers: their units, and what each is trained on, and how."""

import dataclasses
from collections.abc import Mapping

from ..models import Attention, Deep, Model, TwoLayer
from ..models.attention import PreciseTransformer
from ..optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow, Optimizer
from ..plain import quoted
from ..problems import Problem, anchors, teacher_heads, three_tanh
from .layers import layers

__all__ = ["ATTENTION_HAS_NO_FLOW", "ESCAPE_OPTIMIZERS", "FAMILIES", "Family", "family_of"]

ESCAPE_OPTIMIZERS: dict[str, Optimizer] = {
    "GradientFlow": GradientFlow(t_end=1e5, stop_loss=1e-8, max_steps=600),
    "GradientDescent": GradientDescent(2e-2, steps=5_000),
    "Adam": Adam(1e-2, steps=5_000),
    "SGD": SGD(2e-3, steps=5_000),
    "AdamW": AdamW(1e-2, steps=5_000),
}
"""Of neurons; bounded, so that each run ends within seconds."""
_OF_HEADS: dict[str, Optimizer] = {
    "GradientDescent": GradientDescent(0.3, steps=1_000),
    "Adam": Adam(1e-2, steps=1_000),
    "SGD": SGD(0.1, momentum=0.9, batch_size=10, steps=1_000),
    "AdamW": AdamW(1e-2, steps=1_000),
}
ATTENTION_HAS_NO_FLOW = "for attention, the gradient flow takes minutes: a Hessian at each step"


@dataclasses.dataclass(frozen=True)
class Family:
    """Models that differ in the number of units of one kind.

    Attributes
    ----------
    base : Model
        One of them; the others have another number of units, and perhaps another activation.
    units : mapping of str to (str, str)
        Kinds of units by the name that a reader chooses: how the name of their layer begins, and
        the knob of the model that is their number.
    problem : Problem
        What they learn.
    optimizers : dict of Optimizer
        How; the one to begin with in front.
    widest : int
        The most units, for many Hessians.
    without : str
        Why there is no other optimizer.
    """

    base: Model
    units: Mapping[str, tuple[str, str]]
    problem: Problem = dataclasses.field(default_factory=three_tanh)
    optimizers: Mapping[str, Optimizer] = dataclasses.field(
        default_factory=lambda: ESCAPE_OPTIMIZERS
    )
    widest: int = 40
    without: str = ""

    @property
    def activated(self) -> bool:
        """Whether there is an activation to be chosen."""
        return "activation" in self.base.knobs()

    def make(self, unit: str, width: int, activation: str) -> Model:
        """The model with so many units of one kind."""
        _, knob = self.units[unit]
        chosen = {"activation": activation} if self.activated else {}
        return self.base.replace(**{knob: width}, **chosen)

    def width(self, unit: str, model: Model) -> int:
        """The number of units of one kind."""
        return int(model.values()[self.units[unit][1]])

    def has(self, unit: str, model: Model) -> bool:
        """Whether a model is the one with its number of units of one kind."""
        if type(model) is not type(self.base):
            return False
        activation = str(model.values().get("activation", ""))
        return self.make(unit, self.width(unit, model), activation) == model

    def layer(self, unit: str, model: Model) -> int:
        """Which of the `layers` of a model they are, counted from 1; the first of several."""
        begins, _ = self.units[unit]
        names = [found.name for found in layers(model)]
        return next(k for k, name in enumerate(names, 1) if name.startswith(begins))

    def unit(self, layer: int, model: Model) -> str | None:
        """The kind of units of a layer, counted from 1; None if they are not offered."""
        return next((unit for unit in self.units if self.layer(unit, model) == layer), None)


_COLUMNS = {
    "columns of W_Q, W_K": ("columns of W_Q and W_K", "d_head"),
    "columns of W_V, W_O": ("columns of W_V and W_O", "d_head"),
}

FAMILIES: dict[str, Family] = {
    "one hidden layer": Family(TwoLayer(1, 8), {"1": ("hidden neurons", "width")}),
    "one layer, no bias": Family(TwoLayer(1, 8, bias=False), {"1": ("hidden neurons", "width")}),
    "two hidden layers": Family(
        Deep(1, 8, 2),
        {"1": ("neurons of layer 1", "width"), "2": ("neurons of layer 2", "width")},
        widest=10,
    ),
    "attention heads": Family(
        Attention(),
        {"heads": ("heads", "heads")} | _COLUMNS,
        teacher_heads(3),
        _OF_HEADS,
        8,
        ATTENTION_HAS_NO_FLOW,
    ),
    "small Transformer": Family(
        PreciseTransformer(d_model=6, heads=4, d_head=4, d_ff=4),
        {"heads": ("heads", "heads")}
        | _COLUMNS
        | {
            "FFN neurons": ("FFN neurons", "d_ff"),
            "coordinates": ("coordinates", "d_model"),
        },
        anchors(),
        _OF_HEADS | {"GradientDescent": GradientDescent(0.05, steps=1_000)},
        8,
        ATTENTION_HAS_NO_FLOW,
    ),
}
"""By the name that a reader chooses. For the target of the heads two blocks are too few."""


def family_of(model: Model) -> str:
    """The name of the family that has a model.

    Raises
    ------
    ValueError
        If none has it.
    """
    for name, family in FAMILIES.items():
        if any(family.has(unit, model) for unit in family.units):
            return name
    raise ValueError(f"model must be one of {', '.join(FAMILIES)}, but is {quoted(model)}.")
