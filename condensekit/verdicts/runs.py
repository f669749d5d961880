"""What a run has reached, how its neurons are arranged, and how its kernels are."""

from ..measures import (
    RISE,
    Blocks,
    Recovery,
    blocks,
    expected_direction,
    gathering,
    neurons,
    overshoot,
    recovery,
)
from ..training import Run
from ..words import number

__all__ = [
    "Rows",
    "kernel_verdict",
    "moment",
    "recovery_rows",
    "recovery_verdict",
    "regime_verdict",
    "risen",
]

Rows = tuple[tuple[str, str], ...]
"""Heads, and what they say."""


def moment(run: Run, index: int) -> str:
    """Which recorded step this is, in words: flow time, or step of how many."""
    optimizer, at = run.experiment.optimizer, run.place(index)
    if optimizer.over_time:
        return f"t = {number(run.time[at])}"
    return f"step {run.step[at]:,} of {optimizer.most_steps:,}"


LATER = "○ Neurons:", "counted when nothing moves …"
"""What is said in place of what takes a moment, while a reader turns a control."""


def recovery_rows(found: Recovery, when: str, quick: bool = False) -> Rows:
    """What theory allows, what training reached, and how many neurons the network acts as.

    `quick`: the last of them, which takes a moment, is left for later.
    """
    theory = {True: "✔", False: "✘", None: "○"}[found.allowed]
    met = {True: "✔", False: "✘", None: "○"}[found.reached]
    error = f"test error {number(found.test_error)}"
    if found.sharp:  # how far below depends on where a run happened to end
        error = f"relative test error < {number(found.sharp_threshold)}, sharply,"
    elif found.relative_error is not None:
        sign = "<" if found.reached else "≥"
        error = f"relative test error {number(found.relative_error)} {sign} "
        error += number(found.threshold)
    told = " ".join([f"{error} at {when}.", *found.notes])
    rows = (
        (f"{theory} {found.theory.head}:", found.reason.replace(">=", "≥")),
        (f"{met} {found.training_head}:", told),
    )
    if quick:
        return (*rows, LATER)
    head, bracket, rest = str(found.simplicity).partition("(")
    return (*rows, (head.strip(), bracket + rest))


def recovery_verdict(run: Run, index: int, quick: bool = False) -> Rows:
    """The rows of a recorded step, and that the loss rose far above its start, or neurons died."""
    rows = recovery_rows(recovery(run, index=index), _where(run, index), quick)
    if warned := overshoot(run, index=index):
        rows += (("⚠ Too large a step:" if warned.rose else "⚠ Dead:", warned.text),)
    return rows


def _where(run: Run, index: int) -> str:
    """The moment, or by what the flow has ended: at which time it does depends on its last step."""
    optimizer, at = run.experiment.optimizer, run.place(index)
    stop = optimizer.stop_loss
    if optimizer.over_time and run.loss[at] < min(stop, float(f"{stop:.1e}")):  # as it is printed
        return f"a loss below {number(stop)}"
    return moment(run, index)


def regime_verdict(run: Run, index: int) -> str:
    """In how many clusters the neurons are, how many effectively, and what the loss is."""
    model, params = run.experiment.model, run.at(index)
    lines, x = neurons(model, params).up_to_sign, run.data().x
    found, warned = gathering(model, params, up_to_sign=lines, x=x), overshoot(run, index=index)
    told, level = str(found), f"raining loss {number(run.loss[index])}."
    if found.active:
        weighed = f"{found.effective:.1f}"
        what = f"{'line' if lines else 'cluster'}{'s' * (weighed != '1.0')}"
        told = f"{told} Effectively {weighed} {what}; t{level}"
    else:
        told = f"{told} T{level}"
    return f"{told} ⚠ {warned}" if warned else told


def kernel_verdict(run: Run, index: int, found: Blocks | None = None) -> str:
    """In how many blocks the kernels are, how well they agree with theory, and the accuracy.

    Kernels of a network whose loss has risen may align as well: that is said first.
    """
    model = run.experiment.model
    said = [risen(run, index), str(found or blocks(model, run.at(index)))]
    theory = expected_direction(run.experiment)
    if theory is not None and len(theory.direction) > 1:  # of one entry, all agree
        agreed = theory.agreement(model, run.at(index))
        said.append(f"Mean |cos| with theory's direction {agreed:.2f}.")
    said.append(f"Test accuracy {run.score('test accuracy')[index]:.3f}.")
    return " ".join(part for part in said if part)


def risen(run: Run, index: int) -> str:
    """A sentence if the loss stands far above its start, '' if not: nothing is learned there."""
    loss = float(run.loss[run.place(index)])
    if loss <= RISE * run.loss[0]:
        return ""
    decay = run.experiment.optimizer.values().get("weight_decay")
    cause = "weights decay too fast, or " * bool(decay)
    return (
        f"The loss is {number(loss)}, from {number(run.loss[0])} at the start: nothing "
        f"is learned here, {cause}the learning rate is too large for this start."
    )
