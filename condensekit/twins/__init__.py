"""Twins: the few lines that train a run again, with the library or in plain torch."""

from ..expressions import expression
from .library import library_code
from .plain import STEEP, torch_code

__all__ = ["STEEP", "expression", "library_code", "torch_code"]
