"""The optimistic sample size of a given target: what of it a family of models has to reproduce."""

import math
from fractions import Fraction
from functools import singledispatch

import torch

from ..algebra import flint
from ..doors import door
from ..models import (
    MatrixFactorization,
    Model,
    Params,
    Plane,
    ProductPlane,
    TwoLayer,
    TwoLayerConv,
)
from ..models.fitting import check_target
from ..words import many
from .certificate import exact_rank
from .sample_size import NoTheorem, SampleSize, sample_size
from .tangents import whole_numbers

__all__ = ["TooNarrow", "target_sample_size"]

_OPTIMISTIC = "Zhang et al., arXiv:2307.08921, Figure 1"

Units = dict[tuple[float, ...], Fraction]
"""Hidden neurons (w, b), no two alike up to sign, and the output weight of each, summed exactly."""


class TooNarrow(ValueError):
    """The model is too narrow to be equal to the target, from any number of samples."""


@door(check_target)
def target_sample_size(model: Model, target: Model, params: Params) -> SampleSize:
    """Fewest samples from which `model` can recover a target that is itself a network.

    Counts what the theorem asks for, in the family of the model that learns: different neurons,
    kernels, or the rank of a matrix; then see `sample_size`.

    Parameters
    ----------
    model : Model
        The network that learns.
    target, params : Model, dict of Tensor
        The network that is learned, e.g. ``problem.teacher()``.

    Raises
    ------
    NoTheorem
        If there is no theorem for this model, or none for this target.
    TooNarrow
        If the target needs more neurons, kernels or rank than the model has.

    Examples
    --------
    >>> from condensekit.problems import sliding_tanh
    >>> target = sliding_tanh().teacher()
    >>> models = TwoLayer(5, 300), TwoLayerConv(5, 100), TwoLayerConv(5, 100, sharing=False)
    >>> [target_sample_size(model, *target).size for model in models]
    [21, 7, 15]
    """
    del target, params
    return sample_size(model, target_width=1)  # raises, with the reason


def _foreign() -> NoTheorem:
    return NoTheorem("No theorem here: the target is not a network of this family.")


@target_sample_size.register
def _two_layer(model: TwoLayer, target: Model, params: Params) -> SampleSize:
    sample_size(model, target_width=1)  # raises where there is no theorem
    found = _units(target, params, model.activation)
    biased = any(unit[-1] != 0.0 for unit in found)
    if not found or model.d != target.input_dim or (biased and not model.bias):
        raise _foreign()
    k = len(found)
    if k > model.m:
        raise TooNarrow(f"{many(model.m, 'neuron')} cannot be equal to the {k} of the target.")
    return sample_size(model, target_width=k)


@target_sample_size.register
def _convolution(model: TwoLayerConv, target: Model, params: Params) -> SampleSize:
    """Each neuron of the target must have its weights under the kernel at exactly one position."""
    sample_size(model, target_width=1)
    found = _units(target, params, model.activation)
    patches = [set(patch) for patch in model.patches.tolist()]
    kernels: set[tuple[float, ...]] = set()
    at = [0] * len(patches)  # neurons of the target at each position
    if not found or model.input_dim != target.input_dim:
        raise _foreign()
    for *w, b in found:
        support = {i for i, value in enumerate(w) if value != 0.0}
        places = [p for p, patch in enumerate(patches) if support <= patch]
        if len(places) != 1 or (b != 0.0 and not model.bias):
            raise _foreign()
        at[places[0]] += 1
        kernels.add((*(w[i] for i in model.patches[places[0]].tolist()), b))
    k = len(kernels) if model.sharing else max(at)
    if k > model.kernels:
        raise TooNarrow(
            f"{many(model.kernels, 'kernel')} cannot be equal to the {k} of the target."
        )
    whole = sample_size(model, target_width=k)
    zeros = 0 if model.sharing else k * len(at) - sum(at)  # outputs that the target leaves at zero
    if not zeros:
        return whole
    weights = len(model.patches[0]) + model.bias + 1
    size = whole.size - weights * zeros
    formula = rf"(s + 1) (k p - z) = {weights} ({k} \cdot {len(at)} - {zeros}) = {size}"
    return SampleSize(size, formula, f"{whole.source}, z outputs that are zero", k)


