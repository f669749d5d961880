"""Views: one bqplot picture per file; marks are built once and ``show(frame)`` changes them."""

from .cosines import CosineView
from .curves import CurvesView
from .fit import FitView
from .history import HistoryView
from .look import LARGE, SMALL
from .loss import LossView
from .map import MapView
from .matrix import MatrixView, shade
from .neurons import NeuronView
from .polar import PolarView
from .runaway import RunawayView
from .similarity import SimilarityView
from .singular import SingularView
from .spectrum import RankCurveView, SpectrumView
from .tiles import TilesView

__all__ = [
    "LARGE",
    "SMALL",
    "CosineView",
    "CurvesView",
    "FitView",
    "HistoryView",
    "LossView",
    "MapView",
    "MatrixView",
    "NeuronView",
    "PolarView",
    "RankCurveView",
    "RunawayView",
    "SimilarityView",
    "SingularView",
    "SpectrumView",
    "TilesView",
    "shade",
]
