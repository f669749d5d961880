"""Recorded runs that ship with the package, so that a lab opens at once.

``make recordings`` trains them anew; a test does too, and compares.
"""

from importlib import resources
from pathlib import Path

from ..experiments import Experiment
from ..models import TwoLayer
from ..optimizers import GradientFlow
from ..problems import three_tanh
from ..training import Run, train

__all__ = ["RECOVERY", "record", "recording"]

RECOVERY = Experiment(
    TwoLayer(1, 500), three_tanh(), GradientFlow(), n_samples=50, init_std=500**-1.5
)
"""Can a 500-neuron network recover a target from 50 samples? (arXiv:2105.14573, Figure 1)"""

_FILES = {RECOVERY: "recovery.npz"}


def recording(experiment: Experiment) -> Run | None:
    """The recorded run of `experiment`, if there is one; parameters are rounded to three digits."""
    name = _FILES.get(experiment)
    if name is None:
        return None
    with resources.as_file(resources.files(__package__) / "recorded" / name) as path:
        return Run.load(path)


def record(folder: Path) -> None:
    """Train every recorded run and write it to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for experiment, name in _FILES.items():
        train(experiment).save(folder / name, compact=True)
