"""The lines that reproduce what a lab shows: with the library, and with plain torch."""

import dataclasses
from collections.abc import Sequence
from functools import singledispatch

from ..experiments import Experiment
from ..knobs import Settings
from ..models import MatrixFactorization, Model, TwoLayer
from ..optimizers import Adam, GradientDescent, GradientFlow, Optimizer
from ..problems import (
    Formula,
    Grid,
    Problem,
    TeacherProblem,
    ThreeTanh,
    relu_1d,
    sliding_tanh,
    stream_seed,
)
from ..training import Run

__all__ = ["expression", "library_code", "torch_code"]


def expression(value: object) -> str:
    """The Python expression that builds settings."""
    if isinstance(value, Problem) and value == relu_1d():
        return "ck.problems.relu_1d()"
    if isinstance(value, Problem) and value == sliding_tanh():
        return "ck.sliding_tanh()"
    if isinstance(value, ThreeTanh):
        return f"ck.three_tanh({_arguments(value)})"
    if isinstance(value, TwoLayer):
        named = "" if value.bias else ", bias=False"
        return f'ck.TwoLayer({value.d}, {value.m}, "{value.activation}"{named})'
    if isinstance(value, Experiment):
        parts = ", ".join(expression(v) for v in (value.model, value.problem, value.optimizer))
        return (
            f"ck.Experiment(\n    {parts},\n    n_samples={value.n_samples}, "
            f"init_std={value.init_std!r}, seed={value.seed},\n)"
        )
    if isinstance(value, Settings):
        kind = type(value)
        where = "" if isinstance(value, Optimizer) else f"{kind.__module__.split('.')[1]}."
        return f"ck.{where}{kind.__name__}({_arguments(value)})"
    return repr(value)


def _arguments(settings: Settings) -> str:
    """What differs from the defaults."""
    fields = dataclasses.fields(settings)  # type: ignore[arg-type]
    return ", ".join(
        f"{field.name}={expression(getattr(settings, field.name))}"
        for field in fields
        if getattr(settings, field.name) != field.default
    )


def library_code(runs: Sequence[Run], index: int, ending: str) -> str:
    """Train the runs as one batch, and look at a recorded step of the first.

    Parameters
    ----------
    runs : sequence of Run
        The run on screen, and what was trained together with it.
    index : int
        The recorded step on screen.
    ending : str
        A line that prints what is to be known of ``run`` at ``index``.
    """
    first = runs[0].experiment
    lines = ["import condensekit as ck", f"experiment = {expression(first)}"]
    if len(runs) > 1:
        others = [f"experiment.replace(init_std={run.experiment.init_std!r})" for run in runs[1:]]
        lines.append(f"run, *others = ck.train([experiment, {', '.join(others)}])")
    else:
        lines.append("run = ck.train(experiment)")
    step = int(runs[0].step[index])
    lines += [f"index = run.index_at({step})", ending]
    return "\n".join(lines)


def torch_code(run: Run, index: int) -> str:
    """The same training in plain torch, up to a recorded step; it prints the loss there.

    The gradient flow is followed by SciPy's LSODA to its time, which agrees to a few digits.
    """
    experiment = run.experiment
    model = experiment.model
    lines = [
        "import torch",
        *_imports(experiment.optimizer),
        "f64 = torch.float64",
        *_data(experiment.problem, experiment),
        f"draw = torch.Generator().manual_seed({stream_seed(experiment.seed, 'weights')})",
        *(
            f"{name} = {experiment.init_std!r} * torch.randn({shape}, generator=draw, dtype=f64)"
            for name, shape in model.shapes().items()
        ),
        *_loss(model),
        "",
        f"params = [p.requires_grad_() for p in ({', '.join(model.shapes())})]",
        *_moved(experiment.optimizer, run, index),
    ]
    return "\n".join(lines)


@singledispatch
def _loss(model: Model) -> list[str]:
    raise ValueError(f"There are no lines in plain torch for a {type(model).__name__}.")


@_loss.register
def _two_layer_loss(model: TwoLayer) -> list[str]:
    return [
        _FUNCTIONS[model.activation],
        "",
        f"def loss_of({', '.join(model.shapes())}):",
        f"    hidden = act(x @ w.T{' + b' if model.bias else ''})",
        "    return ((hidden @ a - y) ** 2).mean()",
    ]


@_loss.register
def _factorization_loss(model: MatrixFactorization) -> list[str]:
    return [
        "",
        "def loss_of(A, B):",
        f"    u, v = x[:, :{model.rows}], x[:, {model.rows}:]",
        "    return ((((u @ A) * (v @ B.T)).sum(dim=1) - y) ** 2).mean()",
    ]


