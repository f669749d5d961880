"""The lines of a run, with the library and in plain torch: they print the loss that it has."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
import torch
from cases import PROBLEMS as CASES
from cases import PlainFormula, each
from modules import PEOPLE

import condensekit as ck
from condensekit import models, optimizers, problems
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.expressions import expression
from condensekit.knobs import knob
from condensekit.models.twins import Written, formula_lines
from condensekit.problems.twins import sample_lines
from condensekit.twins import library_code, torch_code

TINY_IMAGE = models.Conv(kernels=2, size=7, stride=4, pool=6)


@dataclasses.dataclass(frozen=True)
class Shapes(problems.Problem):
    """Which of three classes: a problem of the reader's own, with whole numbers for labels."""

    noise_std: float = 0.0
    inputs = problems.Uniform(-1.0, 1.0, 4)
    loss = staticmethod(ck.losses.cross_entropy)
    output_shape = (3,)

    def target(self, x):
        return x[:, :3].argmax(dim=1)

    def data(self, n_samples, seed=0):
        drawn = super().data(n_samples, seed)
        return dataclasses.replace(drawn, y=drawn.y.long(), y_test=drawn.y_test.long())


@dataclasses.dataclass(frozen=True)
class Steep(problems.Problem):
    """A problem with a loss of its own."""

    noise_std: float = knob(0.0, 0.0, 10.0)
    inputs = problems.Uniform(-1.0, 1.0, 2)

    @property
    def loss(self):
        return quartic

    def target(self, x):
        return x.prod(dim=1)


def quartic(outputs, labels):
    return ((outputs - labels) ** 4).mean()


@dataclasses.dataclass(frozen=True)
class Halved(models.TwoLayer):
    """It changes what it inherits: its lines cannot be told from the class above."""

    def init(self, generator, std):
        return {name: leaf / 3 for name, leaf in super().init(generator, std).items()}


NET = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
SINGLE = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1)).double()
OWN = {"module": NET, "PlainFormula": PlainFormula, "Shapes": Shapes, "Steep": Steep}
OWN |= {"Halved": Halved}

PLANE = problems.teacher([1.0, -0.5], [[0.7, -1.1], [1.9, 0.2]], [0.3, 0.8])
LINE = problems.teacher([1.0, -0.5], [[0.7], [-1.9]], [0.3, 0.8], inputs=problems.Uniform(-2, 3))
SLIDING = problems.sliding_tanh()
SQUARE = problems.teacher([1.0], [[0.1 * i - 0.7 for i in range(16)]])

PAIRS = {
    "two layers": (models.TwoLayer(2, 4), PLANE),
    "no bias": (models.TwoLayer(1, 3, bias=False), LINE),
    "one neuron": (models.TwoLayer(1, 1, bias=False), LINE),
    "scaled": (models.ScaledTwoLayer(1, 4, "tanh", gamma=0.5, gamma_prime=0.2), LINE),
    "deep": (models.Deep(2, 3, 3), PLANE),
    "deep, no bias": (models.Deep(2, 3, 2, "sigmoid", bias=False), PLANE),
    "convolution": (models.TwoLayerConv(5, 2), SLIDING),
    "no sharing": (models.TwoLayerConv(5, 2, sharing=False), SLIDING),
    "square": (models.TwoLayerConv(4, 2, 3, 2, "softplus", bias=False), SQUARE),
    "square, no sharing": (models.TwoLayerConv(4, 2, 3, 2, sharing=False), SQUARE),
    "factorization": (
        models.MatrixFactorization(3, 2, 4),
        problems.matrix_completion(np.arange(12.0).reshape(3, 4) / 9),
    ),
    "plane": (models.Plane(), problems.plane(1, 0.5, -2)),
    "product plane": (models.ProductPlane(), problems.plane(1, 0.5, -2, noise_std=0.1)),
    "image": (TINY_IMAGE, problems.mnist()),
    "deep image": (
        models.Conv(kernels=2, size=5, stride=2, pool=4, hidden=3, layers=2, fan_in=True),
        problems.mnist(),
    ),
    "attention": (models.Attention(heads=2, d_head=3), problems.teacher_heads(2)),
    "transformer": (models.Transformer(71, 3, 8, 2, 3, 5, 2), problems.anchors()),
    "transformer in float64": (
        models.PreciseTransformer(71, 3, 8, 2, 3, 5, 2),
        problems.anchors(),
    ),
    "module": (models.FromModule(NET, "0", (4,)), Shapes()),
    **{
        name: (PEOPLE[name].model(torch.float64), PEOPLE[name].problem)
        for name in ("in place", "a frozen bias", "an embedding", "LSTM")
    },
    "own model": (PlainFormula(models.TwoLayer(2, 3)), PLANE),
    "own draw": (Halved(2, 3), PLANE),
    "own loss": (models.TwoLayer(2, 3), Steep()),
}

