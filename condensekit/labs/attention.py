"""AttentionLab: rows of attention matrices gather, or do not, while heads or anchors are learned."""

import html
import math
from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np

from .. import dynamics, pictures
from ..experiments import Experiment
from ..frames import COLOURS, GROUPS
from ..measures import matrices
from ..models import Transformer
from ..optimizers import OPTIMIZERS
from ..pictures import number
from ..pictures.attention import ANSWERS, attention_frame, levels
from ..training import Run
from ..views import SMALL, CosineView, LossView
from ..views.curves import CurvesView, Style
from .attention_code import plain_torch
from .controls import Control, variance
from .lab import Lab
from .recordings import ATTENTION
from .widgets import dropdown, folded

__all__ = ["AttentionLab"]

Array = np.ndarray[Any, np.dtype[Any]]

_HEAVY = 4  # live frames between two images of the matrices, the heavy picture
_TALL = (430, 246)
_WIDE = (300, 246)
_TASKS = {"heads": "heads that learn a head", "anchors": "anchor functions"}
_LABELS = {
    "heads": "heads H",
    "d_head": "columns d of a head",
    "d_model": "numbers per token",
    "d_ff": "FFN neurons",
    "layers": "layers",
    "target_heads": "heads of the teacher",
    "n_samples": "samples n",
    "lr": "learning rate η",
    "weight_decay": "weight decay",
    "batch_size": "samples of a step",
    "steps": "steps",
    "seed": "seed",
}
_REACH: dict[str, tuple[float, float]] = {
    "heads": (1, 16),
    "d_head": (1, 64),
    "d_model": (8, 128),
    "d_ff": (8, 256),
    "layers": (1, 3),
    "target_heads": (1, 4),
    "n_samples": (1, 590),
    "lr": (1e-5, 10.0),
    "weight_decay": (0.0, 1.0),
    "batch_size": (0, 590),
    "steps": (100, 10_000),
    "seed": (0, 20),
}
_COLOURS = [*GROUPS, COLOURS["last"], COLOURS["inactive"]]


def _styles(names: Sequence[str]) -> list[Style]:
    return [(one, colour, "solid", 2.0) for one, colour in zip(names, _COLOURS, strict=False)]


def _family(name: str) -> str:
    """A matrix without the number of its layer."""
    return name.rstrip("0123456789").rstrip()
