"""Pictures: what was computed -> frames. Pure functions; who draws a frame is not known here."""

from .rank import rank_curve, rank_spectrum
from .runs import (
    fit,
    loss,
    moment,
    neurons,
    number,
    recovery_frame,
    similarity,
    verdict,
)

__all__ = [
    "fit",
    "loss",
    "moment",
    "neurons",
    "number",
    "rank_curve",
    "rank_spectrum",
    "recovery_frame",
    "similarity",
    "verdict",
]
