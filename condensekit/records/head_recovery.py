"""From how many samples heads find a head: small and large starts, trained to the end, here.

One head of attention with d = 1 is 22 numbers, which 3 samples of 36 can hold. The students have
one such head or four, and follow the gradient flow until the training loss is 1e-12, or to t = 1e7.
"""

import dataclasses
import json
from importlib import resources

from ..experiments import Experiment
from ..models import Attention
from ..optimizers import GradientFlow
from ..problems import teacher_heads

__all__ = [
    "HEAD_STARTS",
    "HeadRecoveryCell",
    "head_recovery_cells",
    "head_recovery_experiment",
    "head_recovery_plan",
]

HEAD_STARTS = (1e-3, 1.0)
"""Standard deviations of the small start and of the large one."""
_SEEDS = {1: 16, 4: 5}
"""How many seeds there are of each number of heads."""
_MOST = 12


@dataclasses.dataclass(frozen=True)
class HeadRecoveryCell:
    """One training of heads on a head: its settings, and what came of it.

    Attributes
    ----------
    heads : int
        Heads of the student, each with d = 1.
    init_std, n_samples, seed
        As of an `Experiment`.
    loss, test_loss : float
        Relative squared errors at the end; NaN if the run diverged.
    outcome : str
        How it ended.
    """

    heads: int
    init_std: float
    n_samples: int
    seed: int
    loss: float = float("nan")
    test_loss: float = float("nan")
    outcome: str = "running"


def head_recovery_plan() -> list[HeadRecoveryCell]:
    """What is trained, before anybody has trained it."""
    return [
        HeadRecoveryCell(heads, std, n, seed)
        for heads, seeds in _SEEDS.items()
        for std in HEAD_STARTS
        for n in range(1, _MOST + 1)
        for seed in range(seeds)
    ]


def head_recovery_experiment(cell: HeadRecoveryCell) -> Experiment:
    """The experiment of a cell. The seed draws the start and the samples."""
    flow = GradientFlow(stop_loss=1e-12, t_end=1e7)
    student = Attention(heads=cell.heads, d_head=1)
    return Experiment(student, teacher_heads(), flow, cell.n_samples, cell.init_std, cell.seed)


def head_recovery_cells() -> list[HeadRecoveryCell]:
    """The stored cells; ``tools/record_head_recovery.py`` makes them."""
    text = (resources.files(__package__) / "head_recovery.json").read_text(encoding="utf-8")
    return [HeadRecoveryCell(**fields) for fields in json.loads(text)]
