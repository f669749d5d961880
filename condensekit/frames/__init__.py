"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from .completion import CompletionFrame, MatrixFrame, SingularFrame
from .condensation import HistoryFrame, Mark, RegimeFrame
from .look import COLOURS, GROUPS, Array, Range, power, powers, ticks
from .maps import MapFrame, PrintedMark
from .rank import CurveFrame, SpectrumFrame
from .runs import Epochs, FitFrame, LossFrame, NeuronFrame, RecoveryFrame, SimilarityFrame

__all__ = [
    "COLOURS",
    "GROUPS",
    "Array",
    "CompletionFrame",
    "CurveFrame",
    "Epochs",
    "FitFrame",
    "HistoryFrame",
    "LossFrame",
    "MapFrame",
    "Mark",
    "MatrixFrame",
    "NeuronFrame",
    "PrintedMark",
    "Range",
    "RecoveryFrame",
    "RegimeFrame",
    "SimilarityFrame",
    "SingularFrame",
    "SpectrumFrame",
    "power",
    "powers",
    "ticks",
]
