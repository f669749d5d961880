"""The training of a run in plain torch, as lines to copy."""

import math
from functools import singledispatch

from ..experiments import Experiment
from ..models import Attention, Conv, MatrixFactorization, Model, Transformer, TwoLayer
from ..optimizers import Adam, GradientDescent, GradientFlow, Optimizer
from ..problems import (
    MNIST,
    EvenlySpaced,
    Formula,
    Problem,
    TeacherProblem,
    stream_seed,
)
from ..training import Run
from .attention import attention_code
from .library import expression

__all__ = ["STEEP", "torch_code"]

STEEP = 10.0
"""Next to an escape, the loss falls by so many percent or more while time grows by one."""
_REPORTS = 10  # lines that the plain torch prints on its way


def torch_code(run: Run, index: int) -> str:
    """The same training in plain torch, up to a recorded step; it prints the loss there.

    On the way it prints how far it is, and after how many seconds. The gradient flow is followed by
    SciPy's LSODA to its time, which agrees to a few digits; where the loss falls so steeply that it
    need not, next to an escape, the lines say by how much.
    """
    experiment = run.experiment
    model = experiment.model
    if isinstance(model, Attention | Transformer):
        return attention_code(run, index)
    lines = [
        "import time",
        "import torch",
        *_imports(experiment.optimizer),
        "f64 = torch.float64",
        *_data(experiment.problem, experiment),
        f"draw = torch.Generator().manual_seed({stream_seed(experiment.seed, 'weights')})",
        *_start(model, experiment.init_std),
        *_loss(model),
        "",
        f"params = [p.requires_grad_() for p in ({', '.join(model.shapes())})]",
        *_moved(experiment.optimizer, run, index),
    ]
    return "\n".join(lines)


@singledispatch
def _start(model: Model, std: float) -> list[str]:
    """The draw of the weights."""
    return [
        f"{name} = {std!r} * torch.randn({shape}, generator=draw, dtype=f64)"
        for name, shape in model.shapes().items()
    ]


@_start.register
def _image_start(model: Conv, std: float) -> list[str]:
    """Biases are drawn too, and are zero all the same; numbers are rounded to float32."""
    lines = []
    for name, shape in model.shapes().items():
        scale = std / math.sqrt(shape[-1]) if model.fan_in else std
        scale = scale if len(shape) > 1 else 0.0
        drawn = f"torch.randn({shape}, generator=draw, dtype=f64)"
        lines.append(f"{name} = ({scale!r} * {drawn}).float()")
    return lines


@singledispatch
def _loss(model: Model) -> list[str]:
    raise ValueError(f"There are no lines in plain torch for a {type(model).__name__}.")


@_loss.register
def _two_layer_loss(model: TwoLayer) -> list[str]:
    return [
        *_function(model.activation),
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


@_loss.register
def _image_loss(model: Conv) -> list[str]:
    k, s, channels = model.kernels, model.size, 1
    lines = [
        *_function(model.activation),
        "nn = torch.nn.functional",
        "",
        f"def loss_of({', '.join(model.shapes())}):",
        f"    h = x.view(-1, 1, {model.side}, {model.side})",
    ]
    for w, b in (("w", "b"), ("w2", "b2"))[: model.layers]:
        kernels = f"{w}.view({k}, {channels}, {s}, {s})"
        lines.append(f"    h = act(nn.conv2d(h, {kernels}, {b}, stride={model.stride}))")
        channels = k
    lines.append(f"    h = nn.avg_pool2d(h, {model.pool}).flatten(1)")
    if model.hidden:
        lines.append("    h = act(h @ u.T + e)")
    return [*lines, "    return nn.cross_entropy(h @ v.T + c, y)"]


def _function(name: str) -> list[str]:
    """The activation in torch; one of the reader's own as it is registered where this is run."""
    if name in _FUNCTIONS:
        return [_FUNCTIONS[name]]
    return [
        "from condensekit.activations import activation  # for yours alone",
        f"act = activation({name!r}).torch",
    ]


_FUNCTIONS = {
    "tanh": "act = torch.tanh",
    "relu": "act = torch.relu",
    "sigmoid": "act = torch.sigmoid",
    "softplus": "act = lambda z: torch.logaddexp(z, torch.zeros_like(z))",
    "xtanh": "act = lambda z: z * torch.tanh(z)",
    "x2tanh": "act = lambda z: z**2 * torch.tanh(z)",
    "square": "act = torch.square",
}


def _grid(inputs: object, n: int) -> str | None:
    if not isinstance(inputs, EvenlySpaced):
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
def _digits(problem: MNIST, experiment: Experiment) -> list[str]:
    """Half a million pixels are not written out: they are read as the library does."""
    return [
        "import condensekit as ck  # for the digits alone",
        f"data = {expression(problem)}.data({experiment.n_samples}, {experiment.seed})",
        "x, y = data.x.float(), data.y",
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
    every = max(1, -(-step // _REPORTS))
    return [
        f"optimizer = {made}",
        "began = time.perf_counter()",
        f"for step in range({step}):",
        f"    if step and step % {every} == 0:",
        "        spent = time.perf_counter() - began",
        f"        whole = spent * {step} / step",
        '        print(f"step {step}: {spent:.1f} s of about {whole:.1f} s")',
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
            *_steep(run, index),
            "began, now = time.perf_counter(), 0.0",
            "for _ in range(10):",
            "    velocity(now, theta)",
            "spent = (time.perf_counter() - began) / 10 * len(theta)",
            'print(f"LSODA: about {spent:.1g} s for each Jacobian; it may need hundreds")',
            f"for until in [{time!r} * 4.0**k for k in range({1 - _REPORTS}, 1)]:",
            "    span = (now, until)",
            '    path = solve_ivp(velocity, span, theta, method="LSODA", rtol=1e-6, atol=1e-12)',
            "    theta, now = path.y[:, -1], until",
            "    spent = time.perf_counter() - began",
            '    print(f"t = {now:.6g} after {spent:.1f} s: {loss_of(*parts(theta)).item():.6e}")',
        ]
    return [
        *lines,
        f'print(f"t = {time:.6g}: training loss {{loss_of(*parts(theta)).item():.6e}}")',
    ]


def _steep(run: Run, index: int) -> list[str]:
    """Say how fast the loss changes here, where an error in time is a large error in the loss."""
    around = [max(index - 1, 0), min(index + 1, len(run) - 1)]
    (before, after), (high, low) = run.time[around], run.loss[around]
    if not 0.0 < before < after or not 0.0 < low < high:
        return []
    if math.log(high / low) < STEEP * math.log(after / before):
        return []
    return [
        f"# The lab's loss falls from {high:.3g} to {low:.3g} here while time grows by "
        f"{100.0 * (after / before - 1.0):.2g} %.",
        "# Next to such an escape the loss may differ from the lab's: another solver escapes that",
        "# little earlier or later.",
    ]
