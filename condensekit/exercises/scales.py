"""Exercises on the scale of the start: regimes, defaults, the origin."""

import functools

import numpy as np

from ..dynamics import origin_escape
from ..experiments import Experiment
from ..models import INITIALIZATIONS, Deep, gammas, regime
from ..problems import three_tanh
from ..records import REGIMES
from ..sweeps import displacements
from .base import Finding, Mistake, Question, Solution
from .functions import Function
from .kinds import Choice, Number, Real

__all__ = ["default_regime", "depth_and_wait", "slopes_of_regimes"]

_MEASURED = (0.5, 1.0, 1.75)
GAMMAS = ((0.25,), (0.5,), (0.75,), (1.0,), (1.25,), (1.75,), (2.5,))
WITHIN = 0.06


def _slope(gamma: float) -> float:
    return gamma - 1.0 if gamma < 1.0 else (gamma - 1.0) / 2.0


@functools.cache
def _slopes() -> Finding:
    widths = [300, 1_000, 3_000]
    found = {g: displacements(REGIMES.replace(gamma=g), widths, seeds=3) for g in _MEASURED}
    rows = [
        f"| {g:g} | {of.slope:.3f} | {', '.join(f'{s:.3f}' for s in of.slopes)} | {_slope(g):.3f} |"
        for g, of in found.items()
    ]
    head = ["| γ | slope, mean | of 3 seeds | theory |", "|---|---|---|---|"]
    off = max(abs(of.slope - _slope(g)) for g, of in found.items())
    spread = max(of.spread for of in found.values())
    theory = (
        "Theory: below the boundary each weight has to move by 1/(m s), with s² = m^(-γ); "
        "beyond it "
        "weights grow to a size that depends on m alone"
    )
    return Finding(
        _slope,
        "\n".join([*head, *rows, "", f"Spread of the seeds: {spread:.3f}, at most."]),
        f"Measured at γ = .5, 1 and 1.75, the means are within {off:.3f} of it (the seeds "
        "differ by "
        f"{spread:.3f}); at the other γ it is theory. {theory}.",
        (
            Mistake(
                lambda gamma: gamma - 1.0,
                f"Up to γ = 1 it is right. {theory}. Measured beyond, it grows more slowly: there "
                "the first order is no longer what moves.",
            ),
            Mistake(
                lambda gamma: (gamma - 1.0) / 2.0,
                f"From γ = 1 on it is right. {theory}. Measured below, it falls faster.",
            ),
            Mistake(
                lambda gamma: -gamma / 2.0,
                f"That is the size of the weights at the start. {theory}. Measured is how far they "
                "move, over how large they were.",
            ),
            Mistake(
                lambda gamma: 1.0 - gamma,
                f"{theory}. Measured: weights that start larger move less in comparison.",
            ),
        ),
        f"{theory}. Measured at γ = .5, 1 and 1.75, with three seeds.",
    )


def slopes_of_regimes() -> Question:
    """How the relative displacement changes with the width, for each gamma."""
    return Question(
        name="slopes_of_regimes",
        title="How does the displacement change with the width?",
        text=(
            "In f(x) = Σ aₖ relu(wₖ·x) all weights have the size s at first, s² = m^(-γ), with the "
            "width m. After training, the relative displacement RD = |Δw| / |w(0)| goes as a power "
            "of m for large m. Write its exponent as a function of gamma, for γ from 0.25 to 2.5 "
            "(and γ′ = 0)."
        ),
        source="Luo, Xu, Ma and Zhang 2021, arXiv:2007.07497; notebook 09",
        kind=Function(("gamma",), GAMMAS, Real(WITHIN)),
        hints=(
            "To first order f changes by Σ aₖ Δwₖ·x, a sum of m terms of one sign: how large must "
            "Δw be, if f has to change by 1, and how large is it compared with s?",
            "If that is larger than s itself, first order means nothing: weights grow until m "
            "times their square is 1. How large are they then, compared with s?",
        ),
        answered=Solution(
            "Below the boundary m s Δw = 1, so that RD = Δw / s = m^(γ - 1). Beyond it "
            "weights end at m^(-1/2), wherever they were, and RD = m^(-1/2) / s = m^((γ - 1) / 2).",
            """
def answer(gamma):
    return gamma - 1 if gamma < 1 else (gamma - 1) / 2
""",
        ),
        investigate=_slopes,
    )


_REGIMES = {
    "linear": "RD goes to zero as the width grows",
    "critical": "on the boundary between the two",
    "condensed": "RD goes to infinity",
}


@functools.cache
def _default() -> Finding:
    rows = []
    for name in INITIALIZATIONS:
        limit, here = gammas(name), gammas(name, 1_000)
        rows.append(
            f"| {name} | {limit[0]:.2f} | {limit[1]:.2f} | {regime(*limit)} | {here[0]:.2f} |"
        )
    head = ["| start | γ | γ′ | regime | γ at m = 1,000 |", "|---|---|---|---|---|"]
    gamma, prime = gammas("PyTorch")
    theory = (
        "Theory: the regime is that of the limits of γ = -log(β₁β₂/α) / log m and "
        "γ′ = -log(β₁/β₂) / log m, and the boundary is γ = 1 as long as γ′ is at most 0, and "
        "γ = 1 + γ′ above"
    )
    return Finding(
        regime(gamma, prime),
        "\n".join([*head, *rows]),
        f"γ = {gamma:g}, γ′ = {prime:g}. {theory}. None of the usual starts is where neurons "
        "condense; one has to start smaller.",
        (
            Mistake(
                "critical",
                f"The measured table has two starts there: one divides by m, one uses the mean of "
                f"inputs and outputs. {theory}. With which power of m does PyTorch scale the "
                "output "
                "layer?",
            ),
            Mistake(
                "condensed",
                f"{theory}. Measured with these notebooks, neurons with the default start hardly "
                "turn. What power of m would it take?",
            ),
        ),
        f"{theory}.",
    )


