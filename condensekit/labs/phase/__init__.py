"""PhaseLab: from how many samples does a network recover its target, and what does it depend on."""

from .lab import PhaseLab
from .recorded import PHASE, SLIDING, record_map, recorded_map

__all__ = ["PHASE", "SLIDING", "PhaseLab", "record_map", "recorded_map"]
