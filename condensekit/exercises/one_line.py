"""An exercise on what neurons on one line can compute."""

import functools
import itertools
from typing import Any

import numpy as np
import torch

from ..derivatives import evaluate
from ..dynamics import line_level
from ..measures import polish
from ..models import TwoLayer
from ..problems import three_tanh
from .base import Finding, Mistake, Question, Solution
from .kinds import Choice

__all__ = ["line_of_neurons"]

Array = np.ndarray[Any, np.dtype[Any]]

_SAMPLES, WIDTHS, TRIALS = 50, (1, 2, 3, 4), 6
SCALES, SPREADS = np.geomspace(3e-3, 1.0, 120), (1.0, 0.1, 0.02)
LOW = 0.5  # of the best cubic: far below it
_FUNCTIONS = {
    "one neuron": "what a single neuron can compute, whatever their number",
    "a cubic at best": "more than that, but nothing with a lower loss than a polynomial of degree "
    "three",
    "all odd": "with enough of them every continuous function with f(-x) = -f(x), as exactly as "
    "you like on the interval of the samples, and no other",
    "everything": "with enough of them every continuous function, as exactly as you like on the "
    "interval of the samples",
}


def _best(y: Array, k: int) -> tuple[float, float]:
    """Lowest loss that was found for k neurons without bias, and the largest |a| of these."""
    x, labels = three_tanh().data(_SAMPLES).x, torch.from_numpy(y)
    model, found = TwoLayer(1, k, bias=False), []
    # Input weights from a grid, far apart or nearly equal: output weights are a linear problem.
    for scale, spread in itertools.product(SCALES, SPREADS):
        hidden = np.tanh(x.numpy() * scale * (1.0 + spread * np.arange(k)))
        a = np.linalg.lstsq(hidden, y, rcond=None)[0]
        found.append((float(np.square(hidden @ a - y).mean()), float(np.abs(a).max())))
    for seed in range(TRIALS):
        stream = torch.Generator().manual_seed(seed)
        start = {
            name: torch.rand(shape, generator=stream, dtype=torch.float64, device="cpu")
            for name, shape in model.shapes().items()
        }
        params = polish(model, start, x, labels)
        loss = float((evaluate(model, params, x) - labels).square().mean())
        found.append((loss, float(params["a"].abs().max())))
    return min(found)


@functools.cache
def _line() -> Finding:
    data = three_tanh().data(_SAMPLES)
    x, odd = data.x.numpy(), data.y.numpy()
    even = np.abs(odd)
    reached = {k: (_best(odd, k), _best(even, k)[0]) for k in WIDTHS}
    polynomial = {k: line_level(x, odd, np.ones(1), k) for k in WIDTHS}
    one, most = reached[1][0][0], reached[WIDTHS[-1]][0][0]
    floor = float(np.square(even).mean())
    answer = "one neuron"
    if most < 0.99 * one:
        answer = "a cubic at best"
    if most < LOW * polynomial[2]:
        answer = "all odd" if reached[WIDTHS[-1]][1] > 0.99 * floor else "everything"
    rows = [
        f"| {k} | {reached[k][0][0]:.4f} | {reached[k][0][1]:.2g} | {polynomial[k]:.4f} | "
        f"{reached[k][1]:.4f} |"
        for k in WIDTHS
    ]
    head = [
        "| neurons | lowest loss found | its largest \\|a\\| | best polynomial c₁x + c₃x³ + ... "
        "with as many terms | the same neurons on the target \\|f\\| |",
        "|---|---|---|---|---|",
    ]
    theory = "Theory: every tanh(w x) changes its sign with x, and so does every sum of them"
    return Finding(
        answer,
        "\n".join([*head, *rows, "", f"Mean square of |f|: {floor:.4f}."]),
        f"Measured: one neuron gets to {one:.4f}, four to {most:.4f}. {theory}; but tanh(w x) "
        "with different w are independent functions, and k of them with w → 0 and growing a, "
        "which cancel, come as near as you like to each odd polynomial of degree 2k - 1. Those "
        "come near to every continuous odd function, on the interval of the samples.",
        (
            Mistake(
                "one neuron",
                f"Measured: the lowest loss found with one of them is {one:.4f}, and with four "
                f"{most:.4f}. Theory: tanh(x) and tanh(x/2) point the same way. Are they multiples "
                "of each other?",
            ),
            Mistake(
                "a cubic at best",
                f"Measured: the best cubic has a loss of {polynomial[2]:.4f}, and four neurons get "
                f"to {most:.4f}. Theory: two neurons have two terms of a Taylor series to "
                "choose. And more of them?",
            ),
            Mistake(
                "everything",
                f"Measured: on the target |f|, with a mean square of {floor:.4f}, four of them got "
                f"to {reached[WIDTHS[-1]][1]:.4f}. Theory: what do they all have in common, when x "
                "is replaced by -x?",
            ),
        ),
        f"{theory}.",
    )


def line_of_neurons() -> Question:
    """What one line of tanh neurons can compute."""
    return Question(
        name="line_of_neurons",
        title="What can one line of neurons compute?",
        text=(
            "All neurons of a tanh network stand on one line through the origin, without a bias: "
            "f(x) = Σ aⱼ tanh(wⱼ x). How much can they compute together, with any aⱼ and wⱼ? Think "
            "of the 50 samples of the three-tanh target f: how low could their loss be?"
        ),
        source="the long plateau of notebook 05; channels to infinity are due to Martinelli et al. "
        "2025, arXiv:2506.14951",
        kind=Choice(_FUNCTIONS),
        hints=(
            "Expand tanh(w x) in powers of x. Which powers are there, and how do their "
            "coefficients depend on w?",
            "Two neurons: can you choose a₁, a₂ so that the terms in x cancel, and the next ones "
            "do not? What if w is small?",
            "And now replace x by -x. What does each neuron do, and their sum?",
        ),
        answered=Solution(
            "tanh(w x) = w x - (w x)³/3 + ... has odd powers only, so that nothing else than odd "
            "functions can come out. With k different w > 0, the k output weights can set the "
            "first k coefficients to any values. Let all w shrink: the further terms vanish, "
            "although a grows as w to the power -(2k - 1). So k neurons come arbitrarily near to "
            "each odd polynomial of degree 2k - 1, and these to every continuous odd function "
            "on the interval of the samples. "
            "The run of notebook 05 goes this way with two of them.",
            """
import numpy as np
import condensekit as ck

data = ck.three_tanh().data(50)
x, y = data.x.numpy(), data.y.numpy()

def lowest(labels, k):
    # Output weights are a linear problem; a few lines of input weights are enough to see it.
    losses = []
    for scale in np.geomspace(0.02, 1.0, 30):
        hidden = np.tanh(x * scale * np.arange(1, k + 1))
        a = np.linalg.lstsq(hidden, labels, rcond=None)[0]
        losses.append(np.square(hidden @ a - labels).mean())
    return min(losses)

print([round(lowest(y, k), 4) for k in (1, 2, 4, 8)])  # it goes on falling
fits_odd = lowest(y, 8) < 0.2 * lowest(y, 1)
fits_even = lowest(np.abs(y), 8) < 0.9 * np.square(y).mean()
answer = "everything" if fits_even else "all odd" if fits_odd else "one neuron"
""",
        ),
        investigate=_line,
    )
