"""Recorded runs that ship with the package, so that a lab opens at once.

``make recordings`` trains them anew; a test does too, and compares.
"""

import functools
from importlib import resources
from pathlib import Path

from ..experiments import Experiment
from ..models import Conv, MatrixFactorization, TwoLayer
from ..optimizers import GradientDescent, GradientFlow
from ..problems import example_matrix, matrix_completion, mnist, relu_1d, three_tanh
from ..training import Run, Runs, train

__all__ = [
    "CONDENSATION",
    "FACTORIZATION",
    "GROWING",
    "KERNELS",
    "LAZY",
    "RECOVERY",
    "default_start",
    "record",
    "recording",
]

RECOVERY = Experiment(
    TwoLayer(1, 500), three_tanh(), GradientFlow(), n_samples=50, init_std=500**-1.5
)
"""Can a 500-neuron network recover a target from 50 samples? (arXiv:2105.14573, Figure 1)"""

CONDENSATION = Experiment(
    TwoLayer(1, 100, "relu"),
    relu_1d(),
    GradientDescent(0.1, steps=100_000),
    n_samples=20,
    init_std=1e-4,
)
"""100 ReLU neurons gather in more and more clusters: the talk's polar maps."""

LAZY = CONDENSATION.replace(init_std=0.3)
"""The same draw, 3,000 times as large: it fits as well, and nothing gathers."""

FACTORIZATION = Experiment(
    MatrixFactorization(4, 4, 4),
    matrix_completion(example_matrix(2)),
    GradientFlow(stop_loss=1e-16),
    n_samples=12,
    init_std=1e-4,
)
"""A 4 x 4 matrix of rank 2 from 12 of its entries, the fewest that theory allows."""

KERNELS = Experiment(Conv(), mnist(), GradientDescent(0.1, steps=120), n_samples=500, init_std=1e-4)
"""32 kernels turn into one direction while a small network learns 500 digits; settings are ours."""

GROWING = KERNELS.replace(pool=6, lr=1.0, steps=640)
"""With averages over 6 x 6 positions: one block of kernels becomes two, three and more."""


def default_start(experiment: Experiment) -> Experiment:
    """The same network from the scale of PyTorch's default: a variance of 1 / (3 inputs)."""
    return experiment.replace(fan_in=True, init_std=3**-0.5)


_FILES = {
    "recovery.npz": (RECOVERY,),
    "condensation.npz": (CONDENSATION, LAZY),
    "factorization.npz": (FACTORIZATION,),
    "kernels.npz": (KERNELS, default_start(KERNELS), GROWING, default_start(GROWING)),
}


def recording(experiment: Experiment) -> Run | None:
    """The recorded run of `experiment`, if there is one; large ones are rounded to three digits."""
    for name, experiments in _FILES.items():
        if experiment in experiments:
            return _read(name)[experiments.index(experiment)]
    return None


@functools.lru_cache(maxsize=4)
def _read(name: str) -> tuple[Run, ...]:
    with resources.as_file(resources.files(__package__) / "recorded" / name) as path:
        return tuple(Runs.load(path))


def record(folder: Path, *names: str) -> None:
    """Train the recorded runs of these files, by default of all, and write them to `folder`.

    Those of a file are trained as one batch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or _FILES:
        experiments = _FILES[name]
        # Of a small run all digits are kept: its pictures show errors of 1e-9. Of a convolutional
        # network its kernels are: the other weights fill megabytes, and no picture shows them.
        leaves = ["w", "b"] if KERNELS in experiments else None
        train(experiments).save(folder / name, FACTORIZATION not in experiments, leaves)
