"""Sets of parameters that training might not leave, and what theory says of each.

A set is invariant under the gradient flow, for every loss and all data, exactly if grad F(theta)(x)
is tangent to it for all of its theta and all x. Gradient descent makes finite steps and so keeps
only the flat ones among these. Adam moves each entry by itself and keeps those that a signed
permutation, which it does not notice, leaves as they are.
"""

import abc
import dataclasses
import enum
from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np

from ..models import Model, Params, check_params
from ..optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow, Optimizer
from .layers import Layer, layer_of
from .maps import check_units
from .subspace import Equation, Subspace, flat, named

__all__ = [
    "SETS",
    "Balanced",
    "Candidate",
    "Claim",
    "FlatSet",
    "Motion",
    "balanced",
    "equal",
    "idle",
    "mirrored",
    "motion",
    "opposite",
    "proportional",
    "same_inputs",
    "zero",
]

Array = np.ndarray[Any, np.dtype[Any]]

ROUNDING = 1e-9
"""A distance below this share of the size of the network is rounding."""


class Motion(enum.Enum):
    """How an optimizer moves, as far as invariant sets are concerned."""

    FLOW = "along -grad L, without steps"
    STEPS = "by multiples of gradients"
    ENTRIES = "each entry by itself, all by one odd rule"


@singledispatch
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
    """

    model: Model
    name: str
    formula: str
    tangent: bool
    reason: str

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
        return ROUNDING * size

    def kept_by(self, how: Motion) -> bool:
        """Always; by Adam if all entries are equal, opposite or zero."""
        return how is not Motion.ENTRIES or self.space.signed


@dataclasses.dataclass(frozen=True, eq=False)
class Balanced(Candidate):
    """|outgoing weights|^2 - |incoming weights|^2 = value for one unit: a curved set.

    The distance is the difference of both sides. `place` rescales the unit, (a, w, b) to
    (a / c, c w, c b), which for ReLU does not change the function.
    """

    layer: Layer
    unit: int
    value: float

    def _sides(self, theta: Array) -> tuple[Array, Array]:
        out, into = theta[..., self.layer.outgoing[self.unit]], self.layer.incoming[self.unit]
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
        theta[self.layer.incoming[self.unit]] *= c
        theta[self.layer.outgoing[self.unit]] /= c
        return named(self.model, theta)

    def distances(self, theta: Array) -> Array:
        """| |outgoing|^2 - |incoming|^2 - value | for the rows of `theta` [..., P]."""
        out, into = self._sides(theta)
        return np.asarray(np.abs(out - into - self.value))

    def across(self, theta: Array, vectors: Array) -> Array:
        """The part along the normal (a, -w, -b)."""
        normal = np.zeros_like(theta)
        out, into = self.layer.outgoing[self.unit], self.layer.incoming[self.unit]
        normal[out], normal[into] = theta[out], -theta[into]
        normal /= np.linalg.norm(normal)
        return np.asarray((vectors @ normal)[..., None] * normal)

    def explained(self, optimizer: Optimizer, size: Array) -> Array:
        """The error that the integrator allows itself: only the exact flow is exactly on it."""
        allowed = max(ROUNDING, float(optimizer.values().get("rtol", 0.0)))
        return np.asarray(allowed * size**2)

    def kept_by(self, how: Motion) -> bool:
        """By the flow alone: a step along a tangent leaves a curved set."""
        return how is Motion.FLOW


def _pairs(layer: Layer, j: int, k: int, into: float, out: float) -> list[Equation]:
    """Unit k has `into` times the incoming and `out` times the outgoing weights of unit j."""
    places = zip(layer.incoming[k].tolist(), layer.incoming[j].tolist(), strict=True)
    found = [(i, into, other) for i, other in places]
    behind = zip(layer.outgoing[k].tolist(), layer.outgoing[j].tolist(), strict=True)
    return found + [(i, out, other) for i, other in behind]


def _flat_set(
    model: Model,
    name: str,
    formula: str,
    claim: tuple[bool, str],
    equations: list[Equation],
    zeros: list[int] | None = None,
) -> FlatSet:
    space = Subspace.where(model.n_parameters, equations, zeros or [])
    return FlatSet(model, name, formula, *claim, space)


def equal(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = (a, w, b)_k: the fixed set of the exchange of two units."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = True, "Exchanging the two neurons is a symmetry, and this is its fixed set."
    return _flat_set(
        model, "equal", "(a, w, b)_j = (a, w, b)_k", claim, _pairs(found, j, k, 1.0, 1.0)
    )


def opposite(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = -(a, w, b)_k: invariant if the activation is odd."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = (
        (True, "The activation is odd: exchanging both and turning their signs is a symmetry.")
        if found.odd
        else (False, "The activation is not odd, so (-a, -w, -b) is another neuron.")
    )
    return _flat_set(
        model, "opposite", "(a, w, b)_j = -(a, w, b)_k", claim, _pairs(found, j, k, -1.0, -1.0)
    )


def mirrored(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = (a, -w, -b)_k: invariant if the activation is even."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = (
        (True, "The activation is even: exchanging both and turning (w, b) is a symmetry.")
        if found.even
        else (False, "The activation is not even, so (a, -w, -b) is another neuron.")
    )
    return _flat_set(
        model, "mirrored", "(a, w, b)_j = (a, -w, -b)_k", claim, _pairs(found, j, k, -1.0, 1.0)
    )


def zero(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = 0: invariant if act(0) = 0."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    why = " For an odd one this is the fixed set of a sign flip." if found.odd else ""
    claim = (
        (True, f"act(0) = 0: a neuron that is zero feels no force.{why}")
        if found.value == 0.0
        else (False, f"act(0) = {found.value:.2g}: its output weight is drawn away from zero.")
    )
    return _flat_set(model, "zero", "(a, w, b)_j = 0", claim, [], found.places[j].tolist())


def idle(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(w, b)_j = 0 with any a_j: invariant if act(0) = act'(0) = 0."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    still = found.value == 0.0 and found.slope == 0.0
    claim = (
        (True, "act(0) = act'(0) = 0: the neuron does nothing, and nothing changes that.")
        if still
        else (False, f"act(0) = {found.value:.2g}, act'(0) = {found.slope:.2g}: not both are 0.")
    )
    return _flat_set(model, "idle", "(w, b)_j = 0", claim, [], found.incoming[j].tolist())


def proportional(model: Model, j: int = 0, k: int = 1, c: float = 2.0, layer: int = 0) -> FlatSet:
    """(a, w, b)_k = c (a, w, b)_j with c fixed: invariant for ReLU, but not under Adam."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    if not (np.isfinite(c) and c != 0.0):
        raise ValueError(f"c must be a finite number other than 0, but is {c!r}.")
    if c == 1.0 or (c == -1.0 and found.odd) or (found.homogeneous and (c > 0.0 or found.odd)):
        claim = True, f"act(c z) = c act(z), and so grad F of one is {c:g} times that of the other."
    else:
        claim = False, f"act({c:g} z) is not {c:g} act(z), so the two feel different forces."
    formula = f"(a, w, b)_k = {c:g} (a, w, b)_j"
    return _flat_set(model, "proportional", formula, claim, _pairs(found, j, k, c, c))


