"""What a set of parameters is, and which steps keep it: the theorem, set by set.

A set is invariant under the gradient flow, for every loss and all data, exactly if grad F(theta)(x)
is tangent to it for all of its theta and all x: a structural invariant manifold (Zhao, Luo and
Zhang 2025, arXiv:2510.09564, Definition 3.1; a symmetry makes one, Theorem 4.1). The paper speaks
of analytic models; for ReLU what is said here holds away from its kinks, and at 0 by the
convention act'(0) = 0. Gradient descent makes finite steps and so keeps only the flat ones among
these. Adam moves each entry by itself and keeps those that a signed permutation, which it does not
notice, leaves as they are. What gives equal neurons different random numbers, such as dropout or
noise on the gradients, keeps none of them.
"""

import abc
import dataclasses
import enum
import functools
from typing import Any

import numpy as np

from ..doors import door
from ..models import Model, Params, check_params
from ..models.fitting import check_network
from ..models.parameters import flat, named
from ..optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow, Optimizer
from .layers import Layer, layer_of
from .subspace import Subspace

__all__ = ["Balanced", "Candidate", "Claim", "FlatSet", "Motion", "motion"]

Array = np.ndarray[Any, np.dtype[Any]]

_ROUNDING = 1e-9
"""A distance below this share of the size of the network is rounding."""


class Motion(enum.Enum):
    """How an optimizer moves, as far as invariant sets are concerned."""

    FLOW = "along -grad L, without steps"
    STEPS = "by multiples of gradients"
    ENTRIES = "each entry by itself, all by one odd rule"


@door()
def motion(optimizer: Optimizer) -> Motion:
    """How an optimizer moves; a new kind of optimizer says so here."""
    raise ValueError(
        f"Nothing is known about the steps of {type(optimizer).__name__}, so that theory does not "
        "say what it leaves invariant."
    )


@motion.register
def _flow(optimizer: GradientFlow) -> Motion:
    return Motion.FLOW


@motion.register(GradientDescent)
@motion.register(SGD)
def _descent(optimizer: Optimizer) -> Motion:
    return Motion.STEPS


@motion.register(Adam)
@motion.register(AdamW)
def _adam(optimizer: Optimizer) -> Motion:
    """Weights that decay, all by the same share, stay on every flat set."""
    return Motion.ENTRIES


@dataclasses.dataclass(frozen=True)
class Claim:
    """What theory says: whether a set is invariant, and why, in a sentence."""

    invariant: bool
    reason: str

    def __str__(self) -> str:
        """The claim in a sentence."""
        return f"{'Invariant' if self.invariant else 'Not invariant'}: {self.reason}"


@dataclasses.dataclass(frozen=True, eq=False)
class Candidate(abc.ABC):
    """A set of parameters of one model that training may or may not leave.

    Attributes
    ----------
    model : Model
        Whose parameters.
    name, formula : str
        What it is called, and what holds on it.
    tangent : bool
        Whether theory says that grad F is tangent to it, for all inputs.
    reason : str
        Why, in a sentence.
    layer : int
        The layer whose units it binds.
    """

    model: Model
    name: str
    formula: str
    tangent: bool
    reason: str
    layer: int = dataclasses.field(default=0, kw_only=True)

    @abc.abstractmethod
    def place(self, params: Params) -> Params:
        """A network on the set, near to `params`."""

    @abc.abstractmethod
    def distances(self, theta: Array) -> Array:
        """Distance to the set of each row of `theta` [..., P]; exactly 0 on flat sets."""

    @abc.abstractmethod
    def across(self, theta: Array, vectors: Array) -> Array:
        """The part of `vectors` [..., P], at one `theta` [P] on the set, that is normal to it."""

    @abc.abstractmethod
    def kept_by(self, how: Motion) -> bool:
        """Whether such steps keep the set if it is tangent."""

    @abc.abstractmethod
    def explained(self, optimizer: Optimizer, size: Array) -> Array:
        """Distances that rounding explains, or the integrator's error, for networks of this size.

        `size` is the norm of all parameters.
        """

    def distance(self, params: Params) -> float:
        """Distance of one network to the set."""
        check_params(self.model, params)
        return float(self.distances(flat(self.model, params)))

    def theory(self, optimizer: Optimizer) -> Claim:
        """Whether theory says that the set is invariant under this optimizer, and why."""
        if not self.tangent or self.kept_by(motion(optimizer)):
            return Claim(self.tangent, self.reason)
        return Claim(
            False,
            f"{self.reason} But {type(optimizer).__name__} moves {motion(optimizer).value}, and "
            "keeps "
            + (
                "flat sets only."
                if motion(optimizer) is Motion.STEPS
                else "equal and opposite entries only."
            ),
        )


