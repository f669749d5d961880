"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .recovery import RecoveryLab
from .symmetry import SymmetryLab

__all__ = ["RecoveryLab", "SymmetryLab"]
