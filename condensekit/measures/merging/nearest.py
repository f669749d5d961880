"""The nearest exactly condensed network: what condensation says about parameters."""

import dataclasses
import functools
from typing import Any

import numpy as np

from ...doors import public
from ...exact import NoExactMethod, exact_rank
from ...knobs import Knob
from ...models import Model, Params, TwoLayer
from ...models.fitting import check_network
from ...problems import Data
from ...words import many, number
from ..neurons import Neurons, neurons
from .arranging import MANY, arrangements
from .equivalent import THRESHOLD, compared_inputs
from .places import Placed, PlacedLayer
from .polishing import checked, network

__all__ = ["NEAR", "NearestCondensed", "nearest_condensed"]

Array = np.ndarray[Any, np.dtype[Any]]

NEAR = 0.25
"""A network is condensed if an exactly condensed one is nearer than this share of |theta|."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NearestCondensed:
    """The nearest exactly condensed network that was found; unpacks as ``model, params``.

    Attributes
    ----------
    model : TwoLayer
        The family; the network has all its m neurons still.
    params : dict of Tensor
        Its parameters: each neuron has one of `neurons` shared (w, b), bit by bit up to its sign
        (of ReLU: a shared direction), or w = b = 0. Output weights are those of the network. Where
        no such network of 60 places or fewer was found these are the parameters of the network
        itself.
    neurons : int
        k, the places at which a neuron has an output weight; those at zero are not counted.
    idle : int
        Neurons at zero, w = b = 0, with an output weight.
    distance : float
        |theta - params| / |theta|.
    difference : float
        Largest change of an output, as a share of the largest |output|.
    labels : array of int, shape [m]
        At which place each neuron is; -1 at zero.
    constant : bool
        Whether the idle neurons add a constant (sigmoid: act(0) is not 0).
    found : bool
        Whether a network of `most` places or fewer was found with outputs within the threshold. Of
        neurons that cancel exactly, but are no copies of each other, it may miss one that is there.
    threshold : float
        The largest change that was allowed.
    most : int
        Up to so many places are tried: fewer than the neurons, and at most 60.
    """

    model: TwoLayer
    params: Params
    neurons: int
    idle: int
    distance: float
    difference: float
    labels: Array
    constant: bool
    found: bool
    threshold: float
    most: int

    @property
    def condensed(self) -> bool:
        """Whether one was found with at most half as many places as neurons, and near (`NEAR`)."""
        return self.found and 2 * self.neurons <= self.model.m and self.distance <= NEAR

    @functools.cached_property
    def rank(self) -> int | None:
        """Its exact model rank; None where there is no exact method.

        For k tanh neurons with biases and w != 0 in d dimensions k (d + 2), and d + 1 more if there
        are idle neurons: each way to move one of them is a linear function.
        """
        try:
            return exact_rank(self.model, self.params)
        except NoExactMethod:
            return None

    def __iter__(self) -> Any:
        """``model, params = nearest_condensed(...)``."""
        return iter((self.model, self.params))

    def __repr__(self) -> str:
        """What was found, in two sentences."""
        m = self.model.m
        if not self.found:
            return (
                f"Not seen to be condensed: no network with the {many(m, 'neuron')} at "
                f"{many(self.most, 'place')} or fewer was found whose outputs change by at most "
                f"{100 * self.threshold:g} % of the largest."
            )
        rank = "" if self.rank is None else f" and of exact rank {self.rank}"
        few = 2 * self.neurons <= m
        head = "Condensed" if self.condensed else f"Not {'' if few else 'seen to be '}condensed"
        return (
            f"{head}: the nearest network of {many(self.neurons, 'different neuron')} and "
            f"{many(self.idle, 'idle one')} (w = b = 0) is {number(100 * self.distance)} % of "
            f"|theta| away{rank}. Its outputs differ by at most {number(self.difference)} of the "
            "largest."
        )


@public(check_network, but=["threshold"])
def nearest_condensed(
    model: Model, params: Params, data: Data, threshold: float = THRESHOLD
) -> NearestCondensed:
    """The nearest condensed network: every neuron is at one of k places (w, b), or idle.

    Nothing is fitted: output weights stay, and a place is the mean of its neurons (up to sign,
    weighted by |a|; w = b = 0 is a place, too). k is the smallest number found for which no output
    at samples and test points changes by more than `threshold` of the largest one, neither where
    all neurons are moved, nor where only those of one place are. Of what the search finds for this
    k the nearest is given; it tries several starts and proves nothing about smaller k or nearer
    networks. No labels are used.

    Parameters
    ----------
    model, params
        One two-layer network, at any moment of its training.
    data : Data
        Where outputs are to agree; evenly thinned if there are more than 4,096 inputs, or more than
        2**21 / m.
    threshold : float
        Largest change of an output as a share of the largest |output|, from 1e-10 to 0.5.

    Raises
    ------
    ValueError
        If these are no neurons that can be joined, if parameters or data do not fit the model or
        are not finite, or if the threshold is outside its range.

    Examples
    --------
    >>> import torch
    >>> from condensekit import three_tanh
    >>> from condensekit.embedding import embed
    >>> problem = three_tanh()
    >>> found = nearest_condensed(*embed(*problem.teacher(), 500, "split"), problem.data(50))
    >>> found.neurons, found.idle, found.distance < 1e-9, found.rank
    (3, 0, True, 9)
    """
    if not isinstance(model, TwoLayer):
        raise ValueError(
            f"Only the neurons of a two-layer network can be joined, and {type(model).__name__} is "
            f"none: its parameters are {', '.join(params)}."
        )
    allowed = float(Knob("threshold", THRESHOLD, 1e-10, 0.5).check(threshold))
    params = checked(model, params)
    wide = neurons(model, params)
    layer = PlacedLayer.of(wide, compared_inputs(model, data))
    largest = float(np.abs(layer.outputs).max(initial=0.0))
    placed = _fewest(layer, allowed * largest)
    size = float(np.sqrt(layer.square.sum() + wide.output @ wide.output))
    most = min(MANY, model.m - 1)
    if placed is None:
        everyone = np.arange(model.m)
        return NearestCondensed(
            model, params, model.m, 0, 0.0, 0.0, everyone, False, False, allowed, most
        )
    at_zero = placed.labels < 0
    used = np.unique(placed.labels[~at_zero & (wide.output != 0.0)])
    still = float(wide.output[at_zero].sum()) * layer.at_zero
    return NearestCondensed(
        model=model,
        params=network(model, Neurons(placed.weight, wide.output, wide.activation))[1],
        neurons=len(used),
        idle=int((at_zero & (wide.output != 0.0)).sum()),
        distance=placed.moved / size if size else 0.0,
        difference=placed.difference / largest if largest else 0.0,
        labels=placed.labels,
        constant=still != 0.0,
        found=True,
        threshold=allowed,
        most=most,
    )


def _fewest(layer: PlacedLayer, enough: float) -> Placed | None:
    """The neurons at the fewest places that are enough; of those that were found, the nearest."""
    for finds in arrangements(layer, enough):
        good = [(placed.moved, i) for i, placed in enumerate(finds) if placed.off(enough) <= enough]
        if good:
            return finds[min(good)[1]]
    return None
