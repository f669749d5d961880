"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

from ...symmetry.settings import ACTIVATIONS, CANDIDATES, MODELS, OPTIMIZERS, SymmetrySettings
from .lab import SymmetryLab

__all__ = [
    "ACTIVATIONS",
    "CANDIDATES",
    "MODELS",
    "OPTIMIZERS",
    "SymmetryLab",
    "SymmetrySettings",
]