@target_sample_size.register
def _factorization(model: MatrixFactorization, target: Model, params: Params) -> SampleSize:
    if not isinstance(target, MatrixFactorization) or (model.rows, model.columns) != (
        target.rows,
        target.columns,
    ):
        raise _foreign()
    # Scaling rows of A and columns of B by powers of two keeps the rank of the product.
    a = flint.fmpz_mat(whole_numbers(params["A"].detach().numpy()))
    b = flint.fmpz_mat(whole_numbers(params["B"].detach().numpy().T)).transpose()
    rank = int((a * b).rank())
    if rank == 0:
        raise NoTheorem("No theorem here: the target is zero.")
    if rank > model.inner:
        raise TooNarrow(f"A product of inner width {model.inner} cannot have rank {rank}.")
    return sample_size(model, target_width=rank)


@target_sample_size.register
def _plane(model: Plane, target: Model, params: Params) -> SampleSize:
    if not isinstance(target, Plane):
        raise _foreign()
    size = exact_rank(model, params)
    return SampleSize(size, rf"\dim \{{1, x_1, x_2\}} = {size}", _OPTIMISTIC)


@target_sample_size.register
def _product_plane(model: ProductPlane, target: Model, params: Params) -> SampleSize:
    """The model rank where it is least: of all t_2 t_3 = 0, it is t_2 = t_3 = 0."""
    if not isinstance(target, Plane):
        raise _foreign()
    c0, c1, c2 = params["t"].tolist()
    least = torch.tensor([c0, c1, c2, float(c2 != 0.0)], dtype=torch.float64, device="cpu")
    size = exact_rank(model, {"t": least})
    span = r"1, x_1" if c2 == 0.0 else r"1, x_1, x_2"
    return SampleSize(size, rf"\dim \{{{span}\}} = {size}", _OPTIMISTIC)


@singledispatch
def _units(target: Model, params: Params, activation: str) -> Units:
    """The different hidden neurons (w, b) of an odd network, up to sign, that have an output.

    Their number is the intrinsic width k of the theorem. Empty if `target` is no network with this
    activation, or if a neuron computes no function of x, since the theorem does not speak of them.
    """
    del target, params, activation
    return {}


@_units.register
def _of_two_layer(target: TwoLayer, params: Params, activation: str) -> Units:
    if target.activation != activation:
        return {}
    b = params["b"].tolist() if target.bias else [0.0] * target.m
    rows = [(*w, shift) for w, shift in zip(params["w"].tolist(), b, strict=True)]
    return _different(rows, params["a"].tolist())


@_units.register
def _of_convolution(target: TwoLayerConv, params: Params, activation: str) -> Units:
    if target.activation != activation:
        return {}
    k, p = params["a"].shape
    w = params["w"] if not target.sharing else params["w"][:, None].expand(k, p, -1)
    padded = torch.zeros(k, p, target.input_dim + 1, dtype=torch.float64, device="cpu")
    padded[:, torch.arange(p, device="cpu")[:, None], target.patches] = w
    if target.bias:
        padded[..., -1] = params["b"].reshape(k, -1)
    rows = [tuple(row) for row in padded.reshape(k * p, -1).tolist()]
    return _different(rows, params["a"].flatten().tolist())


def _different(rows: list[tuple[float, ...]], outputs: list[float]) -> Units:
    found: Units = {}
    for row, output in zip(rows, outputs, strict=True):
        sign = next((math.copysign(1.0, value) for value in row if value != 0.0), 1.0)
        key = tuple(sign * value + 0.0 for value in row)
        found[key] = found.get(key, Fraction(0)) + Fraction(sign * output)
    kept = {key: output for key, output in found.items() if output}
    return {} if any(not any(key[:-1]) for key in kept) else kept
