"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .attention import AttentionLab
from .condensation import CondensationLab
from .factorization import FactorizationLab
from .kernels import KernelLab
from .phase import PhaseLab
from .rank import RankLab
from .recovery import RecoveryLab
from .symmetry import SymmetryLab

__all__ = [
    "AttentionLab",
    "CondensationLab",
    "FactorizationLab",
    "KernelLab",
    "PhaseLab",
    "RankLab",
    "RecoveryLab",
    "SymmetryLab",
]
