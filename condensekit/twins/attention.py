"""The training of attention in plain torch, as lines to copy."""

from ..models import Transformer
from ..optimizers import SGD, AdamW, Optimizer
from ..problems import stream_seed
from ..training import Run
from .library import expression

__all__ = ["attention_code"]

_HEADS = """\
def outputs(x):
    X = x.reshape(-1, {tokens}, {d_model})
    Q, K, V = (torch.einsum("ntd,hdk->nhtk", X, p[name]) for name in ("WQ", "WK", "WV"))
    mixed = F.scaled_dot_product_attention(Q, K, V)
    return torch.einsum("nhtk,hdk->ntd", mixed, p["WO"])

def loss_of(x, y):
    return ((outputs(x) - y) ** 2).mean() / (y**2).mean()
"""

_TRANSFORMER = """\
def outputs(x):
    h = p["E"][x.long()] + p["P"]
    for l in range({layers}):
        Q, K, V = (
            torch.einsum("ntd,hdk->nhtk", h, p[f"W{{m}}{{l}}"]) + p[f"b{{m}}{{l}}"][:, None]
            for m in "QKV"
        )
        mixed = F.scaled_dot_product_attention(Q, K, V, is_causal=True)
        h = h + torch.einsum("nhtk,hdk->ntd", mixed, p[f"WO{{l}}"]) + p[f"bO{{l}}"]
        h = F.layer_norm(h, h.shape[-1:], p[f"g1{{l}}"], p[f"c1{{l}}"])
        inner = F.relu(F.linear(h, p[f"W1{{l}}"], p[f"b1{{l}}"]))
        h = h + F.linear(inner, p[f"W2{{l}}"], p[f"b2{{l}}"])
        h = F.layer_norm(h, h.shape[-1:], p[f"g2{{l}}"], p[f"c2{{l}}"])
    return F.linear(h[:, -1], p["U"], p["c"])

def loss_of(x, y):
    return F.cross_entropy(outputs(x), y)
"""

_SCHEDULE = """\
def share(step):
    if step < {warmup}:
        return (step + 1) / {warmup}
    return 0.5 * (1 + math.cos(math.pi * (step - {warmup}) / {rest}))

schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)"""


def attention_code(run: Run, index: int) -> str:
    """The same training in plain torch, up to a recorded step; it prints the loss there.

    Data and start are the library's, model and training are not.
    """
    experiment, step = run.experiment, int(run.step[index])
    model, optimizer = experiment.model, experiment.optimizer
    text = _TRANSFORMER if isinstance(model, Transformer) else _HEADS
    decays = isinstance(optimizer, AdamW)
    size = optimizer.batch_size or experiment.n_samples
    batched = size < experiment.n_samples
    loop = [
        f"for step in range({step}):",
        *(_DRAWN.format(size=size).splitlines() if batched else []),
        "    optimizer.zero_grad()",
        f"    loss_of({'x[rows], y[rows]' if batched else 'x, y'}).backward()",
    ]
    if isinstance(optimizer, AdamW | SGD) and optimizer.clip:
        loop.append(f"    torch.nn.utils.clip_grad_norm_(p.values(), {optimizer.clip!r})")
    loop += ["    optimizer.step()", *(["    schedule.step()"] if decays else [])]
    seed = stream_seed(experiment.seed, "batches")
    return "\n".join(
        [
            *(["import math"] if decays else []),
            "import torch",
            "import torch.nn.functional as F",
            "import condensekit as ck  # for the data and the start",
            f"experiment = {expression(experiment)}",
            "data = experiment.data()",
            f"x, y = data.x.to({model.dtype}), data.y",
            "p = {name: leaf.requires_grad_() for name, leaf in experiment.init().items()}",
            "",
            text.format(**experiment.values()),
            f"optimizer = {_made(optimizer)}",
            *([_scheduled(optimizer)] if isinstance(optimizer, AdamW) else []),
            *([f"draw = torch.Generator().manual_seed({seed})", "order = []"] if batched else []),
            *loop,
            f'print(f"step {step}: training loss {{loss_of(x, y).item():.6e}}")',
        ]
    )


_DRAWN = """\
    if len(order) < {size}:
        order = torch.randperm(len(x), generator=draw)
    rows, order = order[:{size}], order[{size}:]"""


def _made(optimizer: Optimizer) -> str:
    lr = optimizer.values()["lr"]
    if isinstance(optimizer, AdamW):
        decay = optimizer.weight_decay
        return f"torch.optim.AdamW(p.values(), lr={lr!r}, weight_decay={decay!r})"
    if isinstance(optimizer, SGD):
        return f"torch.optim.SGD(p.values(), lr={lr!r}, momentum={optimizer.momentum!r})"
    return f"torch.optim.Adam(p.values(), lr={lr!r})"


def _scheduled(optimizer: AdamW) -> str:
    rest = max(1, optimizer.steps - optimizer.warmup)
    return _SCHEDULE.format(warmup=optimizer.warmup, rest=rest)
