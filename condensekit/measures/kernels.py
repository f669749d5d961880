"""Blocks: neurons or kernels that align, and the direction in which theory says they will."""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from ..activations import activation
from ..checks import a_number
from ..defaults import torch_defaults
from ..doors import public
from ..experiments import Experiment
from ..models import Conv, Model, Params
from ..words import many
from .matrices import mean_cosine, random_cosine
from .neurons import component_list, orientations

__all__ = [
    "ALIGNED",
    "Blocks",
    "FirstDirection",
    "blocks",
    "expected_direction",
    "first_direction",
]

Array = np.ndarray[Any, np.dtype[Any]]

ALIGNED = 0.95
"""Two neurons are aligned if the |cosine| of their orientations is above this."""


@dataclasses.dataclass(frozen=True, eq=False)
class Blocks:
    """How far the neurons of one network are aligned, up to sign.

    Attributes
    ----------
    members : tuple of array of int
        The connected components of aligned neurons, the largest first. They chain: two ends of
        one need not be aligned themselves, so that `share` says more than their number.
    share : float
        Part of all pairs of neurons that are aligned, from 0 to 1.
    mean : float
        Mean |cosine| of all pairs; NaN for a single neuron.
    random : float
        The same for random directions of as many dimensions.
    """

    members: tuple[Array, ...]
    share: float
    mean: float
    random: float

    @property
    def sizes(self) -> list[int]:
        """Number of neurons in each component."""
        return [len(member) for member in self.members]

    @property
    def order(self) -> Array:
        """All neurons, component after component: shape [m]."""
        return np.concatenate(self.members)

    def __str__(self) -> str:
        """Say it in a sentence."""
        count, m = len(self.sizes), sum(self.sizes)
        if m == 1:
            return "1 kernel: there is no other to compare it with."
        if self.random > 1.0 - 1e-12:
            return f"{m:,} kernels of one entry: they can only differ in sign and length."
        parts = [str(size) for size in self.sizes if size > 1]
        alone = count - len(parts)
        parts = parts[:6] + ["..."] * (len(parts) > 6) + [f"{alone} alone"] * (alone > 0)
        return (
            f"{m:,} kernels in {many(count, 'block')} ({', '.join(parts)}); "
            f"{100.0 * self.share:.0f} % of the pairs aligned; mean |cos| {self.mean:.2f}, "
            f"random {self.random:.2f}."
        )


@public()
def blocks(model: Model, params: Params, aligned: float = ALIGNED) -> Blocks:
    """Gather the neurons of a two-layer network, the kernels of `Conv` or the rows of a layer.

    Within a component they are sorted by their |cosine| with its main direction.

    Parameters
    ----------
    model, params
        One network.
    aligned : float
        Two neurons are aligned if their |cosine| is above this; from 0 to below 1.

    Raises
    ------
    ValueError
        If `aligned` is outside its range, or the network has no neurons.

    Examples
    --------
    >>> import condensekit as ck
    >>> w = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-2.0, 0.1]], dtype=torch.float64)
    >>> found = blocks(ck.TwoLayer(2, 3, bias=False), {"a": torch.ones(3).double(), "w": w})
    >>> found.sizes, round(found.share, 3)
    ([2, 1], 0.333)
    """
    a_number("aligned", aligned, 0.0, below=1.0)
    unit = orientations(model, params)
    m, dim = unit.shape
    components = component_list(unit, math.sqrt(2.0 - 2.0 * aligned), up_to_sign=True)
    components.sort(key=lambda one: (-len(one), int(one.min())))
    members = [one if len(one) < 3 else one[_ranked(unit[one])] for one in components]
    pairs = np.abs(unit @ unit.T)[np.triu_indices(m, 1)]
    share = float((pairs > aligned).mean()) if len(pairs) else 0.0
    return Blocks(tuple(members), share, mean_cosine(unit), random_cosine(dim))


def _ranked(unit: Array) -> Array:
    """Those that follow the main direction best come first."""
    main = np.linalg.svd(unit, full_matrices=False)[2][0]
    return np.argsort(-np.abs(unit @ main), kind="stable")


@dataclasses.dataclass(frozen=True, eq=False)
class FirstDirection:
    """Where the kernels of a small convolutional network turn first.

    Attributes
    ----------
    direction : array, shape [s^2]
        A unit vector, up to sign.
    rate : float
        The singular value of it: the weights grow as exp(rate * time) of the gradient flow.
    second : float
        The next singular value.
    """

    direction: Array
    rate: float
    second: float

    @property
    def ratio(self) -> float:
        """Of the two singular values, from 0 to 1: the closer to 1, the longer two compete."""
        return self.second / self.rate if self.rate else math.nan

    def steps_per_decade(self, lr: float) -> float:
        """Steps of gradient descent in which the weights along it grow tenfold.

        So much later does a network escape that starts with a tenth of the standard deviation.
        """
        return math.log(10.0) / math.log1p(lr * self.rate)

    def agreement(self, model: Model, params: Params) -> float:
        """Mean |cosine| of the kernels of a network with the direction, from 0 to 1."""
        return float(np.abs(orientations(model, params) @ self.direction).mean())


@public()
@torch_defaults()
def first_direction(experiment: Experiment) -> FirstDirection:
    """What theory says of the first moments of a small `Conv` (arXiv:2305.09947, for two layers).

    Close to zero the network is linear, f = V pool(w * x), and its outputs pull with minus the
    slope of the loss at 0: onehot(y_i) - 1/10 for cross-entropy with ten classes. Weights then move
    by dw/dt = M v and dv/dt = M^T w, where M = mean_i patch_i pull_i^T has a row for each entry of
    a kernel and a column for each class and position (or average of positions): the leading pair of
    singular vectors wins. Biases, which start at zero and are pulled only as far as classes are not
    equally frequent, are left out.

    Parameters
    ----------
    experiment : Experiment
        Of a `Conv` with one convolutional layer, and without hidden neurons.

    Raises
    ------
    ValueError
        If the network is another one, or its activation is not linear near zero.
    """
    model = experiment.model
    if not isinstance(model, Conv) or model.layers > 1 or model.hidden:
        raise ValueError(f"This theory is of a Conv with one hidden layer, not of {model}.")
    value, slope = np.zeros(1), np.empty(1)
    activation(model.activation).fill(value, slope)
    if value[0] != 0.0 or slope[0] == 0.0:
        raise ValueError(
            "This theory needs an activation that is linear near 0, such as tanh, but it is "
            f"{model.activation}."
        )
    data = experiment.data()
    outputs = torch.zeros(
        len(data.x), model.classes, dtype=data.x.dtype, requires_grad=True, device="cpu"
    )
    (away,) = torch.autograd.grad(experiment.problem.loss(outputs, data.y), outputs)
    pull = -away * slope[0]
    # Patches are linear in the images: those of ten sums of images are ten sums of patches.
    images = (pull.T @ data.x).view(-1, 1, model.side, model.side)
    patches = functional.unfold(images, model.size, stride=model.stride)
    maps = patches.view(*patches.shape[:2], model.positions, model.positions)
    matrix = functional.avg_pool2d(maps, model.pool).movedim(1, 0).flatten(1).numpy()
    left, values, _ = np.linalg.svd(matrix, full_matrices=False)
    second = float(values[1]) if len(values) > 1 else 0.0
    return FirstDirection(left[:, 0], float(values[0]), second)


@public()
@functools.lru_cache(maxsize=32)
def expected_direction(experiment: Experiment) -> FirstDirection | None:
    """Where theory expects the kernels of a network to turn, or None where there is no theory."""
    try:
        return first_direction(experiment)
    except ValueError:
        return None
