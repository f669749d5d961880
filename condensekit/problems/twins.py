"""The lines of a problem in plain torch: its samples, and its loss."""

from functools import singledispatch

from ..expressions import arguments, expressed, expression, lines_of
from ..losses import Loss, cross_entropy, mean_squared_error, relative_squared_error
from ..models import TwoLayer
from .attention import Anchors, TeacherHeads
from .base import Data, EvenlySpaced, Problem
from .condensation import relu_1d
from .formulas import Formula
from .mnist import MNIST
from .teachers import Teacher, TeacherProblem, ThreeTanh, sliding_tanh

__all__ = ["loss_lines", "made_lines", "sample_lines"]

# The samples -------------------------------------------------------------------------------------


def sample_lines(problem: Problem, n_samples: int, seed: int, numbers: str) -> list[str]:
    """Lines that make the samples ``x`` and ``y``, in the numbers of a model: ``"f64"``, ..."""
    data = problem.data(n_samples, seed)
    lines: list[str] = lines_of(made_lines, problem, Problem, data, n_samples, seed)
    if numbers == "f64":
        return lines
    whole = not data.y.is_floating_point()  # numbers of classes
    return [*lines, f"x = x.to({numbers})" if whole else f"x, y = x.to({numbers}), y.to({numbers})"]


@singledispatch
def made_lines(problem: Problem, data: Data, n_samples: int, seed: int) -> list[str]:
    """Lines that make ``x`` and ``y`` in float64; number by number works for every problem."""
    kind = ", dtype=f64" if data.y.is_floating_point() else ""
    return [
        f"x = torch.tensor({data.x.tolist()!r}, dtype=f64)",
        f"y = torch.tensor({data.y.tolist()!r}{kind})",
    ]


@made_lines.register(MNIST)
@made_lines.register(Anchors)
@made_lines.register(TeacherHeads)
def _many(problem: Problem, data: Data, n_samples: int, seed: int) -> list[str]:
    """Half a million numbers are not written out: they are made as the library does."""
    return [
        "import condensekit as ck  # for the data alone",
        f"data = {expression(problem)}.data({n_samples}, {seed})",
        "x, y = data.x, data.y",
    ]


@made_lines.register
def _teacher_samples(problem: TeacherProblem, data: Data, n_samples: int, seed: int) -> list[str]:
    x = _grid(problem.inputs, n_samples)
    target, params = problem.teacher()
    if (
        x is None
        or problem.noise_std > 0.0
        or not isinstance(target, TwoLayer)
        or target.activation not in ("tanh", "relu")
    ):
        return made_lines.dispatch(Problem)(problem, data, n_samples, seed)
    biases = params["b"].tolist() if target.bias else [0.0] * target.m
    weights = zip(params["a"].tolist(), params["w"][:, 0].tolist(), biases, strict=True)
    terms = [
        f"{a:+g} * torch.{target.activation}({w!r} * x[:, 0] {'-' if b < 0 else '+'} {abs(b)!r})"
        for a, w, b in weights
    ]
    return [x, "y = (\n    " + "\n    ".join(terms) + "\n)"]


@made_lines.register
def _formula_samples(problem: Formula, data: Data, n_samples: int, seed: int) -> list[str]:
    x = _grid(problem.inputs, n_samples)
    if x is None or problem.noise_std > 0.0:
        return made_lines.dispatch(Problem)(problem, data, n_samples, seed)
    return [x, f"y = torch.tensor({data.y.tolist()!r}, dtype=f64)  # {problem.text}"]


def _grid(inputs: object, n: int) -> str | None:
    if not isinstance(inputs, EvenlySpaced):
        return None
    return f"x = torch.linspace({inputs.low!r}, {inputs.high!r}, {n}, dtype=f64)[:, None]"


# The loss ----------------------------------------------------------------------------------------

_LOSSES: dict[Loss, tuple[tuple[str, ...], str]] = {
    mean_squared_error: ((), "(({} - y) ** 2).mean()"),
    relative_squared_error: ((), "(({} - y) ** 2).mean() / (y**2).mean()"),
    cross_entropy: (("nn = torch.nn.functional",), "nn.cross_entropy({}, y)"),
}


def loss_lines(problem: Problem) -> tuple[tuple[str, ...], str]:
    """What is said once, and the loss of outputs ``{}`` and labels ``y``; one's own as it is."""
    own = (("import condensekit as ck", f"loss = {expression(problem)}.loss"), "loss({}, y)")
    return _LOSSES.get(problem.loss, own)


# The expression that builds it -------------------------------------------------------------------


@expressed.register
def _digits(problem: MNIST) -> str:
    given = [repr(problem.source)] * bool(problem.source) + ["one_hot=True"] * problem.one_hot
    return f"ck.problems.mnist({', '.join(given)})"


@expressed.register
def _three_tanh(problem: ThreeTanh) -> str:
    return f"ck.three_tanh({arguments(problem)})"


@expressed.register
def _teacher(problem: Teacher) -> str:
    if problem == relu_1d():
        return "ck.problems.relu_1d()"
    if problem == sliding_tanh():
        return "ck.sliding_tanh()"
    return f"ck.problems.Teacher({arguments(problem)})"
