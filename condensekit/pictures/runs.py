"""(Run, recorded step) -> frame."""

import dataclasses
import functools
from typing import Any

import numpy as np
import torch

from ..derivatives import evaluate
from ..frames import Array, Axis, Epochs, FitFrame, LossFrame, NeuronFrame, SimilarityFrame, around
from ..measures import (
    RECOVERED,
    amplitudes,
    groups,
    mean_cosine,
    orientations,
    random_cosine,
    target_square,
)
from ..measures import neurons as neurons_of
from ..problems import Problem
from ..training import Run
from ..words import many, number

__all__ = [
    "cosines",
    "fit",
    "log10",
    "loss",
    "loss_history",
    "neuron_map",
    "neurons",
    "similarity",
    "time_axis",
]

POINTS = 400  # of a drawn curve
MOST = 500  # rows of a drawn matrix: more would not be seen


def log10(values: Array) -> Array:
    """Logarithms of numbers that may be 0."""
    return np.asarray(np.log10(np.maximum(values, 1e-300)))


def time_axis(run: Run, index: int, epochs: Epochs | None = None, ahead: float = 9.0) -> Axis:
    """Flow time for the gradient flow, steps for the others.

    A run that goes on hardly moves it: of steps all are there from the start; of flow time whole
    decades, and some of them before they are reached.

    Parameters
    ----------
    run, index
        The run, and the recorded step that the other pictures show.
    epochs : Epochs, optional
        A second axis for flow time.
    ahead : float
        So many decades of flow time are there at least.
    """
    index = run.place(index)
    if not run.experiment.optimizer.over_time:
        log_x = (-0.1, float(np.log10(max(run.experiment.optimizer.most_steps, 2))))
        return Axis(run.step, "step", log_x, float(run.step[index]))
    x = run.time
    first = float(np.floor(log10(x[1:2])[0])) if len(x) > 1 else -3.0
    log_x = (first, max(first + ahead, float(np.ceil(log10(x[-1:])[0]))))
    return Axis(x, "flow time t", log_x, float(x[index]), epochs=epochs)


@functools.lru_cache(maxsize=16)
def _scene(problem: Problem, n_samples: int, seed: int) -> dict[str, Any]:
    """What the fit picture shows of a problem, whatever the network does."""
    data = problem.data(n_samples, seed)
    every = torch.cat([data.x, data.x_test])
    ends = float(every.min()), float(every.max())
    seen = torch.linspace(*ends, POINTS, dtype=torch.float64, device="cpu")[:, None]
    x, target = problem.in_units(seen, problem.target(seen))
    sample_x, sample_y = problem.in_units(data.x, data.y)
    return {
        "seen": seen,
        "x": x[:, 0].numpy(),
        "target": target.numpy(),
        "sample_x": sample_x[:, 0].numpy(),
        "sample_y": sample_y.numpy(),
        "x_range": around(x.numpy(), 0.02),
        "y_range": around(torch.cat([target, sample_y]).numpy(), 0.15),
    }


def fit(run: Run, index: int) -> FitFrame:
    """Target, samples and network of a problem with one input, in the units of the data.

    Raises
    ------
    ValueError
        If the inputs have more than one coordinate.
    """
    experiment = run.experiment
    if experiment.problem.inputs.dim != 1:
        raise ValueError("Only a function of one input can be drawn as a curve.")
    scene = dict(_scene(experiment.problem, experiment.n_samples, experiment.seed))
    seen = scene.pop("seen")
    _, network = experiment.problem.in_units(seen, evaluate(experiment.model, run.at(index), seen))
    told = many(experiment.n_samples, "sample"), number(run.test_loss[run.place(index)])
    return FitFrame(**scene, network=network.numpy(), caption=f"{told[0]} · test error {told[1]}")


