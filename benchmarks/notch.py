"""What one notch of a lab's slider costs, against a lab that times some steps at each notch."""

import time
from collections.abc import Callable
from typing import Any

import torch

import condensekit as ck
import condensekit.labs
from condensekit.training import estimate

from .timing import spread

TITLE = "One notch of the variance slider"
EXPLANATION = """\
Processor time in the kernel, in ms, from the slider's new value to the last message to the browser.
A lab says how long training would take. On the one side it times steps for 30 ms and evaluations on
the test points for 15 ms at each notch, as it did once; on the other it asks `estimate_seconds`,
which measures once what is the same work. Each figure is the median over notches, with the smallest
and the largest; the two sides take turns."""

NOTCHES = 9


def timed_anew(work: estimate._Work) -> tuple[float, float]:
    """Seconds of a step and of a record: the quickest that fit into 30 and 15 ms."""
    batch = estimate.Batch([0], [work.example], None)
    params, tests = batch.landscape.params, (batch.x_test, batch.y_test)
    with estimate.working(batch.model):
        batch.rule.start()
        step = _quickest(batch.rule.step, 0.03)
        return step, _quickest(
            lambda: estimate.tested(batch.model, params, *tests, batch.problems), 0.015
        )


def _quickest(work: Callable[[], object], budget: float) -> float:
    start = now = time.process_time()
    quickest = budget
    while now - start < budget:
        work()
        before, now = now, time.process_time()
        quickest = min(quickest, now - before)
    return quickest


def compare(kind: type[Any]) -> str:
    """One row of the table."""
    lab, known = kind(), estimate._measured
    slider = lab.controls["init_std"].slider
    sides: dict[bool, list[float]] = {True: [], False: []}
    for count in range(2 * NOTCHES + 4):
        anew = count % 2 == 0
        estimate._measured = timed_anew if anew else known  # type: ignore[assignment]
        try:
            start = time.process_time()
            slider.value -= 1
            took = time.process_time() - start
        finally:
            estimate._measured = known
        if count >= 4:  # neither side pays for warming up
            sides[anew].append(1e3 * took)
    lab.close()
    ratios = [slow / fast for slow, fast in zip(sides[True], sides[False], strict=True)]
    row = f"{kind.__name__} | {spread(sides[True])} | {spread(sides[False])} | **{spread(ratios)}**"
    return f"| {row} |"


def measure() -> str:
    """The table."""
    torch.set_num_threads(1)
    labs = ck.labs
    kinds = labs.RecoveryLab, labs.CondensationLab, labs.KernelLab, labs.FactorizationLab
    head = (
        "| lab | timed at each notch, ms | condensekit, ms | times as fast |\n|---|---|---|---|\n"
    )
    return head + "\n".join(map(compare, kinds))
