"""Pictures: what was computed -> frames. Pure functions; who draws a frame is not known here."""

from .maps import cells_frame, map_frame
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
    "cells_frame",
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
