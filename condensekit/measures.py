"""Measures: what a network's neurons do, and whether it recovered its target."""

import dataclasses
import math
from functools import singledispatch
from typing import Any

import numpy as np

from .activations import Activation, activation
from .exact import NoTheorem, optimistic_sample_size
from .models import Model, Params, TwoLayer
from .problems import TeacherProblem
from .training import Run

__all__ = [
    "Neurons",
    "Recovery",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "neurons",
    "orientations",
    "recovery",
]

Array = np.ndarray[Any, np.dtype[Any]]

ACTIVE = 1e-2
"""A neuron is active if its amplitude is above this share of the largest."""
SAME = 0.1
"""Two neurons are the same if (w, b) differ by less than this share of the larger one."""
RECOVERED = 1e-3
"""A target is recovered if the test error, a mean squared error, is below this."""


@dataclasses.dataclass(frozen=True)
class Neurons:
    """Hidden neurons as points: input weight (w, b) and output weight a.

    Attributes
    ----------
    weight : array, shape [m, d + 1], or [m, d] without biases
        The vector (w_j, b_j).
    output : array, shape [m]
        The output weight a_j.
    activation : Activation
        Its symmetries say which neurons compute the same function.
    """

    weight: Array
    output: Array
    activation: Activation


@singledispatch
def neurons(model: Model, params: Params) -> Neurons:
    """The hidden neurons of one network.

    Raises
    ------
    ValueError
        If networks of this family have no hidden neurons with an input and an output weight.
    """
    raise ValueError(f"{type(model).__name__} has no hidden neurons to measure; {params.keys()}.")


@neurons.register
def _two_layer(model: TwoLayer, params: Params) -> Neurons:
    leaves = {name: params[name].detach().numpy() for name in model.shapes()}
    parts = [leaves["w"], leaves["b"][:, None]] if model.bias else [leaves["w"]]
    return Neurons(np.concatenate(parts, axis=1), leaves["a"], activation(model.activation))


def orientations(model: Model, params: Params) -> Array:
    """Unit vectors (w_j, b_j) / |(w_j, b_j)|, shape [m, d + 1]; zero where the weight is zero.

    For one input with bias they are points of a circle, and the talk draws their angle
    sign(b) arccos(w / |(w, b)|) in (-pi, pi], which is ``arctan2(b, w)``.
    """
    return _unit(neurons(model, params).weight)


def _unit(weight: Array) -> Array:
    # Scaled by the largest entry first, so that weights near 1e-200 still have a direction.
    largest = np.abs(weight).max(axis=1, keepdims=True)
    scaled = np.divide(weight, largest, out=np.zeros_like(weight), where=largest > 0)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = np.divide(scaled, length, out=np.zeros_like(weight), where=length > 0)
    return unit


def amplitudes(model: Model, params: Params) -> Array:
    """|a_j| |(w_j, b_j)| of every neuron, shape [m]."""
    found = neurons(model, params)
    size: Array = np.abs(found.output) * np.linalg.norm(found.weight, axis=1)
    return size


def cosine_similarity(model: Model, params: Params) -> Array:
    """Cosine of the angle between the orientations of all pairs of neurons, shape [m, m].

    The D(u, v) of the talk. For two random directions of the plane |cos| is 2 / pi on average; 1
    means aligned, and for an odd activation -1 does too.
    """
    unit = orientations(model, params)
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0))


def groups(model: Model, params: Params, same: float = SAME, active: float = ACTIVE) -> Array:
    """Number the groups of equal neurons, the one with the most output first.

    Neurons are joined if the functions they compute are alike up to their output weight: if (w, b)
    differ by less than `same` times the larger of the two, up to sign where the activation is odd
    or even; where it is homogeneous (ReLU), if their directions do. A group is a connected
    component.

    Parameters
    ----------
    model, params
        One network.
    same : float
        Largest relative distance of two neurons that are the same.
    active : float
        A neuron counts if its amplitude is above this share of the largest.

    Returns
    -------
    array of int, shape [m]
        Group of each neuron: 0, 1, ...; -1 for inactive neurons.
    """
    found = neurons(model, params)
    act = found.activation
    size = np.abs(_scaled(found.output)) * np.linalg.norm(_scaled(found.weight), axis=1)
    members = np.flatnonzero(size > active * size.max())
    weight = found.weight[members]
    points = _unit(weight) if act.homogeneous else weight
    components = _components(points, same, act.odd or act.even)
    components.sort(key=lambda component: -float(size[members[component]].sum()))
    labels = np.full(len(size), -1)
    for number, component in enumerate(components):
        labels[members[component]] = number
    return labels


def _scaled(values: Array) -> Array:
    """Values as shares of the largest, so that products of tiny ones do not vanish."""
    largest = float(np.abs(values).max(initial=0.0))
    return values / largest if largest else values


def _components(points: Array, same: float, up_to_sign: bool) -> list[Array]:
    """Connected components of points closer than `same` times the longer one."""
    points = _scaled(points)
    square = np.vecdot(points, points)
    rest = np.arange(len(points))
    components = []
    while len(rest):
        front, rest = rest[:1], rest[1:]
        component = [front]
        while len(front) and len(rest):
            product = points[rest] @ points[front].T
            longer = np.maximum(square[rest, None], square[front])
            product = np.abs(product) if up_to_sign else product
            distance = square[rest, None] + square[front] - 2.0 * product
            near = (distance <= same**2 * longer).any(axis=1)
            front, rest = rest[near], rest[~near]
            component.append(front)
        components.append(np.concatenate(component))
    return components