_FUNCTIONS = {
    "tanh": "act = torch.tanh",
    "relu": "act = torch.relu",
    "sigmoid": "act = torch.sigmoid",
    "softplus": "act = lambda z: torch.logaddexp(z, torch.zeros_like(z))",
    "xtanh": "act = lambda z: z * torch.tanh(z)",
    "x2tanh": "act = lambda z: z**2 * torch.tanh(z)",
}


def _grid(inputs: object, n: int) -> str | None:
    if not isinstance(inputs, Grid):
        return None
    return f"x = torch.linspace({inputs.low!r}, {inputs.high!r}, {n}, dtype=f64)[:, None]"


@singledispatch
def _data(problem: Problem, experiment: Experiment) -> list[str]:
    """The samples, number by number: that works for every problem."""
    data = experiment.data()
    return [
        f"x = torch.tensor({data.x.tolist()!r}, dtype=f64)",
        f"y = torch.tensor({data.y.tolist()!r}, dtype=f64)",
    ]


@_data.register
def _teacher_data(problem: TeacherProblem, experiment: Experiment) -> list[str]:
    x = _grid(problem.inputs, experiment.n_samples)
    target, params = problem.teacher()
    if (
        x is None
        or problem.noise_std > 0.0
        or not isinstance(target, TwoLayer)
        or target.activation not in ("tanh", "relu")
    ):
        return _data.dispatch(Problem)(problem, experiment)
    biases = params["b"].tolist() if target.bias else [0.0] * target.m
    weights = zip(params["a"].tolist(), params["w"][:, 0].tolist(), biases, strict=True)
    terms = [
        f"{a:+g} * torch.{target.activation}({w!r} * x[:, 0] {'-' if b < 0 else '+'} {abs(b)!r})"
        for a, w, b in weights
    ]
    return [x, "y = (\n    " + "\n    ".join(terms) + "\n)"]


@_data.register
def _formula_data(problem: Formula, experiment: Experiment) -> list[str]:
    x = _grid(problem.inputs, experiment.n_samples)
    if x is None or problem.noise_std > 0.0:
        return _data.dispatch(Problem)(problem, experiment)
    return [x, f"y = torch.tensor({experiment.data().y.tolist()!r}, dtype=f64)  # {problem.text}"]


@singledispatch
def _imports(optimizer: Optimizer) -> list[str]:
    return []


@_imports.register
def _flow_imports(optimizer: GradientFlow) -> list[str]:
    return ["from scipy.integrate import solve_ivp"]


@singledispatch
def _moved(optimizer: Optimizer, run: Run, index: int) -> list[str]:
    raise ValueError(f"There are no lines in plain torch for {type(optimizer).__name__}.")


def _loop(made: str, run: Run, index: int) -> list[str]:
    step = int(run.step[index])
    return [
        f"optimizer = {made}",
        f"for step in range({step}):",
        "    optimizer.zero_grad()",
        "    loss_of(*params).backward()",
        "    optimizer.step()",
        f'print(f"step {step}: training loss {{loss_of(*params).item():.6e}}")',
    ]


@_moved.register
def _descent(optimizer: GradientDescent, run: Run, index: int) -> list[str]:
    return _loop(f"torch.optim.SGD(params, lr={optimizer.lr!r})", run, index)


@_moved.register
def _adam(optimizer: Adam, run: Run, index: int) -> list[str]:
    return _loop(f"torch.optim.Adam(params, lr={optimizer.lr!r})", run, index)


@_moved.register
def _flow(optimizer: GradientFlow, run: Run, index: int) -> list[str]:
    time = float(run.time[index])
    lines = [
        "sizes = [p.numel() for p in params]",
        "",
        "def parts(theta):",
        "    pieces = torch.as_tensor(theta, dtype=f64).split(sizes)",
        "    return [q.reshape(p.shape) for q, p in zip(pieces, params)]",
        "",
        "def velocity(t, theta):",
        "    now = [q.requires_grad_() for q in parts(theta)]",
        "    pull = torch.autograd.grad(loss_of(*now), now)",
        "    return -torch.cat([g.flatten() for g in pull]).numpy()",
        "",
        "theta = torch.cat([p.detach().flatten() for p in params]).numpy()",
    ]
    if time > 0.0:
        lines += [
            f"span = (0.0, {time!r})",
            'path = solve_ivp(velocity, span, theta, method="LSODA", rtol=1e-6, atol=1e-12)',
            "theta = path.y[:, -1]",
        ]
    return [
        *lines,
        f'print(f"t = {time:.6g}: training loss {{loss_of(*parts(theta)).item():.6e}}")',
    ]