def default_regime() -> Question:
    """PyTorch's default start, on the plane of the regimes."""
    return Question(
        name="default_regime",
        title="Where does PyTorch start?",
        text=(
            "`torch.nn.Linear` draws its weights with a variance of 1 / (3 · inputs). Take a "
            "two-layer network, f(x) = Σ aₖ relu(wₖ·x), with one input and m neurons, as PyTorch "
            "starts it, and let m grow. Where is it on the plane of regimes?"
        ),
        source="Luo, Xu, Ma and Zhang 2021, arXiv:2007.07497, Table 1; notebook 09",
        kind=Choice(_REGIMES),
        hints=(
            "The first layer has one input, the second has m. What are β₂ and β₁, as powers of m?",
            "Their product is m^(-γ). Is γ below or above 1, and where is the boundary if β₁ is "
            "the smaller of the two?",
        ),
        answered=Solution(
            "β₂ is a constant and β₁ = (3 m)^(-1/2): γ = γ′ = 1/2, far below the boundary, "
            "which is "
            "at 1 + γ′ there.",
            """
import condensekit as ck

answer = ck.regime(*ck.gammas("PyTorch"))
""",
        ),
        investigate=_default,
    )


_LAYERS = {3: (1e-3, 1e-4), 4: (1e-2, 1e-3), 5: (3e-2, 3e-3)}
"""Layers of weights, and two scales of the start, one ten times as large as the other."""
_LIVE = (3, 4)


@functools.cache
def _depth() -> Finding:
    rows, least = [], []
    for layers in _LIVE:
        deep = Deep(1, 3, layers - 1, bias=False)
        found = [
            origin_escape(
                Experiment(deep, three_tanh(1), n_samples=10, seed=seed), _LAYERS[layers]
            ).time
            for seed in range(2)
        ]
        factors = [float(time[1] / time[0]) for time in found]
        least.append(max(abs(np.log10(f) - (layers - 2)) for f in factors))
        rows.append(f"| {layers} | {', '.join(f'{f:.4g}' for f in factors)} |")
    head = ["| layers L | factor for a start ten times as small (2 seeds) |", "|---|---|"]
    theory = (
        "Theory: near the origin the force on the weights of one layer is the product of those of "
        "all others, so that its size ε doubles in a time of the order ε^-(L-2)"
    )
    return Finding(
        lambda layers: 10.0 ** (layers - 2),
        "\n".join([*head, *rows]),
        f"Measured for L = 3 and 4, within {10 ** max(least) - 1:.1%}; 5 is theory here. {theory}. "
        "For two layers it is a logarithm.",
        (
            Mistake(
                lambda layers: 2.0,
                "A small factor is what a logarithm gives, which is right for two layers. "
                f"{theory}. Measured with more layers, it is a power.",
            ),
            Mistake(
                lambda layers: 10.0 ** (layers - 1),
                f"The force goes as that power. {theory}; measured is the time in which the "
                "weights "
                "grow in proportion to their own size, which is small, too.",
            ),
            Mistake(
                lambda layers: 10.0,
                f"For L = 3 it is right. {theory}. Measured with four layers, it is more.",
            ),
            Mistake(
                lambda layers: 10.0**layers,
                f"{theory}. Measured: it is less. How many layers are among *the others*, and how "
                "far is the way?",
            ),
        ),
        f"{theory}. Measured for L = 3 and 4, with two seeds each.",
    )


def depth_and_wait() -> Question:
    """How the wait at the origin depends on the start, in deep networks."""
    return Question(
        name="depth_and_wait",
        title="What does a tiny start cost a deep network?",
        text=(
            "A tanh network with L layers of weights and without biases starts near the origin, "
            "with weights of the size ε, and follows the gradient flow. For L = 2 the time until "
            "the loss falls grows by a constant when ε falls to a tenth. By which *factor* does it "
            "grow for L = 3, 4, 5? Write it as a function of layers."
        ),
        source="Rawal and DeWeese 2026, arXiv:2605.01288; notebook 09",
        kind=Function(("layers",), tuple((layers,) for layers in _LAYERS), Number(1.2)),
        hints=(
            "The output is about the product of all L weights. What is its derivative with respect "
            "to one of them, as a power of ε?",
            "dε/dt is that. Solve it for L = 2, then for larger L: when does ε get to a size of "
            "order one?",
        ),
        answered=Solution(
            "dε/dt = c ε^(L - 1) gives a time of the order ε^-(L - 2) / c for L > 2, and a "
            "logarithm for L = 2.",
            """
def answer(layers):
    return 10.0 ** (layers - 2)
""",
        ),
        investigate=_depth,
    )
