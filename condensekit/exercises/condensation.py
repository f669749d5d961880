"""Exercises on what initialization does to neurons."""

import functools
import itertools

import numpy as np

from ..activations import activation
from ..experiments import Experiment
from ..measures import RECOVERED, initial_lines
from ..measures.lines import INITIAL
from ..models import TwoLayer
from ..optimizers import Adam, GradientFlow
from ..problems import EvenlySpaced, teacher, three_tanh
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .kinds import Choice, Whole
from .plateaus import alignments, relative_errors

__all__ = ["first_lines", "initial_stage", "small_initialization"]

_MET = f"test error < {RECOVERED:g} of the target's mean square"
CLEAR = 5.0  # a difference of test errors that no other draw of the weights would turn round
_SMALL, _LARGE = 1e-3, 0.5
OUTCOMES = {
    "small wins": f"the small one gives a test error at least {CLEAR:g} times smaller",
    "large wins": f"the large one gives a test error at least {CLEAR:g} times smaller",
    "no difference": f"the test errors are within a factor of {CLEAR:g} of each other",
}


@functools.cache
def _initialization() -> Finding:
    flow = GradientFlow(stop_loss=1e-5, rtol=1e-2)
    few = Experiment(TwoLayer(1, 100), three_tanh(), flow, n_samples=14)
    settings = [
        few.replace(init_std=std, seed=seed) for std in (_SMALL, _LARGE) for seed in range(3)
    ]
    runs = train(settings)
    error = np.array([run.test_loss[-1] for run in runs]).reshape(2, 3)
    loss = np.array([run.loss[-1] for run in runs]).reshape(2, 3)
    aligned = np.array([alignments(run).max() for run in runs]).reshape(2, 3)
    ratio = float(np.median(error[1]) / np.median(error[0]))
    answer = "no difference"
    if max(ratio, 1.0 / ratio) >= CLEAR:
        answer = "small wins" if ratio > 1.0 else "large wins"
    rows = [
        f"| {std:g} | {loss[i].max():.0e} | {', '.join(f'{e:.1e}' for e in error[i])} | "
        f"{np.median(aligned[i]):.2f} |"
        for i, std in enumerate((_SMALL, _LARGE))
    ]
    head = [
        "| σ | training loss, at most | test error (3 seeds) | mean \\|cosine\\|, largest |",
        "|---|---|---|---|",
    ]
    fitted = f"All six networks fit their samples, to a training loss of about {loss.max():.0e}"
    recovered = sum(bool(relative_errors(run)[-1] < RECOVERED) for run in runs)
    return Finding(
        answer,
        "\n".join([*head, *rows, "", f"Recovered ({_MET}): {recovered} of 6."]),
        f"Measured: the median test errors are {np.median(error[0]):.1e} from σ = {_SMALL:g} and "
        f"{np.median(error[1]):.1e} from σ = {_LARGE:g}. {fitted}. On the way the neurons that "
        f"started small were aligned (mean |cosine| {np.median(aligned[0]):.2f}), the others "
        f"pointed at random throughout ({np.median(aligned[1]):.2f}; random is 2/π = "
        f"{2 / np.pi:.2f}). Theory: few different neurons have few parameters, and few samples can "
        f"fix them. From these 14 samples {recovered or 'none'} of the six runs recovered the "
        "target; from 50 both starts do: try it.",
        (
            Mistake(
                "large wins",
                f"{fitted}, so neither start is too small to learn. What differs is the function "
                "between the samples. Theory: a network whose neurons stay where they were drawn "
                "interpolates with all of them; one whose neurons gather comes near a narrow one. "
                "Which of the two can a handful of samples fix?",
            ),
            Mistake(
                "no difference",
                f"{fitted}, but measured between the samples, one kind of start has a median test "
                f"error {max(ratio, 1.0 / ratio):.0f} times that of the other. Theory: the two "
                "starts lead to networks with a very different number of different neurons.",
            ),
        ),
        f"{fitted}. Theory asks what chooses among the many networks that fit.",
    )


