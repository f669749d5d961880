"""The narrow network inside the wide one: same function, same steps."""

import dataclasses
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..activations import ACTIVATIONS, activation
from ..derivatives import Curvature, curvature, dense, evaluate, loss_and_gradient
from ..derivatives.gradients import LossGradient
from ..doors import public
from ..experiments import Experiment
from ..knobs import knob
from ..losses import Loss, mean_squared_error
from ..models import Attention, Model, Params, Transformer, TwoLayer
from ..models.fitting import check_batch, check_network, check_params
from ..models.parameters import flat, named
from ..plain import quoted
from ..training import Run, train
from ..words import discrepancy, many
from .heads import CondensedHeads
from .layers import layer_of
from .strata import Stratum

__all__ = [
    "Coincidence",
    "Condensed",
    "coincidence",
    "condensed",
    "has_narrow",
    "reduce",
    "unreduce",
]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclasses.dataclass(frozen=True)
class Condensed(Model):
    """k neurons that stand for blocks of s_k equal ones, in variables that keep lengths.

    f(x) = sum_k sqrt(s_k) A_k act((W_k . x + B_k) / sqrt(s_k)), where A = sqrt(s) a, W = sqrt(s) w
    and B = sqrt(s) b. The norm of (A, W, B) is that of all neurons of the block, so that gradients,
    the gradient flow and even the steps of an adaptive method are those of the wide network. In the
    plain variables (s a, w, b) of a narrow network the same motion has rate s for the output weight
    and 1 / s for w and b. For ReLU the formula is sum_k A_k act(W_k . x + B_k): a plain narrow
    network.

    Parameters
    ----------
    d : int
        Input dimension.
    sizes : tuple of int
        Number of equal neurons in each block.
    activation : str
        Name of the activation.
    bias : bool
        Whether neurons have a bias. Params: ``a [k]``, ``w [k, d]`` and, with it, ``b [k]``.
    """

    d: int = knob(1, 1, 10_000, symbol="d", help="Number of input coordinates.")
    sizes: tuple[int, ...] = (1,)
    activation: str = knob("tanh", choices=ACTIVATIONS.keys(), help="Activation function.")
    bias: bool = knob(True, help="Whether each hidden neuron has a bias b.")

    def __post_init__(self) -> None:
        """Check the knobs, and that every block has a neuron."""
        super().__post_init__()
        if not self.sizes or any(size < 1 for size in self.sizes):
            raise ValueError(f"sizes must be whole numbers above 0, but are {quoted(self.sizes)}.")

    @property
    def input_dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of ``a``, ``w`` and, with a bias, ``b``: those of a network of k neurons."""
        return TwoLayer(self.d, len(self.sizes), self.activation, self.bias).shapes()

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """f(x) for one input `x` of shape [d]; shape []."""
        root = torch.tensor(self.sizes, dtype=torch.float64, device="cpu").sqrt()
        z = params["w"] @ x
        z = z + params["b"] if self.bias else z
        return (root * params["a"]) @ activation(self.activation).torch(z / root)


def _plain(model: Condensed) -> tuple[TwoLayer, dict[str, Tensor]]:
    """The narrow network in its usual variables, and what each of them is times the other ones."""
    root = torch.tensor(model.sizes, dtype=torch.float64, device="cpu").sqrt()
    scale = {"a": root, "w": 1.0 / root[:, None], "b": 1.0 / root}
    return TwoLayer(model.d, len(root), model.activation, model.bias), scale


@evaluate.register
def _outputs(model: Condensed, params: Params, x: Tensor) -> Tensor:
    narrow, scale = _plain(model)
    return evaluate(narrow, {name: leaf * scale[name] for name, leaf in params.items()}, x)


@loss_and_gradient.register
def _closed_form(
    model: Condensed,
    params: Params,
    gradient: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> LossGradient:
    """The closed form of the two-layer network, by the chain rule: it takes 1 / 50 of the time."""
    narrow, scale = _plain(model)
    own, slopes = ({name: leaf.clone() for name, leaf in params.items()} for _ in range(2))
    inner = loss_and_gradient(narrow, own, slopes, x, y, loss)

    def call() -> Array:
        for name, leaf in params.items():
            torch.mul(leaf, scale[name], out=own[name])
        losses = inner()
        for name, leaf in gradient.items():
            torch.mul(slopes[name], scale[name], out=leaf)
        return losses

    return call


@curvature.register
def _condensed(
    model: Condensed,
    theta: Array,
    params: Params,
    x: Tensor,
    y: Tensor,
    loss: Loss = mean_squared_error,
) -> Curvature:
    if loss is not mean_squared_error:
        return dense(model, theta, params, x, y, loss)
    return _Blocks(model, theta, params, x, y)


class _Blocks(Curvature):
    """The dense Hessian, with the bound for its lowest eigenvalue that two-layer networks have.

    An adaptive method caps its step by that bound: only with the same bound are its steps the same.
    """

    def __init__(
        self, model: Condensed, theta: Array, params: Params, x: Tensor, y: Tensor
    ) -> None:
        self._dense = dense(model, theta, params, x, y)
        self._model, self._theta, self._y = model, theta, y.numpy()
        ones = np.ones((*y.shape, 1))
        self._inputs = np.concatenate([x.numpy(), ones], axis=2) if model.bias else x.numpy()

    def update(self) -> None:
        self._dense.update()
        k, (runs, n, _) = len(self._model.sizes), self._inputs.shape
        root = np.sqrt(self._model.sizes)
        params = named(self._model, self._theta)
        parts = [params["w"].numpy()]
        if self._model.bias:
            parts.append(params["b"].numpy()[..., None])
        a = params["a"].numpy()
        z = self._inputs @ (np.concatenate(parts, axis=2) / root[:, None]).swapaxes(1, 2)
        slope, bend = np.empty((2, runs, n, k))
        activation(self._model.activation).fill(z, slope, bend)
        residual = 2.0 / n * (np.matvec(z, root * a) - self._y)
        g = np.einsum("ri,rik,riq->rkq", residual, slope, self._inputs)
        m = np.einsum("ri,rik,rip,riq->rkpq", residual, bend, self._inputs, self._inputs)
        low = np.linalg.eigvalsh(m * (a / root)[..., None, None])[..., 0]
        bound = low / 2.0 - np.sqrt(low * low / 4.0 + np.vecdot(g, g))
        self.lowest = np.minimum(bound.min(axis=1), 0.0)

    def factor(self, shift: Array) -> None:
        self._dense.factor(shift)

    def solve(self, vector: Array) -> Array:
        return self._dense.solve(vector)

    def product(self, vector: Array) -> Array:
        return self._dense.product(vector)


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
            f"{type(self.wide.experiment.optimizer).__name__} the two differ by at most "
            f"{discrepancy(self.largest)} of their size."
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
