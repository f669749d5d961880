"""Views: one bqplot picture per frame; marks are built once and ``show(frame)`` changes them."""

from .curves import CurvesView
from .events import EventsView
from .fit import FitView
from .history import HistoryView
from .loss import LossView
from .map import MapView
from .matrix import MatrixView
from .neurons import NeuronView, PolarView
from .plane import PlaneView
from .regimes import RegimesView
from .runaway import RunawayView
from .similarity import CosineView, SimilarityView
from .spectrum import SpectrumView
from .tiles import TilesView

__all__ = [
    "CosineView",
    "CurvesView",
    "EventsView",
    "FitView",
    "HistoryView",
    "LossView",
    "MapView",
    "MatrixView",
    "NeuronView",
    "PlaneView",
    "PolarView",
    "RegimesView",
    "RunawayView",
    "SimilarityView",
    "SpectrumView",
    "TilesView",
]
