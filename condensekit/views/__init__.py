"""Views: one bqplot picture per file; marks are built once and ``show(frame)`` changes them."""

from .fit import FitView
from .loss import LossView
from .map import MapView
from .neurons import NeuronView
from .similarity import SimilarityView

__all__ = ["FitView", "LossView", "MapView", "NeuronView", "SimilarityView"]
