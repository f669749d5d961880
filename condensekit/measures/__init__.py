"""Measures: what a network's neurons do, and whether it recovered its target."""

from .clusters import (
    GAP,
    LINE,
    STRONG,
    Cluster,
    InitialLines,
    alignment,
    cluster_counts,
    cluster_labels,
    clusters,
    dead,
    effective_neurons,
    initial_lines,
)
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
    "GAP",
    "LINE",
    "RECOVERED",
    "SAME",
    "STRONG",
    "Cluster",
    "InitialLines",
    "Neurons",
    "Recovery",
    "alignment",
    "amplitudes",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "cosine_similarity",
    "dead",
    "effective_neurons",
    "groups",
    "initial_lines",
    "neurons",
    "orientations",
    "recovery",
]
