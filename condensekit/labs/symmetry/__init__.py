"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

from .lab import SymmetryLab
from .recorded import record
from .settings import ACTIVATIONS, CANDIDATES, MODELS, OPTIMIZERS, SymmetrySettings

__all__ = [
    "ACTIVATIONS",
    "CANDIDATES",
    "MODELS",
    "OPTIMIZERS",
    "SymmetryLab",
    "SymmetrySettings",
    "record",
]
