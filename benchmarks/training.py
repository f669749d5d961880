"""Steps a second of the training loop, recording on, against `torch.nn` loops and against JAX."""

from collections.abc import Callable

import torch

import condensekit as ck
from condensekit.training import record_steps

from .timing import JAX, seconds, spread

TITLE = "Training steps against a plain torch loop, and against JAX"
EXPLANATION = """\
The plain loop is `nn.Linear`, `nn.Tanh`, `nn.Linear`, `MSELoss`, `backward` and `torch.optim`, a
loop that records what `train` records: the loss, the test loss on 2,000 points and the parameters,
at the same steps. "64 runs" compares one call of `train` for 64 seeds with 64 such loops, of which
one is timed and counted 64 times. Each figure is the median over rounds, with the smallest and the
largest; the two sides of a ratio take turns in every round. In short runs the record, about 200
evaluations on 2,000 test points, is a larger share: of 10,000 steps at width 50 a third. tanh is
arithmetic that no loop avoids: at width 500 a batch saves little, at width 50 nearly all calls.
JAX, where it is installed, runs all steps in one `jit` of `lax.scan`, for 64 runs under `vmap`, in
float64 on one thread; it records nothing, and its compilation is not counted."""

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


def compare(optimizer: type, width: int, n: int, runs: int, steps: int, rounds: int) -> str:
    """One row of the table."""
    base = ck.Experiment(
        ck.TwoLayer(1, width),
        ck.three_tanh(),
        optimizer(steps=steps),
        n_samples=n,
        init_std=width**-1.5,
    )
    batch = [base.replace(seed=seed) for seed in range(runs)]
    ours, plain, jax = [], [], []
    with_jax = jax_loop(batch)
    plain_loop(base.replace(steps=50))  # neither side pays for warming up
    ck.train([e.replace(steps=5) for e in batch])
    for _ in range(rounds):
        plain.append(seconds(lambda: plain_loop(base)))
        ours.append(seconds(lambda: ck.train(batch)))
        if with_jax is not None:
            jax.append(seconds(with_jax))
    micro = 1e6 / steps
    ratios = [runs * slow / fast for slow, fast in zip(plain, ours, strict=True)]
    theirs, mine = (spread([t * micro for t in side], 0) for side in (plain, ours))
    to_jax = spread([slow / fast for slow, fast in zip(jax, ours, strict=True)]) if jax else "-"
    what = f"{optimizer.__name__} | {width} | {n} | {runs} | {steps:,}"
    return f"| {what} | {theirs} | {mine} | **{spread(ratios)}** | {to_jax} |"


def measure() -> str:
    """The table."""
    torch.set_num_threads(1)
    head = (
        "| optimizer | width | samples | runs | steps | plain loop, us/step of one run "
        "| condensekit, us/step of all runs | times as fast | times as fast as JAX |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        compare(ck.GradientDescent, 500, 50, 1, 10_000, 2),
        compare(ck.Adam, 500, 50, 1, 10_000, 2),
        compare(ck.GradientDescent, 50, 40, 64, 10_000, 1),
        compare(ck.Adam, 50, 40, 64, 10_000, 1),
    ]
    return head + "\n".join(rows)
