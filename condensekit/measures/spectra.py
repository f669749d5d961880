"""What singular values of a Jacobian tell of the model rank: a bound from below and from above.

From below: values that stand far above the errors of a Jacobian are not zero, and the rank at some
inputs is not above that of the functions.

From above: parameters that are zero, equal or opposite make a linear set. The minors of the
Jacobian are analytic functions on it, so the rank is largest at almost all of its points; a network
drawn from the set shows a bound for every other, far from where the given one may be nearly
degenerate. Two-layer ReLU networks are analytic only between changes of signs. But neurons that
bend at one hyperplane all over the set, to one side, do so at its every point with these signs, and
where more of them meet the rank is lower; so there a draw keeps all signs. Of models that are not
known to be analytic only a full rank is bounded from above: by the number of parameters.

Neither bound is a proof, as a draw may hide what it should show; `condensekit.exact_rank` is one.
"""

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..activations import activation
from ..defaults import float64_by_default
from ..derivatives import jacobian
from ..doors import public
from ..models import (
    Attention,
    Deep,
    FromModule,
    MatrixFactorization,
    Model,
    Params,
    Plane,
    ProductPlane,
    TwoLayer,
    TwoLayerConv,
)
from ..models.fitting import check_network
from ..words import number
from .probes import probes_for

__all__ = ["HEADROOM", "Seen", "generic_rank", "in_float64", "seen", "spectrum"]

Array = np.ndarray[Any, np.dtype[Any]]

HEADROOM = 1e3
"""A singular value is not zero if it stands by this factor above rounding."""
SMOOTH = {
    *(nn.Sequential, nn.Identity, nn.Dropout, nn.Flatten, nn.Unflatten, nn.Linear, nn.Bilinear),
    *(nn.Conv1d, nn.Conv2d, nn.AvgPool1d, nn.AvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d),
    *(nn.Tanh, nn.Sigmoid, nn.SiLU, nn.GELU),
}
"""Layers of torch that are analytic in evaluation mode; of others it is not assumed."""
_DRAWS = 4
"""Networks that are drawn for a bound from above."""


@singledispatch
def in_float64(model: Model) -> Model:
    """The model with its own constants in float64, which is exact, as that of parameters is."""
    return model


@in_float64.register
def _module(model: FromModule) -> Model:
    return model.in_float64


@singledispatch
def _analytic(model: Model) -> bool:
    """Whether a network drawn from a set bounds the ranks on it from above; see the module."""
    del model
    return False


@_analytic.register(TwoLayer)
@_analytic.register(TwoLayerConv)
@_analytic.register(Deep)
def _of_neurons(model: TwoLayer | TwoLayerConv | Deep) -> bool:
    kind = activation(model.activation)
    smooth = kind.strip is not None or kind.degree is not None
    return smooth or (isinstance(model, TwoLayer) and model.activation == "relu")


@_analytic.register(Attention)
@_analytic.register(MatrixFactorization)
@_analytic.register(Plane)
@_analytic.register(ProductPlane)
def _of_products(model: Model) -> bool:
    del model
    return True


@_analytic.register
def _of_layers(model: FromModule) -> bool:
    return all(type(part) in SMOOTH for part in model.network.modules())


@public(check_network)
def spectrum(model: Model, params: Params, probes: Tensor) -> Array:
    """Singular values of the Jacobian at `probes`, its columns scaled to length 1; in float64.

    Scaling a column is scaling a parameter; it does not change the rank, and keeps a parameter of
    small effect from being taken for none.

    Parameters
    ----------
    model, params
        One network.
    probes : Tensor, shape [N, d]
        Inputs.

    Returns
    -------
    array, shape [min(N, P)], largest first

    Raises
    ------
    ValueError
        If a derivative at one of the probes is not finite.
    """
    return np.asarray(np.linalg.svd(_scaled(model, params, probes)[0], compute_uv=False))


def _scaled(model: Model, params: Params, probes: Tensor) -> tuple[Array, Array]:
    """The Jacobian with columns of length 1, and by what each of them was divided."""
    columns = _jacobian(model, params, probes)
    if not np.isfinite(columns).all():
        raise ValueError(
            f"The derivatives of {model} are not finite at these parameters and probes: numbers "
            f"overflow above {number(np.finfo(float).max)}. The largest parameter is "
            f"{number(max(float(leaf.abs().max()) for leaf in params.values()))}, and the largest "
            f"entry of a probe {number(float(probes.abs().max()))}."
        )
    largest = np.abs(columns).max(axis=0, initial=0.0)
    scaled = np.divide(columns, largest, out=np.zeros_like(columns), where=largest > 0.0)
    length = np.linalg.norm(scaled, axis=0)
    scaled = np.divide(scaled, length, out=np.zeros_like(columns), where=length > 0.0)
    return scaled, largest * length