def neuron_map(
    run: Run,
    index: int,
    group: Array,
    caption: str,
    share: float,
    room: tuple[float, float, float],
) -> NeuronFrame:
    """Angle against log amplitude, coloured by group.

    Parameters
    ----------
    run, index
        The run, and the recorded step.
    group : array of int, shape [m]
        Group of each neuron, or -1.
    caption : str
        The picture's numbers in words.
    share : float
        The map begins where this share of the neurons was at the start.
    room : (float, float, float)
        Below that, above the strongest neuron, and below the weakest one that is drawn.

    Raises
    ------
    ValueError
        If (w, b) is not a vector of the plane.
    """
    model, params = run.experiment.model, run.at(index)
    unit = orientations(model, params)
    if unit.shape[1] != 2:
        raise ValueError(
            f"Only (w, b) in the plane has an angle; here it has {unit.shape[1]} parts."
        )
    found = neurons_of(model, params)
    start, size = (log10(amplitudes(model, run.at(i))) for i in (0, index))
    low = float(np.floor(np.quantile(start, share))) - room[0]
    return NeuronFrame(
        np.arctan2(unit[:, 1], unit[:, 0]),
        np.maximum(size, low + room[2]),
        group,
        (low, max(1.0, float(np.ceil(size.max()))) + room[1]),
        caption,
        np.column_stack([found.output, found.weight]),
        ("a", "w", "b") if model.values().get("bias", True) else ("a", "w₁", "w₂"),
    )


def neurons(run: Run, index: int) -> NeuronFrame:
    """Angle against log amplitude, with the groups of equal neurons; see `neuron_map`."""
    group = groups(run.experiment.model, run.at(index))
    active, found = int((group >= 0).sum()), int(group.max()) + 1
    said = f"{many(found, 'group')} · {active:,} of {len(group):,} active"
    return neuron_map(run, index, group, said, 0.1, (1.0, 0.5, 0.1))


def loss(run: Run, index: int, epochs: Epochs | None = None) -> LossFrame:
    """Training and test loss, and the level below which a target counts as recovered.

    Parameters
    ----------
    run : Run
        The run.
    index : int
        The recorded step that the other pictures show.
    epochs : Epochs, optional
        A second axis for flow time.
    """
    index, scale = run.place(index), target_square(run.experiment)
    recovered = None if scale is None else RECOVERED * scale
    finite = np.concatenate([run.loss, run.test_loss, [recovered or RECOVERED]])
    finite = finite[np.isfinite(finite) & (finite > 0)]
    low = min(-6.0, float(np.floor(log10(finite).min())))
    high = float(np.ceil(log10(finite[finite < 1e12 * max(1.0, run.loss[0])]).max()))
    return LossFrame(
        time_axis(run, index, epochs),
        run.loss,
        run.test_loss,
        recovered,
        (low - 0.3, max(high, 1.0)),
        f"train {number(run.loss[index])} · test {number(run.test_loss[index])}",
    )


def loss_history(run: Run, index: int) -> LossFrame:
    """Training and test loss, without a level at which a target counts as recovered."""
    return dataclasses.replace(loss(run, index), threshold=None)


def similarity(run: Run, index: int) -> SimilarityFrame:
    """Cosines of all pairs of neurons, sorted by angle; evenly thinned above 500.

    Where opposite neurons are the same up to sign (tanh), it is |cosine|, and angles are up to sign
    as well.
    """
    model, params = run.experiment.model, run.at(index)
    return cosines(orientations(model, params), MOST, neurons_of(model, params).up_to_sign)


def cosines(unit: Array, most: int, up_to_sign: bool) -> SimilarityFrame:
    """The matrix of the cosines of unit vectors [m, d], and the mean |cosine| of all pairs."""
    m = len(unit)
    shown = np.linspace(0, max(m - 1, 0), min(m, most)).round().astype(int)
    angle = np.arctan2(unit[:, -1], unit[:, 0])
    order = np.argsort(angle % np.pi if up_to_sign else angle)[shown]
    cosine = np.clip(unit[order] @ unit[order].T, -1.0, 1.0)
    mean = mean_cosine(unit)
    return SimilarityFrame(
        np.abs(cosine) if up_to_sign else cosine,
        f"{mean:.2f}" if np.isfinite(mean) else "-",
        not up_to_sign,
        random_cosine(unit.shape[1]),
    )
