"""The settings of the map on screen, and its cells in words."""

import html
from typing import Any

from ...experiments import Experiment
from ...frames import MapFrame
from ...knobs import Knob
from ...records import PHASE, SLIDING
from ...verdicts import cell_verdict

__all__ = ["MAPS", "STORY", "knob", "named", "shown", "told"]

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


def named(experiment: Experiment) -> str:
    """Where on the map this is."""
    known = experiment.values()
    return ", ".join(
        f"{label} = {shown(n, known[n]):g}" for n, (label, _, _) in STORY.items() if n in known
    )


def told(frame: MapFrame, column: int, row: int) -> str:
    """The chosen cell in words: theory, training and paper, apart."""
    verdict = cell_verdict(frame, column, row)
    said = " ".join(f"<b>{head}</b> {html.escape(rest)}" for head, rest in verdict)
    return f"Cell {html.escape(frame.place(column, row))}: {said}"
