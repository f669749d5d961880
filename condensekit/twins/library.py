"""The lines that train a run again with the library, and the expressions that build settings."""

import dataclasses
from collections.abc import Sequence

from ..experiments import Experiment
from ..knobs import Settings
from ..models import Conv, TwoLayer
from ..optimizers import Optimizer
from ..problems import MNIST, Problem, ThreeTanh, relu_1d, sliding_tanh
from ..training import Run

__all__ = ["expression", "library_code"]


def expression(value: object) -> str:
    """The Python expression that builds settings."""
    if isinstance(value, Problem) and value == relu_1d():
        return "ck.problems.relu_1d()"
    if isinstance(value, MNIST):
        return f"ck.problems.mnist({repr(value.source) if value.source else ''})"
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
        package, *modules = kind.__module__.split(".")
        if package != __name__.partition(".")[0]:  # the reader's own, defined where this is run
            return f"{kind.__name__}({_arguments(value)})"
        where = "" if isinstance(value, (Optimizer, Conv)) else f"{modules[0]}."
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
        others = [_turned(first, run.experiment) for run in runs[1:]]
        lines.append(f"run, *others = ck.train([experiment, {', '.join(others)}])")
    else:
        lines.append("run = ck.train(experiment)")
    step = int(runs[0].step[index])
    lines += [f"index = run.index_at({step})", ending]
    return "\n".join(lines)


def _turned(first: Experiment, other: Experiment) -> str:
    """`other` as `first` with some knobs turned."""
    before, now = first.values(), other.values()
    knobs = [f"{name}={now[name]!r}" for name in now if now[name] != before.get(name)]
    return f"experiment.replace({', '.join(knobs)})"
