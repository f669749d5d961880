"""AttentionLab: heads that learn a head, and anchor functions."""

from .lab import AttentionLab
from .settings import STORED, TASK_NAMES

__all__ = ["STORED", "TASK_NAMES", "AttentionLab"]