MOVES = {
    "descent": optimizers.GradientDescent(0.05, steps=12),
    "Adam": optimizers.Adam(1e-2, steps=12),
    "SGD": optimizers.SGD(0.05, 0.8, steps=12),
    "SGD in batches": optimizers.SGD(0.05, 0.8, batch_size=4, steps=12, clip=0.2),
    "AdamW": optimizers.AdamW(1e-2, 0.1, clip=0.0, steps=12),
    "AdamW in batches": optimizers.AdamW(1e-2, 0.1, 4, clip=0.3, batch_size=4, steps=12),
    "flow": optimizers.GradientFlow(t_end=0.5),
}


def printed(code, capsys, **names):
    """The loss that lines print last."""
    capsys.readouterr()
    exec(code, OWN | names)
    return float(re.findall(r"training loss ([-+.e\d]+)", capsys.readouterr().out)[-1])


ENDING = 'print(f"training loss {run.loss[index]:.6e}")'


LONG = {("transformer", "flow"), ("transformer in float64", "flow")}
"""Its 1,500 parameters take minutes there."""


@pytest.mark.parametrize(("name", "how"), sorted({*itertools.product(PAIRS, MOVES)} - LONG))
def test_both_twins_print_the_loss_of_the_run(name, how, capsys):
    (model, problem), move = PAIRS[name], MOVES[how]
    run = ck.train(ck.Experiment(model, problem, move, 9, 0.4, seed=5))
    index = len(run) - 1
    assert run.loss[index] != pytest.approx(run.loss[0], rel=1e-3), "nothing would be seen"
    flow = isinstance(move, optimizers.GradientFlow)
    close = pytest.approx(run.loss[index], rel=1e-2 if flow else 1e-4)
    theirs = {"module": model.module} if isinstance(model, models.FromModule) else {}
    assert printed(torch_code(run, index), capsys, **theirs) == close
    exact = pytest.approx(run.loss[index], rel=1e-6)
    assert printed(library_code([run], index, ENDING), capsys, **theirs) == exact


def test_no_model_and_no_optimizer_is_left_out():
    ours = [getattr(models, name) for name in models.__all__]
    kinds = {kind for kind in ours if isinstance(kind, type) and issubclass(kind, models.Model)}
    assert {type(model) for model, _ in PAIRS.values()} >= kinds - {models.Model}
    assert {type(move) for move in MOVES.values()} >= {
        kind
        for name in optimizers.__all__
        if isinstance(kind := getattr(optimizers, name), type)
        and issubclass(kind, optimizers.Optimizer)
        and kind is not optimizers.Optimizer
    }


PROBLEMS = {name: case.problem for name, case in CASES.items()} | {
    "digits": problems.mnist(),
    "anchors": problems.anchors(),
    "heads": problems.teacher_heads(2),
    "own data": problems.own_data(np.linspace(-1, 1, 12), np.arange(12) % 2),
    "classes": Shapes(),
}


@each("problem", PROBLEMS)
def test_the_samples_are_those_of_the_library(problem):
    names = {"torch": torch, "f64": torch.float64}
    exec("\n".join(sample_lines(problem, 3, 7, "f64")), names)
    data = problem.data(3, 7)
    for found, expected in ((names["x"], data.x), (names["y"], data.y)):
        assert found.dtype == expected.dtype
        torch.testing.assert_close(found, expected, rtol=1e-15, atol=1e-15)
    single = {"torch": torch, "f64": torch.float64}
    exec("\n".join(sample_lines(problem, 3, 7, "torch.float32")), single)
    assert single["x"].dtype == torch.float32
    assert single["y"].dtype == (torch.float32 if data.y.is_floating_point() else torch.int64)


