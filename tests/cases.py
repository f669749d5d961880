"""Cases with known facts; each law of the test files runs over all of a table.

A new activation, model, problem or optimizer is one line here.
"""

import dataclasses
import importlib
import inspect
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
import torch
from modules import PEOPLE
from torch import nn

from condensekit import (
    SGD,
    Adam,
    AdamW,
    Experiment,
    GradientDescent,
    GradientFlow,
    TwoLayer,
    recovery,
    teacher,
    three_tanh,
)
from condensekit.activations import Activation, register
from condensekit.measures import blocks, effective_rank, matrices
from condensekit.models import (
    Attention,
    Conv,
    Deep,
    FromModule,
    MatrixFactorization,
    Model,
    Params,
    Plane,
    PreciseTransformer,
    ProductPlane,
    ScaledTwoLayer,
    Transformer,
    TwoLayerConv,
)
from condensekit.optimizers import Optimizer
from condensekit.problems import (
    EvenlySpaced,
    Normal,
    Problem,
    Uniform,
    anchors,
    drawn,
    formula,
    initial_condensation,
    matrix_completion,
    mnist,
    own_data,
    plane,
    read_csv,
    relu_1d,
    sliding_tanh,
    teacher_heads,
)
from condensekit.sweeps import Grid
from condensekit.symmetry import Condensed, CondensedHeads


def each(argument, table):
    """Run a law over all entries of `table`."""
    return pytest.mark.parametrize(argument, list(table.values()), ids=list(table))


def kinds(base):
    """All classes of the package that are a `base` and can be made, labs apart."""
    found = set().union(*map(kinds, base.__subclasses__()))
    ours = re.match(r"condensekit\.(?!labs)", base.__module__) and not inspect.isabstract(base)
    return found | {base} if ours else found


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
        ActivationCase("arctan", np.arctan, 1, odd=True),
    )
}

register(Activation("arctan", torch.atan, sympy=sympy.atan, odd=True, strip=1.0))
"""A reader's own, without a NumPy face: laws run over it as over ours."""


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
    asked: Problem | None = None  # what it may be trained on; None: a teacher of as many inputs
    unit_draw: bool = True  # all parameters start as std times a standard normal draw

    @property
    def problem(self) -> Problem:
        if self.asked is not None:
            return self.asked
        rows = np.random.default_rng(self.model.input_dim).normal(size=(2, self.model.input_dim))
        return teacher([1.0, -0.5], rows / self.model.input_dim**0.5, [0.3, -0.8])

    @property
    def scalar(self) -> bool:
        return self.model.output_shape == ()


def _module(*layers: nn.Module, seed: int = 0) -> nn.Module:
    """Layers in a row, with weights that are the same in every process."""
    made, draw = nn.Sequential(*layers), torch.Generator().manual_seed(seed)
    for leaf in made.parameters():
        leaf.data = 0.5 * torch.randn(leaf.shape, generator=draw, dtype=leaf.dtype)
    return made


