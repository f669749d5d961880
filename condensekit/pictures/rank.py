"""Model ranks -> frames."""

import numpy as np

from ..frames import CurveFrame, SpectrumFrame
from ..measures import RankReport
from ..words import number, power

__all__ = ["rank_curve", "rank_spectrum"]

LOWEST = -18.0  # below the rounding of doubles; singular values that are zero are drawn here


def rank_spectrum(report: RankReport, exact: int, theorem: int) -> SpectrumFrame:
    """The spectrum of a report, beside the proven rank and the theorem's count."""
    largest = report.spectrum[0]
    relative = report.spectrum / largest if largest > 0.0 else np.zeros(len(report.spectrum))
    logs = np.log10(np.maximum(relative, 10.0**LOWEST))
    tolerance = float(np.log10(report.tolerance))
    gap = f"gap {number(report.gap)}" if np.isfinite(report.gap) else "then none"
    worth = report.status.value if report.rank == exact else f"{exact} proven"
    return SpectrumFrame(
        logs,
        tolerance,
        report.rank,
        exact,
        theorem,
        (LOWEST - 0.5, 0.5),
        f"{report.rank} above tolerance, {gap}; {worth}",
    )


def rank_curve(
    epsilons: list[float],
    numerical: list[int],
    exact: list[int],
    theorem: int,
    unperturbed: int,
    here: float,
) -> CurveFrame:
    """Numerical and proven rank over the size of a perturbation."""
    apart = [epsilon for epsilon, n, e in zip(epsilons, numerical, exact, strict=True) if n != e]
    said = f"ranks differ up to {power(round(np.log10(max(apart))))}" if apart else "ranks agree"
    return CurveFrame(
        np.log10(epsilons),
        np.array(numerical),
        np.array(exact),
        theorem,
        unperturbed,
        float(np.log10(here)) if here > 0.0 else None,
        said,
    )
