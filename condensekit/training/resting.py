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

__all__ = ["SATURATED", "explained", "saturation"]

SATURATED = 1e-6
"""A neuron is saturated if the slope of its activation is no larger at any sample."""


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

    At rest above its goal, a network of saturated neurons is told from a minimum or a saddle.
    """
    optimizer = experiment.optimizer
    if outcome == Outcome.CONVERGED and loss > optimizer.stop_loss:
        params = {name: torch.as_tensor(leaf[row], device="cpu") for name, leaf in leaves.items()}
        why = saturation(experiment, params)
        if why:
            return f"Training came to rest at step {step:,}, at loss {number(loss, 4)}: {why}"
    return optimizer.explain(outcome, step, loss, time)


def saturation(experiment: Experiment, params: Params) -> str:
    """Say that all neurons are flat at all samples, and why; '' if they are not."""
    model, problem = experiment.model, experiment.problem
    if not isinstance(model, TwoLayer):
        return ""
    act = activation(model.activation)
    x = experiment.data().x
    z = (x @ params["w"].T + params.get("b", 0.0)).numpy()
    slope, reach = np.zeros_like(z), float(np.abs(z).max())
    near = float(np.abs(z).min())
    act.fill(z, slope)
    # A network of zeros may be flat too, and a ReLU that is off; they are not saturated.
    size = np.abs(x[x != 0.0].numpy())
    flat = float(np.abs(slope).max()) <= SATURATED and near >= 1.0
    if act.homogeneous or not flat or not len(size):
        return ""
    decades = np.log10(size.max() / size.min())
    cure = "Smaller inputs, or a smaller init_std, leave them a slope."
    if isinstance(problem, OwnData) and not problem.scaled:
        cure = "scale=True in own_data or read_csv gives inputs of mean 0 and standard deviation 1."
    who = "the neuron is" if model.m == 1 else f"all {many(model.m, 'neuron')} are"
    return (
        f"{who} saturated, {act.name} is flat at every sample, and the gradient vanishes. |x| goes "
        f"from {number(size.min())} to {number(size.max())}, over {decades:.1f} decades, and "
        f"|w x + b| up to {number(reach)}. {cure}"
    )
