"""condensekit: see why over-parameterized neural networks do not overfit.

Model, Problem, Optimizer -> Experiment -- train --> Run -- measures --> numbers. Labs are in
`condensekit.labs`; importing condensekit imports no widget, and using ``condensekit.labs`` does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import (
    activations,
    derivatives,
    experiments,
    languages,
    models,
    optimizers,
    problems,
    training,
)
from .derivatives import evaluate
from .experiments import Experiment
from .languages import set_language
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
from .training import Outcome, Run, Runs, train, trajectory

if TYPE_CHECKING:
    from . import (
        dynamics,
        embedding,
        exact,
        measures,
        records,
        sweeps,
        symbolic,
        symmetry,
        tokens,
        twins,
    )
    from .exact import NoTheorem, exact_rank, optimistic_sample_size, rank_certificate
    from .measures import merge, model_rank, nearest_condensed, predict
    from .measures.along import along
    from .measures.recovery import recovery
    from .sweeps import sweep
    from .sweeps.displacements import displacements

__version__ = "0.2.0"

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


_LATER = {
    **dict.fromkeys(("dynamics", "embedding", "figures", "labs", "records"), ()),
    **dict.fromkeys(("symbolic", "symmetry", "tokens", "twins"), ()),
    "exact": ("NoTheorem", "exact_rank", "optimistic_sample_size", "rank_certificate"),
    "measures": ("along", "merge", "model_rank", "nearest_condensed", "predict", "recovery"),
    "sweeps": ("displacements", "sweep"),
}
"""What is not needed to train a network, each module with the names that are here too."""


def __getattr__(name: str) -> Any:
    """A module, or a name of one, where it is first used; labs and figures need extras."""
    for module, names in _LATER.items():
        if name == module or name in names:
            found = import_module(f".{module}", __name__)
            return globals().setdefault(name, found if name == module else getattr(found, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """All names, used or not."""
    return sorted({*globals(), *__all__})
