"""A whole figure of a run, or of a sweep."""

import base64
import io
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .. import pictures
from ..training import Run
from ..verdicts import moment, recovery_verdict
from .draw import figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["png", "run_figure", "sweep_figure"]

_PICTURES = (
    pictures.fit,
    pictures.neurons,
    pictures.product,
    pictures.singular,
    pictures.kernel_tiles,
    pictures.kernel_learning,
    pictures.loss,
    pictures.similarity,
)


def run_figure(run: Run, index: int = -1) -> Figure:
    """The pictures that a run has at one of its moments, with what is true of it above them.

    Parameters
    ----------
    run : Run
        The run.
    index : int
        The recorded step.

    Raises
    ------
    ValueError
        If there is no such step.
    """
    at = run.place(index)
    frames = []
    for picture in _PICTURES:
        try:
            frames.append(picture(run, at))
        except ValueError:  # a picture of another kind of run
            continue
    try:
        head = "\n".join(" ".join(row) for row in recovery_verdict(run, at))
    except ValueError:  # there is no target that could be recovered
        head = moment(run, at)
    return figure(frames, head=head)


def png(drawn: Figure, dpi: int = 72) -> str:
    """A figure as a PNG in base64, as notebooks store it."""
    file = io.BytesIO()
    drawn.savefig(file, format="png", dpi=dpi)
    return base64.b64encode(file.getvalue()).decode("ascii")


def sweep_figure(found: "xr.Dataset", x: str | None = None, y: str | None = None) -> Figure:
    """The map of a sweep over two of its axes, see `condensekit.pictures.map_frame`."""
    return figure([pictures.map_frame(found, x, y)])