STUDENT = _module(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1)).double()
OF_DIGITS = _module(nn.Conv2d(1, 2, 9, stride=9), nn.Tanh(), nn.Flatten(), nn.Linear(18, 10))


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
    "arctan": ModelCase(TwoLayer(2, 4, "arctan"), 16),
    "scaled": ModelCase(
        ScaledTwoLayer(2, 4, gamma=1.5, gamma_prime=0.5, antisymmetric=True), 16, unit_draw=False
    ),
    "factorization": ModelCase(
        MatrixFactorization(3, 2, 4), 14, matrix_completion(np.arange(12.0).reshape(3, 4) / 6 - 1)
    ),
    "convolution": ModelCase(TwoLayerConv(5, 2), 14),
    "square convolution": ModelCase(TwoLayerConv(4, 2, 3, 2, "sigmoid", bias=False), 26),
    "no sharing": ModelCase(TwoLayerConv(5, 2, sharing=False), 30),
    "deep": ModelCase(Deep(2, 4, 3), 2 * 4 + 4 + 2 * (16 + 4) + 4),
    "deep, no bias": ModelCase(Deep(3, 5, 2, "sigmoid", bias=False), 45),
    "deep, output bias": ModelCase(Deep(2, 3, 2, output_bias=True), 2 * 3 + 3 + 9 + 3 + 3 + 1),
    "plane": ModelCase(Plane(), 3),
    "product plane": ModelCase(ProductPlane(), 4),
    "plain formula": ModelCase(PlainFormula(TwoLayer(2, 4)), 16),
    "image": ModelCase(Conv(kernels=2, size=9, stride=9), 354, mnist(), unit_draw=False),
    "image, all parts": ModelCase(
        Conv(28, 2, 5, 3, 2, 3, 2, 10, "softplus", True),
        2 * 25 + 2 + 2 * 50 + 2 + 3 * 2 + 3 + 30 + 10,
        mnist(),
        unit_draw=False,
    ),
    "attention": ModelCase(Attention(6, 6, 2, 1), 48, teacher_heads(2)),
    "transformer": ModelCase(
        Transformer(71, 3, 4, 2, 2, 3, 2),
        2 * 71 * 4 + 71 + 12 + 2 * (4 * 16 + 3 * 4 + 4 + 2 * 12 + 3 + 4 + 16),
        anchors(),
        unit_draw=False,
    ),
    "blocks": ModelCase(Condensed(2, (3, 1, 2)), 12),
    "blocks of heads": ModelCase(
        CondensedHeads(Attention(6, 6, 2, 1), (3, 1)), 48, teacher_heads(2)
    ),
    "precise transformer": ModelCase(
        PreciseTransformer(71, 3, 4, 2, 2, 3, 1),
        2 * 71 * 4 + 71 + 12 + 4 * 16 + 3 * 4 + 4 + 2 * 12 + 3 + 4 + 16,
        anchors(),
        unit_draw=False,
    ),
    "module": ModelCase(FromModule(STUDENT, "0", (2,)), 21),
    "module of digits": ModelCase(FromModule(OF_DIGITS, "0", (1, 28, 28)), 354, mnist()),
} | {
    f"module, {name}": ModelCase(case.model(torch.float64), case.n_parameters, case.problem)
    for name, case in PEOPLE.items()
    if case.lawful
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
    rows: bool = False  # the samples are rows of a table, of which the seed chooses some
    test_points: int | None = 2000  # None: the rows that are not trained
    labels: tuple[int, ...] = ()  # shape of one label
    classes: bool = False  # labels are whole numbers
    asked: Model | None = None  # what may be trained on it; None: a small two-layer network

    @property
    def model(self) -> Model:
        return TwoLayer(self.dim, 4) if self.asked is None else self.asked


def _table() -> np.ndarray:
    """Rows (x1, x2, y) as a measurement gives them."""
    x = np.random.default_rng(4).uniform(-2.0, 2.0, (400, 2))
    return np.column_stack([x, np.sin(x[:, 0]) - 0.3 * x[:, 1]]).round(4)


def _written() -> Problem:
    """A part of the table, from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        np.savetxt(path, _table()[:350, 1:], delimiter=";", header="x;y", comments="")
        return read_csv(path)


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
        matrix_completion(np.arange(100.0).reshape(10, 10) / 100),
        20,
        nested=False,
        test_points=100,
        asked=MatrixFactorization(10, 2, 10),
    ),
    "relu_1d": ProblemCase(relu_1d(), 1, nested=False),
    "sine sum": ProblemCase(initial_condensation(), 5, nested=True),
    "formula": ProblemCase(formula("sin(3*x)+x^2/2", -2, 1), 1, nested=False),
    "drawn": ProblemCase(drawn([0, 1, 3], [1, -1, 2], noise_std=0.2), 1, nested=False, noisy=True),
    "one normal input": ProblemCase(teacher([1.0], [[2.0]], inputs=Normal(1)), 1, nested=True),
    "own data": ProblemCase(
        own_data(_table()[:, :2], _table()[:, 2], noise_std=0.1),
        2,
        nested=True,
        noisy=True,
        rows=True,
        test_points=None,
    ),
    "own file": ProblemCase(_written(), 1, nested=True, rows=True, test_points=None),
    "digits": ProblemCase(
        mnist(),
        784,
        nested=True,
        rows=True,
        test_points=1000,
        classes=True,
        asked=Conv(kernels=2, size=9, stride=9),
    ),
    "digits as unit vectors": ProblemCase(
        mnist(one_hot=True),
        784,
        nested=True,
        rows=True,
        test_points=1000,
        labels=(10,),
        asked=Conv(kernels=2, size=9, stride=9),
    ),
    "anchors": ProblemCase(
        anchors(),
        3,
        nested=True,
        rows=True,
        test_points=None,
        classes=True,
        asked=Transformer(71, 3, 4, 1, 2, 3, 1),
    ),
    "heads": ProblemCase(
        teacher_heads(2),
        36,
        nested=True,
        test_points=500,
        labels=(6, 6),
        asked=Attention(6, 6, 2, 1),
    ),
    "heads, noise": ProblemCase(
        dataclasses.replace(teacher_heads(), noise_std=0.2),
        36,
        nested=True,
        noisy=True,
        test_points=500,
        labels=(6, 6),
        asked=Attention(6, 6, 2, 1),
    ),
}


# --- optimizers --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class OptimizerCase:
    optimizer: Optimizer
    time_of_step: float | None  # None: it chooses its own


OPTIMIZERS = {
    "descent": OptimizerCase(GradientDescent(0.05, steps=200), 0.05),
    "slow descent": OptimizerCase(GradientDescent(1e-4, steps=200), 1e-4),
    "adam": OptimizerCase(Adam(1e-2, steps=200), 1.0),
    "slow adam": OptimizerCase(Adam(1e-4, steps=200), 1.0),
    "sgd": OptimizerCase(SGD(0.02, momentum=0.0, batch_size=5, steps=200), 1.0),
    "momentum": OptimizerCase(SGD(0.02, batch_size=5, steps=200), 1.0),
    "momentum on all": OptimizerCase(SGD(0.02, steps=200, clip=0.1), 1.0),
    "adamw": OptimizerCase(AdamW(3e-3, 0.1, warmup=20, clip=0.2, batch_size=5, steps=200), 1.0),
    "adamw on all": OptimizerCase(AdamW(3e-3, 0.3, clip=0.0, steps=200), 1.0),
    "flow": OptimizerCase(GradientFlow(rtol=1e-4, t_end=2.0, stop_loss=0.0), None),
}

BRIEFLY: dict[str, Optimizer] = {
    "descent": GradientDescent(0.01, steps=12),
    "adam": Adam(1e-2, steps=12),
    "flow": GradientFlow(rtol=1e-4, t_end=0.2, stop_loss=0.0),
    "sgd": SGD(0.01, batch_size=3, steps=12),
    "adamw": AdamW(1e-2, 0.1, warmup=4, clip=0.5, batch_size=3, steps=12),
}
"""One of each kind, quick enough for every model and every problem."""


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


# --- labs --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class LabCase:
    """A lab with small settings.

    Attributes
    ----------
    kind : str
        Its class; it is imported when it is made, so that tests of the core need no widgets.
    knobs : dict
        What it opens with.
    turned : dict
        Other values of some controls.
    told : callable
        From the lab to what its code prints of what is on screen.
    long : dict
        Values of controls with which it trains longer than any test waits.
    start : callable, optional
        Makes what it opens on.
    """

    kind: str
    knobs: dict[str, object]
    turned: dict[str, object]
    told: Callable[[Any], str]
    long: dict[str, object]
    start: Callable[[], object] = lambda: None

    def make(self, **more: object) -> Any:
        """The lab."""
        module = importlib.import_module("ninth" if self.kind == "DeepLab" else "condensekit.labs")
        return getattr(module, self.kind)(self.start(), **{**self.knobs, **more})


def _recovered(lab: Any) -> str:
    return str(recovery(lab.result, index=lab.timeline.slider.value))


def _loss(lab: Any) -> str:
    run, index = lab.result, lab.timeline.slider.value
    return f"{run.moment(index)}: training loss {run.loss[index]:.6e}"


def _blocks(lab: Any) -> str:
    run, index = lab.result, lab.timeline.slider.value
    return str(blocks(run.experiment.model, run.at(index)))


def _effective(lab: Any) -> str:
    run, index = lab.result, lab.timeline.slider.value
    found = matrices(run.experiment.model, run.at(index))[lab.looks["matrix"]]
    return f"{effective_rank(found):.2f}"


def _ranks(lab: Any) -> str:
    return f"{lab.result.report.rank} of {lab.result.report.n_parameters}"


def _map(lab: Any) -> str:
    return str(lab.result.cells.dataset().test_loss)


def _grid(steps: int = 8, samples: tuple[int, ...] = (3, 6)) -> Grid:
    base = Experiment(TwoLayer(1, 4), three_tanh(1), Adam(1e-2, steps=steps), 6, 0.3)
    return Grid.of(base, {"n_samples": samples, "init_std": (0.1, 0.5), "seed": (0, 1)})


_ENDLESS = {"steps": 1_000_000}
_FEW = {"width": 6, "n_samples": 8, "steps": 20}

LABS = {
    "recovery": LabCase("RecoveryLab", _FEW, {"width": 5, "init_std": 0.2}, _recovered, _ENDLESS),
    "condensation": LabCase(
        "CondensationLab", _FEW, {"width": 5, "second_std": 0.2}, _loss, _ENDLESS
    ),
    "factorization": LabCase(
        "FactorizationLab",
        {"n_samples": 7, "target_rank": 1, "max_steps": 40},
        {"width": 3, "target_rank": 2},
        _recovered,
        {},  # it has no control of them
    ),
    "kernels": LabCase(
        "KernelLab",
        {"width": 2, "n_samples": 10, "size": 9, "stride": 9, "pool": 2, "steps": 3},
        {"width": 3, "seed": 1},
        _blocks,
        {"n_samples": 500, "steps": 10_000},
    ),
    "heads": LabCase(
        "AttentionLab",
        {"heads": 2, "n_samples": 8, "steps": 20},
        {"heads": 3, "target_heads": 2},
        _effective,
        {"steps": 100_000},
    ),
    "anchors": LabCase(
        "AttentionLab",
        {"task": "anchors", "d_model": 8, "d_ff": 8, "n_samples": 8, "steps": 10},
        {"d_ff": 9, "seed": 1},
        _effective,
        {"steps": 100_000},
    ),
    "symmetry": LabCase(
        "SymmetryLab",
        {"width": 3, "n_samples": 4, "activation": "sigmoid", "candidate": "zero"}
        | {"optimizer": "Adam"},
        {"width": 4, "candidate": "one block"},
        lambda lab: str(lab.result),
        {"width": 40, "n_samples": 200},
    ),
    "symmetric heads": LabCase(
        "SymmetryLab",
        {"model": "attention heads", "width": 3, "n_samples": 4, "optimizer": "Adam"},
        {"width": 4, "candidate": "one block"},
        lambda lab: str(lab.result),
        {"width": 8, "n_samples": 200},
    ),
    "rank": LabCase("RankLab", {"k": 2, "m": 6}, {"k": 1, "epsilon": 1e-3}, _ranks, {}),
    "phase": LabCase(
        "PhaseLab", {}, {"grid": _grid(9, (4, 5))}, _map, {"grid": _grid(100_000)}, _grid
    ),
    "regimes": LabCase(
        "RegimeLab",
        {"width": 4, "gamma": 1.0, "rtol": 1e-5},
        {"width": 6, "gamma_prime": 0.5},
        _loss,
        {"optimizer": "Adam", "lr": 1e-8} | _ENDLESS,
    ),
    "deep": LabCase("DeepLab", _FEW, {"width": 5, "activation": "relu"}, _loss, _ENDLESS),
}
