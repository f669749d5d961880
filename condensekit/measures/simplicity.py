"""As how many neurons a network acts, and what takes their place in other families."""

import dataclasses
from functools import singledispatch

import numpy as np

from ..models import MatrixFactorization, Model, Params, Plane, ProductPlane, TwoLayerConv
from .neurons import ACTIVE, SAME, groups

__all__ = ["Simplicity", "simplicity"]


@dataclasses.dataclass(frozen=True)
class Simplicity:
    """How simple a network is: it has `width` neurons and acts as so many.

    Attributes
    ----------
    acts_as : int
        Groups of equal neurons or kernels; the rank of a matrix; parameters that are not zero.
    width : int
        How many there are, at most.
    text : str
        The same in a sentence.
    """

    acts_as: int
    width: int
    text: str

    def __str__(self) -> str:
        """The sentence."""
        return self.text


@singledispatch
def simplicity(
    model: Model, params: Params, same: float = SAME, active: float = ACTIVE
) -> Simplicity:
    """As how many neurons one network acts.

    Parameters
    ----------
    model, params
        One network.
    same, active : float
        How equal neurons are counted, see `groups`. Singular values of a matrix, and parameters of
        a plane, count above the share `active` of the largest.

    Raises
    ------
    ValueError
        If this family has nothing to count.
    """
    return _grouped("neurons", model, params, same, active)


@simplicity.register
def _convolution(
    model: TwoLayerConv, params: Params, same: float = SAME, active: float = ACTIVE
) -> Simplicity:
    return _grouped("kernels" if model.sharing else "neurons", model, params, same, active)


def _grouped(noun: str, model: Model, params: Params, same: float, active: float) -> Simplicity:
    labels = groups(model, params, same, active)
    found, width = int(labels.max()) + 1, len(labels)
    text = f"{width:,} {noun} ({model.n_parameters:,} parameters) act as {found}."
    return Simplicity(found, width, text)


@simplicity.register
def _factorization(
    model: MatrixFactorization, params: Params, same: float = SAME, active: float = ACTIVE
) -> Simplicity:
    del same
    product = (params["A"] @ params["B"]).detach().numpy()
    rank = _above(np.linalg.svd(product, compute_uv=False), active)
    width = min(model.inner, model.rows, model.columns)
    text = (
        f"A B ({model.n_parameters:,} parameters) can have rank {width} and has rank {rank}, "
        f"counting singular values above {active:g} of the largest."
    )
    return Simplicity(rank, width, text)


@simplicity.register(Plane)
@simplicity.register(ProductPlane)
def _plane(
    model: Plane | ProductPlane, params: Params, same: float = SAME, active: float = ACTIVE
) -> Simplicity:
    del same
    found = _above(params["t"].detach().abs().numpy(), active)
    text = f"Of {model.n_parameters} parameters {found} are above {active:g} of the largest."
    return Simplicity(found, model.n_parameters, text)


def _above(values: np.ndarray, share: float) -> int:
    return int((values > share * values.max(initial=0.0)).sum())
