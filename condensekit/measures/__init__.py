"""Measures: what a network's neurons do, and its rank, and whether it recovered its target."""

from ..derivatives import jacobian
from .allowed import BARELY, Allows, Theory, theory
from .along import along
from .clusters import (
    GAP,
    STRONG,
    Cluster,
    alignment,
    cluster_counts,
    cluster_labels,
    clusters,
    dead,
    effective_clusters,
)
from .gathering import FEW, Gathering, gathering
from .kernels import ALIGNED, Blocks, FirstDirection, blocks, first_direction
from .lines import LINE, InitialLines, initial_lines
from .matrices import effective_rank, matrices, mean_cosine, random_cosine
from .merging import (
    NEAR,
    THRESHOLD,
    Comparison,
    Dropped,
    Merged,
    NearestCondensed,
    merge,
    nearest_condensed,
    polish,
)
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
from .overshoot import DIED, FIRST, RISE, Overshoot, overshoot
from .probes import probes_for
from .rank import RankReport, RankStatus, model_rank
from .recovery import RECOVERED, SHARP, Recovery, recovery, target_square
from .simplicity import Simplicity, simplicity
from .spectra import spectrum

__all__ = [
    "ACTIVE",
    "ALIGNED",
    "BARELY",
    "DENSE",
    "DIED",
    "FEW",
    "FIRST",
    "GAP",
    "LINE",
    "NEAR",
    "RECOVERED",
    "RISE",
    "SAME",
    "SHARP",
    "STRONG",
    "THRESHOLD",
    "Allows",
    "Blocks",
    "Cluster",
    "Comparison",
    "Dropped",
    "FirstDirection",
    "Gathering",
    "InitialLines",
    "Merged",
    "NearestCondensed",
    "Neurons",
    "Overshoot",
    "RankReport",
    "RankStatus",
    "Recovery",
    "Simplicity",
    "Theory",
    "alignment",
    "along",
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
    "nearest_condensed",
    "neurons",
    "orientations",
    "overshoot",
    "polish",
    "probes_for",
    "random_cosine",
    "recovery",
    "simplicity",
    "spectrum",
    "target_square",
    "theory",
]
