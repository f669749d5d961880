"""Exercises on lines of neurons: what activations make, and how many functions one has."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import torch

from ..activations import ACTIVATIONS, Activation
from ..measures import clusters, groups, initial_lines
from ..models import TwoLayer
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .condensation import initial_stage
from .functions import Code, Made, Unfit
from .kinds import Whole

__all__ = ["functions_on_a_line", "odd_activation"]

_POINTS = torch.arange(-30, 31, dtype=torch.float64, device="cpu") / 10.0  # 0 and -z exactly


def _lines(act: Callable[[torch.Tensor], torch.Tensor]) -> tuple[str, str]:
    """How many lines neurons with that activation gather on at first, or why none is counted."""
    given = act(_POINTS)
    if not isinstance(given, torch.Tensor) or given.shape != _POINTS.shape:
        raise Unfit("Your function has to return a tensor of the shape of its argument.")
    if not given.isfinite().all():
        raise Unfit("Your function has to be finite everywhere between -3 and 3.")
    if not torch.allclose(given, -given.flip(0), atol=1e-12):
        return "not odd", "Measured of yours: f(-z) is not -f(z)."
    if given.abs().max() == 0.0:
        return "nothing", "Measured of yours: it is zero everywhere."
    counts = _counted(act)
    told = f"Measured of yours: {', '.join(map(str, counts))} lines with seeds 0, 1, 2."
    if min(counts) > 1:
        return "several", told
    return ("one line" if min(counts) == max(counts) == 1 else "not every time"), told


def _counted(act: Callable[[torch.Tensor], torch.Tensor]) -> list[int]:
    """The lines of three seeds; no activation of that name is known before or after."""
    own: Any = Activation("of_an_exercise", act)
    try:
        model = TwoLayer(1, 100, own)
        firsts = (dataclasses.replace(initial_stage("tanh", s), model=model) for s in range(3))
        return [initial_lines(train(first)).count for first in firsts]
    finally:
        ACTIVATIONS.pop(own.name, None)


ODD = Made(Code(("z",), (_POINTS,), "a tensor of the shape of z"), _lines, seconds=20.0)


@functools.cache
def _odd() -> Finding:
    tried = {
        "tanh(z)": torch.tanh,
        "sin(z)": torch.sin,
        "z tanh(z)": lambda z: z * torch.tanh(z),
        "z² tanh(z)": lambda z: z**2 * torch.tanh(z),
    }
    seen = {name: ODD.read(act) for name, act in tried.items()}
    rows = [f"| {name} | {s.told.split(': ', 1)[1]} |" for name, s in seen.items()]
    theory = (
        "Theory looks at the first term of the expansion of f at 0, its order is the multiplicity; "
        "with one input there are at most as many lines"
    )
    return Finding(
        seen["z² tanh(z)"],
        "\n".join(["| activation | lines in the initial stage |", "|---|---|", *rows]),
        f"{theory}. Odd functions without a term in z have a multiplicity of at least 3.",
        (
            Mistake(
                seen["tanh(z)"],
                f"They were measured on one line. {theory}. Which term does yours begin with, and "
                "which odd functions begin later?",
            ),
            Mistake(
                seen["z tanh(z)"],
                "It was measured at 61 points between -3 and 3, and is not odd, which is asked "
                f"for. {theory}; products of two odd functions are even.",
            ),
        ),
        f"{theory}. Measured are the lines when they are fewest, with three seeds.",
    )


def odd_activation() -> Question:
    """An odd activation that makes several lines at first."""
    return Question(
        name="odd_activation",
        title="Write an odd activation that makes several lines",
        text=(
            "100 neurons with one input and a bias start tiny; with tanh they gather on one line "
            "in the initial stage. Is that so because tanh is odd? Write an *odd* activation f(z), "
            "a function of a torch tensor, with which they gather on more lines than one. (Each of "
            "three seeds is tried; f must be finite from -3 to 3.)"
        ),
        source="Zhou et al. 2021, arXiv:2105.11686, Definition 1 (target and rate are ours)",
        kind=ODD,
        hints=(
            "Tiny weights see f near 0 only: what matters is the first term of its expansion.",
            "Which powers of z does an odd function have? Which of them must be absent?",
        ),
        answered=Solution(
            "z² tanh(z) = z³ - ... is odd, and its expansion begins with the third power: the "
            "force "
            "on a neuron is a sum of squares of cosines instead of a constant, and has more "
            "lines on which neurons can settle. It is the multiplicity that counts, not oddness.",
            """
