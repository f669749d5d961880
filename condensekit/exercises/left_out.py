"""An exercise on dropout: what it costs, and how much less it costs where neurons are the same."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import torch

from ..experiments import Experiment
from ..measures import effective_clusters
from ..models import Params, ScaledTwoLayer, gammas
from ..optimizers import AdamW
from ..problems import Data, EvenlySpaced, teacher
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Number

__all__ = ["copies_and_dropout"]

LEFT_OUT, _DRAWS, _WIDTH, _SEEDS = 0.1, 1_000, 200, 3
_WITHIN = 1.1
_COPIES = ((1,), (2,), (3,), (5,), (10,))
_LIVE = (2, 5)


@dataclasses.dataclass(frozen=True)
class Measured:
    """What was measured with one seed.

    Attributes
    ----------
    factors : dict of float
        The gap with k copies over that without, for some k, of the network trained without dropout.
    gaps, groups : (float, float)
        The gap, and the effective number of clusters, trained without dropout and with it.
    """

    factors: dict[int, float]
    gaps: tuple[float, float]
    groups: tuple[float, float]


def measured(seeds: Sequence[int]) -> list[Measured]:
    """The network of notebook 09, smaller and trained for a shorter time."""
    gamma, prime = gammas("PyTorch", _WIDTH)
    one = Experiment(
        ScaledTwoLayer(1, _WIDTH, gamma=gamma, gamma_prime=prime),
        teacher([1.0] * 3, [[1.0]] * 3, [7.0, 0.0, -7.0], inputs=EvenlySpaced(-15.0, 14.0)),
        AdamW(1e-2, weight_decay=0.0, clip=0.0, steps=3_000),
        n_samples=14,
        init_std=1.0,
    )
    data = one.data()
    runs = [
        train([one.replace(dropout=rate, seed=seed) for seed in seeds]) for rate in (0.0, LEFT_OUT)
    ]
    found = []
    for pair in zip(*runs, strict=True):
        ends = [run.final for run in pair]
        alone, other = (gap(data, end) for end in ends)
        factors = {k: gap(data, ends[0], k) / alone for k in _LIVE}
        many, few = (effective_clusters(one.model, end) for end in ends)
        found.append(Measured(factors, (alone, other), (many, few)))
    return found


def gap(data: Data, params: Params, k: int = 1) -> float:
    """By how much masks raise the mean loss of a network, with k copies of each neuron."""
    hidden, output = torch.tanh(data.x @ params["w"].T + params["b"]), params["a"]
    shared, weights = hidden.repeat(1, k), output.repeat(k) / k
    stream = torch.Generator().manual_seed(k)
    raised = torch.zeros((), dtype=torch.float64, device="cpu")
    for _ in range(_DRAWS):
        mask = torch.empty_like(shared).bernoulli_(1.0 - LEFT_OUT, generator=stream)
        raised += ((mask * shared) @ weights / (1.0 - LEFT_OUT) - data.y).square().mean()
    return float(raised / _DRAWS - (hidden @ output - data.y).square().mean())


@functools.cache
def _copies() -> Finding:
    found = measured(range(_SEEDS))
    rows = [
        f"| {seed} | {' | '.join(f'{one.factors[k]:.2f}' for k in _LIVE)} | "
        f"{' | '.join(f'{value:.3f}' for value in one.gaps)} | "
        f"{' | '.join(f'{value:.1f}' for value in one.groups)} |"
        for seed, one in enumerate(found)
    ]
    heads = " | ".join(f"gap, k = {k}, over k = 1" for k in _LIVE)
    head = [
        f"| seed | {heads} | gap, trained without | trained with dropout | effective clusters, "
        "trained without | trained with dropout |",
        "|---|---|---|---|---|---|---|",
    ]
    seen = ", ".join(f"{np.mean([one.factors[k] for one in found]):.2f} for k = {k}" for k in _LIVE)
    gaps = [f"{np.mean([one.gaps[i] for one in found]):.2f}" for i in (0, 1)]
    groups = [f"{np.mean([one.groups[i] for one in found]):.0f}" for i in (0, 1)]
    theory = (
        "Theory: neurons are left out independently of each other, so that the gap is a sum over "
        "neurons, of the squares of what each of them adds to the output"
    )
    return Finding(
        lambda k: 1.0 / k,
        "\n".join([*head, *rows, "", f"{_WIDTH} neurons, {_DRAWS:,} masks, p = {LEFT_OUT:g}."]),
        f"Measured over {_DRAWS:,} masks, as a mean of {_SEEDS} seeds: {seen}; the other k are "
        f"theory. {theory}. So it pays to have many neurons of one kind: trained with dropout, "
        f"from the same starts, the gap is {gaps[1]} instead of {gaps[0]}, and the effective "
        f"number of clusters is {groups[1]} instead of {groups[0]}, as means.",
        (
            Mistake(
                lambda k: 1.0,
                "The whole network computes the same, but the measured gap is another one. "
                f"{theory}. Which is worse: to miss all of a neuron now and then, or a part of it "
                "more often?",
            ),
            Mistake(
                float,
                f"There are more neurons to miss, but measured the gap gets smaller. {theory}. How "
                "much does each copy add?",
            ),
            Mistake(
                lambda k: 1.0 / k**2,
                f"So it is with the square of what a single copy adds. {theory}. Measured, the gap "
                "gets smaller, but not by so much: over how many of them is the sum?",
            ),
            Mistake(
                lambda k: k**-0.5,
                "So it is with the spread of the output. The loss is a mean square, and measured "
                f"it falls by more. {theory}.",
            ),
        ),
        f"{theory}. Measured with the whole network trained, and each neuron copied then.",
    )


def copies_and_dropout() -> Question:
    """What dropout costs a network whose neurons are copied."""
    return Question(
        name="copies_and_dropout",
        title="What does dropout cost a network of copies?",
        text=(
            "With dropout, each hidden neuron of f(x) = Σ aⱼ tanh(wⱼ x + bⱼ) is left out with "
            "probability p, for each sample and step anew, and else multiplied by 1 / (1 - p). So "
            "the mean training loss is higher than that of the whole network: by the *gap*. Now "
            "replace each neuron of a trained network by k equal copies that share its output "
            "weight aⱼ evenly. The whole network computes what it did. By which *factor* does the "
            "gap change? Write it as a function of k."
        ),
        source="the experiment with dropout of Zhang, Zhang, Zhang and Bai 2025, arXiv:2406.18035, "
        "Figure 4; notebook 09",
        kind=Function(("k",), _COPIES, Number(_WITHIN)),
        hints=(
            "The output with dropout has the right mean. What is its variance, if each neuron is "
            "left out independently of the others?",
            "How large is the part of one copy, and what becomes of its square? And how many "
            "copies are there?",
        ),
        answered=Solution(
            "The mask of a neuron has the mean 1 and the variance p / (1 - p). So the gap is p / "
            "(1 - p) Σ aⱼ² tanh²(wⱼ x + bⱼ), averaged over the samples. Of k copies each has the "
            "square of aⱼ / k, and k of them add up: the gap is divided by k. This is why dropout "
            "gathers neurons.",
            """
import torch

p, draws = 0.1, 100_000

def answer(k):
    # One neuron that adds 1 to the output, as k copies; what is missing squared is the gap.
    torch.manual_seed(0)

    def gap(copies):
        mask = torch.empty(draws, copies).bernoulli_(1 - p) / (1 - p)
        return (mask.mean(dim=1) - 1).square().mean()

    return float(gap(k) / gap(1))
""",
        ),
        investigate=_copies,
    )