def _jacobian(model: Model, params: Params, probes: Tensor) -> Array:
    exact = {name: leaf.detach().double() for name, leaf in params.items()}
    with float64_by_default(), np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(jacobian(in_float64(model), exact, probes.double()).numpy())


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """The spectrum of a network at some inputs, and what of it is rounding.

    Attributes
    ----------
    spectrum : array, shape [r]
        The singular values, largest first.
    floor : float
        Below, a singular value may be rounding.
    """

    spectrum: Array
    floor: float

    @property
    def rank(self) -> int:
        """Singular values above rounding."""
        return int((self.spectrum > self.floor).sum())

    @property
    def certain(self) -> int:
        """Singular values far above rounding: a lower bound of the model rank."""
        return int((self.spectrum > HEADROOM * self.floor).sum())

    @property
    def parted(self) -> bool:
        """Whether what is above rounding is far above, as against the steps before it.

        A spectrum that falls by steps might have its next one below rounding.
        """
        kept = self.spectrum[: self.rank]
        if not len(kept):
            return True
        steps = kept[:-1] / kept[1:]
        return bool(kept[-1] / self.floor >= max(HEADROOM, steps.max(initial=1.0) ** 2))


def seen(model: Model, params: Params, probes: Tensor) -> Seen:
    """The spectrum, with the errors of its Jacobian measured by errors of the parameters.

    A computed derivative is that of parameters which differ in their last digits, at best.
    """
    scaled, size = _scaled(model, params, probes)
    values = np.linalg.svd(scaled, compute_uv=False)
    generator = torch.Generator().manual_seed(0)
    eps = float(np.finfo(float).eps)
    signs = {
        name: 2.0 * torch.randint(2, leaf.shape, generator=generator, device="cpu").double() - 1.0
        for name, leaf in params.items()
    }
    moved = {name: leaf.double() * (1.0 + eps * signs[name]) for name, leaf in params.items()}
    change = _jacobian(model, moved, probes)
    change = np.divide(change, size, out=np.zeros_like(change), where=size > 0.0) - scaled
    error = float(np.linalg.norm(change)) if np.isfinite(change).all() else float("inf")
    return Seen(values, max(max(scaled.shape) * eps * float(values[0]), error))


def generic_rank(
    model: Model, params: Params, probes: Tensor | None = None, largest: int | None = None
) -> int | None:
    """Largest rank on the set of networks with the same zeros and equalities, as far as it shows.

    Parameters
    ----------
    model, params
        One network.
    probes : Tensor, shape [N, d], optional
        Inputs, if the rank at them is asked for; by default those that suit each network drawn.
    largest : int, optional
        No more networks are drawn if one has a larger rank.

    Returns
    -------
    int or None
        None where nothing is known about this family, or where no draw tells.
    """
    kinks = isinstance(model, TwoLayer) and model.activation == "relu"
    if not _analytic(model) or (kinks and probes is not None):
        return None
    found, told = 0, False
    for draw in range(_DRAWS):
        relative = _relative(params, draw)
        x = probes_for(model, relative, 2 * model.n_parameters) if probes is None else probes
        here = seen(model, relative, x)
        found, told = max(found, here.rank), told or here.parted
        if largest is not None and found > largest:
            break
    return found if told else None


def _relative(params: Params, draw: int) -> Params:
    """A network with the same signs, zeros and equal absolute values, all of which are random."""
    flat = np.concatenate([leaf.detach().double().numpy().ravel() for leaf in params.values()])
    values, place = np.unique(np.abs(flat), return_inverse=True)
    generator = np.random.default_rng(draw)
    size = 2.0 ** (draw % 2) * np.exp(0.7 * generator.standard_normal(len(values)))
    drawn = torch.from_numpy(np.sign(flat) * size[place])
    parts = torch.split(drawn, [leaf.numel() for leaf in params.values()])
    named = zip(params.items(), parts, strict=True)
    return {name: part.view(leaf.shape) for (name, leaf), part in named}