def same_inputs(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(w, b)_j = (w, b)_k with different a: looks invariant, and is not."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = False, "The force on (w, b) is proportional to a, so unequal a pull the two apart."
    places = zip(found.incoming[k].tolist(), found.incoming[j].tolist(), strict=True)
    return _flat_set(
        model, "same inputs", "(w, b)_j = (w, b)_k", claim, [(i, 1.0, o) for i, o in places]
    )


def balanced(model: Model, j: int = 0, value: float = 0.0, layer: int = 0) -> Balanced:
    """a_j^2 - |w_j|^2 - b_j^2 = value: conserved by the flow for ReLU, not by finite steps."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    claim = (
        (True, "Rescaling is a symmetry, and a^2 - |w|^2 - b^2 is what it conserves.")
        if found.homogeneous
        else (False, "Rescaling is no symmetry, so there is nothing that it conserves.")
    )
    formula = f"a_j² - |w_j|² - b_j² = {value:g}"
    return Balanced(model, "balanced", formula, *claim, found, j, value)


SETS: dict[str, Callable[[Model], Candidate]] = {
    "equal": equal,
    "opposite": opposite,
    "mirrored": mirrored,
    "zero": zero,
    "idle": idle,
    "proportional": proportional,
    "same inputs": same_inputs,
    "balanced": balanced,
}
"""Every set by its name, for the first units of the first layer."""
