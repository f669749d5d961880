"""An exercise on what a minimum becomes in a wider network."""

import functools

from ..dynamics import hessian_inertia
from ..embedding import embed
from ..experiments import Experiment
from ..models import TwoLayer
from ..optimizers import GradientFlow
from ..problems import teacher
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .kinds import Whole

__all__ = ["zero_directions"]

M = 4
"""Neurons of the wide network."""


@functools.cache
def _zero() -> Finding:
    rows, zeros = [], set()
    narrow = TwoLayer(1, 1)
    for seed in range(3):
        target = teacher(a=[1.0, -0.5], w=[[0.7], [-1.9]], b=[0.3, 0.8])
        one = Experiment(
            narrow,
            target,
            GradientFlow(stop_loss=0.0),
            n_samples=20,
            init_std=0.5,
            seed=seed,
        )
        end = train(one).final
        for how in ("split", "null"):
            for m in (1, 2, M):
                wide = embed(narrow, end, m, how)[1]
                found = hessian_inertia(one.replace(width=m), wide)
                negative, zero, positive = found.signs
                rows.append(f"| {seed} | {how} | {m} | {negative} | {zero} | {positive} |")
                if m == M and found.clear:
                    zeros.add(zero)
    head = ["| seed | way | m | negative | zero | positive |", "|---|---|---|---|---|---|"]
    (answer,) = zeros
    theory = (
        "Theory: along networks with the same function the loss is constant; across, a minimum of "
        "the narrow network can get a way down"
    )
    return Finding(
        answer,
        "\n".join([*head, *rows]),
        f"Measured with each of three seeds, both ways. {theory}: each added neuron brings one "
        "zero, one negative and one positive eigenvalue.",
        (
            Mistake(
                0,
                f"{theory}. Measured in the narrow network there is none; but copies can share "
                "their output weight in other ways. In how many independent ones?",
            ),
            Mistake(
                9,
                "That would be all that is new. "
                f"{theory}; measured, some of the new eigenvalues are negative, and some positive.",
            ),
            Mistake(
                6,
                f"{theory}. Measured: each added neuron has its own part in all kinds of signs. "
                "What does it take to leave the minimum?",
            ),
            Mistake(
                1,
                f"{theory}. Measured: more than that. In how many ways can one output weight be "
                f"shared among {M} neurons?",
            ),
        ),
        f"{theory}. Measured: the signs of all eigenvalues, with each of the seeds.",
    )


def zero_directions() -> Question:
    """The zero eigenvalues of an embedded minimum."""
    return Question(
        name="zero_directions",
        title="How flat is a copied minimum?",
        text=(
            "One tanh neuron (one input, with bias) is trained on a target of two neurons, down to "
            "a minimum with an error: all eigenvalues of its Hessian are positive. Now its output "
            f"weight is split among {M} equal neurons. The function is the same, and the gradient "
            "is zero again. How many of the 12 eigenvalues of the Hessian are zero now?"
        ),
        source="the embedding principle, arXiv:2105.14573; notebook 09",
        kind=Whole(),
        hints=(
            "In which directions can the output weights be moved without a change of the function?",
            "All of them together must keep their sum. How many directions does that leave?",
            "Other directions exist in which neurons come apart: is the loss flat there, or does "
            "it bend?",
        ),
        answered=Solution(
            "The sum of the output weights counts, and nothing else of them: the others are free. "
            "In (w, b), moving copies apart bends the loss: up one way, down the other.",
            """
import condensekit as ck

target = ck.teacher(a=[1.0, -0.5], w=[[0.7], [-1.9]], b=[0.3, 0.8])
one = ck.Experiment(
    ck.TwoLayer(1, 1), target, ck.GradientFlow(stop_loss=0.0), n_samples=20, init_std=0.5
)
wide = ck.embedding.embed(one.model, ck.train(one).final, 4, "split")[1]
negative, zero, positive = ck.dynamics.hessian_inertia(one.replace(width=4), wide).signs
print(negative, zero, positive)
answer = zero
""",
        ),
        investigate=_zero,
    )
