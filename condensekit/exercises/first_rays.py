"""Exercises on the first ray: who turns where, and how that is measured."""

import dataclasses
import functools
import itertools
import math

import numpy as np
import torch

from ..measures import alignment, clusters
from ..models import TwoLayer
from ..problems import own_data
from ..records import CONDENSATION
from ..training import train
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Choice, Number

__all__ = ["mean_cosine_code", "turned_over"]

_PLACES = {
    "same ray": "on the ray of before, with output weights of the other sign",
    "opposite ray": "on the ray opposite to it, with output weights of the same sign",
    "elsewhere": "on rays that have nothing to do with it",
}


def _strongest(seed: int, flipped: bool) -> tuple[float, float]:
    """Angle of the strongest cluster after 300 epochs, and the sign of its output weights."""
    experiment = CONDENSATION.replace(steps=300, seed=seed)
    data = experiment.data()
    if flipped:
        turned = own_data(data.x.numpy()[:, 0], -data.y.numpy())
        experiment = dataclasses.replace(experiment, problem=turned)
    run = train(experiment)
    first = max(clusters(experiment.model, run.final, x=data.x), key=lambda c: c.share)
    return float(first.angle), float(np.sign(run.final["a"].numpy()[first.members]).mean())


@functools.cache
def _turned() -> Finding:
    found = {(s, f): _strongest(s, f) for s in range(3) for f in (False, True)}
    apart = [
        abs((found[s, True][0] - found[s, False][0] + 180.0) % 360.0 - 180.0) for s in range(3)
    ]
    signs = [found[s, True][1] * found[s, False][1] for s in range(3)]
    answer = "elsewhere"
    if max(apart) < 5.0 and max(signs) < 0.0:
        answer = "same ray"
    if min(apart) > 175.0 and min(signs) > 0.0:
        answer = "opposite ray"
    rows = [
        f"| {s} | {found[s, False][0]:.0f}°, a {'>' if found[s, False][1] > 0 else '<'} 0 | "
        f"{found[s, True][0]:.0f}°, a {'>' if found[s, True][1] > 0 else '<'} 0 |"
        for s in range(3)
    ]
    head = ["| seed | strongest cluster, target f | target -f |", "|---|---|---|"]
    first = f"{found[0, False][0]:.0f}°"
    theory = (
        "Theory: a neuron (w, b) with output weight a moves along a times the gradient of "
        "G(u) = Σ yᵢ s(u·xᵢ)"
    )
    return Finding(
        answer,
        "\n".join([*head, *rows]),
        f"Measured: for -f the strongest cluster is less than {max(apart) + 1:.0f}° away from "
        f"{first}, and its output weights are below zero. {theory}; if y and a both change their "
        "signs, nothing else changes.",
        (
            Mistake(
                "opposite ray",
                f"Measured for f: {first}. {theory}. A ReLU neuron on the opposite ray is a hinge "
                "that opens to the other side. Which samples would it see?",
            ),
            Mistake(
                "elsewhere",
                f"Measured for f: {first}. {theory}. What becomes of G if every yᵢ changes its "
                "sign, and which neurons climb then?",
            ),
        ),
        f"{theory}.",
    )


def turned_over() -> Question:
    """The ray of a target, and that of its negative."""
    return Question(
        name="turned_over",
        title="And if the target is turned over?",
        text=(
            "100 ReLU neurons start small and gather on one ray, all with positive output "
            "weights, a > 0. Now turn the target over, f to -f, and train again. Where do the "
            "strong neurons stand?"
        ),
        source="notebook 01; the force on small neurons as in arXiv:2105.11686",
        kind=Choice(_PLACES),
        hints=(
            "Near zero output, a neuron (a, w, b) feels a · Σ yᵢ s'(w xᵢ + b)(xᵢ, 1). What are its "
            "two factors that can change their sign?",
            "Take one neuron from the first training and change the sign of its a. Which target "
            "would have moved it in the very same way?",
        ),
        answered=Solution(
            "Change the signs of y and of all a: the loss is the same, and so is the force on "
            "every (w, b). Output weights are drawn with either sign, so that neurons with a < 0 "
            "now do what those with a > 0 did.",
            """
import dataclasses
import numpy as np
import condensekit as ck

base = ck.records.CONDENSATION.replace(steps=300)
data = base.data()
turned = ck.own_data(data.x.numpy()[:, 0], -data.y.numpy())
rays = []
for one in (base, dataclasses.replace(base, problem=turned)):
    run = ck.train(one)
    found = ck.measures.clusters(one.model, run.final, x=data.x)
    strong = max(found, key=lambda cluster: cluster.share)
    rays.append((strong.angle, np.sign(run.final["a"].numpy()[strong.members]).mean()))
print(rays)
apart = abs((rays[1][0] - rays[0][0] + 180) % 360 - 180)
answer = "same ray" if apart < 5 else "opposite ray" if apart > 175 else "elsewhere"
""",
        ),
        investigate=_turned,
    )


