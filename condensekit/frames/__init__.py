"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from ..palette import COLOURS, DARK, GROUPS, contrast, face, ink, shade
from .axis import Axis, Epochs, Mark
from .curves import (
    DASHES,
    Curve,
    CurvesFrame,
    CurvesLook,
    HistoryFrame,
    LossFrame,
    SpectrumFrame,
    Style,
)
from .look import (
    LARGE,
    SMALL,
    Array,
    Range,
    Size,
    around,
    grown,
    powers,
    roomy,
    ticks,
)
from .maps import SHADES, MapFrame, PrintedMark
from .matrices import MatrixFrame, SimilarityFrame, TilesFrame
from .neurons import FitFrame, NeuronFrame, PlaneFrame, RunawayFrame
from .regimes import REGIONS, RegimesFrame

__all__ = [
    "COLOURS",
    "DARK",
    "DASHES",
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
    "contrast",
    "face",
    "grown",
    "ink",
    "powers",
    "roomy",
    "shade",
    "ticks",
]