@dataclasses.dataclass(frozen=True)
class Recovery:
    """Did the network recover its target? What theory allows and what training reached, apart.

    Attributes
    ----------
    n_samples : int
        Samples that the network saw.
    optimistic_sample_size : int or None
        Fewest samples that theory asks for; None where there is no theorem.
    allowed : bool or None
        Whether theory allows the recovery: n_samples >= optimistic_sample_size.
    reached : bool
        Whether training reached it: test_error < threshold.
    test_error, threshold : float
        Mean squared error on the test points, and the largest one that counts as recovered.
    groups : int
        Number of groups of equal neurons, see `groups`.
    width, n_parameters : int
        Neurons and parameters of the network that learned.
    moment : str
        Where this was measured: step, or flow time.
    reason : str
        Why theory says what it says.
    """

    n_samples: int
    optimistic_sample_size: int | None
    allowed: bool | None
    reached: bool
    test_error: float
    threshold: float
    groups: int
    width: int
    n_parameters: int
    moment: str
    reason: str

    def __str__(self) -> str:
        """The verdict in two sentences."""
        theory = {True: "Allowed by theory", False: "Not allowed by theory", None: "Theory"}
        met = "Reached by training" if self.reached else "Not reached by training"
        sign = "<" if self.reached else ">="
        return (
            f"{theory[self.allowed]}: {self.reason} "
            f"{met}: test error {self.test_error:.1e} {sign} {self.threshold:g} "
            f"at {self.moment}. "
            f"{self.width:,} neurons ({self.n_parameters:,} parameters) act as {self.groups}."
        )


def recovery(
    run: Run,
    threshold: float = RECOVERED,
    index: int = -1,
    same: float = SAME,
    active: float = ACTIVE,
) -> Recovery:
    """Judge a run, at its last recorded step or at another.

    Parameters
    ----------
    run : Run
        A run on a problem whose target is a network.
    threshold : float
        Largest test error, a mean squared error, that counts as recovered.
    index : int
        Which recorded step to judge.
    same, active : float
        How the groups of equal neurons are counted, see `groups`.

    Raises
    ------
    ValueError
        If the threshold is not a positive number.
    """
    if not threshold > 0:
        raise ValueError(f"threshold must be a positive number, but is {threshold!r}.")
    experiment = run.experiment
    size, allowed, reason = _theory(run)
    labels = groups(experiment.model, run.at(index), same, active)
    error = float(run.test_loss[index])
    return Recovery(
        n_samples=experiment.n_samples,
        optimistic_sample_size=size,
        allowed=allowed,
        reached=error < threshold,
        test_error=error,
        threshold=threshold,
        groups=int(labels.max()) + 1,
        width=len(labels),
        n_parameters=experiment.model.n_parameters,
        moment=run.moment(index),
        reason=reason,
    )


def _theory(run: Run) -> tuple[int | None, bool | None, str]:
    """Optimistic sample size, whether it is met, and the reason in a sentence."""
    model, problem, n = run.experiment.model, run.experiment.problem, run.experiment.n_samples
    if not isinstance(problem, TeacherProblem):
        return None, None, "no theorem here: the target is not a network."
    target, weights = problem.teacher()
    try:
        optimistic_sample_size(model, target_width=1)
    except NoTheorem as error:
        text = str(error)
        return None, None, text[0].lower() + text[1:]
    assert isinstance(model, TwoLayer)
    distinct = _distinct(target, weights)
    biased = any(bias != 0.0 for *_, bias in distinct)
    if target.activation != model.activation or (biased and not model.bias) or not distinct:
        return None, None, "no theorem here: the target is not a network of this family."
    k = len(distinct)
    if k > model.m:
        text = f"{model.m} neurons cannot be equal to the {k} of the target."
        return None, False, text
    size = optimistic_sample_size(model, target_width=k)
    sign = ">=" if n >= size else "<"
    return size, n >= size, f"{n:,} samples {sign} {size}, the optimistic sample size."


def _distinct(model: TwoLayer, params: Params) -> list[tuple[float, ...]]:
    """The different neurons (w, b) of an odd network, up to sign, that have an output.

    Their number is the intrinsic width k of the theorem; neurons with w = 0 compute no function of
    x, and make the list empty, since the theorem does not speak of them.
    """
    found = neurons(model, params)
    outputs: dict[tuple[float, ...], float] = {}
    for weight, output in zip(found.weight.tolist(), found.output.tolist(), strict=True):
        sign = next((math.copysign(1.0, value) for value in weight if value != 0.0), 1.0)
        key = tuple(sign * value + 0.0 for value in weight)
        outputs[key] = outputs.get(key, 0.0) + sign * output
    kept = [key for key, output in outputs.items() if output != 0.0]
    if any(not any(key[: model.d]) for key in kept):
        return []
    return kept if model.bias else [(*key, 0.0) for key in kept]
