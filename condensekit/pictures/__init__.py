"""Pictures: what was computed -> frames. Pure functions; who draws a frame is not known here."""

from .completion import completion_frame, products, rank_counts
from .condensation import (
    aligned,
    cluster_map,
    history,
    labelled,
    loss_history,
    marks,
    merged_fit,
    noun,
    regime_frame,
    regime_verdict,
)
from .kernels import SCORE, kernel_frame, kernel_verdict
from .maps import map_frame
from .plateaus import runaway_frame
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
    "SCORE",
    "aligned",
    "cluster_map",
    "completion_frame",
    "fit",
    "history",
    "kernel_frame",
    "kernel_verdict",
    "labelled",
    "loss",
    "loss_history",
    "map_frame",
    "marks",
    "merged_fit",
    "moment",
    "neurons",
    "noun",
    "number",
    "products",
    "rank_counts",
    "rank_curve",
    "rank_spectrum",
    "recovery_frame",
    "regime_frame",
    "regime_verdict",
    "runaway_frame",
    "similarity",
    "verdict",
]
