"""Exercises on sets that training cannot leave."""

import functools

from ..experiments import Experiment
from ..models import TwoLayer
from ..models import params as given
from ..optimizers import Adam, GradientDescent, GradientFlow
from ..problems import teacher
from ..symmetry import invariance_table, orbit, strata
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Choice, Whole

__all__ = ["count_strata", "kept_by_descent", "orbit_dimension"]

_SETS = {
    "equal": "two neurons are equal",
    "proportional": "one neuron is twice the other, (a, w, b)ₖ = 2 (a, w, b)ⱼ",
    "same inputs": "two neurons have the same w and b, and different a",
    "balanced": "a² = |w|² + b² for a neuron",
}
_MOVERS = {
    "gradient flow": GradientFlow(rtol=1e-4, t_end=10.0, stop_loss=0.0, max_steps=200),
    "gradient descent": GradientDescent(0.05, steps=300),
    "Adam": Adam(1e-2, steps=300),
}


def _stayed(seed: int) -> dict[tuple[str, str], bool]:
    """Whether ReLU runs stay on each set: by set and optimizer."""
    target = teacher([1.5, -0.4], [[0.7, -1.1], [1.9, 0.2]], [0.3, -0.6])
    found = {}
    for name, mover in _MOVERS.items():
        experiment = Experiment(TwoLayer(2, 4, "relu"), target, mover, 20, init_std=0.8, seed=seed)
        for row in invariance_table([experiment], [*_SETS]):
            found[row.candidate.name, name] = row.stayed
    return found


@functools.cache
def _kept() -> Finding:
    tables = [_stayed(seed) for seed in (4, 5)]
    stayed = {key: all(table[key] for table in tables) for key in tables[0]}
    rows = [
        f"| {name} | {' | '.join('yes' if stayed[name, m] else 'no' for m in _MOVERS)} |"
        for name in _SETS
    ]
    head = [f"| set | {' | '.join(_MOVERS)} |", "|---|---|---|---|"]
    (answer,) = (
        name for name in _SETS if stayed[name, "gradient descent"] and not stayed[name, "Adam"]
    )
    note = (
        "With seeds 4 and 5 alike. "
        "(A neuron that is dead at all samples from the start never moves.)"
    )
    theory = (
        "Theory: descent keeps a flat set if the gradient is tangent to it. Adam moves each entry "
        "by the same rule, and does not see how long a gradient is"
    )
    return Finding(
        answer,
        "\n".join([*head, *rows, "", note]),
        f"Measured with both seeds. {theory}. relu(2 z) = 2 relu(z), so that the "
        "gradients of the two are in the same ratio; Adam moves both by the same amount.",
        (
            Mistake(
                "equal",
                f"Measured: Adam stays on it, too. {theory}. What are the gradients of two equal "
                "neurons, and what does Adam make of them?",
            ),
            Mistake(
                "balanced",
                f"Measured: gradient descent leaves it, if only slowly. {theory}. Is this set "
                "flat?",
            ),
            Mistake(
                "same inputs",
                f"Measured: the flow leaves it already. {theory}. In what proportion do a pull on "
                "(w, b)?",
            ),
        ),
        f"{theory}. Measured are ReLU runs that start on each set.",
    )


def kept_by_descent() -> Question:
    """A set that gradient descent keeps and Adam does not."""
    return Question(
        name="kept_by_descent",
        title="Which set does Adam break?",
        text=(
            "A ReLU network starts exactly on a set on which two neurons are bound to each other, "
            "or one to itself. One of these sets is kept by gradient descent, and left by Adam. "
            "Which?"
        ),
        source="notebook 08; Zhao, Luo and Zhang 2025, arXiv:2510.09564 (Adam: ours)",
        kind=Choice(_SETS),
        hints=(
            "In its first step, Adam moves every entry by about the learning rate, whatever the "
            "length of the gradient. Which relations between two neurons survive that?",
            "Gradient descent makes finite steps along a tangent. Which of the sets is curved?",
        ),
        answered=Solution(
            "With relu(c z) = c relu(z) the gradients of a neuron and of its multiple are "
            "multiples, and so are all their steps, unless the optimizer divides by their size.",
            """
import condensekit as ck
from condensekit import symmetry

target = ck.teacher([1.5, -0.4], [[0.7, -1.1], [1.9, 0.2]], [0.3, -0.6])
sets = ["equal", "proportional", "same inputs", "balanced"]
stayed = {}
for optimizer in (ck.GradientDescent(0.05, steps=300), ck.Adam(1e-2, steps=300)):
    one = ck.Experiment(ck.TwoLayer(2, 4, "relu"), target, optimizer, 20, init_std=0.8, seed=4)
    for row in symmetry.invariance_table([one], sets):
        stayed.setdefault(row.candidate.name, []).append(row.stayed)
print(stayed)
(answer,) = [name for name, (descent, adam) in stayed.items() if descent and not adam]
""",
        ),
        investigate=_kept,
    )


_PAIRS = {
    "equal": ([2.0, 2.0], [[0.5], [0.5]], [0.1, 0.1]),
    "opposite": ([2.0, -2.0], [[0.5], [-0.5]], [0.1, -0.1]),
    "same inputs": ([2.0, -5.0], [[0.5], [0.5]], [0.1, 0.1]),
    "different": ([2.0, -5.0], [[0.5], [0.9]], [0.1, 0.4]),
}


