"""Symmetry: which sets of parameters training cannot leave, and why networks act as narrow ones.

The structural invariant manifolds of Zhao, Luo and Zhang 2025 (arXiv:2510.09564): Definition 3.1
and Theorem 4.1 there, for analytic models.
"""

from ..models.parameters import flat, named
from .candidates import Balanced, Candidate, Claim, FlatSet, Motion, motion
from .drift import Drift, drift, drift_of, drifts, invariance_table, kicked, tangency, transverse
from .equal import Condensed
from .escape import Escape, escaped
from .escaping import Escaping, escape
from .heads import CondensedHeads
from .layers import Layer, layer_of, layers
from .linear import LinearCheck, check_linear, transpose_example
from .maps import (
    Symmetry,
    check_symmetry,
    permutation,
    rescaling,
    sign_flip,
    swap,
    symmetries,
    violation,
)
from .orbits import Orbit, orbit
from .proofs import Proof, prove
from .reduced import Coincidence, coincidence, condensed, reduce, unreduce
from .sets import (
    SETS,
    balanced,
    equal,
    equal_blocks,
    fixed_set,
    idle,
    mirrored,
    opposite,
    proportional,
    same_inputs,
    zero,
)
from .settings import SymmetrySettings
from .strata import Stratum, strata, stratum_of
from .subspace import Subspace

__all__ = [
    "SETS",
    "Balanced",
    "Candidate",
    "Claim",
    "Coincidence",
    "Condensed",
    "CondensedHeads",
    "Drift",
    "Escape",
    "Escaping",
    "FlatSet",
    "Layer",
    "LinearCheck",
    "Motion",
    "Orbit",
    "Proof",
    "Stratum",
    "Subspace",
    "Symmetry",
    "SymmetrySettings",
    "balanced",
    "check_linear",
    "check_symmetry",
    "coincidence",
    "condensed",
    "drift",
    "drift_of",
    "drifts",
    "equal",
    "equal_blocks",
    "escape",
    "escaped",
    "fixed_set",
    "flat",
    "idle",
    "invariance_table",
    "kicked",
    "layer_of",
    "layers",
    "mirrored",
    "motion",
    "named",
    "opposite",
    "orbit",
    "permutation",
    "proportional",
    "prove",
    "reduce",
    "rescaling",
    "same_inputs",
    "sign_flip",
    "strata",
    "stratum_of",
    "swap",
    "symmetries",
    "tangency",
    "transpose_example",
    "transverse",
    "unreduce",
    "violation",
    "zero",
]
