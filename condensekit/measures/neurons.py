"""Hidden neurons: where they point, how strong they are, and which of them are the same."""

import dataclasses
import functools
from typing import Any

import numpy as np

from ..activations import Activation, activation
from ..checks import a_number
from ..doors import door, public
from ..models import Conv, FromModule, Model, Params, TwoLayer, TwoLayerConv
from ..models.fitting import check_leaf, check_network

__all__ = [
    "ACTIVE",
    "SAME",
    "Neurons",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "input_weights",
    "neurons",
    "orientations",
]

Array = np.ndarray[Any, np.dtype[Any]]

ACTIVE = 1e-2
"""A neuron is active if its amplitude is above this share of the largest."""
SAME = 0.1
"""Two neurons are the same if (w, b) differ by less than this share of the larger one."""


@dataclasses.dataclass(frozen=True)
class Neurons:
    """Hidden neurons as points: input weight (w, b) and output weight a.

    Attributes
    ----------
    weight : array, shape [m, d + 1], or [m, d] without biases
        The vector (w_j, b_j); of a kernel of `Conv`, w_j alone.
    output : array, shape [m]
        The output weight a_j; of a shared kernel, the length of its output weights.
    activation : Activation
        Its symmetries say which neurons compute the same function.
    """

    weight: Array
    output: Array
    activation: Activation

    @property
    def up_to_sign(self) -> bool:
        """Whether neurons of opposite (w, b) compute the same, up to the sign of their output."""
        return self.activation.odd or self.activation.even


@door(check_network)
def neurons(model: Model, params: Params) -> Neurons:
    """The hidden neurons of one network.

    Raises
    ------
    ValueError
        If networks of this family have no hidden neurons with an input and an output weight.
    """
    raise ValueError(f"{type(model).__name__} has no hidden neurons to measure; {params.keys()}.")


@neurons.register
def _two_layer(model: TwoLayer, params: Params) -> Neurons:
    leaves = {name: params[name].detach().numpy() for name in model.shapes()}
    parts = [leaves["w"], leaves["b"][:, None]] if model.bias else [leaves["w"]]
    return Neurons(np.concatenate(parts, axis=1), leaves["a"], activation(model.activation))


@neurons.register
def _convolution(model: TwoLayerConv, params: Params) -> Neurons:
    """Shared kernels, each with the length of its output weights, [k]; or all neurons, [k p].

    Neurons that do not share have weights for all inputs, zero outside their patch, so that equal
    kernels at different positions are not the same.
    """
    leaves = {name: params[name].detach().numpy() for name in model.shapes()}
    w, a = leaves["w"], leaves["a"]
    if model.sharing:
        a = np.linalg.norm(a, axis=1)
    else:
        padded = np.zeros((*a.shape, model.input_dim))
        padded[:, np.arange(a.shape[1])[:, None], model.patches.numpy()] = w
        w, a = padded.reshape(a.size, -1), a.ravel()
    parts = [w, leaves["b"].reshape(-1, 1)] if model.bias else [w]
    return Neurons(np.concatenate(parts, axis=1), a, activation(model.activation))


@neurons.register
def _image(model: Conv, params: Params) -> Neurons:
    """Kernels of the first layer, without biases, each with the length of what reads its map."""
    reader = params["w2" if model.layers == 2 else "u" if model.hidden else "v"]
    read = reader.detach().double().view(len(reader), model.kernels, -1)
    size = read.square().sum((0, 2)).sqrt().numpy()
    return Neurons(input_weights(model, params), size, activation(model.activation))


@door()
def input_weights(model: Model, params: Params) -> Array:
    """The vectors (w_j, b_j) of the hidden neurons, shape [m, d + 1]; float64.

    Of `Conv` the kernels of the first layer without their biases, so that their cosine is the D(u1,
    u2) of the talk. Nothing else of `params` is asked for there, so that a file of kernels will do.
    Of `FromModule` the rows of the layer that it was made for, [m, d].

    Raises
    ------
    ValueError
        If networks of this family have no such neurons.
    """
    return neurons(model, params).weight


@input_weights.register
def _kernels(model: Conv, params: Params) -> Array:
    check_leaf(model, params, "w")
    found: Array = params["w"].detach().double().numpy()
    return found


@input_weights.register
def _rows(model: FromModule, params: Params) -> Array:
    check_network(model, params)
    found: Array = model.rows(params).detach().double().numpy()
    return found


@public()
def orientations(model: Model, params: Params) -> Array:
    """Unit vectors (w_j, b_j) / |(w_j, b_j)|, shape [m, d + 1]; zero where the weight is zero.

    For one input with bias they are points of a circle, and the talk draws their angle
    sign(b) arccos(w / |(w, b)|) in (-pi, pi], which is ``arctan2(b, w)``.
    """
    return unit_vectors(input_weights(model, params))


def unit_vectors(weight: Array) -> Array:
    # Scaled by the largest entry first, so that weights near 1e-200 still have a direction.
    largest = np.abs(weight).max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):  # infinite weights have no direction: NaN
        scaled = np.divide(weight, largest, out=np.zeros_like(weight), where=largest > 0)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = np.divide(scaled, length, out=np.zeros_like(weight), where=length > 0)
    return unit


