"""Training of `Conv` on digits, recording on, against a plain `torch.nn` loop."""

import os

import torch

import condensekit as ck
from condensekit.records import GROWING, KERNELS
from condensekit.training import record_steps

from .timing import seconds, spread

TITLE = "Kernels: a convolutional network against a plain torch loop"
EXPLANATION = """\
The plain loop is `nn.Conv2d`, `nn.Tanh`, `nn.AvgPool2d`, `nn.Linear`, `CrossEntropyLoss`,
`backward` and `torch.optim.SGD` in float32, a loop that records what `train` records: the loss, the
loss and accuracy on 1,000 test digits and all parameters, at the same steps. Both sides may use as
many threads as the first column says, and take turns in every round; each figure is the median over
rounds, with the smallest and the largest. "32 kernels" is the default run of `KernelLab`, with 66
records in its 120 steps; "pooled" the first 100 of the 640 steps in which blocks grow."""


def plain_loop(experiment: ck.Experiment) -> None:
    """What one would write without condensekit."""
    model, data, start = experiment.model, experiment.data(), experiment.init()
    k, s = model.kernels, model.size
    conv = torch.nn.Conv2d(1, k, s, model.stride)
    last = torch.nn.Linear(k * model.pooled**2, model.classes)
    with torch.no_grad():
        conv.weight.copy_(start["w"].view(k, 1, s, s))
        conv.bias.copy_(start["b"])
        last.weight.copy_(start["v"])
        last.bias.copy_(start["c"])
    pool = [torch.nn.AvgPool2d(model.pool)] if model.pool > 1 else []
    net = torch.nn.Sequential(conv, torch.nn.Tanh(), *pool, torch.nn.Flatten(), last)
    x, x_test = (one.float().view(-1, 1, model.side, model.side) for one in (data.x, data.x_test))
    optimizer = torch.optim.SGD(net.parameters(), lr=experiment.optimizer.lr)
    criterion = torch.nn.CrossEntropyLoss()
    due, record = set(record_steps(experiment.optimizer.steps)), []
    for step in range(experiment.optimizer.steps + 1):
        optimizer.zero_grad()
        loss = criterion(net(x), data.y)
        if step in due:
            with torch.no_grad():
                outputs = net(x_test)
                test_loss = criterion(outputs, data.y_test).item()
                right = (outputs.argmax(1) == data.y_test).double().mean().item()
            weights = [p.detach().clone() for p in net.parameters()]
            record.append((loss.item(), test_loss, right, weights))
        if step < experiment.optimizer.steps:
            loss.backward()
            optimizer.step()


def compare(name: str, experiment: ck.Experiment, threads: int, rounds: int) -> str:
    """One row of the table."""
    torch.set_num_threads(threads)
    plain_loop(experiment.replace(steps=3))  # neither side pays for warming up
    ck.train(experiment.replace(steps=3))
    ours, plain = [], []
    for _ in range(rounds):
        plain.append(seconds(lambda: plain_loop(experiment)))
        ours.append(seconds(lambda: ck.train(experiment)))
    ratios = [slow / fast for slow, fast in zip(plain, ours, strict=True)]
    steps = experiment.optimizer.steps
    return (
        f"| {threads} | {name} | {steps} | {spread(plain, 2)} | {spread(ours, 2)} "
        f"| **{spread(ratios, 2)}** |"
    )


def measure() -> str:
    """The table."""
    head = (
        "| threads | network | steps | plain loop, s | condensekit, s | times as fast |\n"
        "|---|---|---|---|---|---|\n"
    )
    before = torch.get_num_threads()
    counts = sorted({1, min(2, os.cpu_count() or 1)})
    growing = GROWING.replace(steps=100)
    try:
        rows = [compare("32 kernels", KERNELS, threads, 3) for threads in counts]
        rows += [compare("32 kernels, pooled", growing, threads, 3) for threads in counts]
    finally:
        torch.set_num_threads(before)
    return head + "\n".join(rows)
