"""Labs: the experiments under controls, for notebooks. Needs the extra ``lab``."""

from ..extras import need

need("ipywidgets", "lab", "for labs")
need("bqplot", "lab", "for labs")
need("anywidget", "lab", "for labs")

from ..widgets.light import import_bqplot

import_bqplot()

from .lab import Lab
from .named import (
    AttentionLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    PhaseLab,
    RankLab,
    RecoveryLab,
    RegimeLab,
    SymmetryLab,
)
from .parts import VIEWS

__all__ = [
    "VIEWS",
    "AttentionLab",
    "CondensationLab",
    "FactorizationLab",
    "KernelLab",
    "Lab",
    "PhaseLab",
    "RankLab",
    "RecoveryLab",
    "RegimeLab",
    "SymmetryLab",
]
