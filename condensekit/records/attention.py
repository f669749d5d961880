"""Attention that condenses: heads that learn a head, and anchor functions, over three seeds.

Both settings are ours, small enough for one core. The anchor functions are those of Zhang et al.
(arXiv:2405.05409), whose networks are 80 times as large; `LOGGED` is what their code reports.
"""

import dataclasses
import json
from importlib import resources

from ..derivatives import evaluate
from ..experiments import Experiment
from ..losses import accuracy
from ..measures import effective_rank, matrices, mean_cosine
from ..models import Attention, Transformer
from ..optimizers import SGD, Adam, AdamW
from ..problems import anchors, teacher_heads
from ..training import Run

__all__ = [
    "ANCHOR_GAMMAS",
    "HEAD_SAMPLES",
    "HEAD_STDS",
    "LOGGED",
    "AttentionCell",
    "anchor_experiment",
    "attention_cell",
    "attention_cells",
    "attention_experiment",
    "attention_plan",
    "head_experiment",
]

LOGGED = {
    0.8: (1.0, 0.9686, 0.0),
    0.5: (1.0, 0.0, 1.0),
    0.1: (0.3157, 0.0086, 0.0540),
}
"""Of the authors' networks, by gamma: accuracy on seen (1, 2), (4, 3) inferential, symmetric.

Two layers, d_model = 400, 2.7 million parameters, start at standard deviation d_in^-gamma.
"""

HEAD_STDS = (0.01, 0.1, 0.3, 0.5, 1.0)
"""Standard deviations at the start of heads that learn a head."""
ANCHOR_GAMMAS = (0.3, 0.5, 0.8, 1.0, 1.2)
"""Of the anchor functions; the standard deviation is 64^-gamma."""
HEAD_SAMPLES = (256, 16, 9, 8, 7, 6, 5, 4, 3)
"""Numbers of samples of the heads. From 9 on the equations are more than a student has freedom."""
_SEEDS, _SGD_GAMMA = (0, 1, 2), 0.8


@dataclasses.dataclass(frozen=True)
class AttentionCell:
    """One training of attention: its settings, and what came of it.

    Attributes
    ----------
    task : str
        ``"heads"`` or ``"anchors"``.
    optimizer : str
        ``"Adam"`` or ``"SGD"``.
    init_std, n_samples, seed
        As of an `Experiment`.
    loss, test_loss : float
        At the end.
    rank, start_rank : float
        Effective rank of W_Q W_K^T of the heads, or of W_Q; at the end and at the start.
    cosine : float
        Mean |cos| between its rows at the end.
    scores : tuple of float
        What the problem asks, see its ``score_names``; training accuracy comes first.
    """

    task: str
    optimizer: str
    init_std: float
    n_samples: int
    seed: int
    loss: float = float("nan")
    test_loss: float = float("nan")
    rank: float = float("nan")
    start_rank: float = float("nan")
    cosine: float = float("nan")
    scores: tuple[float, ...] = ()


def head_experiment(
    init_std: float, n_samples: int = 256, seed: int = 0, sgd: bool = False
) -> Experiment:
    """Eight heads learn one: Adam at 0.01 for 1,000 steps, or momentum."""
    optimizer = SGD(0.3, momentum=0.9, steps=1_000) if sgd else Adam(1e-2, steps=1_000)
    return Experiment(Attention(), teacher_heads(), optimizer, n_samples, init_std, seed)


def anchor_experiment(init_std: float, seed: int = 0, sgd: bool = False) -> Experiment:
    """A one-layer Transformer learns the anchor functions in 2,000 steps of AdamW, or of SGD."""
    optimizer = (
        SGD(0.3, momentum=0.9, batch_size=256, steps=2_000, clip=1.0)
        if sgd
        else AdamW(1e-3, 0.01, warmup=300, clip=1.0, batch_size=256, steps=2_000)
    )
    return Experiment(Transformer(), anchors(), optimizer, 510, init_std, seed)


def attention_plan() -> list[AttentionCell]:
    """What is trained, before anybody has trained it."""
    starts = [("Adam", std) for std in HEAD_STDS] + [("SGD", HEAD_STDS[0])]
    heads = [
        AttentionCell("heads", optimizer, std, n, seed)
        for optimizer, std in starts
        for n in HEAD_SAMPLES
        for seed in _SEEDS
    ]
    kinds = [("AdamW", gamma) for gamma in ANCHOR_GAMMAS] + [("SGD", _SGD_GAMMA)]
    return heads + [
        AttentionCell("anchors", optimizer, 64**-gamma, 510, seed)
        for optimizer, gamma in kinds
        for seed in _SEEDS
    ]


def attention_experiment(cell: AttentionCell) -> Experiment:
    """The experiment of a cell."""
    sgd = cell.optimizer == "SGD"
    if cell.task == "heads":
        return head_experiment(cell.init_std, cell.n_samples, cell.seed, sgd)
    return anchor_experiment(cell.init_std, cell.seed, sgd)


def attention_cell(cell: AttentionCell, run: Run) -> AttentionCell:
    """A cell with what came out of its training, to four digits."""
    model = run.experiment.model
    name = "W_Q W_K^T" if cell.task == "heads" else "W_Q 1"
    matrix, start = (matrices(model, run.at(i))[name] for i in (-1, 0))
    scores = [float(values[-1]) for values in run.scores.values()]
    if scores:
        data = run.experiment.data()
        scores.insert(0, accuracy(evaluate(model, run.final, data.x), data.y))
    return dataclasses.replace(
        cell,
        loss=_rounded(run.loss[-1]),
        test_loss=_rounded(run.test_loss[-1]),
        rank=_rounded(effective_rank(matrix)),
        start_rank=_rounded(effective_rank(start)),
        cosine=_rounded(mean_cosine(matrix)),
        scores=tuple(map(_rounded, scores)),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def attention_cells() -> list[AttentionCell]:
    """The stored cells; ``tools/record_attention.py`` makes them."""
    text = (resources.files(__package__) / "attention.json").read_text(encoding="utf-8")
    cells = [AttentionCell(**fields) for fields in json.loads(text)]
    return [dataclasses.replace(cell, scores=tuple(cell.scores)) for cell in cells]
