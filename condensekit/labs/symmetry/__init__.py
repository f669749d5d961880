"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

from ...activations import ACTIVATIONS
from ...symmetry.settings import (
    CANDIDATES,
    ESCAPE_OPTIMIZERS,
    MODELS,
    SymmetrySettings,
)
from .lab import SymmetryLab

__all__ = [
    "ACTIVATIONS",
    "CANDIDATES",
    "ESCAPE_OPTIMIZERS",
    "MODELS",
    "SymmetryLab",
    "SymmetrySettings",
]
