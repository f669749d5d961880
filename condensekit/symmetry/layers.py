"""What can be permuted: the units of each layer, as places in the list of all parameters."""

import dataclasses
from typing import Any

import numpy as np

from ..activations import activation
from ..checks import a_count
from ..doors import door, public
from ..models import (
    Attention,
    Deep,
    MatrixFactorization,
    Model,
    Transformer,
    TwoLayer,
    TwoLayerConv,
)

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
        act(0) and act'(0), with act'(0) = 0 for ReLU, as everywhere in the package; NaN where what
        a unit of zeros gives depends on the other units.
    unit : str
        What one of them is called.
    letters : tuple of str
        What its parameters are called in formulas.
    behind : str
        Which of the letters is behind.
    point : array of int, shape [m, 2]
        Places of two parameters of each unit, by which it is a point of a plane.
    axes : pair of str
        What these two are.
    """

    name: str
    incoming: Ints
    outgoing: Ints
    odd: bool
    even: bool
    homogeneous: bool
    value: float
    slope: float
    unit: str
    letters: tuple[str, ...]
    behind: str
    point: Ints
    axes: tuple[str, str]

    @property
    def whole(self) -> str:
        """A unit in a formula, e.g. ``'(a, w, b)'``."""
        return f"({', '.join(self.letters)})"

    @property
    def before(self) -> str:
        """What is before the activation, in a formula."""
        found = [letter for letter in self.letters if letter != self.behind]
        return f"({', '.join(found)})" if len(found) > 1 else found[0]

    @property
    def turned(self) -> str:
        """A unit with the signs of all that is before the activation turned."""
        signed = [letter if letter == self.behind else f"-{letter}" for letter in self.letters]
        return f"({', '.join(signed)})"

    @property
    def acts(self) -> bool:
        """Whether there is an activation, and not a product, or more, in its place."""
        return self.behind == "a"

    @property
    def width(self) -> int:
        """Number of units m."""
        return len(self.incoming)

    @property
    def places(self) -> Ints:
        """All parameters of each unit, shape [m, q + r]."""
        return np.concatenate([self.incoming, self.outgoing], axis=1)


@door()
def layers(model: Model) -> tuple[Layer, ...]:
    """The layers of a model whose units may be exchanged.

    This is where a new family of models says what its symmetries are. Everything else follows:
    maps, fixed sets, named sets, checks.

    Raises
    ------
    ValueError
        If nothing is known about this family.
    """
    raise ValueError(
        f"{type(model).__name__} has not said what may be exchanged in it; known are TwoLayer, "
        "Deep, TwoLayerConv, MatrixFactorization, Attention and Transformer."
    )


@public()
def layer_of(model: Model, layer: int = 0) -> Layer:
    """One layer of `layers`, the first by default.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    found = layers(model)
    return found[a_count("layer", layer, 0, len(found) - 1)]


def _places(model: Model) -> dict[str, Ints]:
    found, first = {}, 0
    for name, shape in model.shapes().items():
        size = int(np.prod(shape))
        found[name] = np.arange(first, first + size).reshape(shape)
        first += size
    return found


