"""Model ranks -> frames."""

import numpy as np

from ..frames import COLOURS, Axis, CurvesFrame, CurvesLook, SpectrumFrame, Style, ticks
from ..measures import RankReport
from ..words import number, power

__all__ = ["rank_curve", "rank_spectrum"]

LOWEST = -18.0  # below the rounding of doubles; singular values that are zero are drawn here
RANKS = CurvesLook(
    "Perturbed",
    "rank",
    (
        Style("numerical", COLOURS["network"], dots=True),
        Style("proven", COLOURS["theory"], "dashed"),
        Style("proven at ε = 0", COLOURS["others"], "dotted", 1.5),
        Style("here", COLOURS["last"], width=1.5),
    ),
    {},
)


def rank_spectrum(report: RankReport, exact: int, theorem: int) -> SpectrumFrame:
    """The spectrum of a report, beside the proven rank and the theorem's count."""
    largest = report.spectrum[0]
    relative = report.spectrum / largest if largest > 0.0 else np.zeros(len(report.spectrum))
    logs = np.log10(np.maximum(relative, 10.0**LOWEST))
    tolerance = float(np.log10(report.tolerance))
    gap = f"gap {number(report.gap_to_rounding)}" if np.isfinite(report.gap) else "then none"
    worth = report.status.value if report.rank == exact else f"{exact} proven"
    said = f"{report.rank} above tolerance, {gap}; {worth}"
    return SpectrumFrame(logs, tolerance, report.rank, exact, theorem, (LOWEST - 0.5, 0.5), said)


def rank_curve(
    epsilons: list[float],
    numerical: list[int],
    exact: list[int],
    theorem: int,
    unperturbed: int,
    here: float,
) -> CurvesFrame:
    """Numerical and proven rank over the size of a perturbation, which is entered as `here`.

    Without ranks, since they take long to prove, the frame says so and draws nothing.
    """
    apart = [epsilon for epsilon, n, e in zip(epsilons, numerical, exact, strict=False) if n != e]
    said = f"ranks differ up to {power(round(np.log10(max(apart))))}" if apart else "ranks agree"
    low, high = float(np.log10(epsilons[0])) - 0.3, float(np.log10(epsilons[-1])) + 0.3
    axis = Axis(np.array(epsilons), "perturbation ε of every parameter", (low, high))
    height = (0.0, 1.08 * max(theorem, unperturbed, *numerical, *exact))
    if not exact:
        nothing = ((np.zeros(0), np.zeros(0)),) * len(RANKS.styles)
        return CurvesFrame(RANKS, axis, nothing, height, (), "for smaller networks")
    curves = (
        (axis.x, np.array(numerical)),
        (axis.x, np.array(exact)),
        (axis.ends, np.repeat(unperturbed, 2)),
        (np.repeat(here, 2) if here > 0.0 else np.zeros(0), np.array(height)),
    )
    return CurvesFrame(RANKS, axis, curves, height, tuple(ticks(*height)), said)
