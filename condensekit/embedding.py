"""A narrow network inside a wide one: the same function, with more neurons than it needs.

Null and splitting embeddings keep the model rank too (Zhang et al., arXiv:2406.18035v1, Theorem 4;
signs: ours, since tanh is odd). Neurons that are merely useless, silent or cancelling, raise it.
"""

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

from .activations import activation
from .checks import a_count, a_number
from .doors import public
from .models import Deep, Model, Params, TwoLayer, TwoLayerConv, check_params
from .plain import quoted

__all__ = ["EMBEDDINGS", "embed", "null_embedding", "perturbed", "splitting_embedding"]

_Network = TypeVar("_Network", TwoLayer, TwoLayerConv, Deep)


@public(but=["model"])
def null_embedding(model: _Network, params: Params, width: int) -> tuple[_Network, Params]:
    """The same function with wider layers, whose further neurons are zero on both sides.

    With act(0) = 0 the function and its model rank stay: a network is then as sample efficient as
    a narrower one (Zhang et al., arXiv:2406.18035v1, Theorem 4). With act(0) != 0 (sigmoid) the
    function stays but the rank does not: the derivative by a zero neuron's output weight is the
    constant act(0).

    Parameters
    ----------
    model, params
        A network: `TwoLayer`, `TwoLayerConv` or `Deep`, of which all hidden layers are widened.
    width : int
        Number of neurons, or kernels, of each hidden layer of the wide one.

    Returns
    -------
    (model, params) of the wide network

    Raises
    ------
    ValueError
        If the network is another one, or is not narrower.
    """
    m = _width(model, params)
    a_count("width", width, m)
    wide = model.replace(width=width)
    found = {
        name: torch.zeros(shape, dtype=torch.float64, device="cpu")
        for name, shape in wide.shapes().items()
    }
    for name, leaf in found.items():
        leaf[tuple(map(slice, params[name].shape))] = params[name]
    return wide, found


@public(but=["model"])
def splitting_embedding(
    model: _Network,
    params: Params,
    ratios: Sequence[Sequence[float]],
    signs: Sequence[Sequence[int]] | None = None,
    layer: int | None = None,
) -> tuple[_Network, Params]:
    """The same function with each neuron split: copies of (w, b), and shares of a.

    Parameters
    ----------
    model, params
        A network: `TwoLayer`, `TwoLayerConv` or `Deep`, of which all hidden layers are widened.
    ratios : sequence of sequences of float
        For each neuron the shares of its copies; each list sums to 1. Shares may be 0 or negative.
        In a deep network they are those of the neurons of every hidden layer, or of one `layer`.
        For kernels, the shares of an output array are exactly proportional in floats if they are
        powers of two; others are so up to rounding, which `exact_rank` sees.
    signs : sequence of sequences of {1, -1}, optional
        A copy with sign -1 is (-a, -w, -b) for odd activations, (a, -w, -b) for even ones.
    layer : int, optional
        The hidden layer whose neurons are split, from 0 up; all of them if nothing is given. As all
        hidden layers of `Deep` are of one width, the others get copies of their first neuron, with
        a share of 0.

    Returns
    -------
    (model, params) of the wide network

    Raises
    ------
    ValueError
        If ratios or signs do not fit, or there is no such layer.

    Examples
    --------
    >>> one = {"a": [1.0], "w": [[0.5]], "b": [0.1]}
    >>> one = {name: torch.tensor(leaf, dtype=float) for name, leaf in one.items()}
    >>> splitting_embedding(TwoLayer(1, 1), one, [[0.25, 0.75]], [[1, -1]])[1]["a"].tolist()
    [0.25, -0.75]
    """
    m = _width(model, params)
    turns = [[1] * len(shares) for shares in ratios] if signs is None else signs
    if [len(shares) for shares in ratios] != [len(turn) for turn in turns] or len(ratios) != m:
        raise ValueError(
            f"ratios and signs must hold one list for each of the {m} neurons, of equal lengths, "
            f"but are {quoted(ratios)} and {signs!r}."
        )
    for j, shares in enumerate(ratios):
        if not abs(sum(shares) - 1.0) <= 1e-12:
            raise ValueError(
                f"The ratios of each neuron must sum to 1, but those of neuron {j} are {shares!r}."
            )
    act = activation(model.activation)
    flat_signs = [sign for turn in turns for sign in turn]
    if any(sign not in (1, -1) for sign in flat_signs):
        raise ValueError(f"signs must be 1 or -1, but are {quoted(signs)}.")
    if -1 in flat_signs and not (act.odd or act.even):
        raise ValueError(
            f"A copy with the sign -1 needs an odd or even activation, but {act.name} is neither."
        )
    split = _copies(ratios, flat_signs, act.even)
    splits = [split] * (model.layers if isinstance(model, Deep) else 1)
    if layer is not None:
        chosen = a_count("layer", layer, 0, len(splits) - 1)
        beside: list[list[float]] = [[1.0] for _ in range(m)]
        beside[0] += [0.0] * (len(flat_signs) - m)
        splits = [_copies(beside, [1] * len(flat_signs), act.even)] * len(splits)
        splits[chosen] = split
    found = {}
    for name in model.shapes():
        found[name] = params[name].clone()
        for axis, at, outgoing in _sides(model, name):
            source, *scales = splits[at]
            shape = [-1 if i == axis else 1 for i in range(found[name].ndim)]
            found[name] = found[name].index_select(axis, source) * scales[outgoing].view(shape)
    return model.replace(width=len(flat_signs)), found


