"""Measures: what a network's neurons do, and its rank, and whether it recovered its target."""

from ..derivatives import jacobian
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
from .recovery import RECOVERED, Recovery, recovery, theory
from .simplicity import Simplicity, simplicity

__all__ = [
    "ACTIVE",
    "RECOVERED",
    "SAME",
    "Neurons",
    "RankReport",
    "Recovery",
    "Simplicity",
    "amplitudes",
    "cosine_similarity",
    "groups",
    "jacobian",
    "model_rank",
    "neurons",
    "orientations",
    "probes_for",
    "recovery",
    "simplicity",
    "spectrum",
    "theory",
]
