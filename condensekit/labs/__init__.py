"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .rank import RankLab
from .recovery import RecoveryLab

__all__ = ["RankLab", "RecoveryLab"]
