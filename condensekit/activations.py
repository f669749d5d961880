"""Activation functions, each with the three faces that the toolkit needs of it.

The torch face trains any model, the NumPy face is the closed form behind `derivatives`, and the
SymPy face is the formula of the lecture. The law tests hold the three against each other.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch

from .algebra import sympy
from .defaults import torch_defaults
from .plain import quoted

__all__ = ["ACTIVATIONS", "Activation", "activation", "is_own", "register"]

Array = np.ndarray[Any, np.dtype[Any]]


class Fill(Protocol):
    """The NumPy face; see `Activation`."""

    def __call__(self, z: Array, slope: Array | None = None, bend: Array | None = None) -> None: ...


@dataclasses.dataclass(frozen=True)
class Activation:
    """One activation function. The torch face is enough for one of your own.

    Attributes
    ----------
    name : str
        The name by which models refer to it.
    torch : callable
        Tensor -> Tensor, element by element.
    fill : callable, optional
        ``fill(z, slope, bend)`` overwrites the array `z` with act(z) and, where they are arrays and
        not None, `slope` with act'(z) and `bend` with act''(z). A `bend` needs a `slope`. By
        default the torch face, differentiated.
    sympy : callable, optional
        SymPy expression -> SymPy expression. Without it there is no symbolic rank.
    odd, even : bool
        True if act(-z) = -act(z), or act(-z) = act(z): then (a, w, b) is the same neuron as
        (-a, -w, -b), or as (a, -w, -b).
    homogeneous : bool
        True if act(c z) = c act(z) for c > 0: then only the direction of (w, b) matters.
    degree : int or None
        Of the activation, if it is a polynomial. Ranks are then exact, from its SymPy face.
    strip : float or None
        Distance of its singularities from the real axis, if it is analytic around that.

    Raises
    ------
    ValueError
        If the torch face gives no numbers of the same shape, or has not the symmetries that it is
        said to have.

    Examples
    --------
    >>> from condensekit import TwoLayer
    >>> TwoLayer(1, 50, Activation("gelu", torch.nn.functional.gelu)).activation
    'gelu'
    >>> del ACTIVATIONS["gelu"]
    """

    name: str
    torch: Callable[[torch.Tensor], torch.Tensor]
    fill: Fill = dataclasses.field(default_factory=lambda: _unknown)
    sympy: Callable[[Any], Any] = dataclasses.field(default_factory=lambda: _unknown)
    odd: bool = False
    even: bool = False
    homogeneous: bool = False
    degree: int | None = None
    strip: float | None = None

    def __post_init__(self) -> None:
        """Check the torch face, and derive the other two from it where they are not given."""
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(f"name must be a name such as 'gelu', but is {quoted(self.name)}.")
        z = torch.linspace(-3.0, 3.0, 41, dtype=torch.float64, device="cpu")
        value = self.torch(z.clone())
        if not isinstance(value, torch.Tensor) or value.shape != z.shape or value.isnan().any():
            raise ValueError(f"{self.name} must give one number for each number it is given.")
        claims = {
            "odd": (self.odd, -value.flip(0)),
            "even": (self.even, value.flip(0)),
            "homogeneous": (self.homogeneous, self.torch(2.0 * z) / 2.0),
        }
        for claim, (made, expected) in claims.items():
            if made and not torch.allclose(value, expected, rtol=1e-9, atol=1e-12):
                raise ValueError(f"{self.name} is said to be {claim}, but is not.")
        if self.degree is not None:
            x, y = z.numpy(), value.numpy()
            basis = np.cos(np.outer(np.arccos(x / 3.0), range(self.degree + 1)))  # Chebyshev's
            fitted = basis @ np.linalg.lstsq(basis, y)[0]
            if not np.allclose(fitted, y, rtol=0.0, atol=1e-9 * np.abs(y).max()):
                raise ValueError(
                    f"{self.name} is said to be a polynomial of degree {self.degree}, but is not."
                )
        if self.fill is _unknown:
            object.__setattr__(self, "fill", functools.partial(_fill_by_torch, self.torch))
        if self.sympy is _unknown:
            object.__setattr__(self, "sympy", functools.partial(_no_formula, self.name))

    @property
    def has_formula(self) -> bool:
        """Whether there is a SymPy face."""
        return getattr(self.sympy, "func", None) is not _no_formula

    def multiplicity(self) -> int:
        """Order of the first derivative of the activation that does not vanish at zero.

        For one input with bias it bounds the number of lines on which neurons gather at first; for
        more inputs that is a conjecture (Zhou et al. 2021, arXiv:2105.11686, Definition 1).

        Raises
        ------
        ValueError
            If the activation has no derivative at zero (ReLU), or no formula.

        Examples
        --------
        >>> [activation(name).multiplicity() for name in ("tanh", "xtanh", "x2tanh")]
        [1, 2, 3]
        """
        if self.homogeneous:
            raise ValueError(f"{self.name} has no derivative at 0, so it has no multiplicity.")
        x = sympy.Symbol("x", real=True)
        formula = self.sympy(x)
        order = 1
        while sympy.diff(formula, x, order).subs(x, 0) == 0:
            order += 1
        return order


def _unknown(z: Any, slope: Array | None = None, bend: Array | None = None) -> None:
    """The place of a face that is not given."""


def _fill_by_torch(
    function: Callable[[torch.Tensor], torch.Tensor],
    z: Array,
    slope: Array | None = None,
    bend: Array | None = None,
) -> None:
    with torch_defaults():
        point = torch.from_numpy(z.copy()).requires_grad_()
        value = function(point)
        first = second = torch.zeros_like(point)
        if slope is not None and value.requires_grad:
            (first,) = torch.autograd.grad(value.sum(), point, create_graph=bend is not None)
        if bend is not None and first.requires_grad:
            (second,) = torch.autograd.grad(first.sum(), point)
    z[...] = value.detach().numpy()
    if slope is not None:
        slope[...] = first.detach().numpy()
    if bend is not None:
        bend[...] = second.detach().numpy()


def _no_formula(name: str, z: Any) -> Any:
    raise ValueError(
        f"{name} has no formula for SymPy here: give its Activation one, sympy=lambda x: ..."
    )


def _torch_tanh(z: Array, out: Array | None = None) -> Array:
    out = np.empty_like(z) if out is None else out
    torch.tanh(torch.from_numpy(z), out=torch.from_numpy(out))
    return out


_tanh: Callable[..., Array] = (
    np.tanh if torch.backends.cpu.get_cpu_capability() == "AVX512" else _torch_tanh
)
"""The quicker of two: 25,000 doubles take NumPy 42 us and torch 123 us on a processor with AVX-512,
and 346 us and 152 us on one without."""


def _fill_tanh(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    _tanh(z, out=z)
    if slope is not None:
        np.multiply(z, z, out=slope)
        np.subtract(1.0, slope, out=slope)
    if slope is not None and bend is not None:
        np.multiply(z, slope, out=bend)
        np.multiply(bend, -2.0, out=bend)


def _symbolic_tanh(x: Any) -> Any:
    return sympy.tanh(x)  # which imports SymPy, where `sympy.tanh` in the table would at once


def _logistic(z: Array) -> Array:
    return np.asarray(0.5 * (1.0 + _tanh(0.5 * z)))


def _fill_sigmoid(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    z[...] = _logistic(z)
    if slope is not None:
        np.multiply(z, 1.0 - z, out=slope)
    if slope is not None and bend is not None:
        np.multiply(slope, 1.0 - 2.0 * z, out=bend)


def _fill_relu(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    if bend is not None:
        bend[...] = 0.0  # wherever there is a second derivative
    if slope is None:
        np.maximum(z, 0.0, out=z)
    else:
        np.greater(z, 0.0, out=slope)
        np.multiply(z, slope, out=z)  # of two arrays, quicker than the maximum with a number


def _fill_softplus(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    if slope is not None:
        slope[...] = _logistic(z)
    if slope is not None and bend is not None:
        np.multiply(slope, _logistic(-z), out=bend)
    z[...] = np.logaddexp(0.0, z)


def _fill_square(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    if slope is not None:
        np.multiply(z, 2.0, out=slope)
    if bend is not None:
        bend[...] = 2.0
    np.multiply(z, z, out=z)


def _fill_xtanh(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    t = _tanh(z)
    s = 1.0 - t * t
    if slope is not None:
        slope[...] = t + z * s
    if bend is not None:
        bend[...] = 2.0 * s * (1.0 - z * t)
    z *= t


def _fill_x2tanh(z: Array, slope: Array | None = None, bend: Array | None = None) -> None:
    t = _tanh(z)
    s = 1.0 - t * t
    if slope is not None:
        slope[...] = 2.0 * z * t + z * z * s
    if bend is not None:
        bend[...] = 2.0 * t + 2.0 * z * s * (2.0 - z * t)
    z *= z * t


ACTIVATIONS: dict[str, Activation] = {
    act.name: act
    for act in (
        Activation("tanh", torch.tanh, _fill_tanh, _symbolic_tanh, odd=True, strip=math.pi / 2),
        Activation("relu", torch.relu, _fill_relu, lambda x: sympy.Max(x, 0), homogeneous=True),
        Activation(
            "sigmoid",
            torch.sigmoid,
            _fill_sigmoid,
            lambda x: 1 / (1 + sympy.exp(-x)),
            strip=math.pi,
        ),
        Activation(
            "softplus",
            functools.partial(torch.nn.functional.softplus, threshold=50.0),
            _fill_softplus,
            lambda x: sympy.log(1 + sympy.exp(x)),
            strip=math.pi,
        ),
        Activation(
            "xtanh",
            lambda z: z * torch.tanh(z),
            _fill_xtanh,
            lambda x: x * sympy.tanh(x),
            even=True,
            strip=math.pi / 2,
        ),
        Activation(
            "x2tanh",
            lambda z: z * z * torch.tanh(z),
            _fill_x2tanh,
            lambda x: x**2 * sympy.tanh(x),
            odd=True,
            strip=math.pi / 2,
        ),
        Activation("square", torch.square, _fill_square, lambda x: x**2, even=True, degree=2),
    )
}


_OURS = frozenset(ACTIVATIONS)


def register(act: Activation) -> Activation:
    """Let models refer to an activation by its name; a later one of the same name replaces it.

    Files and tokens hold the name alone: whoever reads them registers the activation first.

    Raises
    ------
    ValueError
        If it has the name of one of the activations that condensekit comes with.

    Examples
    --------
    >>> sine = register(Activation("sine", torch.sin, odd=True))
    >>> activation("sine") is sine
    True
    >>> del ACTIVATIONS["sine"]
    """
    if act.name in _OURS and ACTIVATIONS.get(act.name) is not act:
        raise ValueError(f"{act.name} is an activation of condensekit; choose another name.")
    ACTIVATIONS[act.name] = act
    return act


def is_own(name: str) -> bool:
    """Whether this is an activation that was registered, none that condensekit comes with."""
    return name in ACTIVATIONS and name not in _OURS


def activation(name: str) -> Activation:
    """Look an activation up by name.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists the names.
    """
    if name not in ACTIVATIONS:
        raise ValueError(
            f"activation must be one of {', '.join(ACTIVATIONS)}, but is {quoted(name)}."
        )
    return ACTIVATIONS[name]
