"""Maps of parameters that leave the function of a network as it is, and their fixed sets."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..derivatives import evaluate
from ..doors import public
from ..knobs import Knob
from ..models import Model, Params, Transformer
from ..models.parameters import flat, named
from ..plain import quoted
from ..words import number
from .layers import layer_of, layers
from .subspace import Subspace

__all__ = [
    "Symmetry",
    "check_symmetry",
    "permutation",
    "rescaling",
    "sign_flip",
    "swap",
    "symmetries",
    "violation",
]

Array = np.ndarray[Any, np.dtype[Any]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

_ROUNDING = 1e-10
"""A map is a symmetry if it changes outputs by no more than this share of them."""

_TRIALS = Knob("trials", 5, 1, 1_000_000)


@dataclasses.dataclass(frozen=True, eq=False)
class Symmetry:
    """A linear map of parameters, (g theta)_i = factor_i theta_(source_i), with F(g theta) = F.

    Permutations, sign flips and rescalings of neurons are all of this form.

    Attributes
    ----------
    model : Model
        Whose parameters it maps.
    name : str
        The map in words.
    source : array of int, shape [P]
        Where entry i comes from; a permutation.
    factor : array, shape [P]
        What it is multiplied with; never 0.
    """

    model: Model
    name: str
    source: Ints
    factor: Array

    def __call__(self, params: Params) -> Params:
        """The parameters g theta; leading axes are a batch."""
        return named(self.model, self.factor * flat(self.model, params)[..., self.source])

    def then(self, other: "Symmetry") -> "Symmetry":
        """First this map, then `other`."""
        return Symmetry(
            self.model,
            f"{self.name}, then {other.name}",
            self.source[other.source],
            other.factor * self.factor[other.source],
        )

    @property
    def orthogonal(self) -> bool:
        """Whether g^T g = 1: then the gradient at a fixed point is tangent to the fixed set."""
        return bool((np.abs(self.factor) == 1.0).all())

    def fixed(self) -> Subspace:
        """All theta with g theta = theta."""
        size = len(self.source)
        return Subspace.where(
            size, [(i, float(self.factor[i]), int(self.source[i])) for i in range(size)]
        )

    def gradients(self) -> Subspace:
        """ker(Dg^T - id), in which grad F lies at every fixed point.

        From F(g theta) = F(theta): grad F(theta) = Dg^T grad F(g theta). It has the dimension of
        the fixed set, and is the same space if g is orthogonal; if not, it need not be.
        """
        size = len(self.source)
        return Subspace.where(
            size, [(int(self.source[i]), float(self.factor[i]), i) for i in range(size)]
        )

    def distance(self, params: Params) -> float:
        """Euclidean distance of one network to the fixed set."""
        return float(self.fixed().distance(flat(self.model, params)))


@public()
def permutation(model: Model, order: Sequence[int], layer: int = 0) -> Symmetry:
    """Unit i of a layer becomes what unit ``order[i]`` was, on both of its sides.

    Parameters
    ----------
    model : Model
        A model that has `layers`.
    order : sequence of int
        Every unit 0 .. m - 1 once.
    layer : int
        Which layer.

    Raises
    ------
    ValueError
        If `order` is no order of the units.
    """
    found = layer_of(model, layer)
    if sorted(order) != [*range(found.width)]:
        raise ValueError(
            f"order must hold each of the units 0 to {found.width - 1} once, but is "
            f"{quoted(order)}."
        )
    source = np.arange(model.n_parameters)
    source[found.places] = found.places[np.array(order)]
    moved = ", ".join(str(i) for i, j in enumerate(order) if i != j)
    return Symmetry(model, f"permutes {found.name} {moved}", source, np.ones(len(source)))


@public()
def swap(model: Model, j: int, k: int, layer: int = 0) -> Symmetry:
    """Exchange units `j` and `k` of a layer."""
    width = layer_of(model, layer).width
    check_units(width, j, k)
    order = [*range(width)]
    order[j], order[k] = k, j
    return permutation(model, order, layer)


@public()
def sign_flip(model: Model, j: int, layer: int = 0) -> Symmetry:
    """Turn unit `j` round: (a, w, b) to (-a, -w, -b); to (a, -w, -b) if the activation is even.

    Raises
    ------
    ValueError
        If the activation is neither odd nor even: the message says how much outputs would change.
    """
    found = layer_of(model, layer)
    check_units(found.width, j)
    factor = np.ones(model.n_parameters)
    factor[found.incoming[j]] = -1.0
    if not found.even:
        factor[found.outgoing[j]] = -1.0
    source = np.arange(len(factor))
    return _checked(Symmetry(model, f"flips the sign of {found.name} {j}", source, factor))


@public()
def rescaling(model: Model, j: int, c: float, layer: int = 0) -> Symmetry:
    """Unit `j` from (a, w, b) to (a / c, c w, c b), c > 0: a symmetry for ReLU. Not orthogonal.

    Raises
    ------
    ValueError
        If c is not positive, or if the activation is not homogeneous: the message says how much
        outputs would change.
    """
    if not (c > 0.0 and np.isfinite(c)):
        raise ValueError(f"c must be a positive number, but is {quoted(c)}.")
    found = layer_of(model, layer)
    check_units(found.width, j)
    factor = np.ones(model.n_parameters)
    factor[found.incoming[j]] = c
    factor[found.outgoing[j]] = 1.0 / c
    source = np.arange(len(factor))
    return _checked(Symmetry(model, f"rescales {found.name} {j} by {c:g}", source, factor))


def check_units(width: int, *units: int) -> None:
    """Raise a ValueError unless all are different units 0 .. width - 1."""
    if len({*units}) < len(units) or not all(0 <= unit < width for unit in units):
        raise ValueError(
            f"Units must be different whole numbers from 0 to {width - 1}, but are {units}."
        )


@public()
def symmetries(model: Model) -> Iterator[Symmetry]:
    """Maps that generate the symmetries of a model, layer by layer.

    Exchanges of neighbours, and a sign flip of each unit where the activation is odd or even; for
    homogeneous activations each unit can also be rescaled by any number, which is listed with 2.
    """
    for layer, found in enumerate(layers(model)):
        yield from (swap(model, j, j + 1, layer) for j in range(found.width - 1))
        if found.odd or found.even:
            yield from (sign_flip(model, j, layer) for j in range(found.width))
        if found.homogeneous:
            yield from (rescaling(model, j, 2.0, layer) for j in range(found.width))


@public(but=["trials"])
def violation(
    model: Model, change: Callable[[Params], Params], trials: int = 5, seed: int = 0
) -> float:
    """Largest |F(g theta) - F(theta)|, as a share of the largest |F|, at random theta and inputs.

    Parameters
    ----------
    model : Model
        The formula F.
    change : callable
        The map g, from the parameters of one network to others.
    trials : int
        Networks with standard normal parameters; each is asked at 50 standard normal inputs.
    seed : int
        Of the draws.

    Returns
    -------
    float
        Infinite if the outputs of a changed network are no numbers.

    Raises
    ------
    ValueError
        If the map gives parameters that are not finite, or not those of the model; or if there are
        no trials.
    """
    _TRIALS.check(trials)
    generator = torch.Generator().manual_seed(seed)
    worst = 0.0
    for _ in range(trials):
        params = {
            name: torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
            for name, shape in model.shapes().items()
        }
        x = _inputs(model, 50, generator)
        with np.errstate(over="ignore", invalid="ignore"):
            before, after = (evaluate(model, p, x) for p in (params, _changed(params, change)))
        apart, largest = float((after - before).abs().max()), float(before.abs().max())
        if not np.isfinite(apart):
            return np.inf
        worst = max(worst, apart / largest if largest else np.inf * bool(apart))
    return worst


def _changed(params: Params, change: Callable[[Params], Params]) -> Params:
    changed = change({name: leaf.clone() for name, leaf in params.items()})
    if changed.keys() != params.keys():
        raise ValueError(f"The map must give {', '.join(params)}, but gives {', '.join(changed)}.")
    for name, leaf in changed.items():
        if leaf.shape != params[name].shape or not bool(leaf.isfinite().all()):
            raise ValueError(
                f"The map must give finite numbers of shape {[*params[name].shape]} for {name}, "
                f"but gives {leaf.tolist()}."
            )
    return changed


@singledispatch
def _inputs(model: Model, n: int, generator: torch.Generator) -> Tensor:
    """Inputs at which networks are compared: standard normal."""
    return torch.randn(n, model.input_dim, generator=generator, dtype=torch.float64, device="cpu")


@_inputs.register
def _tokens(model: Transformer, n: int, generator: torch.Generator) -> Tensor:
    """Random tokens."""
    size = (n, model.input_dim)
    return torch.randint(model.vocabulary, size, generator=generator, device="cpu").double()


@public()
def check_symmetry(
    model: Model, change: Callable[[Params], Params], name: str = "This map"
) -> None:
    """Raise a ValueError, with the size of the violation, unless F(g theta) = F(theta)."""
    size = violation(model, change)
    if not size <= _ROUNDING:
        raise ValueError(
            f"{name} is not a symmetry of {model}: it changes outputs by {number(size)} of the "
            "largest."
        )


def _checked(found: Symmetry) -> Symmetry:
    check_symmetry(found.model, found, f"A map that {found.name}")
    return found
