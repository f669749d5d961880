"""What can be permuted: the units of each layer, as places in the list of all parameters."""

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np

from ..activations import activation
from ..models import Deep, MatrixFactorization, Model, TwoLayer, TwoLayerConv

__all__ = ["Layer", "layer_of", "layers"]

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclasses.dataclass(frozen=True, eq=False)
class Layer:
    """Units that may be exchanged: neurons, kernels, or columns of a factor.

    Attributes
    ----------
    name : str
        What a reader calls it.
    incoming, outgoing : array of int, shapes [m, q] and [m, r]
        Places of the parameters before and behind the activation of each unit, in the order of
        ``model.shapes()``.
    odd, even, homogeneous : bool
        Of the activation between them.
    value, slope : float
        act(0) and act'(0), with act'(0) = 0 for ReLU, as everywhere in the package.
    """

    name: str
    incoming: Ints
    outgoing: Ints
    odd: bool
    even: bool
    homogeneous: bool
    value: float
    slope: float

    @property
    def width(self) -> int:
        """Number of units m."""
        return len(self.incoming)

    @property
    def places(self) -> Ints:
        """All parameters of each unit, shape [m, q + r]."""
        return np.concatenate([self.incoming, self.outgoing], axis=1)


@singledispatch
def layers(model: Model) -> tuple[Layer, ...]:
    """The layers of a model whose units may be exchanged.

    This is where a new family of models says what its symmetries are: for heads of attention, the
    units are heads; for the columns of (W_Q, W_K), columns with nothing between them. Everything
    else follows: maps, fixed sets, named sets, checks.

    Raises
    ------
    ValueError
        If nothing is known about this family.
    """
    raise ValueError(
        f"{type(model).__name__} has not said what may be exchanged in it; known are TwoLayer, "
        "Deep, TwoLayerConv and MatrixFactorization."
    )


def layer_of(model: Model, layer: int = 0) -> Layer:
    """One layer of `layers`, the first by default.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    found = layers(model)
    if not 0 <= layer < len(found):
        raise ValueError(
            f"layer must be a whole number from 0 to {len(found) - 1}, but is {layer!r}."
        )
    return found[layer]


def _places(model: Model) -> dict[str, Ints]:
    found, first = {}, 0
    for name, shape in model.shapes().items():
        size = int(np.prod(shape))
        found[name] = np.arange(first, first + size).reshape(shape)
        first += size
    return found


def _layer(name: str, incoming: list[Ints], outgoing: Ints, kind: str) -> Layer:
    act = activation(kind)
    value, slope = np.zeros(1), np.zeros(1)
    act.fill(value, slope)
    m = len(outgoing)
    before = np.concatenate([part.reshape(m, -1) for part in incoming], axis=1)
    return Layer(
        name,
        before,
        outgoing.reshape(m, -1),
        act.odd,
        act.even,
        act.homogeneous,
        float(value[0]),
        float(slope[0]),
    )


@layers.register
def _two_layer(model: TwoLayer) -> tuple[Layer, ...]:
    at = _places(model)
    incoming = [at["w"], at["b"]] if model.bias else [at["w"]]
    return (_layer("hidden neurons", incoming, at["a"], model.activation),)


@layers.register
def _deep(model: Deep) -> tuple[Layer, ...]:
    at = _places(model)
    found = []
    for k in range(model.layers):
        incoming = [at[f"w{k}"], at[f"b{k}"]] if model.bias else [at[f"w{k}"]]
        behind = at[f"w{k + 1}"].T if k + 1 < model.layers else at["a"]
        found.append(_layer(f"neurons of layer {k + 1}", incoming, behind, model.activation))
    return tuple(found)


@layers.register
def _convolution(model: TwoLayerConv) -> tuple[Layer, ...]:
    at = _places(model)
    names = ("w", "b") if model.bias else ("w",)
    if model.sharing:
        return (_layer("kernels", [at[name] for name in names], at["a"], model.activation),)
    # Without sharing, the kernels at each position can be exchanged by themselves.
    return tuple(
        _layer(
            f"kernels at position {p}",
            [at[name][:, p] for name in names],
            at["a"][:, p],
            model.activation,
        )
        for p in range(model.patches.shape[0])
    )


@layers.register
def _factorization(model: MatrixFactorization) -> tuple[Layer, ...]:
    at = _places(model)
    return (Layer("columns of A", at["A"].T, at["B"], True, False, True, 0.0, 1.0),)
