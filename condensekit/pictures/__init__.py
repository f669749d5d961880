"""Pictures: what was computed -> frames. Pure functions; who draws a frame is not known here."""

from ..measures import rank_counts
from ..verdicts import moment
from ..words import number
from .attention import (
    attention_answers,
    attention_cosines,
    attention_pair,
    attention_ranks,
)
from .completion import mismatch, product, singular
from .condensation import aligned, cluster_map, history, labelled, marks, merged_fit, noun
from .kernels import SCORE, kernel_history, kernel_learning, kernel_pair, kernel_tiles
from .maps import map_frame
from .plateaus import runaway_frame
from .rank import rank_curve, rank_spectrum
from .regimes import displacement_curve, displacements_of, regime_plane
from .runs import fit, loss, loss_history, neurons, similarity, time_axis
from .spread import Guide, spread
from .symmetry import distances, eigenvalues, losses, plane

__all__ = [
    "SCORE",
    "Guide",
    "aligned",
    "attention_answers",
    "attention_cosines",
    "attention_pair",
    "attention_ranks",
    "cluster_map",
    "displacement_curve",
    "displacements_of",
    "distances",
    "eigenvalues",
    "fit",
    "history",
    "kernel_history",
    "kernel_learning",
    "kernel_pair",
    "kernel_tiles",
    "labelled",
    "loss",
    "loss_history",
    "losses",
    "map_frame",
    "marks",
    "merged_fit",
    "mismatch",
    "moment",
    "neurons",
    "noun",
    "number",
    "plane",
    "product",
    "rank_counts",
    "rank_curve",
    "rank_spectrum",
    "regime_plane",
    "runaway_frame",
    "similarity",
    "singular",
    "spread",
    "time_axis",
]
