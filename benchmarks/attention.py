"""Attention and the Transformer, recording on, against plain `torch.nn` loops."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

import condensekit as ck
from condensekit import records
from condensekit.optimizers import AdamW
from condensekit.training import record_steps

from .timing import seconds, spread

TITLE = "Training attention against plain torch.nn loops"
EXPLANATION = """\
The plain loop is `nn.Embedding`, `nn.Linear`, `nn.LayerNorm`, softmax, `backward`,
`clip_grad_norm_` and `torch.optim`, with the schedule and the mini-batches of the experiment, a
loop that records what `train` records: losses on all samples and on the test points, and the
parameters, at the same steps. Both sides start from the same weights and end at the same loss,
which is checked. Each figure is the median over rounds, with the smallest and the largest; the two
sides of a ratio take turns in every round."""


class Heads(nn.Module):
    """What a student would write for a few heads."""

    def __init__(self, model: ck.Attention | ck.Transformer, bias: bool) -> None:
        super().__init__()
        self.heads, inner = model.heads, model.heads * model.d_head
        self.q, self.k, self.v = (nn.Linear(model.d_model, inner, bias=bias) for _ in "QKV")
        self.o = nn.Linear(inner, model.d_model, bias=bias)

    def load(self, start: dict[str, Tensor], suffix: str = "") -> None:
        for layer, part in zip((self.q, self.k, self.v, self.o), "QKVO", strict=True):
            rows = start[f"W{part}{suffix}"].permute(0, 2, 1).flatten(0, 1)
            layer.weight.copy_(rows.T if part == "O" else rows)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        n, t, _ = x.shape
        q, k, v = (
            f(x).view(n, t, self.heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(mask, -math.inf)
        return self.o((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, -1))


class AttentionNet(nn.Module):
    """The slide's map."""

    def __init__(self, experiment: ck.Experiment) -> None:
        super().__init__()
        self.shape = experiment.model.output_shape
        self.inner = Heads(experiment.model, bias=False)
        with torch.no_grad():
            self.inner.load(experiment.init())

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x.view(-1, *self.shape))


class TransformerNet(nn.Module):
    """One post-LN layer between an embedding and a linear output."""

    def __init__(self, experiment: ck.Experiment) -> None:
        super().__init__()
        model, start = experiment.model, experiment.init()
        self.e, self.p = (nn.Embedding(n, model.d_model) for n in (model.vocabulary, model.tokens))
        self.inner = Heads(model, bias=True)
        self.norms = nn.ModuleList([nn.LayerNorm(model.d_model) for _ in range(2)])
        self.up, self.down = (
            nn.Linear(model.d_model, model.d_ff),
            nn.Linear(model.d_ff, model.d_model),
        )
        self.u = nn.Linear(model.d_model, model.vocabulary)
        later = torch.ones(model.tokens, model.tokens, dtype=torch.bool)
        self.register_buffer("later", later.triu(1))
        named = {self.e: "E", self.p: "P", self.up: "W10", self.down: "W20", self.u: "U"}
        with torch.no_grad():
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.zeros_(layer.bias)
            for layer, name in named.items():
                layer.weight.copy_(start[name])
            self.inner.load(start, "0")

    def forward(self, x: Tensor) -> Tensor:
        h = self.e(x) + self.p.weight
        h = self.norms[0](h + self.inner(h, self.later))
        h = self.norms[1](h + self.down(functional.relu(self.up(h))))
        return self.u(h[:, -1])


def plain_loop(experiment: ck.Experiment) -> float:
    """What one would write without condensekit; the loss at the end."""
    data, chosen, of = experiment.data(), experiment.optimizer, experiment.problem.loss
    transformer = isinstance(experiment.model, ck.Transformer)
    net = TransformerNet(experiment) if transformer else AttentionNet(experiment).double()
    x, x_test = (side.long() if transformer else side for side in (data.x, data.x_test))
    if transformer:
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=chosen.lr, weight_decay=chosen.weight_decay
        )
    else:
        optimizer = torch.optim.Adam(net.parameters(), lr=chosen.lr)
    due, record = set(record_steps(chosen.steps)), []
    draw = ck.problems.stream(experiment.seed, "batches")
    order = torch.empty(0, dtype=torch.int64)
    for step in range(chosen.steps + 1):
        if step in due:
            with torch.no_grad():
                losses = of(net(x), data.y).item(), of(net(x_test), data.y_test).item()
            record.append((*losses, [p.detach().clone() for p in net.parameters()]))
        if step == chosen.steps:
            break
        rows = slice(None)
        if chosen.batch_size:
            if len(order) < chosen.batch_size:
                order = torch.randperm(len(x), generator=draw)
            rows, order = order[: chosen.batch_size], order[chosen.batch_size :]
        optimizer.zero_grad()
        of(net(x[rows]), data.y[rows]).backward()
        if isinstance(chosen, AdamW):
            nn.utils.clip_grad_norm_(net.parameters(), chosen.clip)
            optimizer.param_groups[0]["lr"] = chosen.lr * chosen.factor(step)
        optimizer.step()
    return record[-1][0]


def compare(name: str, experiment: ck.Experiment, rounds: int) -> str:
    """One row of the table."""
    ours, plain = [], []
    plain_loop(experiment.replace(steps=20))  # neither side pays for warming up
    ck.train(experiment.replace(steps=20))
    short = experiment.replace(steps=100)
    ends = plain_loop(short), float(ck.train(short).loss[-1])
    assert abs(ends[0] / ends[1] - 1.0) < 1e-2, f"the two sides end at {ends}"
    for _ in range(rounds):
        plain.append(seconds(lambda: plain_loop(experiment)))
        ours.append(seconds(lambda: ck.train(experiment)))
    ratios = [slow / fast for slow, fast in zip(plain, ours, strict=True)]
    steps = experiment.optimizer.steps
    sides = f"{spread(plain)} | {spread(ours)}"
    return f"| {name} | {experiment.n_samples} | {steps:,} | {sides} | **{spread(ratios, 2)}** |"


def measure() -> str:
    """The table."""
    torch.set_num_threads(1)
    head = (
        "| what | samples | steps | plain loop, s | condensekit, s | times as fast |\n"
        "|---|---|---|---|---|---|\n"
    )
    rows = [
        compare("8 heads learn one, Adam", records.head_experiment(0.01, 256), 3),
        compare("8 heads learn one, Adam", records.head_experiment(0.01, 16), 3),
        compare("Transformer, AdamW", records.anchor_experiment(64**-0.8), 3),
    ]
    return head + "\n".join(rows)
