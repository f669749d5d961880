"""The end of the gradient flow, on the floor of a valley, against the stiff solvers of SciPy."""

import time
from collections.abc import Iterator

import numpy as np
from scipy import integrate

import condensekit as ck
from condensekit.derivatives import Landscape
from condensekit.optimizers.flow import FlowRule

from .flow import published

TITLE = "The end of the gradient flow against stiff solvers"
LIMIT = 120.0  # seconds of processor time for each solver
LEVELS = (1e-6, 1e-8, 1e-10, 1e-12)
PROBLEMS = {
    "m = 500, n = 50": published(1),
    "m = 100, n = 20": ck.Experiment(
        ck.TwoLayer(1, 100), ck.three_tanh(), ck.GradientFlow(), 20, 100**-1.5, seed=1
    ),
}
SOLVERS = {
    "Radau, 1e-3": (integrate.Radau, 1e-3, 1e-6),
    "Radau, 1e-6": (integrate.Radau, 1e-6, 1e-9),
    "BDF, 1e-6": (integrate.BDF, 1e-6, 1e-9),
    "LSODA, 1e-6": (integrate.LSODA, 1e-6, 1e-9),
}
EXPLANATION = f"""\
From where the flow of a problem has come to a loss of 1e-5, seconds of the processor until it is
at each level, and in brackets the flow time of that moment, from the beginning of the table. All
start from the same network. "Rosenbrock alone" is condensekit without its second method. SciPy gets
our closed-form gradient and, for free, our Hessian as its Jacobian; its rtol is in the name, and
atol is a thousandth of it. A solver is stopped after {LIMIT:g} s. Flow times tell the errors: where
they agree, the level is reached on time."""

Marks = dict[float, tuple[float, float]]


def _start(experiment: ck.Experiment) -> np.ndarray:
    run = ck.train(experiment.replace(stop_loss=1e-5))
    return np.concatenate([leaf.numpy().ravel() for leaf in run.final.values()])


def _landscape(experiment: ck.Experiment, theta: np.ndarray) -> Landscape:
    data = experiment.data()
    return Landscape(experiment.model, theta[None].copy(), data.x[None], data.y[None])


def _marks(moments: Iterator[tuple[float, float, float]]) -> Marks:
    """Processor seconds and flow time of each level, from (flow time, loss, seconds for free)."""
    found: Marks = {}
    began, before = time.process_time(), (0.0, np.inf)
    for t, loss, free in moments:
        spent = time.process_time() - began - free
        for level in LEVELS:
            if loss <= level and level not in found:
                logs = -np.log([min(before[1], 1.0), loss])
                found[level] = spent, float(np.interp(-np.log(level), logs, [before[0], t]))
        if len(found) == len(LEVELS) or spent > LIMIT:
            break
        before = t, loss
    return found


class _First(FlowRule):
    """Without the second method."""

    deep = 0.0


def ours(experiment: ck.Experiment, theta: np.ndarray, kind: type[FlowRule]) -> Marks:
    """Marks of condensekit."""
    landscape = _landscape(experiment, theta)

    def moments() -> Iterator[tuple[float, float, float]]:
        rule = kind([experiment.replace(t_end=1e14).optimizer], landscape)
        rule.start()
        while True:
            loss = float(rule.step()[0])
            yield float(rule.time()[0]), loss, 0.0

    return _marks(moments())


def theirs(experiment: ck.Experiment, theta: np.ndarray, name: str) -> Marks:
    """Marks of a solver of SciPy."""
    kind, rtol, atol = SOLVERS[name]
    landscape = _landscape(experiment, theta)
    hessian = landscape.curvature()
    units, free = np.eye(len(theta)), [0.0]

    def force(_t: float, point: np.ndarray) -> np.ndarray:
        landscape.theta[0] = point
        landscape.loss()
        return -landscape.gradient[0]

    def jacobian(_t: float, point: np.ndarray) -> np.ndarray:
        began = time.process_time()
        landscape.theta[0] = point
        found = -hessian.products(units)
        free.append(time.process_time() - began)
        return found

    def moments() -> Iterator[tuple[float, float, float]]:
        solver = kind(force, 0.0, theta, 1e14, rtol=rtol, atol=atol, jac=jacobian)
        while solver.status == "running":
            solver.step()
            landscape.theta[0] = solver.y
            yield solver.t, float(landscape.loss()[0]), sum(free)

    return _marks(moments())


def measure() -> str:
    """The table."""
    rows = [
        "| problem | solver | " + " | ".join(f"loss {level:g}" for level in LEVELS) + " |",
        "|---" * (2 + len(LEVELS)) + "|",
    ]
    for title, experiment in PROBLEMS.items():
        theta = _start(experiment)
        found = {
            "condensekit": ours(experiment, theta, FlowRule),
            "Rosenbrock alone": ours(experiment, theta, _First),
            **{name: theirs(experiment, theta, name) for name in SOLVERS},
        }
        for name, marks in found.items():
            cells = [
                f"{marks[level][0]:.2f} s ({marks[level][1]:.3g})" if level in marks else "-"
                for level in LEVELS
            ]
            rows.append(f"| {title} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
