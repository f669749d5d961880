"""Replays: a lab as a page that needs neither Python nor a network."""

from .binder import BINDER
from .lab import replay

__all__ = ["BINDER", "replay"]
