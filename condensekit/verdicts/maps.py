"""A cell of a map in words: theory, training and paper, apart."""

import math

from ..frames import MapFrame
from ..words import number

__all__ = ["cell_verdict"]


def cell_verdict(frame: MapFrame, column: int, row: int) -> tuple[tuple[str, str], ...]:
    """What theory allows, what training reached, and what a paper printed of a cell."""
    return (
        _theory(frame, column, row),
        _training(frame, column, row),
        _paper(frame, column, row),
    )


def _training(frame: MapFrame, column: int, row: int) -> tuple[str, str]:
    """What became of the runs of a cell."""
    log_error, share = frame.log_error[row, column], frame.reached[row, column]
    if log_error != log_error:
        return "○ Training:", "not yet."
    median = "infinite" if math.isinf(log_error) else number(10.0**log_error)
    if math.isnan(share):
        return "○ Training:", f"cannot be judged; median test error {median}."
    met = "✔ Reached by training:" if share >= 0.5 else "✘ Not reached by training:"
    ended = frame.ended[row, column]
    of = "the runs" if ended == frame.runs else f"its runs so far, {ended} of {frame.runs}"
    return met, f"in {share:.0%} of {of}, median test error {median}."


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
