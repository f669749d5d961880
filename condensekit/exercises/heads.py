"""Exercises on attention: what one head is worth, and what a small start does for it."""

import functools
from itertools import pairwise

import numpy as np

from ..exact import attention_sample_size, exact_rank
from ..models import Attention
from ..records import HEAD_STDS, attention_cells, head_experiment
from .base import Finding, Mistake, Question, Solution
from .kinds import Ordering, Whole

__all__ = ["directions_of_a_head", "head_starts", "samples_for_a_head"]

HEAD = Attention(tokens=4, d_model=4, heads=1, d_head=2)
"""One head: four matrices of 4 by 2."""
_SIZES = ((3, 1), (4, 1), (4, 2), (5, 2), (4, 3))


def _rank(d_model: int, d_head: int) -> tuple[int, int]:
    model = Attention(tokens=4, d_model=d_model, heads=1, d_head=d_head)
    ranks = {exact_rank(model, model.init(seed=seed)) for seed in range(2)}
    return model.n_parameters, max(ranks)


@functools.cache
def _directions() -> Finding:
    rows = [f"| {d} | {h} | {n} | {r} |" for d, h in _SIZES for n, r in [_rank(d, h)]]
    head = ["| d_model | d_head | parameters | model rank, exact |", "|---|---|---|---|"]
    right = _rank(HEAD.d_model, HEAD.d_head)[1]
    n, h = HEAD.n_parameters, HEAD.d_head
    theory = (
        "Theory: the head is a function of the products W_Q W_Kᵀ and W_V W_Oᵀ, and products do not "
        "tell their factors"
    )
    return Finding(
        right,
        "\n".join([*head, *rows]),
        f"Measured: {right} of {n}. {theory}: each of the two stays as it is when an invertible "
        f"{h} by {h} matrix is put between its factors, which costs {h * h} directions, twice.",
        (
            Mistake(
                n,
                f"That is the number of parameters; the rank was measured to be lower. {theory}.",
            ),
            Mistake(
                n - 2,
                f"Measured: more than that is lost. {theory}. You may have counted a factor that "
                "goes from one matrix to the other; what else than a number can go?",
            ),
            Mistake(
                n - h * h,
                f"Measured: more than that is lost. {theory}. How many products are there?",
            ),
        ),
        f"{theory}. Measured: the rank is lower than the number of parameters.",
    )


def directions_of_a_head() -> Question:
    """The model rank of one attention head."""
    return Question(
        name="directions_of_a_head",
        title="How many directions has one head?",
        text=(
            "One attention head with d_model = 4 and d_head = 2 and without biases has the "
            f"matrices W_Q, W_K, W_V, W_O, of 4 by 2 each: {HEAD.n_parameters} parameters. It "
            "computes softmax(X W_Q W_Kᵀ Xᵀ / √2) X W_V W_Oᵀ. At random weights, in how many "
            "independent directions can this function change? (That is its model rank.)"
        ),
        source="notebook 04; the rank as in Zhang et al., arXiv:2406.18035",
        kind=Whole(),
        hints=(
            "Which changes of W_Q and W_K leave their product W_Q W_Kᵀ as it is?",
            "W_Q M and W_K N have the same product if M Nᵀ is the identity: how many free numbers "
            "has such an M?",
            "The same can be done to the other pair of matrices. Subtract all that.",
        ),
        answered=Solution(
            "W_Q M and W_K M⁻ᵀ have the same product for every invertible M of 2 by 2, and "
            "W_V and W_O likewise. In these directions nothing changes; in all others something "
            "does, as the exact rank says.",
            """
import condensekit as ck

head = ck.Attention(tokens=4, d_model=4, heads=1, d_head=2)
answer = ck.exact_rank(head, head.init(seed=0))
print(answer, "and by hand:", 4 * 4 * 2 - 2 * 2 * 2)
""",
        ),
        investigate=_directions,
    )


@functools.cache
def _samples() -> Finding:
    experiment = head_experiment(init_std=0.01, n_samples=16)
    target = getattr(experiment.problem, "teacher")()  # noqa: B009  of the problems that have one
    found = attention_sample_size(*target)
    each = target[0].tokens * target[0].d_model
    rows = [f"| {n} | {each * n} | {rank} |" for n, rank in enumerate(found.ranks, 1)]
    head = ["| samples | numbers in the outputs | rank on them, exact |", "|---|---|---|"]
    theory = (
        "Theory: samples can be enough from where the rank of the Jacobian on them is the model "
        "rank"
    )
    return Finding(
        found.samples,
        "\n".join([*head, *rows, "", f"The model rank of the target: {found.numbers}."]),
        f"Measured: the rank on so many samples is {found.ranks[-1]}, on one fewer "
        f"{found.ranks[-2]}. {theory}, {found.numbers}. Each output has {each} numbers, but they "
        "are far from independent.",
        (
            Mistake(
                1,
                f"One output has {each} numbers, more than the model rank {found.numbers}. "
                f"{theory}. Measured: the numbers in one output depend on each other.",
            ),
            Mistake(
                found.numbers,
                "That is the model rank. One sample is a whole sequence here, and its output has "
                f"{each} numbers. {theory}; measured, one sample adds more to it than 1.",
            ),
            Mistake(
                experiment.model.n_parameters // each,
                "You divided the parameters of the network that learns. "
                f"{theory}; measured at the target, which is one head.",
            ),
        ),
        f"{theory}. Measured: the model rank is {found.numbers}, and one sequence does not have "
        "it.",
    )