def small_initialization() -> Question:
    """What the scale of the start decides, with few samples."""
    return Question(
        name="small_initialization",
        title="Is small initialization simply bad?",
        text=(
            "Small initial weights, it is often said, are simply bad: all neurons get alike, and "
            "gradients vanish. Let 100 tanh neurons (300 parameters) learn the three-tanh target "
            "from **14** samples, by the gradient flow, once from a small start, σ = 0.001, once "
            "from a large one, σ = 0.5. Which has the smaller test error in the end?"
        ),
        source="the talk; the data of Zhang et al. 2021, arXiv:2105.14573, Figure 1, with fewer "
        "samples (the last section of the notebook on recovery)",
        kind=Choice(OUTCOMES),
        hints=(
            "300 parameters fit 14 samples in infinitely many ways. What would choose among them?",
            "After a small start, neurons gather. If 100 neurons were copies of three, how many "
            "parameters would count?",
            "Nine parameters can be fixed by 14 samples, 300 cannot. Which start comes "
            "near a network with so few?",
        ),
        answered=Solution(
            "Neurons that start small gather. Few different neurons have few parameters, which few "
            "samples can fix: small wins. From a large start the directions stay near those of "
            "the draw, and the network interpolates with all of its neurons.",
            """
import numpy as np
import condensekit as ck

few = ck.Experiment(
    ck.TwoLayer(1, 100), ck.three_tanh(), ck.GradientFlow(stop_loss=1e-5), n_samples=14
)
small, large = (ck.train(few.replace(init_std=std)).test_loss[-1] for std in (1e-3, 0.5))
answer = "no difference"
if max(small / large, large / small) >= 5:
    answer = "small wins" if small < large else "large wins"
""",
        ),
        investigate=_initialization,
    )


def initial_stage(name: str, seed: int) -> Experiment:
    """100 neurons of that activation that start tiny, with a bias: the paper's, on our target."""
    problem = teacher([1.0, -0.8, 0.6], [[4.0], [-3.0], [5.0]], [0.5, 2.0, -3.0],
                      inputs=EvenlySpaced(-1.0, 1.5))  # fmt: skip
    adam = Adam(1e-3, steps=100)
    model = TwoLayer(1, 100, name)
    return Experiment(model, problem, adam, n_samples=40, init_std=0.005, seed=seed)


@functools.cache
def _lines() -> Finding:
    names, seeds = ("tanh", "xtanh"), range(3)
    runs = [train(initial_stage(name, seed)) for name, seed in itertools.product(names, seeds)]
    counts = [initial_lines(run).count for run in runs]
    plain, asked = counts[:3], counts[3:]
    multiplicity = activation("xtanh").multiplicity()
    table = "\n".join(
        [
            "| activation | multiplicity | lines when they are fewest (3 seeds) |",
            "|---|---|---|",
            f"| tanh(x) | {activation('tanh').multiplicity()} | {', '.join(map(str, plain))} |",
            f"| x tanh(x) | {multiplicity} | {', '.join(map(str, asked))} |",
        ]
    )
    measured = "Measured, with three seeds: neurons with x tanh(x) do not end up as those of tanh"
    theory = (
        "Theory looks at the first derivative of the activation that does not vanish at 0; its "
        "order is the multiplicity"
    )
    return Finding(
        multiplicity,
        table,
        f"Measured with three seeds: {', '.join(map(str, asked))}. {theory}: x tanh(x) = x² − … "
        f"has {multiplicity}, and for inputs with d = 1 there are at most as many lines, each of "
        "them taken from both ends.",
        (
            Mistake(1, f"{measured}. {theory}. What is the slope of x tanh(x) at 0?"),
            Mistake(
                4,
                "You may have counted directions: opposite ones lie on one line. "
                f"{measured}. {theory}.",
            ),
            Mistake(
                100,
                "The neurons do not stay where they were drawn. "
                f"{measured}, but both gather. {theory}.",
            ),
        ),
        f"{measured}. {theory}.",
    )


def first_lines() -> Question:
    """The number of lines of the initial stage with another activation."""
    return Question(
        name="first_lines",
        title="On how many lines do neurons gather at first?",
        text=(
            "100 neurons with one input and a bias start tiny. In the initial stage, while the "
            f"loss is still above {INITIAL:.0%} of its start, their vectors (w, b) turn. With "
            "tanh they gather on **one** line through the origin. Replace the activation by "
            "x tanh(x). On how many lines do they gather now?"
        ),
        source="Zhou et al. 2021, arXiv:2105.11686, Definition 1 and Figures 5 and 6 (40 samples, "
        "100 neurons, N(0, 0.005²), Adam; the target and the learning rate are ours)",
        kind=Whole(),
        hints=(
            "Tiny weights see the activation near 0 only. What does tanh look like there, and "
            "what does x tanh(x) look like?",
            "Expand both around 0 and keep the first term. With the first term alone, what a "
            "neuron at angle θ climbs or descends is a sum of powers of cos(θ − θᵢ), one for each "
            "sample i.",
            "The power is the order of the first derivative that does not vanish at 0, the "
            "multiplicity; for one input with bias it bounds the number of lines. Ask "
            '`ck.activations.activation("xtanh")`.',
        ),
        answered=Solution(
            "x tanh(x) = x² − x⁴/3 + …: its first derivative vanishes at 0, its second does not, "
            "so that its multiplicity is the order of the second. Along the circle of directions "
            "the force has as many lines on which neurons can settle.",
            """
import condensekit as ck

answer = ck.activations.activation("xtanh").multiplicity()
""",
        ),
        investigate=_lines,
    )
