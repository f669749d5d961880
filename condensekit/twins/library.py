"""The lines that train a run again with the library."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..experiments import Experiment
from ..expressions import expressed, expression
from ..training import Run
from ..training.storage import pack, unpack

__all__ = ["check_start", "library_code"]


@expressed.register
def _experiment(value: Experiment) -> str:
    parts = ", ".join(expression(v) for v in (value.model, value.problem, value.optimizer))
    return (
        f"ck.Experiment(\n    {parts},\n    n_samples={value.n_samples}, "
        f"init_std={value.init_std!r}, seed={value.seed},\n)"
    )


def library_code(runs: Sequence[Run], index: int, ending: str) -> str:
    """Lines that train runs as one batch, and look at a recorded step of the first.

    Parameters
    ----------
    runs : sequence of Run
        The run on screen, and what was trained together with it.
    index : int
        The recorded step on screen.
    ending : str
        A line that prints what is to be known of ``run`` at ``index``.

    Raises
    ------
    ValueError
        If a run did not start from the draw of its settings.
    """
    for run in runs:
        check_start(run)
    first = runs[0].experiment
    lines = ["import condensekit as ck", f"experiment = {expression(first)}"]
    if len(runs) > 1:
        others = [_turned(first, run.experiment) for run in runs[1:]]
        lines.append(f"run, *others = ck.train([experiment, {', '.join(others)}])")
    else:
        lines.append("run = ck.train(experiment)")
    step = int(runs[0].step[runs[0].place(index)])
    lines += [f"index = run.index_at({step})", ending]
    return "\n".join(lines)


def check_start(run: Run) -> None:
    """Raise a ValueError if a run was started from given parameters: no settings tell them."""
    drawn = run.experiment.init()
    for name, first in run.at(0).items():
        if run.step[0] == 0 and not _equal(first, drawn[name]):
            raise ValueError(
                "This run started from parameters that were given to it, not from the draw of its "
                "seed: no lines can say them."
            )


def _equal(first: Tensor, drawn: Tensor) -> bool:
    """Whether parameters are those that were drawn, or these as they are in a compact file."""
    rounded = torch.from_numpy(unpack(*pack(drawn.numpy()[None]))[0]).to(drawn)
    last = 1e-9 * float(drawn.abs().max())  # processors draw with another last digit
    return any(torch.allclose(first, one, rtol=2e-7, atol=last) for one in (drawn, rounded))


def _turned(first: Experiment, other: Experiment) -> str:
    """`other` as `first` with some knobs turned."""
    before, now = first.values(), other.values()
    knobs = [f"{name}={now[name]!r}" for name in now if now[name] != before.get(name)]
    return f"experiment.replace({', '.join(knobs)})"
