"""Exercises on what happens along the gradient flow, and when."""

import functools
import math
from typing import Any

import numpy as np

from ..experiments import Experiment
from ..measures import RECOVERED, alignment, target_square
from ..models import TwoLayer
from ..optimizers import GradientFlow
from ..problems import three_tanh
from ..training import Run, train
from .base import Finding, Mistake, Question, Solution
from .kinds import Number, Ordering

__all__ = ["order_of_events", "relative_errors", "waiting_time"]

Array = np.ndarray[Any, np.dtype[Any]]

GATHERED, SPREAD = 0.95, 0.9
"""Mean |cosine| above which neurons stand on one line, and below which they have left it."""
EVENTS = {
    "recover": f"the target is recovered: the test error is below {RECOVERED:g} of the target's "
    "mean square",
    "halve": "the training loss is half of what it was at the start",
    "spread": f"the neurons have left the line: the mean |cosine| is below {SPREAD} again",
    "gather": f"the neurons stand on one line: the mean |cosine| is above {GATHERED} "
    "for the first time",
    "one neuron": "the training loss is as low as the best that a single tanh neuron can do",
}
LR = 5e-3  # the learning rate that the paper prints


def alignments(run: Run) -> Array:
    """Mean |cosine| of all pairs of active neurons at every recorded step, shape [T]."""
    model = run.experiment.model
    return np.array([alignment(model, run.at(i)) for i in range(len(run))])


def relative_errors(run: Run) -> Array:
    """Test error over the target's mean square at every recorded step, shape [T]."""
    scale = target_square(run.experiment)
    return run.test_loss / (np.nan if scale is None else scale)


@functools.cache
def _order() -> Finding:
    flow = GradientFlow(stop_loss=1e-4)
    base = Experiment(TwoLayer(1, 50), three_tanh(), flow, n_samples=50, init_std=1e-4, seed=1)
    alone = base.replace(width=1, init_std=1.0, t_end=1e3)
    best = float(np.nanmin(train([alone.replace(seed=seed) for seed in range(6)]).loss))
    run = train(base)
    aligned, steps = alignments(run), np.arange(len(run))
    gathered = int(np.argmax(aligned > GATHERED))
    happened = {
        "gather": gathered,
        "halve": int(np.argmax(run.loss < 0.5 * run.loss[0])),
        "one neuron": int(np.argmax(run.loss < best)),
        "spread": int(np.argmax((aligned < SPREAD) & (steps > gathered))),
        "recover": int(np.argmax(relative_errors(run) < RECOVERED)),
    }
    order = tuple(sorted(EVENTS, key=lambda name: happened[name]))
    rows = [
        f"| {name} | {run.time[i]:.3g} | {run.loss[i]:.3g} | {aligned[i]:.2f} |"
        for name, i in ((name, happened[name]) for name in order)
    ]
    head = ["| event | flow time t | training loss | mean \\|cosine\\| |", "|---|---|---|---|"]
    note = f"The best of one neuron, from 6 attempts: {best:.4g}."
    theory = (
        "Theory: as long as all weights are tiny, the output is nearly zero, so that every neuron "
        "feels the same force"
    )
    return Finding(
        order,
        "\n".join([*head, *rows, "", note]),
        f"{theory}, and turns before it has grown. What one neuron can do, a line of them can: "
        f"the best of one is {best:.4g}. They went on below it while still on the line, some with "
        "opposite output, but slowly: when the line opened the loss was "
        f"{run.loss[happened['spread']]:.3g}.",
        (
            Mistake(
                ("halve", "gather", "one neuron", "spread", "recover"),
                f"{theory}. Measured at the start: mean |cosine| {aligned[0]:.2f}, loss "
                f"{run.loss[0]:.3g}. What has to grow before the loss can move, and what before "
                "directions can?",
            ),
            Mistake(
                ("gather", "halve", "one neuron", "recover", "spread"),
                "Theory: neurons on one line through the origin compute odd functions of a single "
                f"direction. Measured: the best of one of them is a loss of {best:.3g}; recovered "
                f"is a test error below {RECOVERED:g} of the mean square. Did they get there "
                "without turning?",
            ),
            Mistake(
                ("gather", "halve", "spread", "one neuron", "recover"),
                "Theory: what one neuron can do, a line of neurons can do as well, and a little "
                f"more. Measured: the best of one is {best:.3g}. Is there a reason to leave the "
                "line earlier?",
            ),
        ),
        f"{theory}; and a line of neurons can do what one of them can, whose best loss was "
        f"measured to be {best:.3g}.",
    )


