"""Orbits: the smallest sets that training cannot leave, found without knowing a symmetry.

Whatever the data and the loss, the flow moves along the vector fields X_x = grad_theta F(theta, x),
one for each input x. The points that they reach from theta are its orbit, the smallest invariant
set that holds it (Zhao, Luo and Zhang 2025, arXiv:2510.09564, Definition 3.1). For analytic fields
its dimension is that of the Lie algebra which they generate, evaluated at theta (Hermann 1963,
Nagano 1966): the fields themselves span as many directions as the model rank says, and brackets

    [X, Y] = (D Y) X - (D X) Y

add what one reaches by going to and fro.

**One neuron is enough.** F is a sum of neurons, so each field moves each neuron by itself, and all
by one rule; so do brackets. With t_s = act(z_s) at an input x_s, and act' a polynomial p(t), the
field of x_s is (act(z_s), a act'(z_s) x_s) = (t_s, a p(t_s) x_s), and a bracket of fields is

    (alpha, sum_s beta_s x_s),    alpha and beta_s polynomials in a, t_s and x_r . x_s.

These are found once. Their values at each neuron of a network and random inputs are rows, whose
rank is counted in a finite field as that of tangent functions is: see `condensekit.exact`.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..algebra import flint
from ..checks import a_count
from ..doors import public
from ..exact import NoExactMethod
from ..exact.field import FIELD_FUNCTIONS, Field, residues, safe_prime, units_at_random
from ..models import Model, Params, TwoLayer
from ..models.fitting import check_params
from ..words import many
from .strata import Stratum, stratum_of

__all__ = ["Orbit", "orbit"]

Whole = np.ndarray[Any, np.dtype[np.int64]]
Polynomial = Any
"""A polynomial of python-flint, which carries no types."""
Moved = list[Polynomial]
"""What a field does to a neuron: alpha, and the beta_s of all inputs."""

_SLOPES: dict[str, Callable[[Polynomial], Polynomial]] = {
    "tanh": lambda t: 1 - t * t,
    "sigmoid": lambda t: t - t * t,
}
"""act' as a polynomial in act."""
_MOST = 60
"""Of the largest network: where it takes five brackets, half a minute; without any, no time."""
_SPARE = 2
"""Rows more than directions that may be missing: of random rows in so large a field, enough."""


@dataclasses.dataclass(frozen=True)
class Orbit:
    """The dimension of an orbit, as far as it is proven.

    Attributes
    ----------
    dimensions : tuple of int
        Directions that the fields span at theta, then with their brackets, then with brackets of
        these, and so on. Each is proven not to be less.
    stratum : Stratum
        The smallest stratum that holds the network. It is invariant, so that the orbit lies in it.
    """

    dimensions: tuple[int, ...]
    stratum: Stratum

    @property
    def at_least(self) -> int:
        """The dimension that was found."""
        return self.dimensions[-1]

    @property
    def at_most(self) -> int:
        """The dimension of the stratum."""
        return self.stratum.dimension

    @property
    def proven(self) -> bool:
        """Whether the orbit fills the stratum, so that no bracket can add to it."""
        return self.at_least == self.at_most

    def __str__(self) -> str:
        """What was found, in a sentence."""
        grown = ", ".join(map(str, self.dimensions))
        brackets = many(len(self.dimensions) - 1, "bracket")
        found = f"Directions after 0 to {brackets}: {grown}."
        if len(self.dimensions) == 1:
            found = f"The fields span {many(self.at_least, 'direction')} without a bracket."
        if self.proven:
            return f"{found} That is all of the stratum {self.stratum}: the orbit is open in it."
        return (
            f"{found} The orbit has from {self.at_least} to {self.at_most} dimensions, those of "
            f"the stratum {self.stratum}; more brackets may add to it."
        )


