"""Exercises in which the answer is a picture: what a small start leaves to be seen."""

import functools
from typing import Any

import numpy as np

from ..experiments import Experiment
from ..measures import blocks, gathering
from ..records import CONDENSATION, KERNELS, LAZY, default_start, recorded_run
from ..training import Run
from .base import Finding, Mistake, Question, Solution
from .kinds import Choice, Pictures

__all__ = ["equal_accuracy", "kernel_matrices", "started_small"]


def _recorded(experiment: Experiment) -> Run:
    run = recorded_run(experiment)
    if run is None:  # pragma: no cover  it ships with the package
        raise RuntimeError("A recorded run is missing; `make recordings` trains it anew.")
    return run


PICTURED = {"A": (LAZY, -1), "B": (CONDENSATION, -1), "C": (CONDENSATION, 0)}
"""Which run, and which of its recorded steps, each picture shows."""


def _untitled(frame: object) -> Any:
    from ..figures import figure  # noqa: PLC0415  needs the extra

    drawn = figure([frame])
    for axes in drawn.axes:
        axes.set_title("")
        legend = axes.get_legend()
        if legend is not None:
            legend.remove()
    return drawn


def _neurons() -> dict[str, Any]:
    from ..pictures import cluster_map  # noqa: PLC0415  with what draws it

    found = {}
    for letter, (experiment, at) in PICTURED.items():
        run = _recorded(experiment)
        found[letter] = _untitled(cluster_map(run, run.place(at)))
    return found


@functools.cache
def _started() -> Finding:
    rows, few = [], {}
    for letter, (experiment, at) in PICTURED.items():
        run = _recorded(experiment)
        found = gathering(experiment.model, run.at(at), x=experiment.data().x)
        few[letter] = found.clusters
        rows.append(
            f"| {letter} | {found.clusters} | {found.active} | {found.alone} | "
            f"{run.loss[run.place(at)]:.1e} |"
        )
    head = [
        "| picture | clusters | active neurons | of these alone | training loss |",
        "|---|---|---|---|---|",
    ]
    answer = min(few, key=lambda letter: few[letter])
    theory = (
        "Theory: tiny neurons all feel the same force, that of the target itself, and turn to it "
        "before any of them has grown"
    )
    return Finding(
        answer,
        "\n".join([*head, *rows]),
        f"Measured: the active neurons stand in {few[answer]} clusters, where the others have "
        f"{min(n for letter, n in few.items() if letter != answer)} and more. {theory}.",
        (
            Mistake(
                "A",
                f"Measured: these neurons stand in {few['A']} clusters, though the loss is small: "
                f"it was fitted by small moves of many neurons. {theory}. Do these look turned?",
            ),
            Mistake(
                "C",
                f"Measured: these stand in {few['C']} clusters, and the loss is still that of the "
                f"start. {theory}; this takes some training.",
            ),
        ),
        f"{theory}.",
    )


def started_small() -> Question:
    """A small start and training leave few directions."""
    return Question(
        name="started_small",
        title="Which network started small and was trained?",
        text=(
            "Each picture shows the 100 ReLU neurons of one network: how they are oriented, from "
            "left to right, and how strong they are, from below. The networks had the same draw of "
            "their weights but for its scale, and the same 20 samples. One started small and was "
            "trained for 100,000 epochs. Which?"
        ),
        source="the talk's polar maps; arXiv:2105.11686 for the start, sizes are ours",
        kind=Pictures(
            {
                "A": "a hundred dots, angle against strength",
                "B": "a hundred dots, angle against strength",
                "C": "a hundred dots, angle against strength",
            },
            _neurons,
        ),
        hints=(
            "Before training the orientations are random. Which pictures look random?",
            "A network that starts large can fit with small moves. How would its picture differ "
            "from that of its start?",
            "A cluster is seen as dots above each other. Weak dots say little: many neurons are "
            "dead, and never move.",
        ),
        answered=Solution(
            "From a small start the neurons turn together before they grow: strong neurons stand "
            "above each other, in few columns. Before training, and after training from a large "
            "start, the strong ones are spread over all angles.",
            """
import condensekit as ck
from condensekit.exercises.pictured import PICTURED

clusters = {}
for letter, (experiment, index) in PICTURED.items():
    run = ck.records.recorded_run(experiment)
    found = ck.measures.gathering(experiment.model, run.at(index), x=experiment.data().x)
    clusters[letter] = found.clusters
print(clusters)
answer = min(clusters, key=clusters.get)
""",
        ),
        investigate=_started,
    )


MATRICES = {"A": (KERNELS, 0), "B": (default_start(KERNELS), -1), "C": (KERNELS, -1)}
"""Which run, and which of its recorded steps, each matrix shows."""


def _matrices() -> dict[str, Any]:
    from ..pictures import kernel_pair  # noqa: PLC0415  with what draws it

    found = {}
    for letter, (experiment, at) in MATRICES.items():
        run = _recorded(experiment)
        found[letter] = _untitled(kernel_pair(run, run.place(at))[1])
    return found


@functools.cache
def _kernels() -> Finding:
    rows, share = [], {}
    for letter, (experiment, at) in MATRICES.items():
        run = _recorded(experiment)
        found = blocks(experiment.model, run.at(at))
        share[letter] = found.share
        rows.append(f"| {letter} | {len(found.members)} | {found.share:.0%} | {found.mean:.2f} |")
    head = ["| picture | blocks | aligned pairs | mean \\|cos\\| |", "|---|---|---|---|"]
    answer = max(share, key=lambda letter: share[letter])
    theory = (
        "Theory: kernels that start small turn to one direction of the data, whatever direction "
        "they were drawn in; large ones need not turn to fit"
    )
    return Finding(
        answer,
        "\n".join([*head, *rows]),
        f"Measured: {share[answer]:.0%} of the pairs of kernels are aligned, none in the others. "
        f"{theory}.",
        (
            Mistake(
                "A",
                "Measured: no pair of these kernels is aligned, and their mean |cos| is that of "
                f"random directions. {theory}.",
            ),
            Mistake(
                "B",
                "Measured: no pair of these kernels is aligned, though the network was trained and "
                f"knows the digits. {theory}.",
            ),
        ),
        f"{theory}.",
    )