@public(check_network)
def amplitudes(model: Model, params: Params) -> Array:
    """|a_j| |(w_j, b_j)| of every neuron, shape [m]."""
    found = neurons(model, params)
    size: Array = np.abs(found.output) * np.linalg.norm(found.weight, axis=1)
    return size


@public()
def cosine_similarity(model: Model, params: Params) -> Array:
    """Cosine of the angle between the orientations of all pairs of neurons, shape [m, m].

    The D(u, v) of the talk. For two random directions of the plane |cos| is 2 / pi on average; 1
    means aligned, and for an odd activation -1 does too.
    """
    unit = orientations(model, params)
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0))


@public(check_network)
def groups(model: Model, params: Params, same: float = SAME, active: float = ACTIVE) -> Array:
    """Groups of equal neurons, numbered, the one with the most output first.

    Neurons are joined if the functions they compute are alike up to their output weight: if (w, b)
    differ by less than `same` times the larger of the two, up to sign where the activation is odd
    or even; where it is homogeneous (ReLU), if their directions do. A group is a connected
    component.

    Parameters
    ----------
    model, params
        One network.
    same : float
        Largest relative distance of two neurons that are the same.
    active : float
        A neuron counts if its amplitude is above this share of the largest.

    Returns
    -------
    array of int, shape [m]
        Group of each neuron: 0, 1, ...; -1 for inactive neurons.
    """
    check_thresholds(same, active)
    found = neurons(model, params)
    weight, output = found.weight.tobytes(), found.output.tobytes()
    symmetries = found.activation.homogeneous, found.up_to_sign
    return _groups(weight, output, found.weight.dtype.str, *symmetries, same, active).copy()


def check_thresholds(same: float, active: float) -> None:
    """Raise a ValueError unless these are shares by which neurons are told apart."""
    a_number("same", same, 0.0, 2.0)
    a_number("active", active, 0.0, below=1.0)


@functools.lru_cache(maxsize=16)  # several pictures of one moment ask the same
def _groups(
    weight: bytes,
    output: bytes,
    dtype: str,
    ray: bool,
    up_to_sign: bool,
    same: float,
    active: float,
) -> Array:
    strength = np.frombuffer(output, dtype)
    vectors = np.frombuffer(weight, dtype).reshape(len(strength), -1)
    size = np.abs(scaled(strength)) * np.linalg.norm(scaled(vectors), axis=1)
    members = np.flatnonzero(size > active * size.max())
    points = unit_vectors(vectors[members]) if ray else vectors[members]
    components = component_list(points, same, up_to_sign)
    components.sort(key=lambda component: -float(size[members[component]].sum()))
    labels = np.full(len(size), -1)
    for number, component in enumerate(components):
        labels[members[component]] = number
    return labels


def scaled(values: Array) -> Array:
    """Values as shares of the largest, so that products of tiny ones do not vanish."""
    largest = float(np.abs(values).max(initial=0.0))
    with np.errstate(invalid="ignore"):  # the share of infinity is NaN
        return values / largest if largest else values


_BLOCK = 256  # points whose neighbours are looked for at once, so that memory stays bounded


def component_list(points: Array, same: float, up_to_sign: bool) -> list[Array]:
    """Connected components of points closer than `same` times the longer one, each ascending.

    Two such points differ as little in length, and in each coordinate but for its sign: sorted by
    what differs most among all points, few are left to be compared.
    """
    points = scaled(points)
    length = np.linalg.norm(points, axis=1)
    keys = np.vstack([length, np.abs(points).T])
    key = keys[keys.std(axis=1).argmax()] if len(points) else length
    order = np.argsort(key)
    points, length, key = points[order], length[order], key[order]
    square, open_ = np.vecdot(points, points), np.ones(len(order), dtype=bool)
    # The longer one is at most 1 / (1 - same) times as long, where it is near.
    reach = length * (same * (1 + 1e-9) / (1 - same)) if same < 1 else np.full(len(key), np.inf)
    starts = np.searchsorted(key, key - reach)
    stops = np.searchsorted(key, key + reach, "right")
    components = []
    for first in np.argsort(order).tolist():
        if not open_[first]:
            continue
        front = np.array([first])
        open_[front], component = False, [front]
        while len(front):
            block, front = front[:_BLOCK], front[_BLOCK:]
            start = starts[block].min()
            rest = start + np.flatnonzero(open_[start : stops[block].max()])
            if not len(rest):
                continue
            product = points[rest] @ points[block].T
            longer = np.maximum(square[rest, None], square[block])
            product = np.abs(product) if up_to_sign else product
            distance = square[rest, None] + square[block] - 2.0 * product
            near = rest[(distance <= same**2 * longer).any(axis=1)]
            if len(near):
                open_[near] = False
                component.append(near)
                front = np.sort(np.concatenate([front, near]))
        components.append(np.sort(order[np.concatenate(component)]))
    return components