@public(check_params)
def orbit(model: Model, params: Params, brackets: int = 5, seed: int = 0) -> Orbit:
    """Orbit of a network: where gradient flows of all data and losses can take it.

    An oracle that knows no symmetry. Equal neurons stay equal, and the orbit of such a network has
    fewer dimensions; neurons with equal inputs only are soon told apart, and so is one that is
    silent. The first number is the model rank.

    Parameters
    ----------
    model, params
        One network: `TwoLayer` with tanh or the logistic function.
    brackets : int
        How deep brackets are nested, at most. It ends where the orbit fills its stratum.
    seed : int
        Of the random prime and inputs.

    Returns
    -------
    Orbit
        For these very floats, as `exact_rank`: no tolerance, and no rounding.

    Raises
    ------
    NoExactMethod
        If the model or its activation has no exact method.
    ValueError
        If the parameters do not fit the model or are not finite.

    Examples
    --------
    >>> from condensekit.models import params
    >>> model = TwoLayer(1, 2, bias=False)
    >>> equal = params(model, a=[2.0, 2.0], w=[[0.5], [0.5]])
    >>> orbit(model, equal).dimensions
    (2,)
    >>> same_inputs = params(model, a=[2.0, 3.0], w=[[0.5], [0.5]])
    >>> orbit(model, same_inputs).dimensions
    (2, 3, 4)
    """
    a_count("brackets", brackets, 0, 5)
    if not isinstance(model, TwoLayer) or model.activation not in _SLOPES:
        raise NoExactMethod(
            f"{model} has no exact method for orbits; TwoLayer with the activations "
            f"{' and '.join(_SLOPES)} has one."
        )
    if model.n_parameters > _MOST:
        raise NoExactMethod(
            f"{model} has {model.n_parameters:,} parameters; orbits have an exact method up to "
            f"{_MOST}."
        )
    stratum = stratum_of(model, params)
    if stratum.dimension == 0:
        return Orbit((0,), stratum)
    values = _Values(model, params, brackets + 1, stratum.dimension + _SPARE, seed)
    rows: list[list[int]] = []
    dimensions: list[int] = []
    missing = stratum.dimension
    for depth in range(brackets + 1):
        rows += values.of(depth, missing + _SPARE)
        dimensions.append(values.field.rank(np.array(rows)))
        missing = stratum.dimension - dimensions[-1]
        if not missing:
            break
    return Orbit(tuple(dimensions), stratum)


class _Values:
    """Values of brackets at the neurons of a network and at random inputs, in a finite field."""

    def __init__(self, model: TwoLayer, params: Params, inputs: int, rows: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        q = safe_prime(generator)
        self.field, self._slope = Field(q, generator), _SLOPES[model.activation]
        a, w = (params[name].detach().double().numpy() for name in ("a", "w"))
        b = params["b"].detach().double().numpy() if model.bias else np.zeros(model.m)
        self._a = residues(a, q).tolist()
        neurons = np.column_stack([w, b])
        units = units_at_random(self.field, neurons, rows * inputs, generator)
        t, _ = FIELD_FUNCTIONS[model.activation](self.field, units)
        self._t = t.reshape(rows, inputs, model.m)
        x = generator.integers(q, size=(rows, inputs, model.d))
        one = np.ones((rows, inputs, int(model.bias)), dtype=np.int64)
        self._x = np.concatenate([x, one], axis=2)  # b is the weight of an input that is 1

    def of(self, depth: int, rows: int) -> list[list[int]]:
        """Values of [X_0, [X_1, ... X_depth]], a row of P numbers for each choice of inputs."""
        q, used = self.field.q, depth + 1
        moves = _bracket(self._slope, used, q)
        found = []
        for t, x in zip(self._t[:rows, :used], self._x[:rows, :used], strict=True):
            inner = [int((one * other % q).sum() % q) for one, other in _pairs(x)]
            row: list[int] = []
            for a, outputs in zip(self._a, t.T.tolist(), strict=True):
                alpha, *beta = (int(move(a, *outputs, *inner)) for move in moves)
                shift = (np.array(beta)[:, None] * x % q).sum(axis=0) % q
                row += [alpha, *shift.tolist()]
            found.append(row)
        return found


def _pairs(values: Iterable[Any]) -> list[tuple[Any, Any]]:
    return [*itertools.combinations_with_replacement(values, 2)]


def _bracket(slope: Callable[[Polynomial], Polynomial], inputs: int, q: int) -> Moved:
    """[X_0, [X_1, ... X_(inputs - 1)]] of one neuron, in a, t_s and x_r . x_s with r <= s."""
    outputs = [f"t{s}" for s in range(inputs)]
    products = _pairs(range(inputs))
    names = ["a", *outputs, *(f"x{r}x{s}" for r, s in products)]
    a, *rest = flint.nmod_mpoly_ctx.get(names, modulus=q).gens()
    t, inner = rest[:inputs], dict(zip(products, rest[inputs:], strict=True))
    p, zero = [slope(one) for one in t], 0 * a

    def field(s: int) -> Moved:
        return [t[s], *(a * p[s] if r == s else zero for r in range(inputs))]

    def along(move: Moved, f: Polynomial) -> Polynomial:
        """The derivative of f along a field: d t_r = p(t_r) x_r . dw."""
        alpha, *beta = move
        found = alpha * f.derivative("a")
        for r, name in enumerate(outputs):
            dz = sum((b * inner[min(r, s), max(r, s)] for s, b in enumerate(beta)), zero)
            found += dz * p[r] * f.derivative(name)
        return found

    bracket = field(inputs - 1)
    for s in reversed(range(inputs - 1)):
        one = field(s)
        bracket = [along(one, f) - along(bracket, g) for f, g in zip(bracket, one, strict=True)]
    return bracket
