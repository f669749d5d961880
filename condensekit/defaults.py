"""Torch as it is when it is imported, whatever a notebook has set since."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

__all__ = ["float64_by_default", "recordable", "torch_defaults"]


@contextmanager
def torch_defaults() -> Iterator[None]:
    """Compute on the CPU, with gradients and in full precision; for a block, or a function.

    So `torch.no_grad`, `torch.inference_mode`, `torch.autocast`, `torch.set_default_device` and
    `torch.set_float32_matmul_precision` of whoever calls change no number. All but the last are of
    one thread. The default dtype is of the whole process, and is left alone: whoever makes a tensor
    says of which numbers it is.
    """
    precision = torch.get_float32_matmul_precision()
    with ExitStack() as stack:
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(mode=False))
        if not torch.is_grad_enabled():
            stack.enter_context(torch.enable_grad())
        if torch.is_autocast_enabled("cpu"):
            stack.enter_context(torch.autocast("cpu", enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        if precision != "highest":
            stack.callback(torch.set_float32_matmul_precision, precision)
            torch.set_float32_matmul_precision("highest")
        yield


@contextmanager
def float64_by_default() -> Iterator[None]:
    """Tensors that say nothing of their numbers, as in a reader's own module, are of float64."""
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        yield
    finally:
        torch.set_default_dtype(before)


def recordable(tensor: Tensor) -> Tensor:
    """The same numbers for autograd, which takes none that were made in `torch.inference_mode`."""
    return tensor.clone() if tensor.is_inference() else tensor
