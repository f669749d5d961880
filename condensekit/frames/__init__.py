"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from .axis import Axis, Epochs, Mark
from .curves import Curve, CurvesFrame, CurvesLook, HistoryFrame, LossFrame, SpectrumFrame, Style
from .look import (
    COLOURS,
    GROUPS,
    LARGE,
    SMALL,
    Array,
    Range,
    Size,
    around,
    grown,
    powers,
    roomy,
    shade,
    ticks,
)
from .maps import SHADES, MapFrame, PrintedMark
from .matrices import MatrixFrame, SimilarityFrame, TilesFrame
from .neurons import FitFrame, NeuronFrame, PlaneFrame, RunawayFrame
from .regimes import REGIONS, RegimesFrame

__all__ = [
    "COLOURS",
    "GROUPS",
    "LARGE",
    "REGIONS",
    "SHADES",
    "SMALL",
    "Array",
    "Axis",
    "Curve",
    "CurvesFrame",
    "CurvesLook",
    "Epochs",
    "FitFrame",
    "HistoryFrame",
    "LossFrame",
    "MapFrame",
    "Mark",
    "MatrixFrame",
    "NeuronFrame",
    "PlaneFrame",
    "PrintedMark",
    "Range",
    "RegimesFrame",
    "RunawayFrame",
    "SimilarityFrame",
    "Size",
    "SpectrumFrame",
    "Style",
    "TilesFrame",
    "around",
    "grown",
    "powers",
    "roomy",
    "shade",
    "ticks",
]
