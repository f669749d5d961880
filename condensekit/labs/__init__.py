"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .phase import PhaseLab
from .recovery import RecoveryLab

__all__ = ["PhaseLab", "RecoveryLab"]
