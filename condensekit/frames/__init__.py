"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from .completion import CompletionFrame, MatrixFrame, SingularFrame
from .condensation import HistoryFrame, Mark, RegimeFrame
from .kernels import KernelFrame, TilesFrame
from .look import COLOURS, GROUPS, Array, Range, power, powers, ticks
from .maps import MapFrame, PrintedMark
from .plateaus import RunawayFrame
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
    "KernelFrame",
    "LossFrame",
    "MapFrame",
    "Mark",
    "MatrixFrame",
    "NeuronFrame",
    "PrintedMark",
    "Range",
    "RecoveryFrame",
    "RegimeFrame",
    "RunawayFrame",
    "SimilarityFrame",
    "SingularFrame",
    "SpectrumFrame",
    "TilesFrame",
    "power",
    "powers",
    "ticks",
]
