"""Recorded runs that ship with the package, so that one can look at them at once.

``make recordings`` trains them anew; a test does too, and compares.
"""

import dataclasses
import functools
from importlib import resources
from pathlib import Path

from ..experiments import Experiment
from ..models import Conv, MatrixFactorization, TwoLayer
from ..optimizers import GradientDescent, GradientFlow
from ..problems import example_matrix, matrix_completion, mnist, relu_1d, three_tanh
from ..training import Run, Runs, record_steps, train
from .attention import anchor_experiment, head_experiment

__all__ = [
    "ANCHORS",
    "CONDENSATION",
    "FACTORIZATION",
    "GROWING",
    "HEADS",
    "KERNELS",
    "LAZY",
    "RECOVERY",
    "default_start",
    "record_runs",
    "recorded_run",
    "sparse",
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
"""100 ReLU neurons stand on one ray, and later on up to six: the talk's polar maps."""

LAZY = CONDENSATION.replace(init_std=0.3)
"""The same draw, 3,000 times as large: it fits as well, and most neurons hardly turn."""

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


HEADS = {
    "heads, σ = 0.01": head_experiment(0.01),
    "heads, σ = 1": head_experiment(1.0),
    "heads, σ = 0.01, 16 samples": head_experiment(0.01, 16),
    "heads, σ = 1, 16 samples": head_experiment(1.0, 16),
    "heads, σ = 0.01, SGD": head_experiment(0.01, sgd=True),
}
"""Eight attention heads learn one."""

ANCHORS = {
    "anchors, γ = 0.8": anchor_experiment(64**-0.8),
    "anchors, γ = 0.5": anchor_experiment(64**-0.5),
    "anchors, γ = 0.8, SGD": anchor_experiment(64**-0.8, sgd=True),
}
"""A small Transformer learns composite anchor functions."""

_FILES = {
    "recovery.npz": (RECOVERY,),
    "condensation.npz": (CONDENSATION, LAZY),
    "factorization.npz": (FACTORIZATION,),
    "kernels.npz": (KERNELS, default_start(KERNELS), GROWING, default_start(GROWING)),
    "heads.npz": tuple(HEADS.values()),
} | {f"anchors-{i}.npz": (experiment,) for i, experiment in enumerate(ANCHORS.values())}
_SPARSE = 1.25
"""Between two steps that are kept of a Transformer: all of them would be ten megabytes."""


def recorded_run(experiment: Experiment) -> Run | None:
    """The recorded run of `experiment`, if there is one; large ones are rounded to three digits."""
    for name, experiments in _FILES.items():
        if experiment in experiments:
            return _read(name)[experiments.index(experiment)]
    return None


@functools.lru_cache(maxsize=8)
def _read(name: str) -> tuple[Run, ...]:
    with resources.as_file(resources.files(__package__) / "recorded" / name) as path:
        return tuple(Runs.load(path))


def record_runs(folder: Path, *wanted: Experiment) -> None:
    """Train the recorded runs, those of a file as one batch, and write them to `folder`.

    Parameters
    ----------
    folder : path
        Where to.
    *wanted : Experiment
        Only the files that hold one of these; by default all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, experiments in _FILES.items():
        if wanted and not set(wanted) & set(experiments):
            continue
        runs = train(experiments)
        if experiments[0] in ANCHORS.values():
            runs = Runs([sparse(run, _SPARSE) for run in runs])
        # Of a small run all digits are kept: its pictures show errors of 1e-9. Of a convolutional
        # network its kernels are: the other weights fill megabytes, and no picture shows them.
        leaves = ["w", "b"] if KERNELS in experiments else None
        runs.save(folder / name, FACTORIZATION not in experiments, leaves)


def sparse(run: Run, ratio: float) -> Run:
    """A run with fewer of its recorded steps, about a factor of `ratio` apart, and the last."""
    kept = sorted({run.index_at(step) for step in record_steps(int(run.step[-1]), ratio)})
    return dataclasses.replace(
        run,
        step=run.step[kept],
        time=run.time[kept],
        loss=run.loss[kept],
        test_loss=run.test_loss[kept],
        params={name: leaf[kept] for name, leaf in run.params.items()},
        scores={name: values[kept] for name, values in run.scores.items()},
    )
