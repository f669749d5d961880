"""Steps a second of the training loop, recording on, against `torch.nn` loops and against JAX."""

import math
from collections.abc import Callable

import torch

import condensekit as ck
from condensekit.training import record_steps
from condensekit.words import many

from .summary import Claim
from .timing import JAX, one_core, processor_seconds, spread

TITLE = "Training steps against a plain torch loop, and against JAX"
EXPLANATION = """\
The plain loop is `nn.Linear`, `nn.Tanh`, `nn.Linear`, `MSELoss`, `backward` and `torch.optim`, a
loop that records what `train` records: the loss, the test loss on 2,000 points and the parameters,
at the same steps. "64 runs" compares one call of `train` for 64 seeds with 64 such loops, of which
one is timed and counted 64 times. Each figure is the median over rounds, with the smallest and the
largest; the two sides of a ratio take turns in every round. In short runs the record, about 200
evaluations on 2,000 test points, is a larger share than in long ones. tanh is
arithmetic that no loop avoids: at width 500 a batch saves little, at width 50 nearly all calls.
JAX, where it is installed, runs all steps in one `jit` of `lax.scan`, for 64 runs under `vmap`, in
float64; it records nothing, and its compilation is not counted. "Bare steps" is `trajectory` that
records nothing either. All of it has one core, which JAX cannot leave; given is processor
time, which on one core is that of the clock where nothing else runs."""

PLAIN = {
    ck.GradientDescent: lambda parameters, lr: torch.optim.SGD(parameters, lr=lr),
    ck.Adam: lambda parameters, lr: torch.optim.Adam(parameters, lr=lr),
}


def plain_loop(experiment: ck.Experiment) -> None:
    """What one would write without condensekit."""
    data, start = experiment.data(), experiment.init()
    m = experiment.model.m
    net = torch.nn.Sequential(
        torch.nn.Linear(1, m), torch.nn.Tanh(), torch.nn.Linear(m, 1, bias=False)
    ).double()
    with torch.no_grad():
        net[0].weight.copy_(start["w"])
        net[0].bias.copy_(start["b"])
        net[2].weight.copy_(start["a"][None])
    x, y, x_test, y_test = data.x, data.y[:, None], data.x_test, data.y_test[:, None]
    optimizer = PLAIN[type(experiment.optimizer)](net.parameters(), experiment.optimizer.lr)
    criterion = torch.nn.MSELoss()
    due = set(record_steps(experiment.optimizer.steps))
    record = []
    for step in range(experiment.optimizer.steps + 1):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        if step in due:
            with torch.no_grad():
                test_loss = criterion(net(x_test), y_test).item()
            record.append((loss.item(), test_loss, [p.detach().clone() for p in net.parameters()]))
        if step < experiment.optimizer.steps:
            loss.backward()
            optimizer.step()


def jax_loop(batch: list[ck.Experiment]) -> Callable[[], object] | None:
    """The same gradient descent under JAX, compiled; None where JAX is not installed."""
    if not JAX or not isinstance(batch[0].optimizer, ck.GradientDescent):
        return None
    import jax  # noqa: PLC0415  optional
    import jax.numpy as jnp  # noqa: PLC0415

    starts, data = [e.init() for e in batch], [e.data() for e in batch]
    start = {name: jnp.array([s[name].numpy() for s in starts]) for name in starts[0]}
    x, y = (jnp.array([getattr(d, name).numpy() for d in data]) for name in ("x", "y"))
    lr, steps = batch[0].optimizer.lr, batch[0].optimizer.steps

    def loss(params, x, y):
        outputs = jnp.tanh(x @ params["w"].T + params["b"]) @ params["a"]
        return jnp.mean((outputs - y) ** 2)

    def trained(params, x, y):
        def step(params, _):
            gradient = jax.grad(loss)(params, x, y)
            return jax.tree.map(lambda p, g: p - lr * g, params, gradient), None

        return jax.lax.scan(step, params, None, length=steps)[0]

    compiled = jax.jit(jax.vmap(trained)).lower(start, x, y).compile()
    return lambda: jax.block_until_ready(compiled(start, x, y))


def compare(
    optimizer: type, width: int, n: int, runs: int, steps: int, rounds: int
) -> tuple[str, list[Claim]]:
    """One row of the table, and what it claims."""
    base = ck.Experiment(
        ck.TwoLayer(1, width),
        ck.three_tanh(),
        optimizer(steps=steps),
        n_samples=n,
        init_std=width**-1.5,
    )
    batch = [base.replace(seed=seed) for seed in range(runs)]
    ours, bare, plain, jax = [], [], [], []
    with_jax = jax_loop(batch)
    plain_loop(base.replace(steps=50))  # neither side pays for warming up
    ck.train([e.replace(steps=5) for e in batch])
    for _ in range(rounds):
        plain.append(processor_seconds(lambda: plain_loop(base)))
        ours.append(processor_seconds(lambda: ck.train(batch)))
        bare.append(processor_seconds(lambda: [*ck.trajectory(batch, record_ratio=math.inf)]))
        if with_jax is not None:
            jax.append(processor_seconds(with_jax))
    micro = 1e6 / steps
    ratios = [runs * slow / fast for slow, fast in zip(plain, ours, strict=True)]
    theirs, mine = (spread([t * micro for t in side], 0) for side in (plain, ours))
    alone = spread([t * micro for t in bare], 0)
    to_jax = spread([slow / fast for slow, fast in zip(jax, bare, strict=True)], 2) if jax else "-"
    name = optimizer.__name__
    row = (
        f"| {name} | {width} | {n} | {runs} | {steps:,} | {theirs} | {mine} | **{spread(ratios)}** "
        f"| {alone} | {to_jax} |"
    )
    what = f"{steps:,} steps of {name}, {many(runs, 'run')} of width {width} on {n} samples"
    claims = [Claim(what, "a loop in torch", ours, [runs * t for t in plain], runs > 1)]
    if optimizer is ck.GradientDescent:
        claims.append(Claim(f"{what}, nothing recorded", "JAX (jit, vmap, scan)", bare, jax))
    return row, claims


def measure() -> tuple[str, list[Claim]]:
    """The table, and what it claims."""
    with one_core():
        return _measured()


def _measured() -> tuple[str, list[Claim]]:
    torch.set_num_threads(1)
    head = (
        "| optimizer | width | samples | runs | steps | plain loop, us/step of one run "
        "| condensekit, us/step of all runs | times as fast | bare steps, us/step of all runs "
        "| times as fast as JAX |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        compare(ck.GradientDescent, 500, 50, 1, 5_000, 3),
        compare(ck.Adam, 500, 50, 1, 5_000, 3),
        compare(ck.GradientDescent, 50, 40, 64, 4_000, 3),
        compare(ck.Adam, 50, 40, 64, 4_000, 3),
    ]
    claims = [claim for _, some in rows for claim in some]
    return head + "\n".join(row for row, _ in rows), claims