def _copies(
    ratios: Sequence[Sequence[float]], signs: Sequence[int], even: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Which neuron each copy is of, and what its weights are multiplied with: in, out."""
    source = torch.tensor([j for j, shares in enumerate(ratios) for _ in shares], device="cpu")
    share, sign = (
        torch.tensor(values, dtype=torch.float64, device="cpu")
        for values in ([r for shares in ratios for r in shares], signs)
    )
    return source, sign, share * (1.0 if even else sign)


def _sides(model: Model, name: str) -> list[tuple[int, int, bool]]:
    """Axes of a parameter that count neurons: the axis, their layer, whether it leads out of them.

    Between two hidden layers a matrix has both.
    """
    if not isinstance(model, Deep):
        return [(0, 0, name == "a")]
    if name in ("a", "c"):
        return [(0, model.layers - 1, True)] if name == "a" else []
    at = int(name[1:])
    leads_out = [(1, at - 1, True)] if name[0] == "w" and at else []
    return [(0, at, False), *leads_out]


def _width(model: Model, params: Params) -> int:
    if not isinstance(model, (TwoLayer, TwoLayerConv, Deep)):
        raise ValueError(
            "Embeddings are known for TwoLayer, TwoLayerConv and Deep, not for "
            f"{type(model).__name__}."
        )
    check_params(model, params)
    return len(params["a"])


EMBEDDINGS = {
    "null": "the further neurons are zero",
    "split": "each neuron is split into copies that share its output weight",
    "sign-split": "as split, every second copy with all its signs turned",
    "silent": "the further neurons point anywhere, with output weight 0",
    "cancelling": "the further neurons come in pairs that cancel",
}
"""The ways of `embed`, each in words."""


@public(but=["model"])
def embed(
    model: _Network, params: Params, width: int, how: str, seed: int = 0
) -> tuple[_Network, Params]:
    """Embed a narrow network in a wider one of `width` neurons that computes the same function.

    Parameters
    ----------
    model, params
        The narrow network: `TwoLayer`, `TwoLayerConv` or `Deep`.
    width : int
        Neurons, or kernels, of each hidden layer of the wide one, at least as many.
    how : str
        One of `EMBEDDINGS`. Neurons that point anywhere are drawn from the unit normal.
    seed : int
        Of that draw.

    Returns
    -------
    (model, params) of the wide network

    Raises
    ------
    ValueError
        If the width is too small, the embedding unknown, or it does not keep the function.

    Examples
    --------
    >>> narrow = TwoLayer(1, 3)
    >>> wide, _ = embed(narrow, narrow.init(torch.Generator(), 1.0), 500, "split")
    >>> wide.m
    500
    """
    if how not in EMBEDDINGS:
        raise ValueError(f"how must be one of {', '.join(EMBEDDINGS)}, but is {quoted(how)}.")
    wide, start = null_embedding(model, params, width)
    m = _width(model, params)
    if how in ("split", "sign-split"):
        copies = [len(range(j, width, m)) for j in range(m)]
        turns = [[1 - 2 * (c % 2) * (how == "sign-split") for c in range(n)] for n in copies]
        return splitting_embedding(model, params, [[1.0 / n] * n for n in copies], turns)
    further = width - m
    if how == "null" or not further:
        return wide, start
    generator = torch.Generator().manual_seed(seed)
    drawn = model.replace(width=further).init(generator, 1.0)
    paired = further - further % 2  # one that finds no partner stays zero
    for name, leaf in start.items():
        if not leaf.ndim:
            continue
        sizes = zip(params[name].shape, leaf.shape, strict=True)
        beside = tuple(slice(before * (before < after), after) for before, after in sizes)
        new = leaf[beside]  # in a deep network, a second one that joins the first at its output
        if how == "silent" and name != "a":
            new[:] = drawn[name]
        elif how == "cancelling":
            new[:paired] = drawn[name][:paired]
            new[1:paired:2] = -new[:paired:2] if name == "a" else new[:paired:2]
    return wide, start


@public()
def perturbed(params: Params, epsilon: float, seed: int = 0) -> Params:
    """Every parameter moved by `epsilon` times a number drawn from the unit normal."""
    a_number("epsilon", epsilon)
    generator = torch.Generator().manual_seed(seed)
    return {
        name: leaf
        + epsilon * torch.randn(leaf.shape, generator=generator, dtype=torch.float64, device="cpu")
        for name, leaf in params.items()
    }
