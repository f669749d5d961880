"""The settings of the map on screen, and its cells in words."""

import html
import math
from typing import Any

from ... import pictures
from ...experiments import Experiment
from ...frames import MapFrame
from ...knobs import Knob
from ...records import PHASE, SLIDING

__all__ = ["MAPS", "STORY", "knob", "named", "shown", "told", "written"]

STORY = {
    "n_samples": ("samples n", "3:31:3", "20"),
    "init_std": ("variance σ²", "1e-14,1e-10,1e-6,1e-4,1e-2,1", "1e-6"),
    "width": ("width m", "3,5,10,20,50,100", "50"),
    "target_width": ("target width k", "1,2,3,4,5", "3"),
}
"""Of every setting the label, its values as an axis, and its value otherwise."""

MAPS = {
    "tanh of one input": PHASE,
    "tanh of five inputs": SLIDING,
}
"""The maps that can be chosen, by their target."""


def knob(name: str) -> Knob:
    """The knob as the lab shows it: of the initialization, its variance."""
    known = PHASE.base.knobs()[name]
    if name != "init_std":
        return known
    assert known.low is not None
    assert known.high is not None
    return Knob(
        "variance",
        float(known.default) ** 2,
        known.low**2,
        known.high**2,
        log=True,
        help="Variance of all weights at the start, the square of their standard deviation.",
    )


def shown(name: str, value: Any) -> Any:
    """A value as the lab shows it: of the initialization, the variance."""
    return float(f"{value**2:.6g}") if name == "init_std" else value


def written(values: list[Any]) -> str:
    """Values as `series` reads them, whole numbers in even steps as a range.

    Examples
    --------
    >>> written([3, 6, 9]), written([1e-6, 0.5, 1.0]), written([7])
    ('3:10:3', '1e-6,0.5,1', '7')
    """
    if len(values) > 2 and all(isinstance(value, int) for value in values):
        found = range(values[0], values[-1] + 1, max(1, values[1] - values[0]))
        if [*found] == values:
            return f"{found.start}:{found.stop}:{found.step}"
    return ",".join(f"{value:g}".replace("e-0", "e-") for value in values)


def named(experiment: Experiment) -> str:
    """Where on the map this is."""
    known = experiment.values()
    return ", ".join(
        f"{label} = {shown(n, known[n]):g}" for n, (label, _, _) in STORY.items() if n in known
    )


def told(frame: MapFrame, column: int, row: int) -> str:
    """The chosen cell in words: theory, training and paper, apart."""
    log_error, share = frame.log_error[row, column], frame.reached[row, column]
    training = ("○ Training:", "not yet.")
    if log_error == log_error:
        median = "infinite" if math.isinf(log_error) else pictures.number(10.0**log_error)
        met = "✔ Reached by training:" if share >= 0.5 else "✘ Not reached by training:"
        ended = frame.ended[row, column]
        of = "the runs" if ended == frame.runs else f"its runs so far, {ended} of {frame.runs}"
        training = (met, f"in {share:.0%} of {of}, median test error {median}.")
        if math.isnan(share):
            training = ("○ Training:", f"cannot be judged; median test error {median}.")
    where = f"{frame.x_label} = {frame.x[column]:g}, {frame.y_label} = {frame.y[row]:g}"
    parts = _theory(frame, column, row), training, _paper(frame, column, row)
    said = " ".join(f"<b>{head}</b> {html.escape(rest)}" for head, rest in parts)
    return f"Cell {html.escape(where)}: {said}"


def _theory(frame: MapFrame, column: int, row: int) -> tuple[str, str]:
    """What theory says of a cell: head and sentence."""
    allowed, size = frame.allowed[row, column], frame.size[row, column]
    enough, rank = frame.enough[row, column], frame.rank[row, column]
    on_these = "" if math.isnan(rank) else f", rank {rank:g} of {size:g} on these samples"
    if allowed == 1.0:
        return "✔ Allowed by theory:", f"n ≥ O = {size:g}{on_these}."
    if enough == 1.0 and allowed == 0.0:
        return "✘ Not allowed to first order:", f"n ≥ O = {size:g}, but not these{on_these}."
    if enough == 1.0:
        return "○ Theory cannot tell:", f"n ≥ O = {size:g}{on_these}."
    if enough == 0.0:
        return "✘ Not allowed to first order:", f"n < O = {size:g}."
    if allowed == 0.0:
        return "✘ Not allowed:", "fewer neurons than the target."
    return "○ No theorem", "here."


def _paper(frame: MapFrame, column: int, row: int) -> tuple[str, str]:
    """What is printed of a cell: head and sentence."""
    if not frame.printed:
        return "○ In a paper:", "nothing is printed of this map."
    here = frame.printed_at(column, row)
    if here is not None:
        return "◆ Reached in the paper:", f"{here.text} ({here.differs}). {here.source}."
    beside = next((mark for mark in frame.printed if abs(mark.y - row) <= 0.5), None)
    told = "nothing" if beside is None else f"not here, but ◆ {beside.text}"
    return "○ In the paper:", f"{told}. {frame.papers()}."
