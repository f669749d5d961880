"""condensekit: see why over-parameterized neural networks do not overfit.

Model, Problem, Optimizer -> Experiment -- train --> Run -- measures --> numbers. Labs are in
`condensekit.labs`; importing condensekit imports no widget.
"""

from . import (
    activations,
    derivatives,
    dynamics,
    exact,
    experiments,
    measures,
    models,
    optimizers,
    problems,
    sweeps,
    training,
)
from .derivatives import evaluate
from .exact import NoTheorem, optimistic_sample_size
from .experiments import Experiment
from .measures import recovery
from .models import Model, TwoLayer
from .optimizers import Adam, GradientDescent, GradientFlow
from .problems import teacher, three_tanh
from .sweeps import sweep
from .training import Outcome, Run, Runs, train, trajectory

__version__ = "0.1.0"

__all__ = [
    "Adam",
    "Experiment",
    "GradientDescent",
    "GradientFlow",
    "Model",
    "NoTheorem",
    "Outcome",
    "Run",
    "Runs",
    "TwoLayer",
    "activations",
    "derivatives",
    "dynamics",
    "evaluate",
    "exact",
    "experiments",
    "measures",
    "models",
    "optimistic_sample_size",
    "optimizers",
    "problems",
    "recovery",
    "sweep",
    "sweeps",
    "teacher",
    "three_tanh",
    "train",
    "training",
    "trajectory",
]
