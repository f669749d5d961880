"""Verdicts: what is true of a run at one of its moments, in a few sentences. No widgets.

What is decided is decided in `condensekit.measures`; here it is put into words.
"""

from .attention import attention_verdict
from .escapes import escape_verdict
from .maps import cell_verdict
from .runs import kernel_verdict, moment, recovery_rows, recovery_verdict, regime_verdict

__all__ = [
    "attention_verdict",
    "cell_verdict",
    "escape_verdict",
    "kernel_verdict",
    "moment",
    "recovery_rows",
    "recovery_verdict",
    "regime_verdict",
]
