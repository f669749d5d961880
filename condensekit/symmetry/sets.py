"""Sets of parameters that training might not leave, by name, for any layer of any model."""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from ..checks import a_count, a_number
from ..doors import public
from ..models import Model
from ..words import many, number
from .candidates import Balanced, Candidate, FlatSet
from .layers import Layer, layer_of
from .maps import Symmetry, check_symmetry, check_units
from .strata import Stratum
from .subspace import Equation, Subspace

__all__ = [
    "SETS",
    "balanced",
    "equal",
    "equal_blocks",
    "fixed_set",
    "idle",
    "mirrored",
    "opposite",
    "proportional",
    "same_inputs",
    "zero",
]


def _pairs(layer: Layer, j: int, k: int, into: float, out: float) -> list[Equation]:
    """Unit k has `into` times the incoming and `out` times the outgoing weights of unit j."""
    places = zip(layer.incoming[k].tolist(), layer.incoming[j].tolist(), strict=True)
    found = [(i, into, other) for i, other in places]
    behind = zip(layer.outgoing[k].tolist(), layer.outgoing[j].tolist(), strict=True)
    return found + [(i, out, other) for i, other in behind]


def _flat_set(
    model: Model,
    layer: int,
    name: str,
    formula: str,
    claim: tuple[bool, str],
    equations: list[Equation],
    zeros: list[int] | None = None,
) -> FlatSet:
    space = Subspace.where(model.n_parameters, equations, zeros or [])
    return FlatSet(model, name, formula, *claim, space, layer=layer)


@public()
def equal(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = (a, w, b)_k: the fixed set of the exchange of two units."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = True, "Exchanging the two neurons is a symmetry, and this is its fixed set."
    return _flat_set(
        model, layer, "equal", "(a, w, b)_j = (a, w, b)_k", claim, _pairs(found, j, k, 1.0, 1.0)
    )


@public()
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
        model,
        layer,
        "opposite",
        "(a, w, b)_j = -(a, w, b)_k",
        claim,
        _pairs(found, j, k, -1.0, -1.0),
    )


@public()
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
        model,
        layer,
        "mirrored",
        "(a, w, b)_j = (a, -w, -b)_k",
        claim,
        _pairs(found, j, k, -1.0, 1.0),
    )


def _at_zero(found: Layer) -> str:
    if np.isnan(found.value):
        return "What a unit of zeros gives depends on the others"
    return f"act(0) = {number(found.value)}, act'(0) = {number(found.slope)}"


@public()
def zero(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = 0: invariant if act(0) = 0."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    why = " For an odd one this is the fixed set of a sign flip." if found.odd else ""
    claim = (
        (True, f"act(0) = 0: a neuron that is zero feels no force.{why}")
        if found.value == 0.0
        else (False, f"{_at_zero(found)}: its output weights are drawn away from zero.")
    )
    return _flat_set(model, layer, "zero", "(a, w, b)_j = 0", claim, [], found.places[j].tolist())


@public()
def idle(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(w, b)_j = 0 with any a_j: invariant if act'(0) = 0, for ReLU by convention."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    how = ", for ReLU by convention" if found.homogeneous else ""
    claim = (
        (True, f"act'(0) = 0{how}: at w = b = 0 nothing pulls at w and b, whatever a is.")
        if found.slope == 0.0
        else (False, f"{_at_zero(found)}: in general, the slope moves w and b.")
    )
    return _flat_set(model, layer, "idle", "(w, b)_j = 0", claim, [], found.incoming[j].tolist())


@public()
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
    return _flat_set(model, layer, "proportional", formula, claim, _pairs(found, j, k, c, c))


@public()
def same_inputs(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(w, b)_j = (w, b)_k with different a: looks invariant, and is not."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    claim = False, "The force on (w, b) is proportional to a, so unequal a pull the two apart."
    places = zip(found.incoming[k].tolist(), found.incoming[j].tolist(), strict=True)
    return _flat_set(
        model, layer, "same inputs", "(w, b)_j = (w, b)_k", claim, [(i, 1.0, o) for i, o in places]
    )


@public()
def balanced(model: Model, j: int = 0, value: float = 0.0, layer: int = 0) -> Balanced:
    """a_j^2 - |w_j|^2 - b_j^2 = value: conserved by the flow for ReLU, not by finite steps."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    a_number("value", value)
    claim = (
        (True, "Rescaling is a symmetry, and a^2 - |w|^2 - b^2 is what it conserves.")
        if found.homogeneous
        else (False, "(a / c, c w, c b) is another neuron: no symmetry keeps this difference.")
    )
    formula = f"a_j² - |w_j|² - b_j² = {value:g}"
    return Balanced(model, "balanced", formula, *claim, j, value, layer=layer)


@public()
def fixed_set(symmetry: Symmetry | Sequence[Symmetry], layer: int = 0) -> FlatSet:
    """All theta that a symmetry, or each of a family of them, leaves as they are.

    Parameters
    ----------
    symmetry : Symmetry or sequence of Symmetry
        Any map that leaves the function as it is; or several of one model.
    layer : int
        The layer whose units they move.

    Raises
    ------
    ValueError
        If the map is none: the message says how much outputs would change. If there is no map, or
        they are of several models.
    """
    a_count("layer", layer, 0)
    family = [symmetry] if isinstance(symmetry, Symmetry) else [*symmetry]
    models = {g.model for g in family}
    if len(models) != 1:
        raise ValueError(
            "A family must hold symmetries of one model, but these are of "
            f"{many(len(models), 'model')}."
        )
    for g in family:
        check_symmetry(g.model, g, f"A map that {g.name}")
    space = functools.reduce(Subspace.meet, (g.fixed() for g in family))
    gradients = functools.reduce(Subspace.meet, (g.gradients() for g in family))
    kernel = "ker(gᵀ - 1)" + " for every g" * (len(family) > 1)
    claim = (
        (True, f"At a fixed point the gradient is in {kernel}, and that is this set.")
        if space.contains(gradients)
        else (False, f"{kernel}, in which the gradient is at a fixed point, is another set.")
    )
    formula = " and ".join(f"g {g.name}" for g in family)
    return FlatSet(family[0].model, "fixed set", formula, *claim, space, layer=layer)


@public()
def equal_blocks(model: Model, k: int, layer: int = 0) -> FlatSet:
    """The set on which the neurons of a layer form k blocks of equal ones, of nearly equal sizes.

    Raises
    ------
    ValueError
        If k is not a whole number from 1 to the number of neurons.
    """
    width = layer_of(model, layer).width
    a_count("k", k, 1, width)
    parts = np.array_split(np.arange(width), k)
    members = tuple(tuple((int(j), 1) for j in part) for part in parts)
    space = Stratum(model, members, layer=layer).space
    reason = "Exchanging equal neurons is a symmetry; this is what all exchanges leave as it is."
    name = many(k, "block")
    return FlatSet(model, name, f"{name} of equal neurons", True, reason, space, layer=layer)


SETS: dict[str, Callable[..., Candidate]] = {
    "equal": equal,
    "opposite": opposite,
    "mirrored": mirrored,
    "zero": zero,
    "idle": idle,
    "proportional": proportional,
    "same inputs": same_inputs,
    "balanced": balanced,
}
"""Every set by its name: from a model, and perhaps units and ``layer``."""
