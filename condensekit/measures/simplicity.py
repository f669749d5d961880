"""As how many neurons a network acts, and what takes their place in other families."""

import dataclasses

import numpy as np

from ..doors import door
from ..models import MatrixFactorization, Model, Params, Plane, ProductPlane, TwoLayer, TwoLayerConv
from ..models.fitting import check_network
from ..problems import Data
from ..words import many
from .merging import THRESHOLD, NearestCondensed, nearest_condensed
from .neurons import ACTIVE, SAME, check_thresholds, groups

__all__ = ["Simplicity", "simplicity"]


@dataclasses.dataclass(frozen=True)
class Simplicity:
    """As how many neurons a network acts, and whether it is condensed.

    Attributes
    ----------
    acts_as : int
        Of a two-layer network, as how many neurons it acts: so many are left when neurons are
        moved together and nothing is fitted, and outputs change by at most 1 % (see
        `nearest_condensed`); all of them where 60 places are not enough. In other families groups
        of equal neurons or kernels; the rank of a matrix; parameters that are not zero.
    width : int
        How many there are, at most.
    text : str
        The same in a sentence.
    condensed : bool or None
        Whether the network is condensed (see `NearestCondensed.condensed`); None in families whose
        neurons are not joined.
    """

    acts_as: int
    width: int
    text: str
    condensed: bool | None = None

    def __str__(self) -> str:
        """The sentence."""
        return self.text


def _check(model: Model, params: Params, same: float = SAME, active: float = ACTIVE) -> None:
    check_network(model, params)
    check_thresholds(same, active)


@door(_check)
def simplicity(
    model: Model,
    params: Params,
    data: Data,
    threshold: float = THRESHOLD,
    same: float = SAME,
    active: float = ACTIVE,
) -> Simplicity:
    """As how many neurons one network acts.

    Parameters
    ----------
    model, params
        One network.
    data : Data
        Where the function of a two-layer network is to stay: samples and test points, not labels.
    threshold : float
        By which share of the largest output it may change, see `nearest_condensed`.
    same, active : float
        How equal neurons are counted in other families, see `groups`. Singular values of a matrix,
        and parameters of a plane, count above the share `active` of the largest.

    Raises
    ------
    ValueError
        If this family has nothing to count.
    """
    del data, threshold
    return _grouped("neurons", model, params, same, active)


@simplicity.register
def _two_layer(
    model: TwoLayer,
    params: Params,
    data: Data,
    threshold: float = THRESHOLD,
    same: float = SAME,
    active: float = ACTIVE,
) -> Simplicity:
    del same, active
    found = nearest_condensed(model, params, data, threshold)
    head = f"{many(model.m, 'neuron')} ({many(model.n_parameters, 'parameter')})"
    return Simplicity(found.neurons, model.m, f"{head}{_acting(found, threshold)}", found.condensed)


def _acting(found: NearestCondensed, threshold: float) -> str:
    """What is said of the nearest condensed network."""
    k, m = found.neurons, found.model.m
    acts = f"act{'s' * (m == 1)} as {k}{' and a constant' * found.constant}"
    if not found.found:
        none = f"no network of {found.most} or fewer was found within {100 * threshold:g} %."
        return f", not seen to be condensed: {none}"
    if k == m:
        return f" {acts}: no fewer were found."
    if 2 * k > m:
        return f", not seen to be condensed: {k} are left when like ones are moved together."
    if not found.condensed:
        away = f"{100 * found.distance:.0f} % of |θ| away"
        be = "is" if m == 1 else "are"
        return f" {acts}, but {be} not condensed: the nearest network of {k} is {away}."
    return f" {acts}."


@simplicity.register
def _convolution(
    model: TwoLayerConv,
    params: Params,
    data: Data,
    threshold: float = THRESHOLD,
    same: float = SAME,
    active: float = ACTIVE,
) -> Simplicity:
    del data, threshold
    return _grouped("kernels" if model.sharing else "neurons", model, params, same, active)


def _grouped(noun: str, model: Model, params: Params, same: float, active: float) -> Simplicity:
    labels = groups(model, params, same, active)
    found, width, one = int(labels.max()) + 1, len(labels), noun[:-1]
    size = many(model.n_parameters, "parameter")
    text = f"{many(width, one)} ({size}) in {many(found, 'group')} of equal {noun}."
    return Simplicity(found, width, text)


@simplicity.register
def _factorization(
    model: MatrixFactorization,
    params: Params,
    data: Data,
    threshold: float = THRESHOLD,
    same: float = SAME,
    active: float = ACTIVE,
) -> Simplicity:
    del data, threshold, same
    product = (params["A"] @ params["B"]).detach().numpy()
    rank = _above(np.linalg.svd(product, compute_uv=False), active)
    width = min(model.inner, model.rows, model.columns)
    text = (
        f"A B ({many(model.n_parameters, 'parameter')}) can have rank {width} and has rank {rank}, "
        f"counting singular values above {active:g} of the largest."
    )
    return Simplicity(rank, width, text)


@simplicity.register(Plane)
@simplicity.register(ProductPlane)
def _plane(
    model: Plane | ProductPlane,
    params: Params,
    data: Data,
    threshold: float = THRESHOLD,
    same: float = SAME,
    active: float = ACTIVE,
) -> Simplicity:
    del data, threshold, same
    found = _above(params["t"].detach().abs().numpy(), active)
    be = "is" if found == 1 else "are"
    of = many(model.n_parameters, "parameter")
    text = f"Of {of} {found} {be} above {active:g} of the largest."
    return Simplicity(found, model.n_parameters, text)


def _above(values: np.ndarray, share: float) -> int:
    return int((values > share * values.max(initial=0.0)).sum())
