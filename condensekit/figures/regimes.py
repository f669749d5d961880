"""The plane of (gamma, gamma')."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from ..frames import COLOURS, REGIONS, RegimesFrame
from .draw import draw, legend, line, linear, title

__all__: list[str] = []


@draw.register
def _regimes(frame: RegimesFrame, axes: Axes) -> None:
    """Regimes in colour, letters for common initializations, a square where the networks are."""
    across, up = frame.ranges
    shades = ListedColormap([*REGIONS.values()])
    image = axes.imshow(frame.kind, origin="lower", extent=(*across, *up), cmap=shades)
    image.set_clim(0.0, 2.0)
    axes.set_aspect("auto")
    line(axes, frame.border[:, 0], frame.border[:, 1], COLOURS["theory"], "boundary", "dashed")
    axes.plot(*np.array([one[2:] for one in frame.named]).T, "o", color="black", ms=3)
    for letter, text, x, y in frame.named:
        axes.annotate(letter, (x, y), (0, 4), textcoords="offset points", ha="center")
        axes.plot([], [], color="black", ls="", marker=f"${letter}$", label=text)
    axes.plot(*frame.chosen, "s", mfc="none", mec=COLOURS["last"], mew=2, ms=10)
    linear(axes, "x", across)
    linear(axes, "y", up)
    axes.set(xlabel="γ", ylabel="γ′")
    title(axes, "Regimes", frame.caption)
    legend(axes, loc="lower right", handlelength=1.2)
