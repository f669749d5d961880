"""Exercises on the optimistic sample size."""

import functools
from itertools import product

import torch

from ..embedding import embed
from ..exact import exact_rank, optimistic_sample_size
from ..models import TwoLayer
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Whole

__all__ = ["enough_samples"]

CASES = tuple(product((6, 50, 500), (1, 2, 3, 5), (1, 2, 4, 7), (True, False)))
"""Width m, target width k, input dimension d, bias."""
_SMALL = ((1, 1, True), (1, 1, False), (2, 1, True), (1, 2, True), (1, 2, False), (2, 3, True))
"""Targets (k, d, bias) whose rank is measured."""
WIDE = 10


def _theorem(m: int, k: int, d: int, bias: bool) -> int:
    return optimistic_sample_size(TwoLayer(d, m, bias=bias), target_width=k)


def _ranks(k: int, d: int, bias: bool) -> tuple[int, int]:
    """Rank of k random neurons, and of `WIDE` ones that share their input weights."""
    model = TwoLayer(d, k, bias=bias)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    wide = embed(model, params, WIDE, "split")
    return exact_rank(model, params), exact_rank(*wide)


@functools.cache
def _finding() -> Finding:
    rows = [
        f"| {k} | {d} | {'yes' if bias else 'no'} | {' | '.join(map(str, _ranks(k, d, bias)))} |"
        for k, d, bias in _SMALL
    ]
    table = "\n".join(
        [
            "Rank of the tangent functions of k random neurons, exact, in a finite field:",
            "",
            "| neurons k | inputs d | bias | independent tangent functions "
            "| of ten copies of these |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )
    measured = (
        f"For {len(_SMALL)} small targets the rank of the tangent functions was measured exactly "
        "(predict, and measure shows it)"
    )
    return Finding(
        _theorem,
        table,
        f"It agrees with the theorem in all {len(CASES)} cases, from {CASES[0]} to {CASES[-1]} for "
        "(m, k, d, bias): each neuron of the target counts with all of its own parameters, and the "
        "width m of the network that learns does not count at all.",
        (
            Mistake(
                lambda m, k, d, bias: m * (d + 1 + bias),
                "That is the number of parameters of the network that learns. "
                f"{measured}, and a network of ten neurons that are copies of these has the same. "
                "Theory asks how narrow a network the target fits into.",
            ),
            Mistake(
                lambda m, k, d, bias: k * (d + 1),
                f"Without biases it is right. {measured}. Theory with biases: they are weights of "
                "one more input, which is always one.",
            ),
            Mistake(
                lambda m, k, d, bias: k * (d + 2),
                f"With biases it is right. {measured}. Theory: a network without biases has fewer "
                "parameters in each neuron.",
            ),
            Mistake(
                lambda m, k, d, bias: k * (d + bias),
                f"You count what goes into a neuron. {measured}. Theory counts everything that "
                "moves the function, the way out as well.",
            ),
            Mistake(
                lambda m, k, d, bias: k,
                f"One sample per neuron is not enough. {measured}. Theory counts the ways in which "
                "each neuron can move.",
            ),
        ),
        f"{measured}. Theory counts in how many independent directions the function of a network "
        "that is just wide enough for the target can change.",
    )


def enough_samples() -> Question:
    """The optimistic sample size as a function of width, target width, dimension and bias."""
    return Question(
        name="enough_samples",
        title="How many samples can be enough?",
        text=(
            "A tanh network of width m, f(x) = Σ aⱼ tanh(wⱼ·x + bⱼ) with x in d dimensions, is to "
            "recover a target that is made of k ≤ m such neurons, none of them zero and no two "
            "alike up to sign. The *optimistic sample size* is the fewest samples from which that "
            "can succeed, at best. Write it as a function of m, k, d and bias, which is True if "
            "hidden neurons have a bias bⱼ, and False if not."
        ),
        source="the talk; Zhang et al., arXiv:2406.18035, corollary on two-layer tanh networks",
        kind=Function(("m", "k", "d", "bias"), CASES, Whole()),
        hints=(
            "How many samples does it take to fix a straight line? A parabola? What do you count?",
            "Imagine a network exactly as wide as the target. What would more neurons add that "
            "the target needs?",
            "Each neuron of the target has one a, one w for each input, and a b if there are "
            "biases. In Python, True counts as 1 in a sum.",
        ),
        answered=Solution(
            "Near the target, the function of a wide network can move in as many independent "
            "directions as a network of k neurons has parameters, when the wide network is "
            "condensed to k neurons. Each neuron has one a, d weights w and, with a bias, one b. "
            "Further neurons only repeat the same functions, so m does not count.",
            """
def answer(m, k, d, bias):
    return k * (1 + d + bias)
""",
        ),
        investigate=_finding,
    )
