"""Cases with known facts; each law of the test files runs over all of a table.

A new activation, model, problem or optimizer is one line here.
"""

import dataclasses

import numpy as np
import pytest
import torch

from condensekit import Adam, Experiment, GradientDescent, TwoLayer, teacher, three_tanh
from condensekit.models import (
    Deep,
    MatrixFactorization,
    Model,
    Params,
    Plane,
    ProductPlane,
    TwoLayerConv,
)
from condensekit.problems import (
    EvenlySpaced,
    Normal,
    Problem,
    Uniform,
    drawn,
    formula,
    initial_condensation,
    matrix_completion,
    plane,
    relu_1d,
    sliding_tanh,
)


def each(argument, table):
    """Run a law over all entries of `table`."""
    return pytest.mark.parametrize(argument, list(table.values()), ids=list(table))


# --- activations -------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class ActivationCase:
    """What a textbook says of an activation function, written without the package."""

    name: str
    formula: object
    order: int | None  # of the first derivative at 0 that does not vanish; None: no derivative
    odd: bool = False
    homogeneous: bool = False


def _logistic(z):
    """Without overflow and without cancellation on either side."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


ACTIVATIONS = {
    case.name: case
    for case in (
        ActivationCase("tanh", np.tanh, 1, odd=True),
        ActivationCase("relu", lambda z: np.where(z > 0, z, 0.0), None, homogeneous=True),
        ActivationCase("sigmoid", _logistic, 1),
        ActivationCase("softplus", lambda z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), 1),
        ActivationCase("xtanh", lambda z: z * np.tanh(z), 2),
        ActivationCase("x2tanh", lambda z: z**2 * np.tanh(z), 3, odd=True),
        ActivationCase("square", np.square, 2),
    )
}


# --- models ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class PlainFormula(Model):
    """A two-layer network in disguise: nothing knows a closed form for it."""

    hidden: TwoLayer

    @property
    def input_dim(self) -> int:
        return self.hidden.input_dim

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self.hidden.shapes()

    def __call__(self, params: Params, x: torch.Tensor) -> torch.Tensor:
        return self.hidden(params, x)


@dataclasses.dataclass(frozen=True)
class ModelCase:
    model: Model
    n_parameters: int


MODELS = {
    "tanh": ModelCase(TwoLayer(1, 7), 21),
    "published": ModelCase(TwoLayer(1, 500), 1500),
    "one neuron": ModelCase(TwoLayer(1, 1), 3),
    "no bias": ModelCase(TwoLayer(2, 5, bias=False), 15),
    "relu": ModelCase(TwoLayer(3, 4, "relu"), 20),
    "sigmoid": ModelCase(TwoLayer(1, 6, "sigmoid"), 18),
    "softplus": ModelCase(TwoLayer(4, 3, "softplus"), 18),
    "xtanh": ModelCase(TwoLayer(2, 5, "xtanh"), 20),
    "x2tanh": ModelCase(TwoLayer(1, 5, "x2tanh", bias=False), 10),
    "square": ModelCase(TwoLayer(2, 4, "square"), 16),
    "factorization": ModelCase(MatrixFactorization(3, 2, 4), 14),
    "convolution": ModelCase(TwoLayerConv(5, 2), 14),
    "square convolution": ModelCase(TwoLayerConv(4, 2, 3, 2, "sigmoid", bias=False), 26),
    "no sharing": ModelCase(TwoLayerConv(5, 2, sharing=False), 30),
    "deep": ModelCase(Deep(2, 4, 3), 2 * 4 + 4 + 2 * (16 + 4) + 4),
    "deep, no bias": ModelCase(Deep(3, 5, 2, "sigmoid", bias=False), 45),
    "plane": ModelCase(Plane(), 3),
    "product plane": ModelCase(ProductPlane(), 4),
    "plain formula": ModelCase(PlainFormula(TwoLayer(2, 4)), 16),
}


# --- problems ----------------------------------------------------------------------------------

ASYMMETRIC = teacher(a=[1.0, -0.5], w=[[0.7], [-1.9]], b=[0.3, 0.8], inputs=EvenlySpaced(-2.0, 3.0))
"""Nothing about it is even or odd, so that a wrong sign or a lost bias shows."""

PLANE = teacher(a=[1.5, -0.4], w=[[0.7, -1.1], [1.9, 0.2]], b=[0.3, -0.6])


@dataclasses.dataclass(frozen=True)
class ProblemCase:
    problem: Problem
    dim: int
    nested: bool  # random inputs: n samples are the first n of n + 1
    noisy: bool = False
    test_points: int = 2000


PROBLEMS = {
    "published": ProblemCase(three_tanh(), 1, nested=False),
    "five tanh, noise": ProblemCase(three_tanh(5, noise_std=0.1), 1, nested=False, noisy=True),
    "asymmetric": ProblemCase(ASYMMETRIC, 1, nested=False),
    "plane": ProblemCase(PLANE, 2, nested=True),
    "noise": ProblemCase(dataclasses.replace(PLANE, noise_std=0.3), 2, nested=True, noisy=True),
    "relu, uniform": ProblemCase(
        teacher([1.0], [[1.0, 0.0, -2.0]], inputs=Uniform(0.0, 2.0, 3), activation="relu"),
        3,
        nested=True,
    ),
    "sliding tanh": ProblemCase(sliding_tanh(), 5, nested=True),
    "a plane": ProblemCase(plane(1, 0.5, -2), 2, nested=True),
    "completion": ProblemCase(
        matrix_completion(np.arange(100.0).reshape(10, 10)), 20, nested=False, test_points=100
    ),
    "relu_1d": ProblemCase(relu_1d(), 1, nested=False),
    "sine sum": ProblemCase(initial_condensation(), 5, nested=True),
    "formula": ProblemCase(formula("sin(3*x)+x^2/2", -2, 1), 1, nested=False),
    "drawn": ProblemCase(drawn([0, 1, 3], [1, -1, 2], noise_std=0.2), 1, nested=False, noisy=True),
    "one normal input": ProblemCase(teacher([1.0], [[2.0]], inputs=Normal(1)), 1, nested=True),
}


# --- optimizers --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class OptimizerCase:
    optimizer: GradientDescent | Adam
    oracle: type[torch.optim.Optimizer]
    time_of_step: float


OPTIMIZERS = {
    "descent": OptimizerCase(GradientDescent(0.05, steps=200), torch.optim.SGD, 0.05),
    "slow descent": OptimizerCase(GradientDescent(1e-4, steps=200), torch.optim.SGD, 1e-4),
    "adam": OptimizerCase(Adam(1e-2, steps=200), torch.optim.Adam, 1.0),
    "slow adam": OptimizerCase(Adam(1e-4, steps=200), torch.optim.Adam, 1.0),
}


# --- experiments -------------------------------------------------------------------------------

PUBLISHED = Experiment(TwoLayer(1, 500), three_tanh(), n_samples=50, init_std=500**-1.5)

SMALL = Experiment(TwoLayer(1, 6), ASYMMETRIC, Adam(1e-2, steps=60), n_samples=8, init_std=0.1)

EXPERIMENTS = {
    "published": PUBLISHED,
    "small": SMALL,
    "plane": Experiment(TwoLayer(2, 5), PLANE, GradientDescent(0.05, steps=60), n_samples=70),
    "no bias": SMALL.replace(bias=False),
    "relu": SMALL.replace(activation="relu", init_std=0.5, seed=3),
    "noise": SMALL.replace(noise_std=0.2),
    "plain formula": dataclasses.replace(SMALL, model=PlainFormula(TwoLayer(1, 4, "sigmoid"))),
}

SHORT = {name: e.replace(steps=60) for name, e in EXPERIMENTS.items()}
"""The same experiments, quick enough to train in any test."""
