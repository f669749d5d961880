"""The Merge button: as how few neurons a network on screen can be written, and how exactly."""

import html
from collections.abc import Callable

import ipywidgets

from .. import pictures
from ..experiments import Experiment
from ..frames import FitFrame
from ..measures import THRESHOLD, Merged, Simplicity, merge, simplicity
from ..pictures import number
from ..training import Run
from .widgets import button

__all__ = ["Merging", "outcome"]


class Merging:
    """A button, and what there is to say of one recorded step once it was pressed.

    Attributes
    ----------
    button : Button
        Asks for it.
    said : HTML
        What came of it; empty for any other step than the one that was asked for.
    """

    def __init__(self, asked: Callable[[], None]) -> None:
        tip = "Join equal neurons, fit fewer to the outputs, and say how much of which was done"
        self.button = button("Merge neurons", tip, "", 130)
        self.button.on_click(lambda _: asked())
        self.said = ipywidgets.HTML(layout=ipywidgets.Layout(width="auto", max_width="724px"))
        self._at: tuple[Experiment, int] | None = None
        self._found: Merged | None = None

    @property
    def on(self) -> bool:
        """Whether a merged network is on screen."""
        return self._at is not None

    def ask(self, run: Run, index: int) -> None:
        """Merge the network of a recorded step."""
        experiment, params, data = run.experiment, run.at(index), run.experiment.data()
        merged = merge(experiment.model, params, data)
        self._at = experiment, int(run.step[index])
        self._found = merged
        joined = simplicity(experiment.model, params, data)
        self.said.value = (
            f"<div style='line-height:1.35'><b>{html.escape(outcome(merged, joined))}</b> "
            f"Joined without a fit: {html.escape(str(joined))}<br>"
            f"<span style='font-size:12px'>{html.escape(_fitted(merged))}</span></div>"
        )

    def drawn(self, fit: FitFrame, run: Run, index: int) -> FitFrame:
        """A fit with the merged network over it, if it is that of this step."""
        if self._found is None or self._at != (run.experiment, int(run.step[index])):
            self._at, self._found, self.said.value = None, None, ""
            return fit
        return pictures.merged_fit(fit, self._found)


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
        return f"Merged: exactly the same function (off by {number(share)} of the largest output)."
    apart = f"off by {number(100.0 * share)} %"
    if joined.condensed:
        return f"Merged: nearly the same ({apart}), and condensed."
    return f"Merged: only similar ({apart}), not condensed."


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