def _fan(*degrees: float) -> tuple[tuple[float, float], ...]:
    turned = [math.radians(angle) for angle in degrees]
    lengths = itertools.cycle((1.0, 3.0, 0.2))
    return tuple(
        (round(r * math.cos(t), 6), round(r * math.sin(t), 6))
        for r, t in zip(lengths, turned, strict=False)
    )


FANS = ((_fan(10, 30, 70),), (_fan(0, 40, 80, 20),), (_fan(15, 195, 60),), (_fan(5, 20, 50, 230),))
"""Sets of vectors (w, b), in the plane."""


def _mean(vectors: tuple[tuple[float, float], ...]) -> float:
    unit = np.array(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = itertools.combinations(range(len(unit)), 2)
    return float(np.mean([abs(unit[i] @ unit[j]) for i, j in pairs]))


def _signed(vectors: tuple[tuple[float, float], ...]) -> float:
    unit = np.array(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = itertools.combinations(range(len(unit)), 2)
    return abs(float(np.mean([unit[i] @ unit[j] for i, j in pairs])))


def _long(vectors: tuple[tuple[float, float], ...]) -> float:
    pairs = itertools.combinations(np.array(vectors), 2)
    return float(np.mean([abs(u @ v) for u, v in pairs]))


def _with_itself(vectors: tuple[tuple[float, float], ...]) -> float:
    unit = np.array(vectors) / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float(np.abs(unit @ unit.T).mean())


def _library(vectors: tuple[tuple[float, float], ...]) -> float:
    rows = torch.tensor(vectors, dtype=torch.float64, device="cpu")
    one = torch.ones(len(rows), dtype=torch.float64, device="cpu") / rows.norm(dim=1)
    params = {"a": one, "w": rows[:, :1].clone(), "b": rows[:, 1].clone()}
    return alignment(TwoLayer(1, len(rows), "relu"), params)


@functools.cache
def _cosines() -> Finding:
    rows = [
        f"| {' '.join(f'({x:.2f}, {y:.2f})' for x, y in fan)} | {_library(fan):.3f} |"
        for (fan,) in FANS
    ]
    head = ["| vectors (w, b) | `ck.measures.alignment` |", "|---|---|"]
    theory = "Theory: it is 2/π for random directions of the plane, and has to be 1 on one line"
    return Finding(
        _library,
        "\n".join([*head, *rows]),
        f"It gives what `ck.measures.alignment` gives in all {len(FANS)} cases. {theory}.",
        (
            Mistake(
                _signed,
                "Measured: it is too small where vectors are opposite to each other. "
                f"{theory}, on which opposite ends may lie.",
            ),
            Mistake(
                _long,
                f"Measured: it changes with the lengths of the vectors. {theory}, however long "
                "they are.",
            ),
            Mistake(
                _with_itself,
                "Measured: it is too large, and the more so the fewer vectors there are. "
                f"{theory}. With what is each vector compared?",
            ),
        ),
        f"Measured: the cases are sets of vectors of different lengths. {theory}.",
    )


def mean_cosine_code() -> Question:
    """The number that tells gathered neurons from scattered ones."""
    return Question(
        name="mean_cosine_code",
        title="Write the number that sees a line",
        text=(
            "Whether neurons stand on one line is told by one number, the mean |cosine| over all "
            "pairs of different neurons: 2/π for random directions, and 1 on a line, whichever of "
            "its ends they point to. Write it as a function of a list of vectors (w, b), none of "
            "them zero."
        ),
        source="notebook 01; the matrices D(u, v) of arXiv:2105.11686",
        kind=Function(("vectors",), FANS, Number(1.001)),
        hints=(
            "The cosine of u and v is u·v over the product of their lengths.",
            "Each pair of different vectors counts once; a vector is no pair with itself.",
            "Opposite vectors lie on one line: think of what has to happen to the sign.",
        ),
        answered=Solution(
            "Divide each vector by its length, take the scalar products of all pairs of different "
            "ones without their sign, and take the mean.",
            """
import itertools
import math

def answer(vectors):
    found = []
    for (w, b), (v, c) in itertools.combinations(vectors, 2):
        found.append(abs(w * v + b * c) / (math.hypot(w, b) * math.hypot(v, c)))
    return sum(found) / len(found)
""",
        ),
        investigate=_cosines,
    )
