"""Figures: a frame -> matplotlib, for slides and terminals. Needs the extra ``plot``.

    figures.figure([pictures.fit(run, -1), pictures.loss(run, -1)]).savefig("run.svg")

The same frames are drawn in a lab by `condensekit.views`, with the same colours and texts.
"""

from ..extras import need

need("matplotlib", "plot", "for figures")

from . import curves, maps, matrices, neurons, regimes
from .draw import Page, draw, figure
from .pages import png, run_figure, sweep_figure

__all__ = [
    "Page",
    "curves",
    "draw",
    "figure",
    "maps",
    "matrices",
    "neurons",
    "png",
    "regimes",
    "run_figure",
    "sweep_figure",
]
