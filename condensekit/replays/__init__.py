"""Replays: a lab as a page that needs neither Python nor a network."""

from .lab import replay
from .page import BINDER

__all__ = ["BINDER", "replay"]
