"""An exercise on the second escape: how long neurons stay on one line."""

import functools
import math

import numpy as np

from ..experiments import Experiment
from ..models import TwoLayer
from ..optimizers import GradientFlow
from ..problems import three_tanh
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .kinds import Number

__all__ = ["second_escape"]

_BEFORE, _AFTER, _SEEDS = 1e-4, 1e-8, 6
OPENED = 0.03
"""A loss below all that neurons on one line reached on the way, and above what comes next."""


@functools.cache
def _second() -> Finding:
    flow = GradientFlow(stop_loss=OPENED, rtol=1e-2)
    base = Experiment(TwoLayer(1, 50), three_tanh(), flow, n_samples=50)
    runs = train(
        [base.replace(init_std=s, seed=seed) for s in (_BEFORE, _AFTER) for seed in range(_SEEDS)]
    )
    halved = [float(np.interp(0.5 * r.loss[0], r.loss[::-1], r.time[::-1])) for r in runs]
    first = np.array(halved).reshape(2, _SEEDS)
    times = np.array([run.time[-1] for run in runs]).reshape(2, _SEEDS)
    ratio, power = times[1] / times[0], math.sqrt(_BEFORE / _AFTER)
    rows = [
        f"| {std:g} | {', '.join(f'{t:.3f}' for t in f)} | {', '.join(f'{t:.0f}' for t in s)} |"
        for std, f, s in zip((_BEFORE, _AFTER), first, times, strict=True)
    ]
    head = ["| σ | time of the first escape | time of the second |", "|---|---|---|"]
    ratios = ", ".join(f"{r:.2f}" for r in ratio)
    theory = (
        "Theory: while they gather, neurons get closer to one line the longer they stay small; "
        "then the little that is left between them has to grow, while the loss hardly moves"
    )
    return Finding(
        float(np.median(ratio)),
        "\n".join([*head, *rows, "", f"Ratios of the second escapes: {ratios}."]),
        f"Measured: {ratios} for {_SEEDS} seeds; the first escape is later by a factor of "
        f"{np.median(first[1]) / np.median(first[0]):.2f}. {theory}: it is more than the logarithm "
        "of σ alone would give, since the force that parts them gets weaker along the plateau.",
        (
            Mistake(
                1.0,
                f"Measured from the larger start: the first escape at {first[0].mean():.2f}, the "
                f"second at {times[0].mean():.0f}. {theory}. Do they all come to the plateau in "
                "the same state?",
            ),
            Mistake(
                2.0,
                "If only ln(1/σ) counted, that would be it, and it is near. Measured: both starts "
                f"creep along a plateau of falling loss. {theory}.",
            ),
            Mistake(
                power,
                f"No power of σ it is. Measured from the larger start: {times[0].mean():.0f}. By "
                f"your factor it would be {times[0].mean() * power:.0e}. {theory}; what is small "
                "grows exponentially.",
            ),
        ),
        f"{theory}. Measured from the larger start: {times[0].mean():.0f} in flow time.",
    )


def second_escape() -> Question:
    """How the second plateau depends on the initialization."""
    return Question(
        name="second_escape",
        title="When is the second escape?",
        text=(
            "50 tanh neurons, 50 samples of the target of notebook 05, the gradient flow. From "
            "σ = 10⁻⁴ the loss first falls at t = 0.17, when the neurons have gathered on one "
            "line; then it rests, and only at about t = 17,000 neurons leave the line and the loss "
            "falls again. Start from σ = 10⁻⁸ instead. By which factor is that *second* escape "
            "later?"
        ),
        source="the long plateau of notebook 05; the data of Zhang et al. 2021, arXiv:2105.14573",
        kind=Number(1.25),
        hints=(
            "Does the first plateau leave something behind that depends on σ? Think of how close "
            "to one line the neurons are when they have grown.",
            "A deviation ε that grows like exp(λ t) takes ln(1/ε) / λ. How does ln(1/ε) change?",
            "λ is no constant: the residual gets smaller along the plateau. Does that make the "
            "later part of the way faster or slower?",
        ),
        answered=Solution(
            "The smaller the start, the closer the neurons are to one line when they have grown. "
            "What is left has to grow exponentially, at a rate that falls with the residual: "
            "so more than twice as long for a start whose logarithm is twice as large. There "
            "is no closed formula that we know; it is measured.",
            """
import condensekit as ck

base = ck.Experiment(
    ck.TwoLayer(1, 50), ck.three_tanh(), ck.GradientFlow(stop_loss=0.03, rtol=1e-2), n_samples=50
)
later, sooner = (ck.train(base.replace(init_std=std)).time[-1] for std in (1e-8, 1e-4))
answer = later / sooner
""",
        ),
        investigate=_second,
    )