@dataclasses.dataclass(frozen=True, eq=False)
class FlatSet(Candidate):
    """A linear set; the distance is the Euclidean one, and `place` takes the nearest point."""

    space: Subspace

    def place(self, params: Params) -> Params:
        """The nearest network on the set."""
        check_params(self.model, params)
        return named(self.model, self.space.project(flat(self.model, params)))

    def distances(self, theta: Array) -> Array:
        """Euclidean distances of the rows of `theta` [..., P]."""
        return self.space.distance(theta)

    def across(self, theta: Array, vectors: Array) -> Array:
        """What the projection onto the set removes."""
        return self.space.residual(vectors)

    def explained(self, optimizer: Optimizer, size: Array) -> Array:
        """Rounding: every method here takes steps along the set, however long they are."""
        del optimizer
        return _ROUNDING * size

    def kept_by(self, how: Motion) -> bool:
        """Always; by Adam if all entries are equal, opposite or zero."""
        return how is not Motion.ENTRIES or self.space.signed


@dataclasses.dataclass(frozen=True, eq=False)
class Balanced(Candidate):
    """|outgoing weights|^2 - |incoming weights|^2 = value for one unit: a curved set.

    The distance is the difference of both sides. `place` rescales the unit, (a, w, b) to
    (a / c, c w, c b), which for ReLU does not change the function.
    """

    unit: int
    value: float

    @functools.cached_property
    def units(self) -> Layer:
        """The layer of the unit."""
        return layer_of(self.model, self.layer)

    def _sides(self, theta: Array) -> tuple[Array, Array]:
        out, into = theta[..., self.units.outgoing[self.unit]], self.units.incoming[self.unit]
        return np.vecdot(out, out), np.vecdot(theta[..., into], theta[..., into])

    def place(self, params: Params) -> Params:
        """The network on the set that rescaling the unit gives.

        Raises
        ------
        ValueError
            If the unit has no incoming weight to scale, or none behind and the value is above 0.
        """
        check_params(self.model, params)
        theta = flat(self.model, params)
        out, into = (float(side) for side in self._sides(theta))
        root = float(np.hypot(self.value, 2.0 * (out * into) ** 0.5)) - self.value
        if not (into > 0.0 and root > 0.0):
            raise ValueError(
                f"Unit {self.unit} has |outgoing|^2 = {out:g} and |incoming|^2 = {into:g}; no "
                f"rescaling makes their difference {self.value:g}."
            )
        c = (root / (2.0 * into)) ** 0.5
        theta[self.units.incoming[self.unit]] *= c
        theta[self.units.outgoing[self.unit]] /= c
        return named(self.model, theta)

    def distances(self, theta: Array) -> Array:
        """| |outgoing|^2 - |incoming|^2 - value | for the rows of `theta` [..., P]."""
        out, into = self._sides(theta)
        return np.asarray(np.abs(out - into - self.value))

    def across(self, theta: Array, vectors: Array) -> Array:
        """The part along the normal (a, -w, -b)."""
        normal = np.zeros_like(theta)
        out, into = self.units.outgoing[self.unit], self.units.incoming[self.unit]
        normal[out], normal[into] = theta[out], -theta[into]
        normal /= np.linalg.norm(normal)
        return np.asarray((vectors @ normal)[..., None] * normal)

    def explained(self, optimizer: Optimizer, size: Array) -> Array:
        """The error that the integrator allows itself: only the exact flow is exactly on it."""
        allowed = max(_ROUNDING, float(optimizer.values().get("rtol", 0.0)))
        return np.asarray(allowed * size**2)

    def kept_by(self, how: Motion) -> bool:
        """By the flow alone: a step along a tangent leaves a curved set."""
        return how is Motion.FLOW


def check_placed(
    candidate: Candidate, params: Params | None = None, init: Params | None = None
) -> None:
    """Raise a ValueError unless these are parameters of one network of the model of a set."""
    for called, given in (("params", params), ("init", init)):
        if given is not None:
            check_network(candidate.model, given, called)
