"""The model rank in floating point: the spectrum of a Jacobian, a tolerance, and what it hides."""

import dataclasses
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..derivatives import jacobian
from ..models import Model, Params, TwoLayer, check_params

__all__ = ["RankReport", "model_rank", "probes_for", "report", "spectrum"]

Array = np.ndarray[Any, np.dtype[Any]]

CLEAR = 1e3
"""A rank is clear if the spectrum falls at least by this factor behind it."""


@dataclasses.dataclass(frozen=True, eq=False)
class RankReport:
    """A numerical model rank, with what is needed to judge it.

    Attributes
    ----------
    rank : int
        Number of singular values above `tolerance` times the largest.
    spectrum : array, shape [r]
        The singular values, largest first.
    tolerance : float
        Relative to the largest singular value.
    gap : float
        By which factor the spectrum falls behind the rank; infinite if nothing follows, or zeros.
    probes : int
        Number of inputs.
    n_parameters : int
        Number of parameters.
    """

    rank: int
    spectrum: Array
    tolerance: float
    gap: float
    probes: int
    n_parameters: int

    @property
    def clear(self) -> bool:
        """Whether the spectrum has a gap where the rank cuts it."""
        return self.gap >= CLEAR

    def __str__(self) -> str:
        """The report in a sentence or two."""
        told = (
            f"Numerical rank {self.rank} of {self.n_parameters} parameters at relative tolerance "
            f"{self.tolerance:.1e}, {self.probes:,} probes."
        )
        if not self.rank or (self.clear and self.rank == len(self.spectrum)):
            return told
        if self.clear:
            return f"{told} Behind it the singular values fall by a factor {self.gap:.1e}."
        if self.rank == len(self.spectrum):
            return f"{told} The smallest singular value is only {self.gap:.1f} times the tolerance."
        return (
            f"{told} Behind it they fall only by a factor {self.gap:.1f}: there is no gap, another "
            "tolerance gives another rank, and floating point cannot tell the rank of the model."
        )


def spectrum(model: Model, params: Params, probes: Tensor) -> Array:
    """Singular values of the Jacobian at `probes`, its columns scaled to length 1.

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
    """
    columns = jacobian(model, params, probes).numpy()
    largest = np.abs(columns).max(axis=0, initial=0.0)
    columns = np.divide(columns, largest, out=np.zeros_like(columns), where=largest > 0.0)
    length = np.linalg.norm(columns, axis=0)
    columns = np.divide(columns, length, out=np.zeros_like(columns), where=length > 0.0)
    return np.asarray(np.linalg.svd(columns, compute_uv=False))


def model_rank(
    model: Model,
    params: Params,
    tolerance: float | None = None,
    probes: Tensor | None = None,
    fewer_probes: bool = False,
) -> RankReport:
    """Dimension of span {d f / d theta_i} as functions, as far as floating point can tell.

    For smooth activations it often cannot: the singular values of many tanh neurons on a line fall
    exponentially, and a generic network of 200 neurons seems to have rank 24 instead of 400.
    `condensekit.exact_rank` proves the number.

    Parameters
    ----------
    model, params
        One network.
    tolerance : float, optional
        Relative to the largest singular value; by default max(N, P) times the machine epsilon.
    probes : Tensor, shape [N, d], optional
        Inputs, at least as many as parameters; by default twice as many, where the neurons bend.
    fewer_probes : bool
        Allow fewer; the rank is then that on the probes, as in the theory of rank_S.

    Raises
    ------
    ValueError
        If there are too few probes, or an argument does not fit.
    """
    check_params(model, params)
    count = model.n_parameters
    if tolerance is not None and not 0.0 < tolerance < 1.0:
        raise ValueError(f"tolerance must be a number between 0 and 1, but is {tolerance!r}.")
    x = probes_for(model, params, 2 * count) if probes is None else probes
    if x.ndim != 2 or x.shape[1] != model.input_dim or not len(x):
        raise ValueError(
            f"probes must have shape [N, {model.input_dim}] with N > 0, but have {[*x.shape]}."
        )
    if len(x) < count and not fewer_probes:
        raise ValueError(
            f"probes must be at least as many as the {count:,} parameters, but are {len(x):,}: no "
            "larger rank could be seen. If that is what you want, say fewer_probes=True."
        )
    relative = max(len(x), count) * float(np.finfo(float).eps) if tolerance is None else tolerance
    return report(spectrum(model, params, x), relative, len(x), count)


def report(values: Array, tolerance: float, probes: int, n_parameters: int) -> RankReport:
    """What a spectrum says at a tolerance; see `RankReport` for the arguments."""
    limit = tolerance * float(values[0])
    rank = int((values > limit).sum())
    return RankReport(rank, values, tolerance, _gap(values, rank, limit), probes, n_parameters)


def _gap(values: Array, rank: int, limit: float) -> float:
    if rank == 0:
        return float("inf")
    after = values[rank] if rank < len(values) else limit
    return float(values[rank - 1] / after) if after > 0.0 else float("inf")


@singledispatch
def probes_for(model: Model, params: Params, n: int, seed: int = 0) -> Tensor:
    """`n` inputs at which the tangent functions of a network differ; standard normal.

    Returns
    -------
    Tensor, shape [n, d]
    """
    del params
    return _normal(n, model.input_dim, seed)


@probes_for.register
def _two_layer(model: TwoLayer, params: Params, n: int, seed: int = 0) -> Tensor:
    """Each around the place where one of the neurons bends, w . x + b = 0, on its own scale."""
    w = params["w"].detach()
    b = params["b"].detach() if model.bias else torch.zeros(model.m, dtype=torch.float64)
    length = w.norm(dim=1)
    steep = torch.nonzero(length > 0.0)[:, 0]
    unit = _normal(n, model.d, seed)
    if not len(steep):
        return unit
    chosen = steep[torch.arange(n) % len(steep)]
    place = -(b / length**2)[chosen, None] * w[chosen]
    far = place.norm(dim=1) > 1e6  # a neuron that bends nowhere near
    place[far] = 0.0
    found: Tensor = place + unit * (1.0 / length[chosen]).clamp(1.0, 1e3)[:, None]
    return found


def _normal(n: int, d: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64)
