"""Numbers that take long to compute, trained by this package and shipped; and printed ones."""

from .attention import (
    ANCHOR_GAMMAS,
    HEAD_SAMPLES,
    HEAD_STDS,
    LOGGED,
    AttentionCell,
    anchor_experiment,
    attention_cell,
    attention_cells,
    attention_experiment,
    attention_plan,
    head_experiment,
)
from .printed import PRINTED, Printed
from .sliding_tanh import (
    FLOW,
    PUBLISHED,
    SlidingTanhCell,
    first_recovery,
    sliding_tanh_cells,
    sliding_tanh_experiment,
    sliding_tanh_plan,
)

__all__ = [
    "ANCHOR_GAMMAS",
    "FLOW",
    "HEAD_SAMPLES",
    "HEAD_STDS",
    "LOGGED",
    "PRINTED",
    "PUBLISHED",
    "AttentionCell",
    "Printed",
    "SlidingTanhCell",
    "anchor_experiment",
    "attention_cell",
    "attention_cells",
    "attention_experiment",
    "attention_plan",
    "first_recovery",
    "head_experiment",
    "sliding_tanh_cells",
    "sliding_tanh_experiment",
    "sliding_tanh_plan",
]
