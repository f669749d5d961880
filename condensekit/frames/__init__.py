"""Frames: all that a picture needs, as NumPy arrays. No torch, no widgets."""

from .look import COLOURS, GROUPS, Array, Range, power, powers, ticks
from .maps import MapFrame
from .runs import Epochs, FitFrame, LossFrame, NeuronFrame, RecoveryFrame, SimilarityFrame

__all__ = [
    "COLOURS",
    "GROUPS",
    "Array",
    "Epochs",
    "FitFrame",
    "LossFrame",
    "MapFrame",
    "NeuronFrame",
    "Range",
    "RecoveryFrame",
    "SimilarityFrame",
    "power",
    "powers",
    "ticks",
]