@pytest.mark.parametrize("name", [*ACTIVATIONS, "gelu"])
@pytest.mark.parametrize("kind", [models.TwoLayer, models.Deep])
def test_every_activation_has_its_line_and_ones_own_too(kind, name, capsys):
    act = Activation("gelu", torch.nn.functional.gelu) if name == "gelu" else name
    try:
        model = kind(2, 3, activation=act)
        run = ck.train(ck.Experiment(model, PLANE, ck.Adam(1e-2, steps=5), 9, 0.4))
        assert printed(torch_code(run, 3), capsys) == pytest.approx(run.loss[3], rel=1e-5)
    finally:
        ACTIVATIONS.pop("gelu", None)


def built(settings):
    """What the expression of settings builds, where `module` is the reader's own."""
    names = OWN | {"ck": ck}
    if isinstance(settings, models.FromModule):
        names |= {"module": settings.module}
    exec(f"found = {expression(settings)}", names)
    return names["found"]


@pytest.mark.parametrize("settings", [*MOVES.values(), *PROBLEMS.values(), *PAIRS.values()])
def test_expressions_build_the_same_settings(settings):
    for one in settings if isinstance(settings, tuple) else [settings]:
        assert built(one) == one


def test_the_settings_of_an_escape_have_an_expression_too():
    chosen = ck.symmetry.SymmetrySettings(ck.records.ESCAPE.experiment, "one block", kick=1e-3)
    assert built(chosen) == chosen


def test_an_optimizer_of_ones_own_has_no_lines_in_torch():
    @dataclasses.dataclass(frozen=True)
    class Reversed(optimizers.GradientDescent):
        """It may do anything."""

    run = ck.train(ck.Experiment(models.TwoLayer(2, 3), PLANE, Reversed(0.1, 3), 9, 0.4))
    with pytest.raises(ValueError, match="no lines in plain torch for Reversed"):
        torch_code(run, 1)
    assert "Reversed(lr=0.1, steps=3)" in library_code([run], 1, ENDING)


def test_lines_of_ones_own_are_heard(capsys):
    @dataclasses.dataclass(frozen=True)
    class Line(models.Plane):
        """It has lines of its own, which say something else than those of the class above."""

    @formula_lines.register
    def _line(model: Line):
        return Written("(t[0] + 7 * t[1] * x[:, 0])", named=("t",))

    run = ck.train(ck.Experiment(Line(), problems.plane(1, 0.5, 2), ck.Adam(steps=2), 9, 0.4))
    assert "7 * t[1]" in torch_code(run, 1)
    assert "Line()" in torch_code(run, 1), "it starts as anybody's own"


@pytest.mark.parametrize("kick", [1.0, 1e-6])
def test_a_run_from_given_parameters_has_no_lines(kick):
    base = ck.Experiment(models.TwoLayer(2, 3), PLANE, ck.Adam(steps=3), 9, 0.4)
    run = ck.train(base, init={name: leaf + kick for name, leaf in base.init().items()})
    for lines in (lambda: torch_code(run, 1), lambda: library_code([run], 1, ENDING)):
        with pytest.raises(ValueError, match="parameters that were given"):
            lines()


def test_lines_of_a_rounded_run_are_those_of_the_run(tmp_path):
    run = ck.train(ck.Experiment(models.TwoLayer(2, 3), PLANE, ck.Adam(steps=3), 9, 0.4))
    again = ck.Run.load(run.save(tmp_path / "run", compact=True))
    assert torch_code(again, 1) == torch_code(run, 1)


@each("experiment", {**ck.records.HEADS, **ck.records.ANCHORS, "image": ck.records.KERNELS})
def test_every_recorded_run_has_its_lines(experiment):
    run = ck.records.recorded_run(experiment)
    assert f"range({run.step[-1]})" in torch_code(run, -1)
