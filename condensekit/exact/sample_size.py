"""How many samples can be enough: the optimistic sample size, with its formula and source."""

import dataclasses
import itertools
from collections.abc import Sequence

from ..doors import door, public
from ..knobs import Knob
from ..models import Deep, MatrixFactorization, Model, TwoLayer, TwoLayerConv

__all__ = [
    "NoTheorem",
    "SampleSize",
    "optimistic_sample_size",
    "sample_size",
    "sample_size_bound",
]

_LLR = "Zhang et al., arXiv:2406.18035"


class NoTheorem(ValueError):
    """No theorem here: the literature has no sample size for this model."""


@dataclasses.dataclass(frozen=True)
class SampleSize:
    """An optimistic sample size.

    Attributes
    ----------
    size : int
        The number of samples.
    formula : str
        Where it comes from, as LaTeX.
    source : str
        Who has shown it.
    target_width : int, optional
        What was counted of the target: its neurons, kernels or rank. None where nothing is.
    """

    size: int
    formula: str
    source: str
    target_width: int | None = None


@public(but=["target_width"])
def optimistic_sample_size(model: Model, *, target_width: int) -> int:
    """Optimistic sample size: the fewest samples from which a target can be recovered.

    It is the model rank at the target's own parameters, and does not depend on how wide the network
    is that learns. For a two-layer tanh network in d dimensions it is k (d + 1), and k (d + 2) if
    hidden neurons have a bias (the input is then (x, 1)). See `sample_size` for its source.

    Parameters
    ----------
    model : Model
        The network that learns.
    target_width : int
        Width k of the target: its number of neurons (non-zero, no two alike up to sign), of
        kernels, or the rank of the matrix.

    Raises
    ------
    NoTheorem
        If the theorem says nothing about this model.
    ValueError
        If k is not a whole number from 1 to the width of the model.

    Examples
    --------
    >>> optimistic_sample_size(TwoLayer(1, 500), target_width=3)
    9
    >>> optimistic_sample_size(TwoLayer(1, 500, bias=False), target_width=3)
    6
    >>> [optimistic_sample_size(MatrixFactorization(), target_width=r) for r in (1, 2, 3, 4)]
    [7, 12, 15, 16]
    """
    return sample_size(model, target_width=target_width).size


@door(but=["target_width"])
def sample_size(model: Model, *, target_width: int) -> SampleSize:
    r"""`optimistic_sample_size` with its formula and its source.

    Examples
    --------
    >>> print(sample_size(TwoLayer(1, 500), target_width=3).formula)
    k (d + 2) = 3 \cdot 3 = 9
    """
    raise NoTheorem(
        f"No theorem here: {type(model).__name__} is not a two-layer tanh network, convolutional "
        "or not, and no matrix factorization."
    )


def _width(most: int, target_width: int) -> int:
    return int(Knob("target_width", 1, 1, most).check(target_width))


def _tanh(model: TwoLayer | TwoLayerConv) -> None:
    if model.activation != "tanh":
        raise NoTheorem(
            f"No theorem here: the activation is {model.activation}, and the sample size is known "
            "for tanh."
        )


@sample_size.register
def _two_layer(model: TwoLayer, *, target_width: int) -> SampleSize:
    _tanh(model)
    k, each = _width(model.m, target_width), model.d + 1 + model.bias
    formula = rf"k (d + {1 + model.bias}) = {k} \cdot {each} = {k * each}"
    bias = "; the input is (x, 1)" if model.bias else ""
    return SampleSize(k * each, formula, f"{_LLR}, corollary on two-layer tanh networks{bias}", k)


@sample_size.register
def _convolution(model: TwoLayerConv, *, target_width: int) -> SampleSize:
    _tanh(model)
    k = _width(model.kernels, target_width)
    p, s = model.patches.shape
    weights = s + model.bias
    if model.sharing:
        each, formula = weights + p, rf"k (s + p) = {k} ({weights} + {p})"
    else:
        each, formula = (weights + 1) * p, rf"k (s + 1) p = {k} ({weights} + 1) {p}"
    note = "; the bias is one more entry of the kernel" if model.bias else ""
    source = f"{_LLR}, theorem on convolutional networks, p positions of a kernel{note}"
    return SampleSize(k * each, f"{formula} = {k * each}", source, k)


@sample_size.register
def _factorization(model: MatrixFactorization, *, target_width: int) -> SampleSize:
    m, n = model.rows, model.columns
    r = _width(min(model.inner, m, n), target_width)
    size = r * (m + n) - r * r
    return SampleSize(
        size,
        rf"r (m + n) - r^2 = {r} \cdot {m + n} - {r}^2 = {size}",
        "Zhang et al., arXiv:2307.08921, matrix factorization (square matrices; others: ours)",
        r,
    )


@public()
def sample_size_bound(model: Model, target_widths: Sequence[int]) -> int:
    """At most so many samples are needed, at best, for a target that is a narrower deep network.

    The number of parameters of the target's own network: a network embedded in a wider one keeps
    its model rank, and no rank exceeds the number of parameters. Without biases it is
    d m_1 + m_1 m_2 + ... + m_(L-1) (Zhang et al., arXiv:2406.18035v1, Theorem 4; in the journal
    Theorem 3).

    Parameters
    ----------
    model : Deep
        The network that learns.
    target_widths : sequence of int
        Width of each hidden layer of the target, none above that of the model.

    Raises
    ------
    ValueError
        If the target has another number of layers or is wider.

    Examples
    --------
    >>> sample_size_bound(Deep(5, 100, layers=2, bias=False), [3, 2])
    23
    """
    if not isinstance(model, Deep):
        raise NoTheorem(f"No theorem here: {type(model).__name__} is not a deep network.")
    if len(target_widths) != model.layers:
        raise ValueError(
            f"target_widths must hold {model.layers} numbers, one for each hidden layer, but is "
            f"{target_widths!r}."
        )
    widths = [model.d, *(_width(model.m, width) for width in target_widths)]
    layers = itertools.pairwise(widths)
    hidden = sum((before + model.bias) * after for before, after in layers)
    return hidden + widths[-1] + model.output_bias
