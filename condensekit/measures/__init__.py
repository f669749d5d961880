"""Measures: what a network's neurons do, and its rank, and whether it recovered its target."""

from ..derivatives import jacobian
from .merging import THRESHOLD, Comparison, Dropped, Merged, merge, polish
from .neurons import (
    ACTIVE,
    SAME,
    Neurons,
    amplitudes,
    cosine_similarity,
    groups,
    neurons,
    orientations,
)
from .rank import RankReport, model_rank, probes_for, spectrum
from .recovery import RECOVERED, Recovery, recovery

__all__ = [
    "ACTIVE",
    "RECOVERED",
    "SAME",
    "THRESHOLD",
    "Comparison",
    "Dropped",
    "Merged",
    "Neurons",
    "RankReport",
    "Recovery",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "jacobian",
    "merge",
    "model_rank",
    "neurons",
    "orientations",
    "polish",
    "probes_for",
    "recovery",
    "spectrum",
]
