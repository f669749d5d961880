"""What a reader must hear before a picture is believed."""

from ..training import Run
from .runs import number

__all__ = ["RISEN", "risen"]

RISEN = 2.0
"""A loss above that at the start by this factor is one that training has raised."""


def risen(run: Run, index: int, factor: float = RISEN) -> str:
    """A sentence if the loss stands above its start, '' if not: nothing has been learned there.

    Parameters
    ----------
    run, index
        The run, and the recorded step.
    factor : float
        So much above the start it is said.
    """
    if run.loss[index] <= factor * run.loss[0]:
        return ""
    return (
        f"The loss is {number(run.loss[index])}, from {number(run.loss[0])} at the start: nothing "
        "is learned here, the learning rate is too large for this start."
    )