def samples_for_a_head() -> Question:
    """The fewest sequences from which a head can be recovered."""
    return Question(
        name="samples_for_a_head",
        title="How many sequences can be enough for one head?",
        text=(
            "Eight attention heads learn from sequences X of 6 tokens in 6 dimensions; the target "
            "is a single head with d_head = 1, and one sample is a whole sequence with a whole "
            "output of 36 numbers. From how many sequences can the target be recovered, at best?"
        ),
        source="notebook 04; the optimistic sample size of Zhang et al., arXiv:2406.18035",
        kind=Whole(),
        hints=(
            "How many numbers determine the target, that is, what is its model rank? (The exercise "
            "`directions_of_a_head` counts them.)",
            "One output has 36 numbers, but X is multiplied by a matrix of rank 1: each row of "
            "the output is a multiple of one vector. How many numbers are that?",
            "Ask `ck.exact.attention_sample_size`.",
        ),
        answered=Solution(
            "The output of one sequence has rank 1: 6 + 6 - 1 independent numbers at most. So the "
            "first sequence cannot hold all that determines the head; a second adds less, since "
            "the output matrix is shared.",
            """
import condensekit as ck

target = ck.records.head_experiment(init_std=0.01).problem.teacher()
found = ck.exact.attention_sample_size(*target)
print(found.ranks)
answer = found.samples
""",
        ),
        investigate=_samples,
    )


_STARTS = {f"{std:g}": f"all weights drawn with standard deviation {std:g}" for std in HEAD_STDS}


@functools.cache
def _starts() -> Finding:
    cells = {
        f"{std:g}": [
            cell
            for cell in attention_cells()
            if (cell.task, cell.optimizer, cell.init_std, cell.n_samples)
            == ("heads", "Adam", std, 16)
        ]
        for std in HEAD_STDS
    }
    errors = {name: [cell.test_loss for cell in of] for name, of in cells.items()}
    median = {name: float(np.median(of)) for name, of in errors.items()}
    fitted = {name: float(np.median([cell.loss for cell in of])) for name, of in cells.items()}
    order = tuple(sorted(median, key=lambda name: median[name]))
    rows = [
        f"| {name} | {', '.join(f'{e:.1e}' for e in errors[name])} | {fitted[name]:.0e} |"
        for name in order
    ]
    head = [
        "| σ | test error from 16 sequences (3 seeds) | training loss at the end, median |",
        "|---|---|---|",
    ]
    theory = (
        "Theory: heads that start small turn together before they grow, and heads that are alike "
        "act as one head; a network of few heads has few numbers to find"
    )
    right = errors[order[0]]
    middle = sorted(order, key=float)
    apart = min(median[b] / median[a] for a, b in pairwise(order))
    swapped = (order[1], order[0], *order[2:])
    return Finding(
        order,
        "\n".join([*head, *rows]),
        f"Measured: the median test errors go from {min(median.values()):.1e} to "
        f"{max(median.values()):.1e}, in the order of the starts. {theory}. (The best of the seeds "
        f"has {min(right):.0e}, the worst {max(right):.0e}: not each of them got there. "
        f"The training loss is {fitted[order[0]]:.0e} from the first start and "
        f"{fitted[order[-1]]:.0e} from the last, which had not fitted all when training ended.)",
        (
            Mistake(
                tuple(reversed(middle)),
                f"Measured: the largest median is {max(median.values()):.1e}. {theory}. "
                "Asked for is the error on other sequences than the 16.",
            ),
            Mistake(
                swapped,
                f"Measured: neighbours differ by a factor of {apart:.1f} or more. "
                f"{theory}. Is there a start that is too small?",
            ),
        ),
        f"{theory}. Measured are medians over three seeds.",
    )


def head_starts() -> Question:
    """The test errors of heads that learn from few sequences, by their starts."""
    return Question(
        name="head_starts",
        title="Which start finds the head?",
        text=(
            "Eight attention heads learn a single head from 16 sequences with Adam, from "
            f"{len(HEAD_STDS)} starts. Sort the starts by their median test error, the lowest "
            "first."
        ),
        source="notebook 04, its recorded table; after the question of arXiv:2405.05409",
        kind=Ordering(
            {name: _STARTS[name] for name in sorted(_STARTS, reverse=True)}, "the lowest error"
        ),
        hints=(
            "What did the start decide for neurons of a two-layer network?",
            "Eight heads have many more parameters than one. When do eight heads act as one?",
        ),
        answered=Solution(
            "Heads condense, too: from a small start they turn together, act as few, and few can "
            "be fixed by 16 sequences.",
            """
import statistics
import condensekit as ck

error = {}
for std in ck.records.HEAD_STDS:
    error[f"{std:g}"] = statistics.median(
        cell.test_loss for cell in ck.records.attention_cells()
        if (cell.task, cell.optimizer, cell.init_std, cell.n_samples) == ("heads", "Adam", std, 16)
    )
print(error)
answer = sorted(error, key=error.get)
""",
        ),
        investigate=_starts,
    )