def order_of_events() -> Question:
    """The order of what happens along the gradient flow."""
    return Question(
        name="order_of_events",
        title="In which order does it happen?",
        text=(
            "50 tanh neurons, 50 samples of the three-tanh target, all parameters from N(0, σ²) "
            "with σ = 10⁻⁴, and the gradient flow until the target is recovered. On the way five "
            "things happen for the first time. In which order?"
        ),
        source="the talk; the experiment of Zhang et al. 2021, arXiv:2105.14573, Figure 1, with 50 "
        "instead of 500 neurons",
        kind=Ordering(EVENTS),
        hints=(
            "Which of these ask for large weights, and which only for directions?",
            "What function can neurons compute that all stand on one line through the origin? "
            "How low can its loss be?",
            "To get far below the level of a single neuron, some neurons must point elsewhere; a "
            "little below it they need not. And at the very start, directions can change while the "
            "output is still nearly zero.",
        ),
        answered=Solution(
            "Tiny weights make a tiny output. The residual is then the target itself, every neuron "
            "feels the same force and turns into its direction, long before the loss moves. "
            "Neurons on one line can do what one of them can, and the loss soon passes its best. "
            "They can do more, but slowly: the output weights of some of them change their sign; "
            "with opposite output, neurons run away as their input weights shrink, while the loss "
            "creeps towards that of a cubic. In the end some leave the line; only when they have "
            "done so can the loss fall, and then the target is found soon.",
            """
import numpy as np
import condensekit as ck

experiment = ck.Experiment(
    ck.TwoLayer(1, 50), ck.three_tanh(), ck.GradientFlow(stop_loss=1e-4),
    n_samples=50, init_std=1e-4,
)
run = ck.train(experiment)
cosine = np.array([ck.measures.alignment(experiment.model, run.at(i)) for i in range(len(run))])
alone = experiment.replace(width=1, init_std=1.0, t_end=1e3)
best = np.nanmin(ck.train([alone.replace(seed=seed) for seed in range(4)]).loss)

first = {
    "gather": np.argmax(cosine > 0.95),
    "halve": np.argmax(run.loss < run.loss[0] / 2),
    "one neuron": np.argmax(run.loss < best),
    "recover": np.argmax(run.test_loss < 1e-3 * float(experiment.data().y_test.square().mean())),
}
first["spread"] = first["gather"] + np.argmax(cosine[first["gather"]:] < 0.9)
answer = sorted(first, key=first.get)
""",
        ),
        investigate=_order,
    )


_SMALL, TINY = 1e-6, 1e-12


def _wait(run: Run) -> float:
    """Flow time until the loss is half of what it was; along the flow it never rises."""
    return float(np.interp(0.5 * run.loss[0], run.loss[::-1], run.time[::-1]))


