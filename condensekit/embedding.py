"""A narrow network inside a wide one: the same function, with more neurons than it needs.

Embedding keeps the model rank where the further neurons are zero or copies (Zhang et al.,
arXiv:2406.18035: null and splitting embedding; signs: ours, since tanh is odd). Neurons that are
merely useless, silent or cancelling, raise it.
"""

import torch
from torch import Tensor

from .activations import activation
from .models import Params, TwoLayer, check_params

__all__ = ["EMBEDDINGS", "embed", "perturbed"]

EMBEDDINGS = {
    "null": "the further neurons are zero",
    "split": "each neuron is split into copies that share its output weight",
    "sign-split": "as split, every second copy with all its signs turned",
    "silent": "the further neurons point anywhere, with output weight 0",
    "cancelling": "the further neurons come in pairs that cancel",
}
"""The ways of `embed`, each in words."""


def embed(
    model: TwoLayer, params: Params, width: int, how: str, seed: int = 0
) -> tuple[TwoLayer, Params]:
    """The same function by a network of `width` neurons.

    Parameters
    ----------
    model, params
        The narrow network.
    width : int
        Neurons of the wide one, at least as many.
    how : str
        One of `EMBEDDINGS`. Neurons that point anywhere are drawn from the unit normal.
    seed : int
        Of that draw.

    Returns
    -------
    tuple of TwoLayer and params

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
    check_params(model, params)
    if how not in EMBEDDINGS:
        raise ValueError(f"how must be one of {', '.join(EMBEDDINGS)}, but is {how!r}.")
    if not model.m <= width:
        raise ValueError(f"width must be a whole number from {model.m} on, but is {width!r}.")
    if how == "sign-split" and not activation(model.activation).odd:
        raise ValueError(f"sign-split needs an odd activation, but {model.activation} is none.")
    wide = model.replace(width=width)
    source = torch.arange(width) % model.m
    copies = torch.bincount(source)[source].double()
    further = width - model.m
    start = {name: leaf[source].clone() for name, leaf in params.items()}
    if how in ("split", "sign-split"):
        start["a"] /= copies
        turned = (torch.arange(width) // model.m % 2 == 1) & (how == "sign-split")
        return wide, {name: _turned(leaf, turned) for name, leaf in start.items()}
    drawn = model.replace(width=max(further, 1)).init(torch.Generator().manual_seed(seed), 1.0)
    for name, leaf in start.items():
        leaf[model.m :] = 0.0 if how == "null" else drawn[name][:further]
    if how == "silent":
        start["a"][model.m :] = 0.0
    if how == "cancelling":
        for name, leaf in start.items():
            pairs = leaf[model.m : width - further % 2]
            pairs[1::2] = -pairs[::2] if name == "a" else pairs[::2]
            leaf[width - further % 2 :] = 0.0  # one that finds no partner
    return wide, start


def _turned(leaf: Tensor, rows: Tensor) -> Tensor:
    return torch.where(rows.view(-1, *[1] * (leaf.ndim - 1)), -leaf, leaf)


def perturbed(params: Params, epsilon: float, seed: int = 0) -> Params:
    """Every parameter moved by `epsilon` times a number drawn from the unit normal."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: leaf + epsilon * torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        for name, leaf in params.items()
    }
