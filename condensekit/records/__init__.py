"""Numbers that take long to compute: trained by the code of this package, and shipped with it."""

from .sliding_tanh import FLOW, PUBLISHED, Cell, experiment, first_recovery, plan, sliding_tanh

__all__ = [
    "FLOW",
    "PUBLISHED",
    "Cell",
    "experiment",
    "first_recovery",
    "plan",
    "sliding_tanh",
]