@functools.cache
def _waiting() -> Finding:
    flow = GradientFlow(stop_loss=2.0)
    base = Experiment(TwoLayer(1, 50), three_tanh(), flow, n_samples=50)
    settings = [
        base.replace(init_std=std, seed=seed) for std in (_SMALL, TINY) for seed in range(3)
    ]
    waits = np.array([_wait(run) for run in train(settings)]).reshape(2, 3)
    small, tiny = (float(np.median(row)) for row in waits)
    data = base.data()
    force = [float((data.y * factor).mean()) for factor in (data.x[:, 0], 1.0)]
    rate = 2.0 * math.hypot(*force)
    extra = math.log(_SMALL / TINY) / rate
    rows = [
        f"| {std:g} | {', '.join(f'{wait:.3f}' for wait in row)} | {np.median(row) / LR:.0f} |"
        for std, row in zip((_SMALL, TINY), waits, strict=True)
    ]
    table = "\n".join(
        [
            f"| σ | flow time until the loss is halved (3 seeds) | in epochs of learning rate "
            f"{LR:g} |",
            "|---|---|---|",
            *rows,
            "",
            f"The ratio of the medians is {tiny / small:.3g}.",
        ]
    )
    spread = float(np.ptp(waits[0]) / small)
    theory = (
        "Theory: while the weights of a neuron are tiny, they grow at a rate in proportion to "
        "their own size"
    )
    return Finding(
        tiny / small,
        table,
        f"Measured: {small:.3f} and {tiny:.3f}, that is {tiny - small:.3f} more. {theory}, that "
        f"is, as exp(λ t) with λ = |2 ⟨y (x, 1)⟩| = {rate:.1f}: a factor of 10⁶ costs "
        f"ln(10⁶) / λ = {extra:.3f} once more. Smallness is cheap: it costs its logarithm.",
        (
            Mistake(
                _SMALL / TINY,
                f"Measured: from σ = {_SMALL:g} it takes {small / LR:.0f} epochs of learning rate "
                f"{LR:g}; by your factor it would be {small * _SMALL / TINY / LR:.0e}. {theory}: "
                "the gradient is a million times smaller, but so is the way to go.",
            ),
            Mistake(
                1.0,
                f"Measured: among three seeds the wait differs by {spread:.1%} only, but between "
                f"the variances by far more. {theory}; so how do they depend on t?",
            ),
            Mistake(
                math.sqrt(_SMALL / TINY),
                f"No power of σ it is. Measured: from σ = {_SMALL:g} it takes {small / LR:.0f} "
                f"epochs of learning rate {LR:g}. {theory}. What kind of growth is that?",
            ),
        ),
        f"{theory}. Measured: from σ = {_SMALL:g} the wait is {small:.3f} in flow time, or "
        f"{small / LR:.0f} epochs of learning rate {LR:g}. How often does a weight have to grow by "
        "a factor of ten, from each start?",
    )


def waiting_time() -> Question:
    """How the first wait depends on the initialization."""
    return Question(
        name="waiting_time",
        title="What does a tiny initialization cost?",
        text=(
            "The same 50 neurons and 50 samples. Started from σ = 10⁻⁶, the gradient flow needs "
            "some time until the training loss is half of what it was. Now start a million times "
            "smaller still, from σ = 10⁻¹². By which factor does that take longer?"
        ),
        source="the initial stage of Zhou et al. 2021, arXiv:2105.11686, on the data of Zhang et "
        "al. 2021, arXiv:2105.14573, Figure 1; widths and variances are ours",
        kind=Number(1.25),
        hints=(
            "Near zero, tanh(z) ≈ z. Write down da/dt and dw/dt for a single neuron with the "
            "output of the network left out.",
            "Both are in proportion to the other one: the solution is exponential in t. When does "
            "it reach a size of order one?",
            "σ exp(λ t) = 1 gives t = ln(1/σ) / λ. Take the ratio of that for both σ.",
        ),
        answered=Solution(
            "While all weights are tiny, da/dt = g·(w, b) and d(w, b)/dt = a g with the constant "
            "vector g = 2 ⟨y (x, 1)⟩, so that both grow as exp(|g| t). The loss falls when they "
            "are no longer tiny, at about t = ln(1/σ) / |g|. That gives ln(10¹²) / ln(10⁶); "
            "measured it is a little more, since the wait ends before weights are of order one.",
            """
import numpy as np
import condensekit as ck

base = ck.Experiment(
    ck.TwoLayer(1, 50), ck.three_tanh(), ck.GradientFlow(stop_loss=2.0), n_samples=50
)

def wait(std):
    run = ck.train(base.replace(init_std=std))
    return run.time[np.argmax(run.loss < run.loss[0] / 2)]

answer = wait(1e-12) / wait(1e-6)
""",
        ),
        investigate=_waiting,
    )
