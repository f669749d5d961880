"""What a lab says of its runs in the status line."""

from collections.abc import Sequence

from ..dynamics import Event, Plateau
from ..experiments import Experiment
from ..measures import overshoot
from ..optimizers import duration
from ..training import Outcome, Run, estimate_seconds
from ..words import many, number

__all__ = [
    "differing",
    "ended",
    "failure",
    "known",
    "plan",
    "remarked",
    "to_be_trained",
    "told",
    "under_way",
    "unsaid",
    "with_overshoot",
]

SURE = 2.0
"""Seconds of work, after which its pace says more than an estimate."""


def plan(experiments: Sequence[Experiment], left: float = 1.0) -> str:
    """What will be done, and how long it takes here at most; `left`: the share still to be done."""
    return experiments[0].optimizer.plan(left * sum(map(estimate_seconds, experiments)))


def under_way(run: Run, seconds: float) -> str:
    """How far a run is after some seconds, and how long the rest takes at this pace.

    Empty in the first seconds, for which the plan is good enough, and for a flow, of which nobody
    knows how many steps it takes.
    """
    made, optimizer = int(run.step[-1]), run.experiment.optimizer
    if seconds < SURE or not made or optimizer.over_time:
        return ""
    left = duration(seconds * (optimizer.most_steps - made) / made)
    return f"Training: step {made:,} of {optimizer.most_steps:,}, about {left} left …"


def to_be_trained(experiments: Sequence[Experiment]) -> str:
    """That nothing is trained yet, and what would be."""
    return f"Not trained yet. Run trains {plan(experiments)}."


def known(run: Run, here: bool) -> str:
    """What a run is that was trained before, `here` or for the package."""
    what = "A run that was trained before" if here else "A recorded run"
    notes = f" {run.notes}" * bool(run.notes)
    steps = many(int(run.step[-1]), "step")
    return f"{what}: {steps}.{notes} Play it, or turn a control and press Run."


def ended(run: Run, seconds: float, beside: str) -> str:
    """How a run ended, and what there is `beside` it."""
    if run.message:
        return run.notes
    if run.outcome is Outcome.CANCELLED:
        return f"Stopped at step {run.step[-1]:,}; what was trained is kept. {run.notes}".strip()
    how = f"{run.outcome.capitalize()} at" if run.outcome is Outcome.CONVERGED else "Trained"
    until = f" up to {run.moment(-1)}" if run.experiment.optimizer.over_time else ""
    steps = many(int(run.step[-1]), "step")
    took, loss = duration(seconds), number(run.loss[-1])
    return f"{how} {steps}{until} in {took}, loss {loss}. {beside} {run.notes}".strip()


def failure(error: BaseException) -> tuple[str, str]:
    """What to say of an error that ended a work, and whether that is one or a warning."""
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted.", "warning"
    return f"{type(error).__name__}: {error}", "error"


def unsaid(run: Run, events: Sequence[Event]) -> list[Event]:
    """Events of a run without its end, if the status line tells that: it has a message."""
    return [event for event in events if not (run.message and event.kind == "end")]


def with_overshoot(run: Run, events: Sequence[Event]) -> list[Event]:
    """Events of a run, and among them that its loss rose far above its start, if it did."""
    found = overshoot(run)
    if not found:
        return [*events]
    index = found.index if found.rose else _died_at(run)
    jump = Event("overshoot", index, float(run.time[index]), found.text)
    return sorted([*events, jump], key=lambda event: event.index)


def remarked(run: Run, events: Sequence[Event]) -> list[Event]:
    """Events of a run, with a jump of its loss, and without what the status line tells."""
    return with_overshoot(run, unsaid(run, events))


def _died_at(run: Run) -> int:
    """The first recorded step by which as many neurons have died as at the last one."""
    died = overshoot(run).died
    return next(i for i in range(len(run)) if overshoot(run, index=i).died >= died)


def told(events: Sequence[Event], plateaus: Sequence[Plateau]) -> list[str]:
    """What happened in a run, and behind the beginning of each plateau what it is."""
    what = {plateau.first: f" {plateau}" for plateau in plateaus}
    return [e.text + (what.get(e.index, "") if e.kind == "plateau" else "") for e in events]


def differing(before: Experiment, now: Experiment) -> str:
    """In what an experiment differs from another one, in words."""
    ours, theirs = before.values(), now.values()
    parts = [(getattr(before, name), getattr(now, name)) for name in before.parts()]
    kinds = [type(a).__name__ for a, b in parts if type(a) is not type(b)]
    knobs = [f"{name} {_short(value)}" for name, value in ours.items() if value != theirs.get(name)]
    return ", ".join(kinds + knobs) or "another target"


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
