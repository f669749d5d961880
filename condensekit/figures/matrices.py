"""Numbers in rows and columns: cosines, entries, and kernels as small images."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from ..frames import COLOURS, GROUPS, MatrixFrame, SimilarityFrame, TilesFrame, shade
from ..words import entry
from .draw import COSINES, draw, title

__all__: list[str] = []

_BLOCKS = [colour for colour in GROUPS if colour != COLOURS["theory"]]


@draw.register
def _similarity(frame: SimilarityFrame, axes: Axes) -> None:
    shown = axes.imshow(frame.similarity, cmap=COSINES, vmin=-1.0, vmax=1.0, origin="lower")
    axes.set(xticks=[], yticks=[], xlabel="neurons by angle")
    level = "" if frame.level is None else f" · random {frame.level:.2f}"
    title(axes, frame.title, f"{frame.mean}{level}")
    bar = axes.figure.colorbar(shown, ax=axes, shrink=0.8)
    bar.ax.set_ylim(-1.0 if frame.signed else 0.0, 1.0)
    bar.set_ticks([-1.0, 0.0, 1.0] if frame.signed else [0.0, 1.0])
    bar.set_ticklabels([*(["−1"] if frame.signed else []), "0", frame.aligned])


@draw.register
def _matrix(frame: MatrixFrame, axes: Axes) -> None:
    rows, columns = frame.values.shape
    for row in range(rows):
        for column in range(columns):
            value, seen = float(frame.values[row, column]), bool(frame.observed[row, column])
            ground, ink = shade(value, frame.scale)
            edge = COLOURS["sample"] if seen else COLOURS["target"]
            style: dict[str, Any] = {"ls": "-" if seen else "--", "lw": 2.5 if seen else 1.0}
            place = (column - 0.45, row - 0.45)
            axes.add_patch(Rectangle(place, 0.9, 0.9, fc=ground, ec=edge, **style))
            axes.text(column, row, entry(value), color=ink, ha="center", va="center", fontsize=11)
    axes.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[], aspect=1.0)
    axes.set_xlabel(frame.legend.replace(" &ensp;", " · "))
    axes.spines[:].set_visible(False)
    title(axes, frame.title, frame.caption)


@draw.register
def _tiles(frame: TilesFrame, axes: Axes) -> None:
    count = len(frame.tiles)
    columns = max(1, math.ceil(math.sqrt(1.6 * count)))
    colours = [
        COLOURS["inactive"] if group < 0 else _BLOCKS[group % len(_BLOCKS)]
        for group in frame.group.tolist()
    ]
    places = [(k % columns, k // columns) for k in range(count)]
    framed = [*zip(frame.tiles, places, colours, strict=True)]
    if frame.theory is not None:
        framed.append((frame.theory, (columns + 1, 0), COLOURS["theory"]))
    for tile, (x, y), colour in framed:
        extent = (x + 0.08, x + 0.92, y + 0.92, y + 0.08)
        axes.imshow(tile, cmap=COSINES, vmin=-1.0, vmax=1.0, extent=extent, aspect="equal")
        axes.add_patch(Rectangle((x + 0.06, y + 0.06), 0.88, 0.88, fc="none", ec=colour, lw=2))
    axes.set(xlim=(0, columns + 2), ylim=(-(-count // columns), 0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    title(axes, "Kernels", frame.caption)
    signs = {"plus": ("network", True), "minus": ("last", True), "theory": ("theory", False)}
    patches = [
        Patch(fc=COLOURS[name] if filled else "none", ec=COLOURS[name], label=text)
        for text, (name, filled) in signs.items()
    ]
    patches.append(Patch(fc="none", ec="#777777", label="other frames: blocks"))
    below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "ncols": 2}
    axes.legend(handles=patches, fontsize=9, **below)
