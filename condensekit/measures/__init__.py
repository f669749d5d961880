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
from .displacement import displacement
from .factors import products, rank_counts, target_matrix
from .gathering import FEW, Gathering, gathering
from .kernels import ALIGNED, Blocks, FirstDirection, blocks, expected_direction, first_direction
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
from .predicting import predict
from .probes import probes_for
from .rank import RankReport, RankStatus, model_rank
from .recovery import RECOVERED, SHARP, Recovery, recovery, target_square
from .rows import (
    HEARD,
    LESS,
    MOSTLY,
    STAYS,
    RowGathering,
    RowsAre,
    active_heads,
    alone,
    chain,
    levels,
    teaching,
)
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
    "HEARD",
    "LESS",
    "LINE",
    "MOSTLY",
    "NEAR",
    "RECOVERED",
    "RISE",
    "SAME",
    "SHARP",
    "STAYS",
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
    "RowGathering",
    "RowsAre",
    "Simplicity",
    "Theory",
    "active_heads",
    "alignment",
    "alone",
    "along",
    "amplitudes",
    "blocks",
    "chain",
    "cluster_counts",
    "cluster_labels",
    "clusters",
    "cosine_similarity",
    "dead",
    "displacement",
    "effective_clusters",
    "effective_rank",
    "expected_direction",
    "first_direction",
    "gathering",
    "groups",
    "initial_lines",
    "input_weights",
    "jacobian",
    "levels",
    "matrices",
    "mean_cosine",
    "merge",
    "model_rank",
    "nearest_condensed",
    "neurons",
    "orientations",
    "overshoot",
    "polish",
    "predict",
    "probes_for",
    "products",
    "random_cosine",
    "rank_counts",
    "recovery",
    "simplicity",
    "spectrum",
    "target_matrix",
    "target_square",
    "teaching",
    "theory",
]
