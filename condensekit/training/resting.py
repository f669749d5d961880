"""How a run ended, in a sentence: by its optimizer, or by what the network is like."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ..activations import activation
from ..experiments import Experiment
from ..models import Params, TwoLayer
from ..problems import OwnData
from ..words import many, number
from .outcome import Outcome

__all__ = ["SATURATED", "explained", "fallen_back", "saturation"]

SATURATED = 1e-6
"""A neuron is saturated if the slope of its activation is no larger at any sample."""


_ENDED = (Outcome.CONVERGED, Outcome.BUDGET, Outcome.STUCK)


def explained(
    experiment: Experiment,
    outcome: str,
    step: int,
    loss: float,
    time: float,
    leaves: Mapping[str, Any],
    row: int,
) -> str:
    """Say in a sentence how run `row` of leaves [R, ...] ended, where there is something to say.

    At rest above its goal, a network of saturated neurons is told from a minimum or a saddle; and a
    training that did not get there with a table as it is says how flat its network is on it.
    """
    optimizer = experiment.optimizer
    told = optimizer.explain(outcome, step, loss, time)
    if outcome not in _ENDED or loss <= optimizer.stop_loss:
        return told
    why, all_flat = saturation(
        experiment,
        {name: torch.as_tensor(leaf[row], device="cpu") for name, leaf in leaves.items()},
    )
    if all_flat and outcome == Outcome.CONVERGED:
        return f"Training came to rest at step {step:,}, at loss {number(loss, 4)}: {why}"
    own = isinstance(experiment.problem, OwnData) and not experiment.problem.scaled
    return f"{told} {why[:1].upper()}{why[1:]}".strip() if own else told


def fallen_back(fallbacks: int) -> str:
    """Say that step tests met a singular matrix, if any did; see `Run`.

    Examples
    --------
    >>> fallen_back(2)
    '2 step tests met a singular matrix and fell back to the bound.'
    """
    tests = many(fallbacks, "step test")
    return f"{tests} met a singular matrix and fell back to the bound." if fallbacks else ""


def saturation(experiment: Experiment, params: Params) -> tuple[str, bool]:
    """Say that neurons are flat at the samples, and why; and whether all are at all of them.

    Nothing is said of less than half of all pairs of a neuron and a sample that may move it.
    """
    model, problem = experiment.model, experiment.problem
    if not isinstance(model, TwoLayer):
        return "", False
    act = activation(model.activation)
    x = experiment.data().x
    z = (x @ params["w"].T + params.get("b", 0.0)).numpy()
    far, slope = np.abs(z), np.zeros_like(z)
    act.fill(z, slope)  # which leaves the activations in z
    # A network of zeros may be flat too, and a ReLU that is off; they are not saturated.
    flat = (np.abs(slope) <= SATURATED) & (far >= 1.0)
    felt = x.any(dim=1).numpy() | model.bias  # without a bias, w does nothing where x = 0
    size = np.abs(x[x != 0.0].numpy())
    if act.homogeneous or not len(size) or flat[felt].mean() < 0.5:
        return "", False
    decades = np.log10(size.max() / size.min())
    cure = "Smaller inputs, or a smaller init_std, leave them a slope."
    if isinstance(problem, OwnData) and not problem.scaled:
        cure = "scale=True in own_data or read_csv gives inputs of mean 0 and standard deviation 1."
    who = "the neuron is" if model.m == 1 else f"all {many(model.m, 'neuron')} are"
    where = f"{who} saturated: at every sample{'' if felt.all() else ' but those at x = 0'}"
    if not flat[felt].all():
        share = int(100 * flat.mean())
        where = f"neurons are saturated: at {share} % of all pairs of a neuron and a sample"
    return (
        f"{where} the slope of {act.name} is at most {number(SATURATED)}. |x| goes from "
        f"{number(size.min())} to {number(size.max())}, over {decades:.1f} decades, and |w x + b| "
        f"up to {number(float(far.max()))}. {cure}"
    ), bool(flat[felt].all())
