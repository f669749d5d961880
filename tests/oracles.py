"""Training without the package: the same steps by torch.optim, and the flow by SciPy."""

from functools import singledispatch

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch.nn import functional

from condensekit import SGD, Adam, AdamW, GradientDescent
from condensekit.losses import cross_entropy, mean_squared_error, relative_squared_error
from condensekit.problems import stream

LOSSES = {
    mean_squared_error: functional.mse_loss,
    cross_entropy: functional.cross_entropy,
    relative_squared_error: lambda found, y: functional.mse_loss(found, y) / (y**2).mean(),
}


def outputs(model, params, x):
    """One input after the other, by the formula."""
    return torch.stack([model(params, row) for row in x])


def loss_of(experiment, compute=outputs):
    """The loss as a function of parameters and of some samples, for autograd."""
    data, dtype = experiment.data(), experiment.model.dtype
    x, y = data.x.to(dtype), data.y.to(dtype) if data.y.is_floating_point() else data.y
    loss = LOSSES[experiment.problem.loss]

    def at(params, rows=slice(None)):
        return loss(compute(experiment.model, params, x[rows]), y[rows])

    return at


def batches(experiment):
    """Shuffles of the samples, cut into batches; what is left of one is not used."""
    generator, n = stream(experiment.seed, "batches"), experiment.n_samples
    size = experiment.optimizer.batch_size
    while True:
        if not 0 < size < n:
            yield slice(None)
            continue
        order = torch.randperm(n, generator=generator)
        for first in range(0, n - size + 1, size):
            yield order[first : first + size]


@singledispatch
def _of_torch(optimizer, leaves):
    """The optimizer of torch, and the schedule of its learning rate."""
    raise AssertionError(f"no oracle for {type(optimizer).__name__}")


def _steady(moved):
    return moved, torch.optim.lr_scheduler.ConstantLR(moved, 1.0)


@_of_torch.register
def _(optimizer: GradientDescent, leaves):
    return _steady(torch.optim.SGD(leaves, lr=optimizer.lr))


@_of_torch.register
def _(optimizer: Adam, leaves):
    return _steady(torch.optim.Adam(leaves, lr=optimizer.lr))


@_of_torch.register
def _(optimizer: SGD, leaves):
    return _steady(torch.optim.SGD(leaves, lr=optimizer.lr, momentum=optimizer.momentum))


@_of_torch.register
def _(optimizer: AdamW, leaves):
    moved = torch.optim.AdamW(leaves, lr=optimizer.lr, weight_decay=optimizer.weight_decay)
    steps, warmup = optimizer.steps, optimizer.warmup
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(moved, max(1, steps - warmup))
    if not warmup:
        return moved, cosine
    rise = torch.optim.lr_scheduler.LambdaLR(moved, lambda at: (at + 1) / warmup)
    return moved, torch.optim.lr_scheduler.SequentialLR(moved, [rise, cosine], [warmup])


def by_torch(experiment, compute=outputs):
    """Losses on all samples [steps + 1], and parameters at every step."""
    optimizer = experiment.optimizer
    params = {name: leaf.clone().requires_grad_() for name, leaf in experiment.init().items()}
    moved, schedule = _of_torch(optimizer, [*params.values()])
    clip, loss = getattr(optimizer, "clip", 0.0), loss_of(experiment, compute)
    losses, path = [], []
    for _, rows in zip(range(optimizer.steps + 1), batches(experiment), strict=False):
        with torch.no_grad():
            losses.append(loss(params).item())
        path.append({name: leaf.detach().clone() for name, leaf in params.items()})
        moved.zero_grad()
        loss(params, rows).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(params.values(), clip)
        moved.step()
        schedule.step()
    return np.array(losses), path


def by_scipy(experiment):
    """Parameters [P] at the end of the flow, to ten digits."""
    start = experiment.init()
    sizes, loss = [leaf.numel() for leaf in start.values()], loss_of(experiment)

    def force(_, theta):
        parts = torch.tensor(theta, dtype=experiment.model.dtype).split(sizes)
        params = {
            name: part.view(leaf.shape).requires_grad_()
            for part, (name, leaf) in zip(parts, start.items(), strict=True)
        }
        slopes = torch.autograd.grad(loss(params), [*params.values()])
        return -np.concatenate([slope.numpy().ravel() for slope in slopes])

    flat = np.concatenate([leaf.numpy().ravel() for leaf in start.values()])
    span = (0.0, experiment.optimizer.t_end)
    found = solve_ivp(force, span, flat, "DOP853", rtol=1e-8, atol=1e-10)
    assert found.success
    return found.y[:, -1]
