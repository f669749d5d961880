"""Exercises on the model rank."""

import functools

import torch

from ..exact import exact_rank
from ..measures import model_rank
from ..models import TwoLayer
from .base import Finding, Mistake, Question, Solution
from .kinds import Whole

__all__ = ["same_neurons"]

NEURONS = ((1.0, 1.0, 2.0), (3.0, -1.0, -2.0), (2.0, 1.0, 0.0), (0.0, 2.0, 1.0))
"""Triples (a, w, b): two that are the same up to sign, one alone, and one without output."""


@functools.cache
def _finding() -> Finding:
    a, w, b = torch.tensor(NEURONS, dtype=torch.float64, device="cpu").T
    model = TwoLayer(1, len(NEURONS))
    params = {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}
    rank = exact_rank(model, params)
    report = model_rank(model, params)
    rows = [f"| {i + 1} | {value:.1e} |" for i, value in enumerate(report.spectrum)]
    table = "\n".join(
        [
            "| | singular value of the tangent functions |",
            "|---|---|",
            *rows,
            "",
            f"{report.rank} of them are not zero. The model rank, proven in whole numbers: {rank}.",
        ]
    )
    vanish = "some singular values of the tangent functions vanish, to 14 digits"
    return Finding(
        rank,
        table,
        f"{model.n_parameters} parameters, and {rank} directions in which the function can "
        "change. Neurons that are alike up to sign count once, with tanh and, as one of them has "
        "an output, its derivatives with respect to w and b; a neuron without output gives its "
        "tanh alone.",
        (
            Mistake(
                model.n_parameters,
                f"That is the number of parameters; but measured, {vanish}. Theory counts the "
                "tangent functions that are linearly independent: are there neurons of which "
                "one could move instead of the other?",
            ),
            Mistake(
                9,
                f"It is not only the neurons that are alike. Measured: {vanish}. Theory asks for "
                "each neuron what happens to the function if only w moves, or only b. Is there a "
                "neuron where nothing happens?",
            ),
            Mistake(
                6,
                "A neuron without output adds nothing to the function, but theory asks what the "
                "function would gain if the neuron were given an output. The measured spectrum "
                "has something there.",
            ),
            Mistake(
                10,
                "Two of these neurons point in opposite directions, and tanh is odd. "
                f"Measured: {vanish}. Theory counts functions: write down what a change of a does "
                "for one of them, and for the other.",
            ),
        ),
        f"Measured: {vanish}. Theory (a two-layer tanh network): sort the neurons into classes "
        "of equal (w, b) up to sign, and count the independent functions of each class.",
    )


def same_neurons() -> Question:
    """The model rank when neurons coincide up to sign, and when one has no output."""
    listed = "\n".join(f"| {a:g} | {w:g} | {b:g} |" for a, w, b in NEURONS)
    return Question(
        name="same_neurons",
        title="How many directions are left?",
        text=(
            "A tanh network f(x) = Σ aⱼ tanh(wⱼ x + bⱼ) has these four neurons:\n\n"
            f"| a | w | b |\n|---|---|---|\n{listed}\n\n"
            "Move each of its 12 parameters a little, one at a time: f changes by the *tangent "
            "functions* ∂f/∂aⱼ = tanh(wⱼ x + bⱼ), ∂f/∂wⱼ and ∂f/∂bⱼ. How many of these twelve are "
            "linearly independent? That number is the *model rank* of the network at this point."
        ),
        source="Zhang et al., arXiv:2406.18035, corollary on two-layer tanh networks; with biases "
        "the input is (x, 1). The four neurons are ours",
        kind=Whole(),
        hints=(
            "Write down the three tangent functions of one neuron. Which of its parameters do "
            "they contain, apart from a factor?",
            "tanh(−z) = −tanh(z), and the derivative of tanh is even. Compare the tangent "
            "functions of the first neuron with those of the second.",
            "For the last neuron a = 0: which of its tangent functions vanish? Now count those "
            "that are left in each class of neurons that are equal up to sign, and add.",
        ),
        answered=Solution(
            "The tangent functions of a neuron are tanh(z), a x tanh'(z) and a tanh'(z), with "
            "z = w x + b. The first two neurons have opposite z, so that their six functions span "
            "the same three. The third neuron gives three more. The last one has a = 0: its two "
            "derivatives with respect to w and b vanish, and tanh(z) alone remains.",
            """
a = [1, 3, 2, 0]
w = [1, -1, 1, 2]
b = [2, -2, 0, 1]

has_output = {}
for aj, wj, bj in zip(a, w, b):
    neuron = max((wj, bj), (-wj, -bj))  # one name for both signs
    has_output[neuron] = has_output.get(neuron, False) or aj != 0
answer = sum(3 if output else 1 for output in has_output.values())
""",
        ),
        investigate=_finding,
    )