@functools.cache
def _orbits() -> Finding:
    pair = TwoLayer(1, 2)
    found = {name: orbit(pair, given(pair, a=a, w=w, b=b)) for name, (a, w, b) in _PAIRS.items()}
    rows = [
        f"| {name} | {of.dimensions[0]} | {', '.join(map(str, of.dimensions[1:])) or 'none'} | "
        f"{of.stratum} | {'yes' if of.proven else 'no'} |"
        for name, of in found.items()
    ]
    head = [
        "| two neurons | directions of the gradients (model rank) | with brackets | smallest "
        "stratum | proven |",
        "|---|---|---|---|---|",
    ]
    asked = found["same inputs"]
    theory = (
        "Theory: a flow moves along the gradients of the output at single inputs, and to and fro "
        "along two of them it reaches what their brackets point to"
    )
    return Finding(
        asked.at_least,
        "\n".join([*head, *rows]),
        f"Measured: {', then '.join(map(str, asked.dimensions))} directions. {theory}. The "
        "force on "
        "(w, b) is proportional to a, so that unequal a pull the two apart, and no smaller set "
        "holds them.",
        (
            Mistake(
                asked.dimensions[0],
                "That is the model rank: the directions of the gradients at this very moment. "
                f"{theory}. Measured with brackets, there is more.",
            ),
            Mistake(
                4,
                "The set of networks with equal w and b and any two a has so many dimensions. "
                f"{theory}. Measured: a run does not stay in it. What pulls at w of each neuron?",
            ),
            Mistake(
                5,
                f"Measured: it is not the number that was found with all brackets. {theory}. Is "
                "there any equation that two unequal a keep for ever?",
            ),
        ),
        f"{theory}. Measured: gradients and brackets at this network, exactly.",
    )


def orbit_dimension() -> Question:
    """The orbit of two neurons with equal inputs and unequal outputs."""
    return Question(
        name="orbit_dimension",
        title="How large is the smallest set that holds them?",
        text=(
            "Two tanh neurons with one input and biases have the same w = 0.5 and b = 0.1, and "
            "different output weights, a = 2 and a = -5. Whatever the data and the loss, the "
            "gradient flow stays in a smallest invariant set, the *orbit* of this network. What "
            "is its dimension?"
        ),
        source="Zhao, Luo and Zhang 2025, arXiv:2510.09564, Definition 3.1; notebook 08",
        kind=Whole(),
        hints=(
            "How large is the force on w of each of the two, and are these equal?",
            "If the two come apart, how can they move then? Does anything bind two neurons that "
            "have nothing in common?",
            "Ask `ck.symmetry.orbit`.",
        ),
        answered=Solution(
            "The forces on (w, b) of the two are in the ratio of their a, which are unequal: they "
            "come apart at once. With brackets, the gradients reach all directions.",
            """
import condensekit as ck

pair = ck.TwoLayer(1, 2)
found = ck.symmetry.orbit(
    pair, ck.params(pair, a=[2.0, -5.0], w=[[0.5], [0.5]], b=[0.1, 0.1])
)
print(found.dimensions)
answer = found.at_least
""",
        ),
        investigate=_orbits,
    )


_MOST = 6


def _count(m: int) -> int:
    return sum(1 for _ in strata(TwoLayer(1, m, "sigmoid")))


@functools.cache
def _strata() -> Finding:
    rows = [f"| {m} | {_count(m)} |" for m in range(1, _MOST + 1)]
    listed = ", ".join(str(stratum) for stratum in strata(TwoLayer(1, 2, "sigmoid")))
    theory = (
        "Theory: for each way to put the neurons into groups, the networks whose neurons are equal "
        "within each group are an invariant set"
    )
    return Finding(
        _count,
        "\n".join(["| neurons m | strata |", "|---|---|", *rows]),
        f"{theory}. Their number is Bell's. Measured, by listing all of them, up to m = {_MOST}.",
        (
            Mistake(
                lambda m: 2 ** (m - 1),
                f"Measured: from m = 3 on there are more. {theory}. You count "
                "sums of numbers in their order; but neurons have names, and no order.",
            ),
            Mistake(
                lambda m: (1, 2, 3, 5, 7, 11)[m - 1],
                f"{theory}. Measured: which neurons are in a group matters, not only how many.",
            ),
            Mistake(
                lambda m: m,
                f"You count numbers of groups. {theory}. Measured for two neurons: {listed}.",
            ),
            Mistake(
                lambda m: 2**m - 1,
                f"{theory}. Measured: a set of neurons that are equal is one group; there can be "
                "several at once.",
            ),
        ),
        f"{theory}. Measured for two neurons: {listed}.",
    )


def count_strata() -> Question:
    """The number of ways in which neurons can be equal."""
    return Question(
        name="count_strata",
        title="In how many ways can a network condense?",
        text=(
            "m sigmoid neurons can be equal in several ways: all of them, none of them, the first "
            "two and no other, and so on. Each way is an invariant set, a *stratum*. How many are "
            f"there? Write a function of m, which is right from m = 1 to {_MOST}."
        ),
        source="notebook 08; the sets are those of Zhao, Luo and Zhang 2025, arXiv:2510.09564",
        kind=Function(("m",), tuple((m,) for m in range(1, _MOST + 1)), Whole()),
        hints=(
            "List them for m = 3 on paper.",
            "Take the last neuron. Let j of the m - 1 others not be in its group: in how many ways "
            "can these j be chosen, and in how many ways can they be put into groups?",
            "These are partitions of a set; `math.comb` and a recursion are all that it takes.",
        ),
        answered=Solution(
            "Partitions of a set of m things: Bell numbers. Those that are not in the group of the "
            "last neuron can be any j of the m - 1 others, and are partitioned among themselves.",
            """
import math

def answer(m):
    if m == 0:
        return 1
    return sum(math.comb(m - 1, j) * answer(j) for j in range(m))
""",
        ),
        investigate=_strata,
    )
