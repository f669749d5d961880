"""Sets of parameters that training might not leave, by name, for any layer of any model."""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from ..checks import a_count, a_number
from ..doors import public
from ..models import Model
from ..plain import quoted
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


def _told(found: Layer, neurons: str, others: str) -> str:
    """A sentence about neurons; or about units of another kind, which have no activation."""
    return neurons if found.acts else others


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
    claim = True, f"Exchanging the two {found.unit}s is a symmetry, and this is its fixed set."
    formula = f"{found.whole}_j = {found.whole}_k"
    return _flat_set(model, layer, "equal", formula, claim, _pairs(found, j, k, 1.0, 1.0))


@public()
def opposite(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = -(a, w, b)_k: invariant if the activation is odd."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    why = _told(found, "The activation is odd", "Signs cancel in products")
    but = _told(found, "The activation is not odd", "The layer norm subtracts a mean")
    other = _told(found, "(-a, -w, -b)", f"-{found.whole}")
    claim = (
        (True, f"{why}: exchanging both and turning their signs is a symmetry.")
        if found.odd
        else (False, f"{but}, so {other} is another {found.unit}.")
    )
    formula = f"{found.whole}_j = -{found.whole}_k"
    return _flat_set(model, layer, "opposite", formula, claim, _pairs(found, j, k, -1.0, -1.0))


@public()
def mirrored(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = (a, -w, -b)_k: invariant if the activation is even."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    why = _told(found, "The activation is not even, so", "Signs do not cancel then:")
    claim = (
        (True, "The activation is even: exchanging both and turning (w, b) is a symmetry.")
        if found.even
        else (False, f"{why} {found.turned} is another {found.unit}.")
    )
    formula = f"{found.whole}_j = {found.turned}_k"
    return _flat_set(model, layer, "mirrored", formula, claim, _pairs(found, j, k, -1.0, 1.0))


def _at_zero(found: Layer) -> str:
    if np.isnan(found.value):
        return "What a unit of zeros gives depends on the others"
    return f"act(0) = {number(found.value)}, act'(0) = {number(found.slope)}"


@public()
def zero(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(a, w, b)_j = 0: invariant if act(0) = 0."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    why = _told(found, "For an odd one this", "This") + " is the fixed set of a sign flip."
    zeros = _told(found, "act(0) = 0: a", "In products of zeros a")
    claim = (
        (True, f"{zeros} {found.unit} that is zero feels no force. {why * found.odd}".rstrip())
        if found.value == 0.0
        else (False, f"{_at_zero(found)}: its output weights are drawn away from zero.")
    )
    formula = f"{found.whole}_j = 0"
    return _flat_set(model, layer, "zero", formula, claim, [], found.places[j].tolist())


@public()
def idle(model: Model, j: int = 0, layer: int = 0) -> FlatSet:
    """(w, b)_j = 0 with any a_j: invariant if act'(0) = 0, for ReLU by convention."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    how = ", for ReLU by convention" if found.homogeneous else ""
    moves = f"{_at_zero(found)}: in general, the slope moves w and b."
    claim = (
        (True, f"act'(0) = 0{how}: at w = b = 0 nothing pulls at w and b, whatever a is.")
        if found.slope == 0.0
        else (False, _told(found, moves, f"{found.behind} ≠ 0 still pulls at {found.before} = 0."))
    )
    formula = f"{found.before}_j = 0"
    return _flat_set(model, layer, "idle", formula, claim, [], found.incoming[j].tolist())


@public()
def proportional(model: Model, j: int = 0, k: int = 1, c: float = 2.0, layer: int = 0) -> FlatSet:
    """(a, w, b)_k = c (a, w, b)_j with c fixed: invariant for ReLU, but not under Adam."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    if not (np.isfinite(c) and c != 0.0):
        raise ValueError(f"c must be a finite number other than 0, but is {quoted(c)}.")
    if c == 1.0 or (c == -1.0 and found.odd) or (found.homogeneous and (c > 0.0 or found.odd)):
        why = _told(found, "act(c z) = c act(z)", "A product is linear in each factor")
        claim = True, f"{why}, and so grad F of one is {c:g} times that of the other."
    else:
        why = _told(
            found, f"act({c:g} z) is not {c:g} act(z)", f"A {found.unit} is not linear in each part"
        )
        claim = False, f"{why}, so the two feel different forces."
    formula = f"{found.whole}_k = {c:g} {found.whole}_j"
    return _flat_set(model, layer, "proportional", formula, claim, _pairs(found, j, k, c, c))


@public()
def same_inputs(model: Model, j: int = 0, k: int = 1, layer: int = 0) -> FlatSet:
    """(w, b)_j = (w, b)_k with different a: looks invariant, and is not."""
    found = layer_of(model, layer)
    check_units(found.width, j, k)
    how = _told(found, "is proportional to", "depends on")
    claim = (
        False,
        f"The force on {found.before} {how} {found.behind}, so unequal {found.behind} pull the two "
        "apart.",
    )
    places = zip(found.incoming[k].tolist(), found.incoming[j].tolist(), strict=True)
    formula = f"{found.before}_j = {found.before}_k"
    return _flat_set(model, layer, "same inputs", formula, claim, [(i, 1.0, o) for i, o in places])


@public()
def balanced(model: Model, j: int = 0, value: float = 0.0, layer: int = 0) -> Balanced:
    """a_j^2 - |w_j|^2 - b_j^2 = value: conserved by the flow for ReLU, not by finite steps."""
    found = layer_of(model, layer)
    check_units(found.width, j)
    a_number("value", value)
    another = _told(found, "(a / c, c w, c b)", f"{found.before} times c, {found.behind} / c,")
    kept = _told(found, "a^2 - |w|^2 - b^2", f"|{found.behind}|^2 - |{found.before}|^2")
    claim = (
        (True, f"Rescaling is a symmetry, and {kept} is what it conserves.")
        if found.homogeneous
        else (False, f"{another} is another {found.unit}: no symmetry keeps this difference.")
    )
    sides = _told(found, "a_j² - |w_j|² - b_j²", f"|{found.behind}_j|² - |{found.before}_j|²")
    formula = f"{sides} = {value:g}"
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
    found = layer_of(model, layer)
    a_count("k", k, 1, found.width)
    parts = np.array_split(np.arange(found.width), k)
    members = tuple(tuple((int(j), 1) for j in part) for part in parts)
    space = Stratum(model, members, layer=layer).space
    reason = (
        f"Exchanging equal {found.unit}s is a symmetry; this is what all exchanges leave as it is."
    )
    name = many(k, "block")
    return FlatSet(model, name, f"{name} of equal {found.unit}s", True, reason, space, layer=layer)


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