import torch

def answer(z):
    return z**2 * torch.tanh(z)
""",
        ),
        investigate=_odd,
    )


LINED_UP = (
    (1.0, 1.0, 0.5),
    (2.0, 1.0, 0.5),
    (-1.0, -1.0, -0.5),
    (1.0, 2.0, 1.0),
    (3.0, -2.0, -1.0),
    (-5.0, 0.5, 0.25),
    (1.0, 5.0, 2.5),
)
"""Triples (a, w, b), all on one line."""


@functools.cache
def _functions() -> Finding:
    a, w, b = torch.tensor(LINED_UP, dtype=torch.float64, device="cpu").T
    params = {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}
    found = {}
    for name in ("tanh", "relu"):
        model = TwoLayer(1, len(LINED_UP), name)
        labels = groups(model, params)
        lines = len(clusters(model, params, up_to_sign=True))
        rays = len(clusters(model, params))
        found[name] = int(labels.max()) + 1, lines, rays
    rows = [f"| {name} | {f} | {lines} | {rays} |" for name, (f, lines, rays) in found.items()]
    head = ["| activation | different functions | lines | rays |", "|---|---|---|---|"]
    theory = "Theory: tanh is odd, so that (a, w, b) and (-a, -w, -b) are the same neuron"
    return Finding(
        found["tanh"][0],
        "\n".join([*head, *rows]),
        f"{theory}; apart from that, different steepness |(w, b)| is a different function. With "
        f"ReLU it would be {found['relu'][0]}: there steepness is a factor, and the sign matters.",
        (
            Mistake(
                found["tanh"][1],
                "You counted lines, and that many lines were measured. "
                f"{theory}; but is tanh(2 z) a multiple of tanh(z)?",
            ),
            Mistake(
                found["relu"][0],
                "By what was measured, that would be right for ReLU, where steepness is no more "
                f"than a factor. {theory}.",
            ),
            Mistake(
                len(LINED_UP),
                f"Measured: some of them are multiples of each other. {theory}. What does the "
                "output weight change?",
            ),
            Mistake(
                len({row[1:] for row in LINED_UP}),
                f"Measured: there are fewer than different (w, b). {theory}.",
            ),
        ),
        f"Measured: all stand on one line. {theory}. Multiples count once.",
    )


def functions_on_a_line() -> Question:
    """Neurons of one direction can compute several functions."""
    listed = "\n".join(f"| {a:g} | {w:g} | {b:g} |" for a, w, b in LINED_UP)
    return Question(
        name="functions_on_a_line",
        title="One direction, how many functions?",
        text=(
            "These tanh neurons a tanh(w x + b) all stand on one line through the origin of the "
            f"plane (w, b):\n\n| a | w | b |\n|---|---|---|\n{listed}\n\nNeurons that are "
            "multiples "
            "of each other count as one. How many different ones are there?"
        ),
        source="notebook 02; the two counts are ours, the lines those of arXiv:2105.11686",
        kind=Whole(),
        hints=(
            "The output weight a is only a factor. Which pairs (w, b) are there?",
            "tanh(-z) = -tanh(z): which of these pairs give multiples of each other?",
        ),
        answered=Solution(
            "Forget a, and turn each (w, b) so that w is positive: what differs now is the "
            "steepness, and each value of it is a function of its own.",
            """
neurons = [(1, 1, 0.5), (2, 1, 0.5), (-1, -1, -0.5), (1, 2, 1), (3, -2, -1), (-5, 0.5, 0.25),
           (1, 5, 2.5)]
answer = len({max((w, b), (-w, -b)) for a, w, b in neurons})
""",
        ),
        investigate=_functions,
    )