def _layer(
    name: str, incoming: list[Ints], outgoing: Ints, kind: str, reads: str = "input weight w"
) -> Layer:
    """Neurons; the bias, if there is one, is the last of the incoming weights."""
    act = activation(kind)
    value, slope = np.zeros(1), np.zeros(1)
    act.fill(value, slope)
    m, biased = len(outgoing), len(incoming) > 1
    before = np.concatenate([part.reshape(m, -1) for part in incoming], axis=1)
    behind = outgoing.reshape(m, -1)
    second = before[:, -1] if biased else behind[:, 0]
    return Layer(
        name,
        before,
        behind,
        act.odd,
        act.even,
        act.homogeneous,
        float(value[0]),
        float(slope[0]),
        "neuron",
        ("a", "w", "b"),
        "a",
        np.stack([before[:, 0], second], axis=1),
        (reads, "bias b" if biased else "output weight a"),
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
        reads = "weight from neuron 1" if k else "input weight w"
        found.append(_layer(f"neurons of layer {k + 1}", incoming, behind, model.activation, reads))
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
    return (_products("columns of A", at["A"].T, at["B"], ("A", "B")),)


def _products(name: str, left: Ints, right: Ints, of: tuple[str, str]) -> Layer:
    """Pairs of vectors that meet in a sum of their products: columns [m, q] and [m, r]."""
    letters = tuple(matrix[-1].lower() for matrix in of)
    return Layer(
        *(name, left, right, True, False, True, 0.0, 1.0, "column", letters, letters[1]),
        np.stack([left[:, 0], right[:, 0]], axis=1),
        (f"entry 1 of {of[0]}", f"entry 1 of {of[1]}"),
    )


def _heads(at: dict[str, Ints], layer: int | None = None) -> list[Layer]:
    """Heads of one layer, and in each head the columns of (W_Q, W_K) and of (W_V, W_O).

    Turning the signs of a head's four matrices changes neither product. Columns of a pair could
    also be mixed by any invertible matrix; what is named here is what permutes and turns them.
    """
    end, where = ("", "") if layer is None else (str(layer), f" of layer {layer + 1}")
    # Columns of a matrix, and where there is a bias its entry: [heads, d, d_model or one more].
    query, key, value, out = (
        np.concatenate(
            [at[f"W{part}{end}"].swapaxes(1, 2)]
            + [at[name][..., None] for name in (f"b{part}{end}",) if part != "O" and name in at],
            axis=2,
        )
        for part in "QKVO"
    )
    heads = len(query)
    before = np.concatenate([part.reshape(heads, -1) for part in (query, key, value)], axis=1)
    behind = out.reshape(heads, -1)
    found = [
        Layer(
            *(f"heads{where}", before, behind, True, False, False, 0.0, 1.0),
            *("head", ("Q", "K", "V", "O"), "O"),
            np.stack([before[:, 0], behind[:, 0]], axis=1),
            ("entry 1 of W_Q", "entry 1 of W_O"),
        )
    ]
    for head in range(heads):
        for left, right, of in (
            (query[head], key[head], ("W_Q", "W_K")),
            (value[head], out[head], ("W_V", "W_O")),
        ):
            name = f"columns of {of[0]} and {of[1]} of head {head + 1}{where}"
            found.append(_products(name, left, right, of))
    return found


@layers.register
def _attention(model: Attention) -> tuple[Layer, ...]:
    """Coordinates of d_model are not among them: A(X P) = A(X) P is an equivariance.

    Permuting them in all four matrices permutes the columns of the output, and leaves it as it is
    only if the input is permuted too.
    """
    return tuple(_heads(_places(model)))


@layers.register
def _transformer(model: Transformer) -> tuple[Layer, ...]:
    """Heads, columns and FFN neurons of each layer; and the coordinates of d_model, all at once.

    Embedding and unembedding make an invariance of what is an equivariance of each layer. The layer
    norm subtracts a mean, so that no sign can be turned and a coordinate of zeros does not stay.
    """
    at = _places(model)
    found, writes, reads = [], [at["E"].T, at["P"].T], [at["U"].T]
    for layer in range(model.layers):
        query, key, value, out = (at[f"W{part}{layer}"] for part in "QKVO")
        found += _heads(at, layer)
        ffn = [at[f"W1{layer}"], at[f"b1{layer}"]]
        name, reads_one = f"FFN neurons of layer {layer + 1}", "weight from coordinate 1"
        found.append(_layer(name, ffn, at[f"W2{layer}"].T, "relu", reads_one))
        by_coordinate = [np.moveaxis(part, 1, 0) for part in (query, key, value)]
        reads += [part.reshape(model.d_model, -1) for part in by_coordinate]
        reads.append(at[f"W1{layer}"].T)
        writes += [np.moveaxis(out, 1, 0).reshape(model.d_model, -1), at[f"W2{layer}"]]
        writes += [at[f"{name}{layer}"][:, None] for name in ("bO", "b2", "g1", "c1", "g2", "c2")]
    before, behind = np.concatenate(writes, axis=1), np.concatenate(reads, axis=1)
    found.append(
        Layer(
            *("coordinates of d_model", before, behind, False, False, False, np.nan, np.nan),
            *("coordinate", ("in", "out"), "out"),
            np.stack([at["P"][0], at["U"][-1]], axis=1),
            ("entry of P", "entry of U"),
        )
    )
    return tuple(found)
