"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from .axis import Axis, Epochs, Mark
from .curves import Curve, CurvesFrame, CurvesLook, HistoryFrame, LossFrame, Style
from .look import (
    COLOURS,
    GROUPS,
    Array,
    Range,
    entry,
    grown,
    powers,
    roomy,
    shade,
    ticks,
    transposed,
)
from .maps import SHADES, MapFrame, PrintedMark
from .matrices import MatrixFrame, SimilarityFrame, TilesFrame
from .neurons import FitFrame, NeuronFrame, PlaneFrame, RunawayFrame
from .rank import CurveFrame, SpectrumFrame

__all__ = [
    "COLOURS",
    "GROUPS",
    "SHADES",
    "Array",
    "Axis",
    "Curve",
    "CurveFrame",
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
    "RunawayFrame",
    "SimilarityFrame",
    "SpectrumFrame",
    "Style",
    "TilesFrame",
    "entry",
    "grown",
    "powers",
    "roomy",
    "shade",
    "ticks",
    "transposed",
]
