"""Exercises on theory and training: what is allowed, and what is reached."""

import functools
from itertools import product

import numpy as np

from ..exact import exact_rank
from ..models import TwoLayerConv
from ..records import FLOW, PHASE, first_recovery, recorded_map, sliding_tanh_cells
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Choice, Whole

__all__ = ["shared_kernels", "smaller_starts", "wider_networks"]

_SMALL = 0.01
"""Starts up to here are alike, as far as three seeds can tell."""
_FALLS = {
    "no change": "it is the same for all of these starts",
    "down to theory": "it falls, and from the smallest starts it is what theory allows",
    "down, but not to theory": "it falls, and is above what theory allows from all of them",
    "up": "it rises",
}


@functools.cache
def _phase() -> Finding:
    table = recorded_map(PHASE).dataset()
    reached = table["reached"].values.astype(bool)  # n, std, seed
    allowed = table["allowed"].values.astype(bool)
    samples, stds = table["n_samples"].values, table["init_std"].values
    first = {}
    for j, std in enumerate(stds):
        good = reached[:, j].all(axis=1)
        first[float(std)] = int(samples[good.argmax()]) if good.any() else None
    theory_n = int(samples[allowed.all(axis=(1, 2)).argmax()])
    known = [n for n in (first[std] for std in sorted(first)) if n is not None]
    answer = "no change"
    if known[-1] < known[0] or first[float(min(stds))] is None:
        answer = "up"
    elif known[-1] > known[0] or len(known) < len(first):
        answer = "down to theory" if known[0] == theory_n else "down, but not to theory"
    rows = [
        f"| {std:g} | {'none' if n is None else n} | {int(reached[:, j].sum())} of "
        f"{reached[:, j].size} |"
        for j, (std, n) in enumerate(first.items())
    ]
    head = ["| σ | fewest samples with all 3 seeds | runs that recovered |", "|---|---|---|"]
    small, large = first[float(min(stds))], first[float(max(stds))]
    least = sorted(n for std, n in first.items() if n is not None and std <= _SMALL)
    theory = (
        "Theory speaks of the best weights, whatever the start: of the numbers tried, it allows "
        f"{theory_n} and more for these very samples"
    )
    shown = "none of the numbers tried" if large is None else f"{large} samples"
    return Finding(
        answer,
        "\n".join([*head, *rows, "", f"Theory allows {theory_n}. The numbers tried: {samples}."]),
        f"Measured: {small} samples from the smallest start, {shown} from the largest; from "
        f"σ = {_SMALL:g} down it is {least[0]} to {least[-1]}, and hardly changes. {theory}; "
        "whether training finds them is another matter, and a small start helps.",
        (
            Mistake(
                "no change",
                f"{theory}. Measured: from the largest start, all seeds recover from {shown}.",
            ),
            Mistake(
                "down to theory" if answer != "down to theory" else "down, but not to theory",
                f"{theory}. Measured over a grid of {len(samples)} numbers of samples: compare the "
                "smallest start with that.",
            ),
            Mistake(
                "up",
                f"{theory}. Measured: {int(reached[:, 0].sum())} runs from the smallest start "
                f"recovered, {int(reached[:, -1].sum())} from the largest.",
            ),
        ),
        f"{theory}. Measured is a map of starts and numbers of samples.",
    )


