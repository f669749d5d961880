"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .condensation import CondensationLab
from .factorization import FactorizationLab
from .kernels import KernelLab
from .recovery import RecoveryLab

__all__ = ["CondensationLab", "FactorizationLab", "KernelLab", "RecoveryLab"]
