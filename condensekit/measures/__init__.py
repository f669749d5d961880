"""Measures: what a network's neurons do, and whether it recovered its target."""

from .merging import THRESHOLD, Comparison, Merged, merge, polish
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
from .recovery import RECOVERED, Recovery, recovery

__all__ = [
    "ACTIVE",
    "RECOVERED",
    "SAME",
    "THRESHOLD",
    "Comparison",
    "Merged",
    "Neurons",
    "Recovery",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "merge",
    "neurons",
    "orientations",
    "polish",
    "recovery",
]
