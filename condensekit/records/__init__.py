"""Numbers that take long to compute, trained by this package and shipped; and printed ones."""

from .printed import PRINTED, Printed
from .sliding_tanh import FLOW, PUBLISHED, Cell, experiment, first_recovery, plan, sliding_tanh

__all__ = [
    "FLOW",
    "PRINTED",
    "PUBLISHED",
    "Cell",
    "Printed",
    "experiment",
    "first_recovery",
    "plan",
    "sliding_tanh",
]
