"""As how few neurons a network on screen can be written, how exactly, and what that shows."""

import html

from .. import pictures
from ..frames import FitFrame
from ..measures import THRESHOLD, Merged, Simplicity, merge, simplicity
from ..pictures import number
from ..words import discrepancy
from .moment import Moment

__all__ = ["fit_with_merged", "merged_sentence", "outcome"]


def _merged(now: Moment) -> tuple[Merged, Simplicity]:
    """The network on screen with fewer neurons, and what joining alone says of it."""
    run, index = now.run, now.index

    def find() -> tuple[Merged, Simplicity]:
        asked = run.experiment.model, run.at(index), run.experiment.data()
        return merge(*asked), simplicity(*asked)

    found: tuple[Merged, Simplicity] = run.once(("merged", int(run.step[index])), find)
    return found


def fit_with_merged(now: Moment) -> FitFrame:
    """The fit, with the merged network over it where it was asked for."""
    frame = pictures.fit(now.run, now.index)
    return (
        pictures.merged_fit(frame, _merged(now)[0], now.run.experiment.problem)
        if "merged" in now.pressed
        else frame
    )


def merged_sentence(now: Moment) -> str:
    """What came of merging, where it was asked for."""
    if "merged" not in now.pressed:
        return ""
    merged, joined = _merged(now)
    return (
        f"<div style='line-height:1.35'><b>{html.escape(outcome(merged, joined))}</b> "
        f"Joined without a fit: {html.escape(str(joined))}<br>"
        f"<span style='font-size:12px'>{html.escape(_fitted(merged))}</span></div>"
    )


def outcome(merged: Merged, joined: Simplicity) -> str:
    """What came of it in a few words: nothing, the same, nearly, or only similar.

    Parameters
    ----------
    merged : Merged
        The network with fewer neurons, fitted where it had to be.
    joined : Simplicity
        What joining alone, without a fit, says of condensation.
    """
    c = merged.comparison
    if c and not c.largest:
        return "Merged: the output is zero wherever it was compared, which any neurons can give."
    if merged.model.m == merged.wide.m:
        return "Nothing merged: no network with fewer neurons was found."
    share = c.difference / c.largest if c else 0.0
    if merged.exact:
        off = discrepancy(share)
        return f"Merged: exactly the same function (off by {off} of the largest output)."
    apart = f"off by {number(100.0 * share)} %"
    if joined.condensed:
        return f"Merged: nearly the same ({apart}), and condensed."
    return f"Merged: only similar ({apart}), not seen to be condensed."


def _fitted(merged: Merged) -> str:
    """What a fit does and does not show."""
    if merged.exact:
        return str(merged)
    few, fitted = merged.model.m, merged.refitted
    gone = merged.wide.m - few
    return (
        f"With a fit to the outputs, {few:,} neuron{'s are' if few != 1 else ' is'} enough for "
        f"{100 * THRESHOLD:g} % (green). The fit makes up for {fitted:,} of the {gone:,} that are "
        "left out. That is approximation of a function, and by itself shows no condensation."
    )
