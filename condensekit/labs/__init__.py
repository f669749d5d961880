"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from .recovery import RecoveryLab

__all__ = ["RecoveryLab"]
