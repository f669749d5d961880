"""The narrow network inside the wide one: same function, same steps."""

import dataclasses
import math
from typing import Any

import numpy as np
import torch

from ..doors import public
from ..experiments import Experiment
from ..models import Attention, Model, Params, Transformer, TwoLayer
from ..models.fitting import check_batch, check_network, check_params
from ..models.parameters import flat
from ..training import Run, train
from ..words import discrepancy, many
from .equal import Condensed
from .heads import CondensedHeads
from .layers import layer_of
from .strata import Stratum

__all__ = [
    "Coincidence",
    "coincidence",
    "condensed",
    "has_narrow",
    "reduce",
    "unreduce",
]

Array = np.ndarray[Any, np.dtype[Any]]


def has_narrow(model: Model, layer: int) -> bool:
    """Whether `condensed` knows the narrow model of strata of this layer."""
    one = isinstance(model, (TwoLayer, Attention))
    one |= isinstance(model, Transformer) and model.layers == 1
    return layer == 0 and one


@public()
def condensed(stratum: Stratum) -> Condensed | CondensedHeads:
    """The narrow model that a network on a stratum of its neurons or heads is.

    Raises
    ------
    ValueError
        If the units are neither neurons of a two-layer network nor heads of one layer of
        attention, or all of them are zero.
    """
    model = stratum.model
    if not has_narrow(model, stratum.layer):
        raise ValueError(
            "The narrow network is known for TwoLayer, and for the heads of Attention and of a "
            f"Transformer of one layer, and not for {type(model).__name__} and its "
            f"{layer_of(model, stratum.layer).name}."
        )
    if not stratum.blocks:
        units = layer_of(model, stratum.layer).unit
        raise ValueError(f"All {units}s of this stratum are zero: nothing is left to train.")
    if isinstance(model, TwoLayer):
        return Condensed(model.d, stratum.sizes, model.activation, model.bias)
    return CondensedHeads(model.replace(heads=stratum.k), stratum.sizes)


def _firsts(stratum: Stratum) -> list[int]:
    return [block[0][0] for block in stratum.blocks]


def _bound(stratum: Stratum) -> list[str]:
    """The parameters that units have, each its own, along their first axis."""
    bound, first, names = layer_of(stratum.model, stratum.layer).places, 0, []
    for name, shape in stratum.model.shapes().items():
        if first in bound:
            names.append(name)
        first += math.prod(shape)
    return names


@public(lambda stratum, params: check_batch(stratum.model, params))
def reduce(stratum: Stratum, params: Params) -> Params:
    """Parameters of the narrow network for a wide one on the stratum; leading axes are a batch."""
    shapes, firsts, bound = stratum.model.shapes(), _firsts(stratum), _bound(stratum)
    found = {}
    for name, shape in shapes.items():
        axis = params[name].ndim - len(shape)
        if name not in bound:
            found[name] = params[name].clone()
            continue
        root = torch.tensor(stratum.sizes, dtype=params[name].dtype, device="cpu").sqrt()
        scale = root.reshape(-1, *[1] * (len(shape) - 1))
        found[name] = params[name].index_select(axis, torch.tensor(firsts, device="cpu")) * scale
    return found


@public(lambda stratum, params: check_batch(condensed(stratum), params))
def unreduce(stratum: Stratum, params: Params) -> Params:
    """The wide network on the stratum that a narrow one stands for; the way back of `reduce`."""
    found, bound = {}, _bound(stratum)
    for name, shape in stratum.model.shapes().items():
        if name not in bound:
            found[name] = params[name].clone()
            continue
        root = torch.tensor(stratum.sizes, dtype=params[name].dtype, device="cpu").sqrt()
        leaf = params[name] / root.reshape(-1, *[1] * (len(shape) - 1))
        axis = leaf.ndim - len(shape)
        wide = torch.zeros(*leaf.shape[:axis], *shape, dtype=leaf.dtype, device="cpu")
        for k, block in enumerate(stratum.blocks):
            for unit, sign in block:
                wide.select(axis, unit).copy_(sign * leaf.select(axis, k))
        found[name] = wide
    return found


@dataclasses.dataclass(frozen=True, eq=False)
class Coincidence:
    """A wide network on a stratum and the narrow network that it is, trained side by side.

    Attributes
    ----------
    stratum : Stratum
        Where the wide network started.
    wide, narrow : Run
        The two runs.
    error : array, shape [T]
        Distance of the two in the parameters of the wide network, as a share of their norm.
    """

    stratum: Stratum
    wide: Run
    narrow: Run
    error: Array

    @property
    def largest(self) -> float:
        """The largest relative error on the way."""
        return float(self.error.max())

    def __str__(self) -> str:
        """What was trained, and how far the two came apart."""
        wide, narrow = self.wide.experiment.model, self.narrow.experiment.model
        return (
            f"{many(self.stratum.k, 'block')}: {many(wide.n_parameters, 'parameter')} move as "
            f"{narrow.n_parameters}; after {many(int(self.wide.step[-1]), 'step')} of "
            f"{type(self.wide.experiment.optimizer).__name__} the largest difference on the way "
            f"is {discrepancy(self.largest)} of their size."
        )


def _check_start(stratum: Stratum, init: Params | None = None) -> None:
    if init is not None:
        check_network(stratum.model, init, "init")


@public(_check_start)
def coincidence(
    experiment: Experiment, stratum: Stratum, init: Params | None = None
) -> Coincidence:
    """Train a wide network on a stratum, and the narrow one that it is, with the same settings.

    Under gradient descent and the gradient flow the two are one motion: `Condensed` has the
    variables in which rates and lengths are the same. Adam does not see lengths, and has rates of
    its own for the narrow network: the ratio is then not 1 but fixed.

    Parameters
    ----------
    experiment : Experiment
        Its model is the wide one.
    stratum : Stratum
        A stratum of that model.
    init : dict of Tensor, optional
        A wide network; the nearest one on the stratum is trained. By default the experiment's draw.

    Raises
    ------
    ValueError
        If the stratum belongs to another model, or to one of which no narrow network is known.
    """
    if stratum.model != experiment.model:
        raise ValueError(
            f"The stratum is one of {stratum.model}, but the experiment trains {experiment.model}."
        )
    if init is not None:
        check_params(stratum.model, init)
    start = stratum.place(experiment.init() if init is None else init)
    narrow = dataclasses.replace(experiment, model=condensed(stratum))
    one, other = train(experiment, init=start), train(narrow, init=reduce(stratum, start))
    steps = min(len(one), len(other))
    here = flat(experiment.model, one.params)[:steps]
    there = flat(experiment.model, unreduce(stratum, other.params))[:steps]
    error = np.linalg.norm(here - there, axis=1) / np.linalg.norm(here, axis=1)
    return Coincidence(stratum, one, other, error)
