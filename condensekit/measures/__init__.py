"""Measures: what a network's neurons do, and whether it recovered its target."""

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
from .recovery import RECOVERED, Recovery, recovery, theory

__all__ = [
    "ACTIVE",
    "RECOVERED",
    "SAME",
    "Neurons",
    "Recovery",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "neurons",
    "orientations",
    "recovery",
    "theory",
]
