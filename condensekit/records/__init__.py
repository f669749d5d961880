"""Numbers that take long to compute, trained by this package and shipped; and printed ones."""

from .attention import (
    ANCHOR_GAMMAS,
    HEAD_SAMPLES,
    HEAD_STDS,
    LOGGED,
    AttentionCell,
    anchor_experiment,
    attention,
    attention_cell,
    attention_experiment,
    attention_plan,
    head_experiment,
)
from .printed import PRINTED, Printed
from .sliding_tanh import FLOW, PUBLISHED, Cell, experiment, first_recovery, plan, sliding_tanh

__all__ = [
    "ANCHOR_GAMMAS",
    "FLOW",
    "HEAD_SAMPLES",
    "HEAD_STDS",
    "LOGGED",
    "PRINTED",
    "PUBLISHED",
    "AttentionCell",
    "Cell",
    "Printed",
    "anchor_experiment",
    "attention",
    "attention_cell",
    "attention_experiment",
    "attention_plan",
    "experiment",
    "first_recovery",
    "head_experiment",
    "plan",
    "sliding_tanh",
]
