"""(Run, recorded step) -> frame."""

import functools
from typing import Any

import numpy as np
import torch

from ..derivatives import evaluate
from ..frames import Epochs, FitFrame, LossFrame, NeuronFrame, RecoveryFrame, SimilarityFrame, power
from ..measures import (
    RECOVERED,
    Recovery,
    amplitudes,
    groups,
    mean_cosine,
    orientations,
    overshoot,
    random_cosine,
    recovery,
    target_square,
)
from ..measures import neurons as neurons_of
from ..problems import Problem
from ..training import Run

Array = np.ndarray[Any, np.dtype[Any]]

__all__ = [
    "cosines",
    "fit",
    "log10",
    "loss",
    "moment",
    "neurons",
    "number",
    "recovery_frame",
    "similarity",
    "verdict",
]

POINTS = 400  # of a drawn curve
MOST = 500  # rows of a drawn matrix: more would not be seen


def number(value: float) -> str:
    """A number for a reader: two digits, and powers of ten as 10ᵏ.

    Examples
    --------
    >>> number(0.094), number(7.5e-5), number(12.0)
    ('0.094', '7.5·10⁻⁵', '12')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e4 or not np.isfinite(value):
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·{power(int(exponent))}"


@functools.lru_cache(maxsize=16)
def _scene(problem: Problem, n_samples: int, seed: int) -> dict[str, Any]:
    """What the fit picture shows of a problem, whatever the network does."""
    data = problem.data(n_samples, seed)
    low, high = float(data.x_test.min()), float(data.x_test.max())
    x = torch.linspace(low, high, POINTS, dtype=torch.float64)[:, None]
    target = problem.target(x).numpy()
    heights = np.concatenate([target, data.y.numpy()])
    margin = 0.15 * max(float(np.ptp(heights)), 1e-3)
    return {
        "x": x[:, 0].numpy(),
        "target": target,
        "sample_x": data.x[:, 0].numpy(),
        "sample_y": data.y.numpy(),
        "x_range": (low - 0.02 * (high - low), high + 0.02 * (high - low)),
        "y_range": (float(heights.min()) - margin, float(heights.max()) + margin),
    }


def fit(run: Run, index: int) -> FitFrame:
    """Target, samples and network of a problem with one input.

    Raises
    ------
    ValueError
        If the inputs have more than one coordinate.
    """
    experiment = run.experiment
    if experiment.problem.inputs.dim != 1:
        raise ValueError("Only a function of one input can be drawn as a curve.")
    scene = _scene(experiment.problem, experiment.n_samples, experiment.seed)
    x = torch.from_numpy(scene["x"])[:, None]
    return FitFrame(
        **scene,
        network=evaluate(experiment.model, run.at(index), x).numpy(),
        caption=f"{experiment.n_samples:,} samples · test error {number(run.test_loss[index])}",
    )


def log10(values: np.ndarray) -> np.ndarray:
    """Logarithms of numbers that may be 0."""
    return np.asarray(np.log10(np.maximum(values, 1e-300)))


def neurons(run: Run, index: int) -> NeuronFrame:
    """Angle against log amplitude, with the groups of equal neurons.

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
    group = groups(model, params)
    start = log10(amplitudes(model, run.at(0)))
    size = log10(amplitudes(model, params))
    low = float(np.floor(np.quantile(start, 0.1))) - 1.0
    high = max(1.5, float(np.ceil(size.max())) + 0.5)
    active = int((group >= 0).sum())
    found = int(group.max()) + 1
    return NeuronFrame(
        np.arctan2(unit[:, 1], unit[:, 0]),
        np.maximum(size, low + 0.1),
        group,
        (low, high),
        f"{found} group{'s' * (found != 1)} · {active:,} of {len(group):,} active",
    )


def loss(run: Run, index: int, epochs: Epochs | None = None) -> LossFrame:
    """Training and test loss: over flow time for the gradient flow, over steps for the others.

    Parameters
    ----------
    run : Run
        The run.
    index : int
        The recorded step that the other pictures show.
    epochs : Epochs, optional
        A second axis for flow time.
    """
    scale = target_square(run.experiment)
    recovered = None if scale is None else RECOVERED * scale
    finite = np.concatenate([run.loss, run.test_loss, [recovered or RECOVERED]])
    finite = finite[np.isfinite(finite) & (finite > 0)]
    low = min(-6.0, float(np.floor(log10(finite).min())))
    high = float(np.ceil(log10(finite[finite < 1e12]).max()))
    flows = run.experiment.optimizer.over_time
    x = run.time if flows else run.step
    if flows:  # whole decades, and five of them before they are reached, so that nothing jumps
        first = float(np.floor(log10(x[1:2])[0])) if len(x) > 1 else -3.0
        log_x = (first, max(first + 9.0, float(np.ceil(log10(x[-1:])[0]))))
    else:
        log_x = (-0.1, float(np.log10(max(run.experiment.optimizer.most_steps, 2))))
    return LossFrame(
        np.maximum(x, 10.0 ** log_x[0]) if flows else x,
        run.loss,
        run.test_loss,
        "flow time t" if flows else "step",
        max(float(x[index]), 10.0 ** log_x[0]),
        recovered,
        log_x,
        (low - 0.3, max(high, 1.0)),
        f"train {number(run.loss[index])} · test {number(run.test_loss[index])}",
        epochs if flows else None,
    )


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


def verdict(found: Recovery, when: str) -> tuple[tuple[str, str], ...]:
    """The verdict for the screen: theory, training and neurons, each a head and what it says."""
    theory = {True: "✔", False: "✘", None: "○"}[found.allowed]
    met = {True: "✔", False: "✘", None: "○"}[found.reached]
    error = f"test error {number(found.test_error)}"
    if found.relative_error is not None:
        sign = "<" if found.reached else "≥"
        error = f"relative test error {number(found.relative_error)} {sign} "
        error += number(found.threshold) + (", sharply," if found.sharp else "")
    head, bracket, rest = str(found.simplicity).partition("(")
    return (
        (f"{theory} {found.theory.head}:", found.reason.replace(">=", "≥")),
        (f"{met} {found.training_head}:", " ".join([f"{error} at {when}.", *found.notes])),
        (head.strip(), bracket + rest),
    )


def _warned(run: Run, index: int) -> tuple[tuple[str, str], ...]:
    """That the loss rose far above its start, or that neurons died, up to a recorded step."""
    found = overshoot(run, index=index)
    return (("⚠ Too large a step:" if found.rose else "⚠ Dead:", found.text),) if found else ()


def moment(run: Run, index: int) -> str:
    """Which recorded step this is, in words: flow time, or step of how many."""
    optimizer = run.experiment.optimizer
    if optimizer.over_time:
        return f"t = {number(run.time[index])}"
    return f"step {run.step[index]:,} of {optimizer.most_steps:,}"


def recovery_frame(run: Run, index: int, epochs: Epochs | None = None) -> RecoveryFrame:
    """Everything that `condensekit.labs.RecoveryLab` shows of one recorded step."""
    when = moment(run, index)
    return RecoveryFrame(
        fit(run, index),
        neurons(run, index),
        loss(run, index, epochs),
        similarity(run, index),
        verdict(recovery(run, index=index), when) + _warned(run, index),
        when,
    )
