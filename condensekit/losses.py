"""Losses: how far the outputs of a network are from the labels, averaged over the samples."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = [
    "Loss",
    "accuracy",
    "cross_entropy",
    "each_run",
    "mean_squared_error",
    "relative_squared_error",
]

Loss = Callable[[Tensor, Tensor], Tensor]
"""Outputs [n, ...] and labels of n samples -> their loss, shape []."""


def mean_squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean of (output - label)^2 over samples and outputs; both of shape [n, ...]."""
    return (outputs - labels).square().mean()


def relative_squared_error(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error over the mean square of the labels; both of shape [n, ...]."""
    return mean_squared_error(outputs, labels) / labels.square().mean()


def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean of -log softmax(output)_label; outputs [n, classes], labels [n] whole numbers."""
    # Not torch's own function, whose first call under vmap loads for half a second.
    return -outputs.log_softmax(-1).gather(-1, labels[..., None]).mean()


def each_run(loss: Loss, outputs: Tensor, labels: Tensor) -> Tensor:
    """The loss of each run, shape [R], from outputs and labels [R, n, ...]."""
    # One by one: `torch.vmap` costs a step of a small network, 0.1 ms, before it begins.
    return torch.stack([loss(*run) for run in zip(outputs, labels, strict=True)])


def accuracy(outputs: Tensor, labels: Tensor) -> float:
    """Share of samples whose label has the largest output; shapes as for `cross_entropy`."""
    return float((outputs.argmax(-1) == labels).double().mean())