def smaller_starts() -> Question:
    """How many samples it takes, by the start."""
    return Question(
        name="smaller_starts",
        title="What does a smaller start buy?",
        text=(
            "50 tanh neurons, the three-tanh target, the gradient flow, three seeds. For each "
            "start σ, take the fewest samples from which all seeds recover the target (the numbers "
            "tried are multiples of three). How does that number change from σ = 1 to σ = 10⁻⁷, "
            "by and "
            "large?"
        ),
        source="the recorded map of notebook 07, on the target of arXiv:2105.14573; theory: "
        "arXiv:2406.18035",
        kind=Choice(_FALLS),
        hints=(
            "Which of the starts lets neurons gather before the loss is gone?",
            "Theory says what the best weights allow. Is a run from a tiny start sure to come to "
            "these? Think of samples that say little about one of the neurons.",
        ),
        answered=Solution(
            "From a small start neurons gather, and fewer samples are enough. But the optimistic "
            "sample size is a matter of the best weights, which training need not find.",
            """
import condensekit as ck

table = ck.records.recorded_map(ck.records.PHASE).dataset()
reached = table.reached.astype(bool).all("seed")  # for all three seeds
first = [
    int(table.n_samples[row.argmax()]) if row.any() else None for row in reached.values.T
]
allowed = int(table.n_samples[table.allowed.astype(bool).all(["seed", "init_std"]).values.argmax()])
print(dict(zip(table.init_std.values, first)), "theory:", allowed)
fell = first[-1] is None or first[0] < first[-1]
answer = "no change" if not fell else "down to theory" if first[0] == allowed else (
    "down, but not to theory")
""",
        ),
        investigate=_phase,
    )


_WIDTHS = (3, 30, 300)
_GROWS = {
    "needs fewer": "fewer samples, the wider the network is",
    "needs as many": "as many samples at all widths",
    "needs more": "more samples, the wider the network is",
}


@functools.cache
def _wider() -> Finding:
    found = {}
    for width in _WIDTHS:
        cells = [
            c for c in sliding_tanh_cells() if (c.family, c.width, c.lr) == ("full", width, FLOW)
        ]
        firsts = first_recovery(cells, threshold=1e-3).values()
        found[width] = sorted(np.inf if n is None else float(n) for n in firsts)
    medians = [float(np.median(found[width])) for width in _WIDTHS]
    answer = "needs as many"
    if medians == sorted(medians) and medians[0] < medians[-1]:
        answer = "needs more"
    if medians == sorted(medians, reverse=True) and medians[0] > medians[-1]:
        answer = "needs fewer"
    rows = [
        f"| {width} | {', '.join(f'{n:g}' for n in found[width])} | {median:g} |"
        for width, median in zip(_WIDTHS, medians, strict=True)
    ]
    head = ["| width m | fewest samples (3 seeds) | median |", "|---|---|---|"]
    theory = "Theory: the optimistic sample size is the same at each width, 21 for this target"
    return Finding(
        answer,
        "\n".join([*head, *rows]),
        f"Measured, as medians of three seeds: {', '.join(f'{m:g}' for m in medians)}. {theory}. "
        f"It is what the best weights allow, and no promise for a run. (Seeds differ by up to "
        f"{max(max(of) - min(of) for of in found.values()):g}; large steps do better than the "
        "flow.)",
        (
            Mistake(
                "needs as many",
                f"{theory}, that is right. Measured with the flow, medians differ by "
                f"{max(medians) - min(medians):g}. Does each run find the best weights?",
            ),
            Mistake(
                "needs fewer",
                f"{theory}. Measured with the flow at the smallest width: {medians[0]:g}. What "
                "would more neurons help, when three are enough?",
            ),
        ),
        f"{theory}. Measured is the flow, with three seeds.",
    )


