"""The training of a run in plain torch, as lines to copy."""

import math

from ..expressions import lines_of
from ..models import Model
from ..models.twins import Written, formula_lines, kind_of_numbers, start_lines
from ..optimizers import GradientFlow, Optimizer
from ..optimizers.twins import TwinMoment, batch_of, import_lines, training_lines
from ..problems import stream_seed
from ..problems.twins import loss_lines, sample_lines
from ..training import Run
from .library import check_start

__all__ = ["STEEP", "torch_code"]

STEEP = 10.0
"""Next to an escape, the loss falls by so many percent or more while time grows by one."""


def torch_code(run: Run, index: int) -> str:
    """Lines of plain torch that train a run up to a recorded step, and print the loss there.

    On the way it prints how far it is, and after how many seconds. The gradient flow is followed by
    SciPy's LSODA to its time, which agrees to a few digits; where the loss falls so steeply that it
    need not, next to an escape, the lines say by how much.

    Raises
    ------
    ValueError
        If the optimizer is the reader's own: nobody knows its lines; if the run did not start from
        the draw of its settings; or if it leaves out neurons.
    """
    check_start(run)
    experiment, index = run.experiment, run.place(index)
    if experiment.model.dropout:
        raise ValueError("There are no lines in plain torch for dropout; those of the library do.")
    model, problem, optimizer = experiment.model, experiment.problem, experiment.optimizer
    n, seed = experiment.n_samples, experiment.seed
    # SciPy counts in float64, whatever the model does.
    numbers = "f64" if isinstance(optimizer, GradientFlow) else kind_of_numbers(model)
    formula: Written = lines_of(formula_lines, model, Model)
    said, loss = loss_lines(problem)
    named = ", ".join(formula.named) or "*leaves"
    leaves = f"({named}{',' * (len(formula.named) == 1)})" if formula.named else "leaves"
    batch = ", x=x, y=y" if batch_of(optimizer, n) else ""
    moment = TwinMoment(
        int(run.step[index]),
        float(run.time[index]),
        n,
        stream_seed(seed, "batches"),
        tuple(_steep(run, index)),
    )
    lines = [
        "import time",
        "import torch",
        *import_lines(optimizer),
        "f64 = torch.float64",
        *sample_lines(problem, n, seed, numbers),
        f"draw = torch.Generator().manual_seed({stream_seed(seed, 'weights')})",
        *lines_of(start_lines, model, Model, experiment.init_std),
        *dict.fromkeys([*formula.before, *said]),
        "",
        f"def loss_of({named}{batch}):",
        *(f"    {line}" for line in formula.inside),
        f"    return {loss.format(formula.outputs)}",
        "",
        f"params = [p.requires_grad_() for p in {leaves}]",
        *lines_of(training_lines, optimizer, Optimizer, moment),
    ]
    return "\n".join(lines)


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
