"""Exercises on ranks: degenerate networks, matrices, and narrow networks in wide ones."""

import functools
from itertools import product

import torch

from ..embedding import embed
from ..exact import exact_rank, optimistic_sample_size
from ..models import MatrixFactorization, TwoLayer
from .base import Finding, Mistake, Question, Solution
from .functions import Function, Made, NumberRows
from .kinds import Whole

__all__ = ["degenerate_network", "fewest_entries", "rank_when_widened"]

_WIDTH = 4
"""Neurons of the network that is to be found, one input, without a bias."""
XS = torch.linspace(-2.0, 2.0, 41, dtype=torch.float64, device="cpu")


def _degenerate(rows: tuple[tuple[float, ...], ...]) -> tuple[str, str]:
    """What a list of neurons (a, w) computes, and its rank."""
    a, w = torch.tensor(rows, dtype=torch.float64, device="cpu").T
    output = torch.tanh(XS[:, None] * w) @ a
    off = float((output - torch.tanh(XS)).abs().max())
    rank = exact_rank(TwoLayer(1, _WIDTH, bias=False), {"a": a.clone(), "w": w[:, None].clone()})
    told = f"Measured of yours: the model rank is {rank}."
    if off > 1e-9:
        return "another function", f"{told} Its output is off tanh(x) by {off:.2g}, at most."
    return ("degenerate" if rank > 2 else "lowest"), f"{told} It computes tanh(x)."


DEGENERATE = Made(NumberRows(("a", "w"), _WIDTH), _degenerate)


