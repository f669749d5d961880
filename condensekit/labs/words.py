"""What a lab says of its runs in the status line."""

from collections.abc import Sequence

from ..dynamics import Event, Plateau
from ..experiments import Experiment
from ..optimizers import duration
from ..training import Outcome, Run, estimate_seconds

__all__ = ["ended", "known", "plan", "told", "untrained"]


def plan(experiments: Sequence[Experiment]) -> str:
    """What will be done, and how long it takes here at most."""
    return experiments[0].optimizer.plan(sum(map(estimate_seconds, experiments)))


def untrained(experiments: Sequence[Experiment]) -> str:
    """That nothing is trained yet, and what would be."""
    return f"Not trained yet. Run trains {plan(experiments)}."


def known(run: Run, here: bool) -> str:
    """What a run is that was trained before, `here` or for the package."""
    what = "A run that was trained before" if here else "A recorded run"
    return f"{what}: {run.step[-1]:,} steps. Play it, or turn a control and press Run."


def ended(run: Run, seconds: float, beside: str) -> str:
    """How a run ended, and what there is `beside` it."""
    if run.message:
        return run.message
    if run.outcome is Outcome.CANCELLED:
        return f"Stopped at step {run.step[-1]:,}; what was trained is kept."
    how = f"{run.outcome.capitalize()} at" if run.outcome is Outcome.CONVERGED else "Trained"
    return f"{how} {run.step[-1]:,} steps in {duration(seconds)}. {beside}"


def told(events: Sequence[Event], plateaus: Sequence[Plateau]) -> list[str]:
    """What happened in a run, and behind the beginning of each plateau what it is."""
    what = {plateau.first: f" {plateau}" for plateau in plateaus}
    return [e.text + (what.get(e.index, "") if e.kind == "plateau" else "") for e in events]
