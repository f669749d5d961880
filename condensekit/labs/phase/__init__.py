"""PhaseLab: from how many samples does a network recover its target, and what does it depend on."""

from .lab import PhaseLab

__all__ = ["PhaseLab"]
