"""Models: formulas without their weights."""

from .base import Model, Params
from .two_layer import TwoLayer

__all__ = ["Model", "Params", "TwoLayer"]
