"""Pictures: what was computed -> frames. Pure functions; who draws a frame is not known here."""

from .maps import axis_label, map_frame
from .runs import (
    fit,
    loss,
    moment,
    neurons,
    number,
    recovery_frame,
    similarity,
    verdict,
)

__all__ = [
    "axis_label",
    "fit",
    "loss",
    "map_frame",
    "moment",
    "neurons",
    "number",
    "recovery_frame",
    "similarity",
    "verdict",
]