def wider_networks() -> Question:
    """How many samples it takes, by the width."""
    return Question(
        name="wider_networks",
        title="What does width cost?",
        text=(
            "Fully connected tanh networks of 3, 30 and 300 neurons learn the same target, which "
            "three neurons with 5 inputs can be, by the gradient flow from tiny weights. From how "
            "many samples on is the test error below 0.001? Compare the medians of three seeds: "
            "the wider the network, the ..."
        ),
        source="notebook 07, its recorded runs; after Figure 4 of Zhang et al., arXiv:2406.18035",
        kind=Choice(_GROWS),
        hints=(
            "What theory says about the width is known from the exercise `enough_samples`.",
            "And training? A wide network can stay near other solutions that fit the samples too.",
        ),
        answered=Solution(
            "Theory does not know the width. The flow does, by its medians; one seed may say "
            "otherwise. Perhaps more neurons than the target has come away from the others in a "
            "wide network, and take samples to be told where to go: that is not measured here.",
            """
import statistics
import condensekit as ck

medians = []
for width in (3, 30, 300):
    cells = [
        cell for cell in ck.records.sliding_tanh_cells()
        if (cell.family, cell.width, cell.lr) == ("full", width, ck.records.FLOW)
    ]
    found = ck.records.first_recovery(cells, threshold=1e-3)
    medians.append(statistics.median(found.values()))
print(medians)
answer = "needs as many"
if medians[0] != medians[-1]:
    answer = "needs more" if medians[0] < medians[-1] else "needs fewer"
""",
        ),
        investigate=_wider,
    )


KERNELS_CASES = tuple(product((1, 2, 3), (4, 5, 7), (True, False)))
"""Kernels k, inputs d in a row, shared or not."""


def _convolution(k: int, d: int, shared: bool) -> int:
    model = TwoLayerConv(d, k, sharing=shared)
    return exact_rank(model, model.init(seed=0))


@functools.cache
def _shared() -> Finding:
    rows = [
        f"| {k} | {d} | {'yes' if s else 'no'} | {_convolution(k, d, s)} |"
        for k, d, s in KERNELS_CASES
    ]
    head = ["| kernels k | inputs d | shared | model rank, exact |", "|---|---|---|---|"]
    theory = (
        "Theory: at random weights all parameters of such a network count, each in one independent "
        "direction"
    )
    return Finding(
        _convolution,
        "\n".join([*head, *rows]),
        f"It is right in all {len(KERNELS_CASES)} cases. {theory}. A kernel has d - 2 positions: "
        "sharing saves all of its weights but those of one position, and the output weights stay.",
        (
            Mistake(
                lambda k, d, shared: k * (d - 2) * 5,
                f"Measured: without sharing, it is right. {theory}. What do all positions have in "
                "common when the kernel is shared?",
            ),
            Mistake(
                lambda k, d, shared: k * (4 + (d - 2)),
                f"Measured: with sharing, it is right. {theory}. Without, how many kernels are "
                "there at each position?",
            ),
            Mistake(
                lambda k, d, shared: 5 * k if shared else k * (d - 2) * 5,
                f"Measured for shared kernels: it is more than that. {theory}. Each position has "
                "an output weight of its own.",
            ),
        ),
        f"{theory}. Measured: the ranks of {len(KERNELS_CASES)} random networks, exactly.",
    )


def shared_kernels() -> Question:
    """The model rank of a convolution, with and without shared kernels."""
    return Question(
        name="shared_kernels",
        title="What does sharing save?",
        text=(
            "A network with k kernels of 3 entries slides them along d inputs: at each of the "
            "d - 2 positions i a neuron computes tanh(w·(xᵢ, xᵢ₊₁, xᵢ₊₂) + b), and the output is "
            "the sum of all these, each with an output weight of its own. If kernels are shared, "
            "w and b are the same at all positions; if not, each position has its own. How many "
            "independent directions has the function, at random weights? Write the model rank as "
            "a function of k, d and shared, which is True or False."
        ),
        source="notebook 07; Zhang et al., arXiv:2406.18035, on convolutions",
        kind=Function(("k", "d", "shared"), KERNELS_CASES, Whole()),
        hints=(
            "Write down how many a, w and b there are in each of the two cases.",
            "Are there any two parameters that do the same to the function? At random weights, "
            "neurons differ.",
        ),
        answered=Solution(
            "All parameters count: for each kernel d - 2 output weights, and 3 weights and a bias "
            "once, or at each position.",
            """
def answer(k, d, shared):
    positions = d - 2
    return k * (positions + 4 * (1 if shared else positions))
""",
        ),
        investigate=_shared,
    )
