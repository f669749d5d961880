"""The map of a sweep."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ..frames import COLOURS, SHADES, MapFrame, powers
from ..languages import language, tr
from ..words import power
from .draw import draw, legend, names

__all__ = ["LOG_ERROR"]

LOG_ERROR = (-12.0, 0.0)
"""Test errors that the colours of a map tell apart, as exponents of ten."""
_CIVIDIS = LinearSegmentedColormap.from_list("errors", SHADES)


@draw.register
def _map(frame: MapFrame, axes: Axes) -> None:
    """Test error in colour, the line of theory, and who recovered the target.

    A ring: training did; a cross: the samples are enough in number only; a diamond: a paper prints
    that it did.
    """
    rows, columns = frame.log_error.shape
    shown = np.clip(frame.log_error, *LOG_ERROR)
    image = axes.imshow(shown, origin="lower", cmap=_CIVIDIS, aspect="auto")
    image.set_clim(*LOG_ERROR)
    bar = axes.figure.colorbar(image, ax=axes, label="median test error")
    bar.set_ticks(powers(*LOG_ERROR), labels=[power(int(k)) for k in powers(*LOG_ERROR)])
    edge, height = np.array(frame.border()).T
    axes.plot(edge, height, color="white", lw=5)
    axes.plot(edge, height, "--", color=COLOURS["theory"], lw=3, label=frame.theory())
    y, x = np.nonzero(frame.reached >= 0.5)
    axes.plot(x, y, "o", ms=8, mfc="none", mec="white", mew=1.5, label="reached by training")
    if frame.barred():
        at = np.array(frame.barred()).T
        text = "enough samples, but not these"
        axes.plot(*at, "P", ms=8, mec="white", color=COLOURS["theory"], label=text)
    if frame.printed:
        at = np.array([(mark.x, mark.y) for mark in frame.printed]).T
        text = f"reached in the paper, {frame.papers()}"
        axes.plot(*at, "D", ms=6, mec="white", color=COLOURS["printed"], label=text)
    names(axes, "x", (-0.5, columns - 0.5), frame.x_ticks)
    names(axes, "y", (-0.5, rows - 0.5), frame.y_ticks)
    axes.set(xlabel=frame.x_label, ylabel=frame.y_label)
    axes.set_title(
        "\n".join(textwrap.wrap(tr(frame.caption), 60 if language() == "en" else 30)), fontsize=11
    )
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2)}
    legend(axes, facecolor=COLOURS["inactive"], **below)
