"""condensekit: see why over-parameterized neural networks do not overfit.

Model, Problem, Optimizer -> Experiment -- train --> Run -- measures --> numbers. Labs are in
`condensekit.labs`; importing condensekit imports no widget.
"""

from . import (
    activations,
    derivatives,
    dynamics,
    embedding,
    exact,
    experiments,
    measures,
    models,
    optimizers,
    problems,
    records,
    sweeps,
    symbolic,
    symmetry,
    tokens,
    training,
    twins,
)
from .derivatives import evaluate
from .exact import NoTheorem, exact_rank, optimistic_sample_size, rank_certificate
from .experiments import Experiment
from .measures import merge, model_rank, nearest_condensed, recovery
from .models import (
    Attention,
    Conv,
    Deep,
    FromModule,
    MatrixFactorization,
    Model,
    Plane,
    ProductPlane,
    Transformer,
    TwoLayer,
    TwoLayerConv,
)
from .optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow
from .problems import matrix_completion, sliding_tanh, teacher, three_tanh
from .sweeps import sweep
from .training import Outcome, Run, Runs, train, trajectory

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Attention",
    "Conv",
    "Deep",
    "Experiment",
    "FromModule",
    "GradientDescent",
    "GradientFlow",
    "MatrixFactorization",
    "Model",
    "NoTheorem",
    "Outcome",
    "Plane",
    "ProductPlane",
    "Run",
    "Runs",
    "Transformer",
    "TwoLayer",
    "TwoLayerConv",
    "activations",
    "derivatives",
    "dynamics",
    "embedding",
    "evaluate",
    "exact",
    "exact_rank",
    "experiments",
    "matrix_completion",
    "measures",
    "merge",
    "model_rank",
    "models",
    "nearest_condensed",
    "optimistic_sample_size",
    "optimizers",
    "problems",
    "rank_certificate",
    "records",
    "recovery",
    "sliding_tanh",
    "sweep",
    "sweeps",
    "symbolic",
    "symmetry",
    "teacher",
    "three_tanh",
    "tokens",
    "train",
    "training",
    "trajectory",
    "twins",
]
