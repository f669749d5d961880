"""What a network does on the test points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..defaults import torch_defaults
from ..derivatives import evaluate
from ..doors import public
from ..experiments import Experiment
from ..losses import each_run
from ..models import Model, Params
from ..models.fitting import check_network
from ..problems import Data, Problem

__all__ = ["in_numbers_of", "on_test_points", "tested"]

Array = np.ndarray[Any, np.dtype[Any]]


def in_numbers_of(model: Model, samples: torch.Tensor) -> torch.Tensor:
    """Samples in the numbers of the model; whole numbers, which name classes, stay whole."""
    return samples.to(model.dtype) if samples.is_floating_point() else samples


@torch_defaults()
def tested(
    model: Model,
    params: Params,
    x: torch.Tensor,
    y: torch.Tensor,
    problems: Sequence[Problem],
) -> tuple[Array, Array]:
    """Loss [r] and scores [r, s] on the test points of each run."""
    outputs = evaluate(model, params, x)
    loss = each_run(problems[0].loss, outputs, y).numpy()
    runs = zip(problems, outputs, y, strict=True)
    scores = [problem.scores(output, labels) for problem, output, labels in runs]
    return loss, np.array(scores).reshape(len(loss), -1)


@public(lambda experiment, params: check_network(experiment.model, params))
def on_test_points(
    experiment: Experiment, params: Params, data: Data | None = None
) -> tuple[float, Array]:
    """Loss and scores [s] of one network on the test points.

    Parameters
    ----------
    experiment, params
        What was trained, and the network to be tested.
    data : Data, optional
        The samples of `experiment`, where they are known already.
    """
    model, samples = experiment.model, data or experiment.data()
    one = {name: leaf[None] for name, leaf in params.items()}
    x, y = in_numbers_of(model, samples.x_test)[None], in_numbers_of(model, samples.y_test)[None]
    loss, scores = tested(model, one, x, y, [experiment.problem])
    return float(loss[0]), scores[0]