def kernel_matrices() -> Question:
    """Kernels of a CNN condense from a small start."""
    return Question(
        name="kernel_matrices",
        title="Which kernels started small?",
        text=(
            "A convolutional network with 32 kernels learns 500 handwritten digits. Each matrix "
            "has the |cosine| between all pairs of its kernels, dark for 1. One is of a network "
            "that started small and was trained, one of a network that was trained from "
            "PyTorch's scale, one of a network before training. Which is the first of these?"
        ),
        source="the talk; Zhou et al. 2023, arXiv:2305.09947 (numbers and sizes are ours)",
        kind=Pictures(
            {
                "A": "a matrix of 32 by 32 |cosines|",
                "B": "a matrix of 32 by 32 |cosines|",
                "C": "a matrix of 32 by 32 |cosines|",
            },
            _matrices,
        ),
        hints=(
            "Kernels have 25 entries. What is the |cosine| of random directions of so many "
            "dimensions: near 0 or near 1?",
            "What does the matrix look like if all kernels stand on one line?",
        ),
        answered=Solution(
            "In 25 dimensions random directions are nearly orthogonal, so a matrix is light away "
            "from its diagonal if the kernels are still as they were drawn. From a small start "
            "they turn into few directions, and blocks get dark.",
            """
import condensekit as ck
from condensekit.exercises.pictured import MATRICES

aligned = {}
for letter, (experiment, index) in MATRICES.items():
    run = ck.records.recorded_run(experiment)
    aligned[letter] = ck.measures.blocks(experiment.model, run.at(index)).share
print(aligned)
answer = max(aligned, key=aligned.get)
""",
        ),
        investigate=_kernels,
    )


NEARLY = 0.03
"""Accuracies that differ by less are called equal: other draws differ by about .01."""
_BETTER = {
    "condensed better": f"the network with aligned kernels, by {NEARLY:.0%} of the digits or more",
    "random better": f"the network with different kernels, by {NEARLY:.0%} of the digits or more",
    "hardly any": "the difference is less than that",
}


@functools.cache
def _accuracy() -> Finding:
    small, default = (_recorded(e) for e in (KERNELS, default_start(KERNELS)))
    right = [float(run.score("test accuracy")[-1]) for run in (small, default)]
    share = [blocks(run.experiment.model, run.final).share for run in (small, default)]
    answer = "hardly any"
    if abs(right[0] - right[1]) >= NEARLY:
        answer = "condensed better" if right[0] > right[1] else "random better"
    rows = [
        f"| {name} | {s:.0%} | {r:.3f} |"
        for name, s, r in zip(("small", "PyTorch's scale"), share, right, strict=True)
    ]
    head = ["| start | aligned pairs of kernels | test accuracy |", "|---|---|---|"]
    theory = (
        "Theory says which way kernels turn, and that a condensed network acts as a narrow one; "
        "that a narrow one is better or worse at digits it does not say"
    )
    seeds = "Over seeds 0 to 4 notebook 03 has .86 to .87 from the small start, .86 to .88 from "
    return Finding(
        answer,
        "\n".join([*head, *rows, "", f"{seeds}the other."]),
        f"Measured: {right[0]:.3f} and {right[1]:.3f}, with {share[0]:.0%} and {share[1]:.0%} of "
        f"the pairs aligned. {theory}. {np.ptp(right):.3f} is within the spread of other draws.",
        (
            Mistake(
                "condensed better",
                f"Measured: the network with aligned kernels is right in {right[0]:.1%} of the "
                f"test images. {theory}. How much room is there for the other?",
            ),
            Mistake(
                "random better",
                f"Measured: the network with different kernels is right in {right[1]:.1%} of the "
                f"test images. {theory}. How many directions does it take for digits?",
            ),
        ),
        f"{theory}.",
    )


def equal_accuracy() -> Question:
    """The test accuracy of a condensed CNN, and of one that is not."""
    return Question(
        name="equal_accuracy",
        title="Is it better to be condensed?",
        text=(
            "The same convolutional network learns the same 500 digits twice: from a small start, "
            "after which more than half of all pairs of kernels are aligned, and from PyTorch's "
            "scale, after which none are. Which has the higher accuracy on test images?"
        ),
        source="notebook 03; for the alignment Zhou et al. 2023, arXiv:2305.09947",
        kind=Choice(_BETTER),
        hints=(
            "Few directions mean few effective parameters. Is that good, bad, or neither, for a "
            "task with plenty of structure that one direction can see?",
            "Both networks read their answers from the same fully connected layer with thousands "
            "of weights. What do the kernels add?",
        ),
        answered=Solution(
            "Both reach the same accuracy, up to what another seed would change. The small start "
            "is another way, not a better one, here.",
            """
import condensekit as ck

small = ck.records.recorded_run(ck.records.KERNELS)
default = ck.records.recorded_run(ck.records.default_start(ck.records.KERNELS))
first, second = (run.score("test accuracy")[-1] for run in (small, default))
answer = "hardly any"
if abs(first - second) >= 0.03:
    answer = "condensed better" if first > second else "random better"
""",
        ),
        investigate=_accuracy,
    )
