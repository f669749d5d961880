"""Views: one bqplot picture per file; marks are built once and ``show(frame)`` changes them."""

from .fit import FitView
from .loss import LossView
from .neurons import NeuronView
from .similarity import SimilarityView
from .spectrum import RankCurveView, SpectrumView

__all__ = ["FitView", "LossView", "NeuronView", "RankCurveView", "SimilarityView", "SpectrumView"]
