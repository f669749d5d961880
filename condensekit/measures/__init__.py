"""Measures: what a network's neurons do, and its rank, and whether it recovered its target."""

from ..derivatives import jacobian
from .clusters import (
    FEW,
    GAP,
    STRONG,
    Cluster,
    Gathering,
    alignment,
    cluster_counts,
    cluster_labels,
    clusters,
    dead,
    effective_clusters,
    gathering,
)
from .kernels import ALIGNED, Blocks, FirstDirection, blocks, first_direction
from .lines import LINE, InitialLines, initial_lines
from .matrices import effective_rank, matrices, mean_cosine, random_cosine
from .merging import THRESHOLD, Comparison, Dropped, Merged, merge, polish
from .neighbours import DENSE
from .neurons import (
    ACTIVE,
    SAME,
    Neurons,
    amplitudes,
    cosine_similarity,
    groups,
    input_weights,
    neurons,
    orientations,
)
from .rank import RankReport, model_rank, probes_for, spectrum
from .recovery import RECOVERED, Recovery, recovery, theory
from .simplicity import Simplicity, simplicity

__all__ = [
    "ACTIVE",
    "ALIGNED",
    "DENSE",
    "FEW",
    "GAP",
    "LINE",
    "RECOVERED",
    "SAME",
    "STRONG",
    "THRESHOLD",
    "Blocks",
    "Cluster",
    "Comparison",
    "Dropped",
    "FirstDirection",
    "Gathering",
    "InitialLines",
    "Merged",
    "Neurons",
    "RankReport",
    "Recovery",
    "Simplicity",
    "alignment",
    "amplitudes",
    "blocks",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "cosine_similarity",
    "dead",
    "effective_clusters",
    "effective_rank",
    "first_direction",
    "gathering",
    "groups",
    "initial_lines",
    "input_weights",
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