@functools.cache
def _found() -> Finding:
    tried = {
        "copies": ((0.25, 1.0),) * 4,
        "zero neurons": ((1.0, 1.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
        "silent neurons": ((1.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 4.0)),
        "neurons that cancel": ((1.0, 1.0), (1.0, 2.0), (-1.0, 2.0), (0.0, 0.0)),
        "all different": ((1.0, 1.0), (1.0, 2.0), (1.0, 3.0), (1.0, 4.0)),
    }
    seen = {name: DEGENERATE.read(rows) for name, rows in tried.items()}
    listed = [
        f"| {name} | {' '.join(f'({a:g}, {w:g})' for a, w in tried[name])} | "
        f"{s.told.split(': ', 1)[1]} |"
        for name, s in seen.items()
    ]
    theory = (
        "Theory: the lowest rank with which a function can be computed is k (d + 1); a neuron "
        "whose "
        "direction is its own adds to the rank, whatever it adds to the function"
    )
    return Finding(
        seen["silent neurons"],
        "\n".join(["| network | neurons (a, w) | measured |", "|---|---|---|", *listed]),
        f"{theory}: ∂f/∂a of a silent neuron is a function of its own. Near such a network, more "
        "samples are needed than near the others.",
        (
            Mistake(
                seen["copies"],
                f"{theory}. Measured were all tangent functions of yours: which of its neurons "
                "have "
                "tangent functions that the first one does not have?",
            ),
            Mistake(
                seen["all different"],
                f"It has to compute tanh(x) itself, exactly. {theory}. Measured at 41 points: "
                "which neurons can be added without changing the function?",
            ),
        ),
        f"{theory}. Measured are the output and the rank, which is exact.",
    )


def degenerate_network() -> Question:
    """A network with more rank than its function needs."""
    return Question(
        name="degenerate_network",
        title="Find a network whose rank is higher than it need be",
        text=(
            f"{_WIDTH} tanh neurons without bias, f(x) = Σ aⱼ tanh(wⱼ x), shall compute tanh(x), "
            "which takes one neuron: k = 1, d = 1. The optimistic sample size is k (d + 1), the "
            "rank at the *best* weights that compute it. Find weights that compute exactly the "
            "same function at which the model rank is higher: four rows (a, w)."
        ),
        source="Zhang et al., arXiv:2406.18035; notebook 06",
        kind=DEGENERATE,
        hints=(
            "The tangent functions of a neuron are tanh(w x) and a x tanh'(w x). When do those "
            "of a "
            "further neuron lie among those of the first?",
            "A neuron that does nothing for the function can do something for its tangent "
            "functions. What may its w be?",
        ),
        answered=Solution(
            "Neurons with a = 0 and a w that no other has: they add nothing to f, and tanh(w x) to "
            "its tangent functions. (A pair that cancels, with the same w, adds two: x tanh'(w x) "
            "as well.)",
            """
answer = [(1, 1), (0, 2), (0, 3), (0, 4)]
""",
        ),
        investigate=_found,
    )


ENTRIES = tuple(
    (n, m, r) for n, m in ((2, 3), (3, 3), (4, 4), (3, 6)) for r in range(1, min(n, m) + 1)
)
"""Rows n, columns m, rank r."""


def _entries(n: int, m: int, r: int) -> int:
    return optimistic_sample_size(MatrixFactorization(n, min(n, m), m), target_width=r)


@functools.cache
def _fewest() -> Finding:
    rows = []
    for n, m, r in ENTRIES:
        model = MatrixFactorization(n, min(n, m), m)
        params = model.init(seed=0)
        params["A"][:, r:], params["B"][r:] = 0.0, 0.0
        rows.append(f"| {n} x {m} | {r} | {exact_rank(model, params)} | {model.n_parameters} |")
    head = ["| matrix | rank r | model rank, exact | parameters of A B |", "|---|---|---|---|"]
    theory = (
        "Theory counts the free numbers of a matrix of rank r: those of its factors, less what "
        "can be moved from one factor to the other"
    )
    return Finding(
        _entries,
        "\n".join([*head, *rows]),
        f"It is right in all {len(ENTRIES)} cases: r (n + m) numbers in the factors, less r² "
        "for the "
        f"invertible matrix that can be put between them. {theory}.",
        (
            Mistake(
                lambda n, m, r: r * (n + m),
                f"Measured: the model rank is lower than the parameters of the factors. {theory}.",
            ),
            Mistake(
                lambda n, m, r: n * m,
                "That is all of the matrix, which is always enough. Measured at low rank, it takes "
                f"fewer. {theory}.",
            ),
            Mistake(
                lambda n, m, r: r * (n + m - 1),
                f"Measured: for r = 1 it is right. {theory}: between the factors fits more than a "
                "number for each column.",
            ),
        ),
        f"{theory}. Measured: the model rank at matrices of that rank.",
    )


def fewest_entries() -> Question:
    """The optimistic sample size of a matrix of given rank."""
    return Question(
        name="fewest_entries",
        title="How few entries fix a matrix?",
        text=(
            "A matrix with n rows and m columns has the rank r. It is written as a product A B, "
            "and some of its entries are shown. How many can be enough, at best, to find all the "
            "others? Write it as a function of n, m and r."
        ),
        source="the talk; Zhang et al., arXiv:2307.08921, matrix factorization",
        kind=Function(("n", "m", "r"), ENTRIES, Whole()),
        hints=(
            "Write the matrix as A B with A of n x r and B of r x m. How many numbers are that?",
            "A M and M⁻¹ B have the same product for each invertible M. How many numbers has M?",
        ),
        answered=Solution(
            "The factors have r (n + m) numbers, and an invertible matrix of r x r can be put "
            "between them without a change of the product.",
            """
def answer(n, m, r):
    return r * (n + m) - r * r
""",
        ),
        investigate=_fewest,
    )


WIDENED = tuple(product(("split", "null", "silent"), (4, 5, 7)))
"""How the network is widened, and to how many neurons m."""
_NARROW = TwoLayer(1, 3)


def _widened(how: str, m: int) -> int:
    return exact_rank(*embed(_NARROW, _NARROW.init(seed=0), m, how))


@functools.cache
def _embedded() -> Finding:
    rows = []
    for how, m in WIDENED:
        ranks = [exact_rank(*embed(_NARROW, _NARROW.init(seed=seed), m, how)) for seed in range(3)]
        rows.append(f"| {how} | {m} | {', '.join(map(str, ranks))} |")
    theory = (
        "Theory: tangent functions of copies and of zero neurons are nothing new; that of a silent "
        "neuron with respect to its output weight is"
    )
    return Finding(
        _widened,
        "\n".join(["| how | m | model rank, exact (3 draws) |", "|---|---|---|", *rows]),
        f"It is right in all {len(WIDENED)} cases. {theory}. So the rank, and with it the "
        "number of "
        "samples that can be enough, does not grow with the width, unless neurons are silent.",
        (
            Mistake(
                lambda how, m: 3 * m,
                f"That is the number of parameters. Measured, the rank is lower. {theory}.",
            ),
            Mistake(
                lambda how, m: 9,
                f"For some of the ways it is right. {theory}. Measured: all three ways leave the "
                "function as it is, but not all leave the rank.",
            ),
            Mistake(
                lambda how, m: 9 if how == "split" else m + 6,
                f"Measured: one of the three ways adds to the rank. {theory}; what is tanh(0 x "
                "+ 0)?",
            ),
        ),
        f"{theory}. Measured are all three ways, with three draws each.",
    )


def rank_when_widened() -> Question:
    """What each way of widening a network does to its rank."""
    return Question(
        name="rank_when_widened",
        title="Does a wider network have a higher rank?",
        text=(
            "A generic tanh network of three neurons (one input, with bias) is widened to m "
            "neurons without a change of its function, in one of three ways: `split` copies "
            "neurons and shares their output weights among the copies; `null` adds neurons that "
            "are zero, a = w = b = 0; `silent` adds neurons with a = 0 and w, b at random. What "
            "is the model rank then, as a function of how and m?"
        ),
        source="the embedding principle, arXiv:2105.14573; the rank as in arXiv:2406.18035",
        kind=Function(("how", "m"), WIDENED, Whole()),
        hints=(
            "Before it is widened, all parameters of the narrow network count. How many are they?",
            "Write down the tangent functions of an added neuron in each of the three ways. Which "
            "are zero, which are there already?",
            'In Python: `how == "silent"` counts as 1 in a product.',
        ),
        answered=Solution(
            "The narrow network has nine independent tangent functions. Copies repeat them; zero "
            "neurons have none, since tanh(0) = 0 and a = 0; each silent neuron has one, tanh(w "
            "x + b).",
            """
def answer(how, m):
    return 9 + (m - 3) * (how == "silent")
""",
        ),
        investigate=_embedded,
    )
