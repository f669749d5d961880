"""The experiment of the phase diagram: four samples of one input, and scales of gamma."""

from ..experiments import Experiment
from ..models import ScaledTwoLayer
from ..optimizers import GradientFlow
from ..problems import EvenlySpaced, teacher

__all__ = ["REGIMES"]

REGIMES = Experiment(
    ScaledTwoLayer(1, 1_000, "relu", antisymmetric=True),
    teacher(
        [0.2, 0.2],
        [[1.0], [-1.0]],
        [-1 / 3, -1 / 3],
        inputs=EvenlySpaced(),
        activation="relu",
    ),
    GradientFlow(rtol=1e-2, stop_loss=1e-6, max_steps=2_000),
    n_samples=4,
    init_std=1.0,
)
"""0.2 relu(x - 1/3) + 0.2 relu(-x - 1/3) at -1, -1/3, 1/3 and 1, by gradient flow.

Target and samples are those of a lecture of the authors of arXiv:2007.07497; the paper prints
neither for its one-dimensional figure, and trains by gradient descent.
"""
