"""Presets: named moments of a lecture, in which a lab opens with a question and nothing answered.

Those of the talk are here; a lecturer's own are kept in a file, see `keep`.
"""

from .base import Preset
from .chosen import PRESETS, Presets
from .kept import FILE, forget, keep
from .talk import TALK

__all__ = ["FILE", "PRESETS", "TALK", "Preset", "Presets", "forget", "keep"]
