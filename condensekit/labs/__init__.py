"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .condensation import CondensationLab
from .rank import RankLab
from .recovery import RecoveryLab

__all__ = ["CondensationLab", "RankLab", "RecoveryLab"]
