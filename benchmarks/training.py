"""Steps a second of the training loop, recording on, against `torch.nn` and `torch.optim`."""

import statistics
import time
from collections.abc import Callable

import torch

import condensekit as ck
from condensekit.training import record_steps

TITLE = "Training steps against a plain torch loop"
EXPLANATION = """\
The plain loop is `nn.Linear`, `nn.Tanh`, `nn.Linear`, `MSELoss`, `backward` and `torch.optim`, a
loop that records what `train` records: the loss, the test loss on 2,000 points and the parameters,
at the same steps. "64 runs" compares one call of `train` for 64 seeds with 64 such loops, of which
one is timed and counted 64 times. Each figure is the median over rounds, with the smallest and the
largest; the two sides of a ratio take turns in every round. In short runs the record, about 200
evaluations on 2,000 test points, is a larger share: of 20,000 steps at width 50 a fifth. tanh is
arithmetic that no loop avoids: at width 500 a batch saves little, at width 50 nearly all calls."""

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


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(values: list[float], digits: int = 1) -> str:
    """Median with the smallest and the largest."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


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
    ours, plain = [], []
    plain_loop(base.replace(steps=50))  # neither side pays for warming up
    ck.train([e.replace(steps=50) for e in batch])
    for _ in range(rounds):
        plain.append(seconds(lambda: plain_loop(base)))
        ours.append(seconds(lambda: ck.train(batch)))
    micro = 1e6 / steps
    ratios = [runs * slow / fast for slow, fast in zip(plain, ours, strict=True)]
    theirs, mine = (spread([t * micro for t in side], 0) for side in (plain, ours))
    what = f"{optimizer.__name__} | {width} | {n} | {runs} | {steps:,}"
    return f"| {what} | {theirs} | {mine} | **{spread(ratios)}** |"


def measure() -> str:
    """The table."""
    torch.set_num_threads(1)
    head = (
        "| optimizer | width | samples | runs | steps | plain loop, us/step of one run "
        "| condensekit, us/step of all runs | times as fast |\n|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        compare(ck.GradientDescent, 500, 50, 1, 20_000, 5),
        compare(ck.Adam, 500, 50, 1, 20_000, 5),
        compare(ck.GradientDescent, 50, 40, 64, 20_000, 3),
        compare(ck.GradientDescent, 50, 40, 64, 100_000, 1),
        compare(ck.Adam, 50, 40, 64, 20_000, 3),
        compare(ck.GradientDescent, 500, 50, 64, 1_000, 3),
    ]
    return head + "\n".join(rows)
