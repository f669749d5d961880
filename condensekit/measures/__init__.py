"""Measures: what a network's neurons do, and its rank, and whether it recovered its target."""

from ..derivatives import jacobian
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
from .matrices import effective_rank, matrices, mean_cosine, random_cosine
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
from .recovery import RECOVERED, Recovery, recovery, theory
from .simplicity import Simplicity, simplicity

__all__ = [
    "ACTIVE",
    "GAP",
    "LINE",
    "RECOVERED",
    "SAME",
    "STRONG",
    "THRESHOLD",
    "Cluster",
    "Comparison",
    "Dropped",
    "InitialLines",
    "Merged",
    "Neurons",
    "RankReport",
    "Recovery",
    "Simplicity",
    "alignment",
    "amplitudes",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "cosine_similarity",
    "dead",
    "effective_neurons",
    "effective_rank",
    "groups",
    "initial_lines",
    "jacobian",
    "matrices",
    "mean_cosine",
    "merge",
    "model_rank",
    "neurons",
    "orientations",
    "polish",
    "probes_for",
    "random_cosine",
    "recovery",
    "simplicity",
    "spectrum",
    "theory",
]
