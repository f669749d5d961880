"""Labs of runs: how experiments become controls, and controls experiments."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..activations import ACTIVATIONS, Activation, register
from ..dynamics import Event, plateaus
from ..dynamics.rates import can_die, quickly_bearable_rate, same_time
from ..experiments import Experiment
from ..knobs import Knob
from ..optimizers import OPTIMIZERS, Optimizer, optimizer_with
from ..pictures import number
from ..plain import quoted
from ..subjects import Moment, Trainings, told
from .declared import Dial, Offer, Options, Press, Table, Values

__all__ = [
    "ACTIVATION",
    "MERGE",
    "Experiments",
    "bearable",
    "known_knobs",
    "moved_by",
    "of",
    "optimizers",
    "read_experiment",
    "runs_table",
    "std",
    "std_and_gamma",
    "with_knobs",
    "with_plateaus",
    "write_experiment",
]

Experiments = tuple[Experiment, ...]
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_RATE = OPTIMIZERS["GradientDescent"].declared_knobs()["lr"]
_OWN = ("lr", "momentum", "weight_decay", "batch_size", "warmup", "clip")


def runs_table(opens: Experiment, accepts: Callable[[Experiment], bool], **more: Any) -> Table:
    """The table of a lab of runs, whose controls are knobs of an experiment.

    Parameters
    ----------
    opens : Experiment
        With what it opens.
    accepts : callable
        Whether an experiment can be shown.
    **more
        What else the table says: ``shows``, ``controls``, ``pictures``, ``verdict`` at least.
    """
    usual: dict[str, Any] = {
        "subject": Trainings,
        "accepts": lambda batch: all(accepts(one) for one in batch),
        "knobs": known_knobs,
        "turn": lambda batch, values: (with_knobs((batch or (opens,))[0], values, batch is None),),
        "read": lambda batch, values: (read_experiment(batch[0], values),),
        "write": lambda batch: write_experiment(batch[0]),
        "ending": 'print(f"{run.moment(index)}: training loss {run.loss[index]:.6e}")',
    }
    return Table(**(usual | more))


# Experiments and values --------------------------------------------------------------------------


def known_knobs(batch: Experiments) -> dict[str, Knob]:
    """The knobs of experiments, and those of the optimizers that they do not use."""
    known: dict[str, Knob] = {}
    for kind in reversed(OPTIMIZERS.values()):
        known |= kind.declared_knobs()
    for one in batch:
        known |= one.knobs()
    return known


def with_knobs(base: Experiment, values: Values, any_optimizer: bool = False) -> Experiment:
    """An experiment with knobs turned, and parts exchanged, by name.

    With `any_optimizer`, knobs that the optimizer does not have are those of the first that does.

    Raises
    ------
    ValueError
        If there is no such knob, or it does not take the value.
    """
    knobs = {**values}
    model, problem = knobs.pop("model", base.model), knobs.pop("problem", base.problem)
    optimizer: Any = base.optimizer
    if "optimizer" in knobs:
        optimizer = _optimizer(knobs.pop("optimizer"))
    elif any_optimizer and not _of_optimizers(knobs) <= optimizer.knobs().keys():
        optimizer = optimizer_with(knobs)
    parts: Any = {"model": model, "problem": problem, "optimizer": optimizer}
    plain = dataclasses.replace(base, **parts, n_samples=1)
    return plain.replace(**{"n_samples": base.n_samples} | knobs)


def _of_optimizers(names: Values) -> set[str]:
    every = {name for kind in OPTIMIZERS.values() for name in kind.declared_knobs()}
    return every & names.keys()


def _optimizer(given: object) -> Optimizer:
    """An optimizer, given as itself, as its class or by its name."""
    found = OPTIMIZERS.get(given, given) if isinstance(given, str) else given
    if isinstance(found, type) and issubclass(found, Optimizer):
        found = found()
    if not isinstance(found, Optimizer):
        raise ValueError(
            f"optimizer must be one of {', '.join(OPTIMIZERS)}, or an Optimizer, but is "
            f"{quoted(given)}."
        )
    return found


def read_experiment(base: Experiment, values: Values) -> Experiment:
    """The experiment that controls describe, with all of `base` that has no control.

    Raises
    ------
    ValueError
        If they describe none.
    """
    name = values.get("optimizer")
    same = name in (None, type(base.optimizer).__name__)
    parts: dict[str, Any] = {
        "problem": values.get("problem", base.problem),
        "optimizer": base.optimizer if same else OPTIMIZERS[str(name)](),
    }
    plain = dataclasses.replace(base, **parts, n_samples=1)
    known = plain.knobs()
    return plain.replace(**{name: value for name, value in values.items() if name in known})


def write_experiment(experiment: Experiment) -> dict[str, Any]:
    """What controls hold of an experiment: the way back from `read_experiment`."""
    values: dict[str, Any] = {**experiment.values()}
    if experiment.optimizer.over_time:  # it has a learning rate for the epochs that it is told in
        values.setdefault("lr", _RATE.default)
    parts = {"problem": experiment.problem, "optimizer": type(experiment.optimizer).__name__}
    return values | parts


def of(picture: Callable[..., Any]) -> Callable[[Moment], Any]:
    """A picture of a run at a recorded step, as one of a moment."""
    return lambda now: picture(now.run, now.index)


# Controls that many labs have --------------------------------------------------------------------


def optimizers(width: int = 272, without: Sequence[str] = ()) -> Options:
    """The choice of an optimizer."""

    def names() -> list[str]:
        return [name for name in OPTIMIZERS if name not in without]

    return Options("optimizer", "optimizer", names, "How the weights are moved.", width, _resets)


def _resets(name: str) -> Values:
    """The learning rate of an optimizer, and what few have, are its own; the steps stay."""
    kind = OPTIMIZERS.get(name)
    declared = {} if kind is None else kind.declared_knobs()
    own = {knob: declared[knob].default for knob in _OWN if knob in declared}
    return {"lr": _RATE.default} | own


def moved_by(
    lr: tuple[float, float], steps: tuple[float, float], without: Sequence[str] = ()
) -> list[Dial]:
    """The dials of all optimizers; those that one has not are hidden."""
    dials = [
        Dial("rtol", "tolerance", (1e-8, 0.1)),
        Dial("t_end", "flow time", (1.0, 1e9)),
        Dial("max_steps", "max steps", steps),
        Dial("lr", "learning rate η", lr),
        Dial("momentum", "momentum", (0.0, 0.99)),
        Dial("weight_decay", "weight decay", (0.0, 1.0)),
        Dial("batch_size", "batch size", (0, 590)),
        Dial("warmup", "warm-up", (0, 2_000)),
        Dial("clip", "gradient clip", (0.0, 10.0)),
        Dial("steps", "steps", steps),
    ]
    return [dial for dial in dials if dial.name not in without]


def _named(given: Any) -> Any:
    """An activation by its name; one that is given as itself is registered."""
    return register(given).name if isinstance(given, Activation) else given


ACTIVATION = Options(
    "activation",
    "activation",
    lambda: [*ACTIVATIONS],
    "What a hidden neuron does.",
    taken=_named,
)

MERGE = Press(
    "merged",
    "Merge neurons",
    "Join equal neurons, fit fewer to the outputs, and say how much of which was done",
)


def std(values: Values) -> str:
    """The standard deviation."""
    return f"std σ = {number(values['init_std'])}"


def std_and_gamma(values: Values) -> str:
    """The standard deviation, and the power of the width that it is."""
    m = float(values["width"])
    if not m > 1.0:
        return std(values)
    exponent = f"{math.log(values['init_std']) / math.log(m):.2f}".translate(_RAISED)
    return f"{std(values)} = m{exponent}"


def with_plateaus(now: Moment, events: Sequence[Event]) -> list[str]:
    """What happened in a run, and what its plateaus are; that takes a moment."""
    found = now.run.once(("plateaus", len(now.run)), lambda: plateaus(now.run))
    return told(events, found)


def bearable(names: Sequence[str]) -> Offer:
    """The offer of a learning rate that the starts can bear, where one of them cannot.

    Parameters
    ----------
    names : sequence of str
        What the networks are, for a reader.
    """

    def offered(now: Moment) -> tuple[str, str, Values] | None:
        batch = [run.experiment for run in now.shown.runs]
        lr = float(batch[0].values().get("lr", 0.0))
        bounds = [quickly_bearable_rate(one) for one in batch]
        above = [(n, bound) for n, bound in zip(names, bounds, strict=False) if lr > bound]
        if not above:
            return None
        rate, steps = same_time(batch[0], min(bounds))
        said = " and ".join(f"2/λ = {number(bound)} for {name}" for name, bound in above)
        risk = ", and neurons can die" * can_die(str(batch[0].values()["activation"]))
        return (
            f"⚠ η = {number(lr)} is too large for this start: descent is stable there below "
            f"{said}. Above it the loss can rise{risk}.",
            f"Use η = {number(rate)}, {steps:,} steps",
            {"lr": rate, "steps": steps},
        )

    return Offer("Set this learning rate, and steps for the same time, 1,000,000 at most", offered)
