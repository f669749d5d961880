"""Jacobians of modules that people bring, in torch's plain way: what trains there has one here."""

import torch
from torch import Tensor

from ..defaults import one_thread, recordable
from ..models import FromModule, Params
from .jacobian import jacobian

__all__: list[str] = []


@jacobian.register
@one_thread()
def _one_by_one(model: FromModule, params: Params, x: Tensor) -> Tensor:
    """One output after the other: `torch.vmap` knows neither masks nor recurrent layers."""
    leaves = {name: recordable(leaf.detach()).requires_grad_() for name, leaf in params.items()}
    rows = [
        torch.cat([slope.flatten() for slope in _slopes(output, leaves)])
        for point in x
        for output in model(leaves, point).reshape(-1)
    ]
    return torch.stack(rows)


def _slopes(output: Tensor, leaves: Params) -> tuple[Tensor, ...]:
    return torch.autograd.grad(
        output, [*leaves.values()], retain_graph=True, materialize_grads=True
    )
