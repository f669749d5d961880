"""Regimes -> frames: the plane of (gamma, gamma'), and displacements over the width."""

from collections.abc import Sequence

import numpy as np

from ..frames import (
    COLOURS,
    REGIONS,
    Axis,
    CurvesFrame,
    CurvesLook,
    RegimesFrame,
    Style,
    around,
    powers,
)
from ..measures import displacement
from ..models import INITIALIZATIONS, boundary, gammas, regime
from ..sweeps import Displacements
from ..training import Run
from ..words import number

__all__ = ["displacement_curve", "displacements_of", "regime_plane"]

GAMMA, GAMMA_PRIME = np.arange(0.0, 2.51, 0.25), np.arange(-1.0, 1.51, 0.25)
"""Points of the plane that can be chosen."""
_LETTERS = {"LeCun": "L", "He": "H", "Xavier": "X", "NTK": "N", "mean field": "M", "PyTorch": "P"}
DISPLACEMENTS = CurvesLook(
    "Displacement",
    "RD of (w, b)",
    (
        Style("each network", COLOURS["network"], width=1.0, dots=True),
        Style("line through all", COLOURS["theory"], "dashed"),
    ),
)


def regime_plane(gamma: float, gamma_prime: float, width: int) -> RegimesFrame:
    """The plane with its regimes, and where common initializations are at a width."""
    kinds = [*REGIONS]
    plane = [[kinds.index(regime(x, y)) for x in GAMMA] for y in GAMMA_PRIME]
    low, high = GAMMA_PRIME[0] - 0.125, GAMMA_PRIME[-1] + 0.125
    corners = [(boundary(y), y) for y in (low, 0.0, high)]
    places = {name: gammas(name, width) for name in INITIALIZATIONS}
    named = tuple((_LETTERS[name], name, x, y) for name, (x, y) in places.items())
    at = f"γ = {number(gamma, 3)}, γ′ = {number(gamma_prime, 3)}"
    said = f"{at}: {regime(gamma, gamma_prime)}"
    return RegimesFrame(
        GAMMA, GAMMA_PRIME, np.array(plane), np.array(corners), named, (gamma, gamma_prime), said
    )


def displacements_of(runs: Sequence[Run]) -> Displacements:
    """The displacements of runs of several widths and seeds, where they are now."""
    widths = sorted({run.experiment.model.shapes()["a"][0] for run in runs})
    rows: dict[int, list[float]] = {m: [] for m in widths}
    for run in runs:
        moved = float(displacement(run)[-1]) if len(run) else 0.0
        rows[run.experiment.model.shapes()["a"][0]].append(moved if moved > 0.0 else np.nan)
    return Displacements(np.array(widths), np.array([*rows.values()]))


def displacement_curve(runs: Sequence[Run]) -> CurvesFrame:
    """Relative displacement over the width, each seed a curve, and the line through all."""
    found = displacements_of(runs)
    m, log = found.widths, np.log10(found.relative)
    ends = np.log10(m[[0, -1]])
    axis = Axis(m.astype(float), "width m", (float(ends[0]) - 0.1, float(ends[1]) + 0.1))
    nothing = np.zeros(0), np.zeros(0)
    if np.isnan(log).any() or len(m) < 2:
        return CurvesFrame(DISPLACEMENTS, axis, (nothing, nothing), (0.0, 1.0), (), "not trained")
    fitted = log.mean() + found.slope * (ends - np.log10(m).mean())
    low, high = around(log, 0.2)
    middle, room = (low + high) / 2, max(high - low, 0.6) / 2  # a flat one looks flat
    y_range = middle - room, middle + room
    said = f"slope {found.slope:.2f} ± {found.spread:.2f}"
    curves = (axis.x, log.T), (m[[0, -1]].astype(float), fitted)
    ticks = tuple(powers(*y_range)) or (round(middle, 1),)
    return CurvesFrame(DISPLACEMENTS, axis, curves, y_range, ticks, said)
