"""condensekit: see why over-parameterized neural networks do not overfit.

Model, Problem, Optimizer -> Experiment -- train --> Run -- measures --> numbers. Labs are in
`condensekit.labs`; importing condensekit imports no widget, and using ``condensekit.labs`` does.
"""

from importlib import import_module
from types import ModuleType

from . import (
    activations,
    derivatives,
    dynamics,
    embedding,
    exact,
    experiments,
    languages,
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
from .languages import set_language
from .measures import along, merge, model_rank, nearest_condensed, predict, recovery
from .models import (
    Attention,
    Conv,
    Deep,
    FromModule,
    MatrixFactorization,
    Model,
    Plane,
    ProductPlane,
    ScaledTwoLayer,
    Transformer,
    TwoLayer,
    TwoLayerConv,
    gammas,
    params,
    regime,
)
from .optimizers import SGD, Adam, AdamW, GradientDescent, GradientFlow
from .problems import (
    matrix_completion,
    mnist,
    own_data,
    read_csv,
    sliding_tanh,
    teacher,
    three_tanh,
)
from .sweeps import displacements, sweep
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
    "ScaledTwoLayer",
    "Transformer",
    "TwoLayer",
    "TwoLayerConv",
    "activations",
    "along",
    "derivatives",
    "displacements",
    "dynamics",
    "embedding",
    "evaluate",
    "exact",
    "exact_rank",
    "experiments",
    "gammas",
    "languages",
    "matrix_completion",
    "measures",
    "merge",
    "mnist",
    "model_rank",
    "models",
    "nearest_condensed",
    "optimistic_sample_size",
    "optimizers",
    "own_data",
    "params",
    "predict",
    "problems",
    "rank_certificate",
    "read_csv",
    "records",
    "recovery",
    "regime",
    "set_language",
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


def __getattr__(name: str) -> ModuleType:
    """`condensekit.labs` and `condensekit.figures` where they are first used: they need extras."""
    if name not in ("labs", "figures"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)
