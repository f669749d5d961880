"""The lines of an optimizer in plain torch: the training, up to a moment."""

import dataclasses
from functools import singledispatch

from ..expressions import arguments, expressed
from .base import Optimizer
from .descent import Adam, GradientDescent
from .flow import GradientFlow
from .stochastic import SGD, AdamW

__all__ = ["TwinMoment", "batch_of", "import_lines", "training_lines"]

_REPORTS = 10  # lines that are printed on the way


@dataclasses.dataclass(frozen=True)
class TwinMoment:
    """Where the lines end.

    Attributes
    ----------
    step, time : int, float
        As the optimizer counts.
    n_samples, seed : int
        Samples that there are, and the seed of their order in mini-batches.
    remark : tuple of str
        What there is to say of this moment.
    """

    step: int
    time: float
    n_samples: int
    seed: int
    remark: tuple[str, ...] = ()


def batch_of(optimizer: Optimizer, n_samples: int) -> int:
    """Samples that a step sees; 0 where it sees all of them."""
    return optimizer.batch_size if 0 < optimizer.batch_size < n_samples else 0


def import_lines(optimizer: Optimizer) -> list[str]:
    """What the lines of an optimizer import besides torch."""
    return [
        *(["import math"] if isinstance(optimizer, AdamW) else []),
        *(["from scipy.integrate import solve_ivp"] if isinstance(optimizer, GradientFlow) else []),
    ]


@singledispatch
def training_lines(optimizer: Optimizer, moment: TwinMoment) -> list[str]:
    """Lines that train ``params`` on ``loss_of`` up to a moment, and print how far they are.

    Raises
    ------
    ValueError
        If this is an optimizer of the reader's own.
    """
    raise ValueError(
        f"There are no lines in plain torch for {type(optimizer).__name__}: what it does is in its "
        "own class alone."
    )


def _loop(
    made: str, moment: TwinMoment, *, batch: int = 0, clip: float = 0.0, schedule: bool = False
) -> list[str]:
    step = moment.step
    every = max(1, -(-step // _REPORTS))
    return [
        f"optimizer = {made}",
        *(_SHUFFLED.format(seed=moment.seed).splitlines() if batch else []),
        "began = time.perf_counter()",
        f"for step in range({step}):",
        f"    if step and step % {every} == 0:",
        "        spent = time.perf_counter() - began",
        f"        whole = spent * {step} / step",
        '        print(f"step {step}: {spent:.1f} s of about {whole:.1f} s")',
        *(_DRAWN.format(size=batch).splitlines() if batch else []),
        "    optimizer.zero_grad()",
        f"    loss_of(*params{', x=x[rows], y=y[rows]' if batch else ''}).backward()",
        *([f"    torch.nn.utils.clip_grad_norm_(params, {clip!r})"] if clip else []),
        "    optimizer.step()",
        *(["    schedule.step()"] if schedule else []),
        f'print(f"step {step}: training loss {{loss_of(*params).item():.6e}}")',
    ]


_SHUFFLED = """\
shuffle = torch.Generator().manual_seed({seed})
order = []"""

_DRAWN = """\
    if len(order) < {size}:
        order = torch.randperm(len(x), generator=shuffle)
    rows, order = order[:{size}], order[{size}:]"""


@training_lines.register
def _descent(optimizer: GradientDescent, moment: TwinMoment) -> list[str]:
    return _loop(f"torch.optim.SGD(params, lr={optimizer.lr!r})", moment)


@training_lines.register
def _adam(optimizer: Adam, moment: TwinMoment) -> list[str]:
    return _loop(f"torch.optim.Adam(params, lr={optimizer.lr!r})", moment)


@training_lines.register
def _stochastic(optimizer: SGD, moment: TwinMoment) -> list[str]:
    made = f"torch.optim.SGD(params, lr={optimizer.lr!r}, momentum={optimizer.momentum!r})"
    batch = batch_of(optimizer, moment.n_samples)
    return _loop(made, moment, batch=batch, clip=optimizer.clip)


_SCHEDULE = """\
torch.optim.AdamW(params, lr={lr!r}, weight_decay={decay!r})

def share(step):
    if step < {warmup}:
        return (step + 1) / {warmup}
    return 0.5 * (1 + math.cos(math.pi * (step - {warmup}) / {rest}))

schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)"""


@training_lines.register
def _adamw(optimizer: AdamW, moment: TwinMoment) -> list[str]:
    made = _SCHEDULE.format(
        lr=optimizer.lr,
        decay=optimizer.weight_decay,
        warmup=optimizer.warmup,
        rest=max(1, optimizer.steps - optimizer.warmup),
    )
    batch = batch_of(optimizer, moment.n_samples)
    return _loop(made, moment, batch=batch, clip=optimizer.clip, schedule=True)


@training_lines.register
def _flow(optimizer: GradientFlow, moment: TwinMoment) -> list[str]:
    time = moment.time
    lines = [
        "sizes = [p.numel() for p in params]",
        "",
        "def parts(theta):",
        "    pieces = torch.as_tensor(theta, dtype=f64).split(sizes)",
        "    return [q.reshape(p.shape) for q, p in zip(pieces, params)]",
        "",
        "def velocity(t, theta):",
        "    now = [q.requires_grad_() for q in parts(theta)]",
        "    pull = torch.autograd.grad(loss_of(*now), now)",
        "    return -torch.cat([g.flatten() for g in pull]).numpy()",
        "",
        "theta = torch.cat([p.detach().flatten() for p in params]).numpy()",
    ]
    if time > 0.0:
        lines += [
            *moment.remark,
            "began, now = time.perf_counter(), 0.0",
            "for _ in range(10):",
            "    velocity(now, theta)",
            "spent = (time.perf_counter() - began) / 10 * len(theta)",
            'print(f"LSODA: about {spent:.1g} s for each Jacobian; it may need hundreds")',
            f"for until in [{time!r} * 4.0**k for k in range({1 - _REPORTS}, 1)]:",
            "    span = (now, until)",
            '    path = solve_ivp(velocity, span, theta, method="LSODA", rtol=1e-6, atol=1e-12)',
            "    theta, now = path.y[:, -1], until",
            "    spent = time.perf_counter() - began",
            '    print(f"t = {now:.6g} after {spent:.1f} s: {loss_of(*parts(theta)).item():.6e}")',
        ]
    return [
        *lines,
        f'print(f"t = {time:.6g}: training loss {{loss_of(*parts(theta)).item():.6e}}")',
    ]


@expressed.register
def _expressed(optimizer: Optimizer) -> str:
    return f"ck.{type(optimizer).__name__}({arguments(optimizer)})"
