"""Labs as tables: what each of them shows, says and trains, without a widget."""

from .attention import ATTENTION_TABLE
from .condensation import CONDENSATION_TABLE
from .declared import (
    LIST_WIDTH,
    Action,
    Control,
    Dial,
    Line,
    Look,
    More,
    Offer,
    Options,
    Part,
    Pick,
    Picture,
    Press,
    Remark,
    Row,
    Table,
    Values,
)
from .experiments import of, runs_table
from .factorization import FACTORIZATION_TABLE
from .kernels import KERNEL_TABLE
from .phase import PHASE_TABLE
from .rank import RANK_TABLE
from .recovery import RECOVERY_TABLE
from .regimes import REGIME_TABLE
from .symmetry import SYMMETRY_TABLE

__all__ = [
    "ATTENTION_TABLE",
    "CONDENSATION_TABLE",
    "FACTORIZATION_TABLE",
    "KERNEL_TABLE",
    "LIST_WIDTH",
    "PHASE_TABLE",
    "RANK_TABLE",
    "RECOVERY_TABLE",
    "REGIME_TABLE",
    "SYMMETRY_TABLE",
    "Action",
    "Control",
    "Dial",
    "Line",
    "Look",
    "More",
    "Offer",
    "Options",
    "Part",
    "Pick",
    "Picture",
    "Press",
    "Remark",
    "Row",
    "Table",
    "Values",
    "of",
    "runs_table",
]
