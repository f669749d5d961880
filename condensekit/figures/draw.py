"""What all figures share: which function draws a frame, and how axes and texts look."""

import io
import math
import os
from collections.abc import Mapping, Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text

from ..files import whole_file
from ..frames import COLOURS, Range, powers, ticks
from ..languages import language, tr
from ..plain import quoted
from ..words import power

__all__ = [
    "COSINES",
    "LINES",
    "Page",
    "draw",
    "figure",
    "legend",
    "line",
    "linear",
    "logs",
    "names",
    "title",
]

WIDTH, HEIGHT = 5.6, 3.9
"""Of one picture, in inches: with two in a row its texts are read from the last bench."""
LINES = {"solid": "-", "dashed": "--", "dotted": ":", "dash_dotted": "-."}
COSINES = LinearSegmentedColormap.from_list(
    "cosines", [COLOURS["last"], "#ffffff", COLOURS["network"]]
)
"""Orange for -1 over white for 0 to blue for 1."""


_FONTS = {
    "zh": (
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "PingFang SC",
        "Hiragino Sans GB",
        "Microsoft YaHei",
        "SimHei",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "Noto Sans CJK JP",
        "Arial Unicode MS",
    )
}
"""Fonts of systems and packages that have the signs of a language, the best first."""


class Page(Figure):
    """A figure that a notebook shows, whatever backend of matplotlib there is."""

    @property
    def told(self) -> str:
        """What is in it, for those who do not see it: titles, axes and curves, by their names."""
        return " ".join(" ".join([self.get_suptitle(), *map(_told, self.axes)]).split())

    def savefig(self, fname: Any, **options: Any) -> None:
        """Write it as matplotlib does; but a file is there as a whole or not at all.

        It is drawn in memory: libraries that write pictures meet a full disk in their own ways.
        """
        named = isinstance(fname, (str, os.PathLike))
        path = Path(fname) if named else Path()
        kind = options.get("format") or path.suffix[1:] or self.canvas.get_default_filetype()
        if not named or kind == "pgf":  # which is text, and asks LaTeX
            super().savefig(fname, **options)
            return
        if not path.suffix and not options.get("format"):
            path = path.with_name(f"{path.name}.{kind}")
        drawn = io.BytesIO()
        super().savefig(drawn, **{**options, "format": kind})
        with whole_file(path) as file:
            file.write(drawn.getbuffer())

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=80)
        return file.getvalue(), {"alt": self.told}


def _told(axes: Axes) -> str:
    """One picture in words; empty if it has none, as tiles do not."""
    named = {"across": axes.get_xlabel(), "up": axes.get_ylabel()}
    parts = [axes.get_title(), *(f"{side}: {name}" for side, name in named.items() if name)]
    curves = axes.get_legend_handles_labels()[1]
    parts += [f"curves: {', '.join(curves)}"] if curves else []
    return "; ".join(filter(None, parts)) + "." if any(parts) else ""


@singledispatch
def draw(frame: object, axes: Axes) -> None:
    """Draw a frame into axes of matplotlib.

    Parameters
    ----------
    frame : a frame
        Any class of `condensekit.frames` whose name ends so.
    axes : matplotlib.axes.Axes
        Where to draw it.

    Raises
    ------
    ValueError
        If this is no frame.
    """
    raise ValueError(f"{type(frame).__name__} is no frame that can be drawn; `axes` is {axes!r}.")


def figure(frames: Sequence[object], columns: int = 2, head: str = "") -> Page:
    """Draw some frames side by side.

    Parameters
    ----------
    frames : sequence of frames
        What to draw, row by row.
    columns : int
        How many stand in a row, at least 1.
    head : str
        What is written above all of them.

    Returns
    -------
    matplotlib.figure.Figure
        Its ``savefig`` writes PNG, SVG and PDF, as the name of the file ends.

    Raises
    ------
    ValueError
        If there is nothing to draw, or no column to draw it in.
    """
    if not frames:
        raise ValueError("A figure needs at least one frame, but there is none.")
    if columns < 1:
        raise ValueError(f"columns must be at least 1, but is {quoted(columns)}.")
    columns = min(columns, len(frames))
    rows = -(-len(frames) // columns)
    size = (WIDTH * columns, HEIGHT * rows + 0.25 * head.count("\n") + 0.4 * bool(head))
    drawn = Page(figsize=size, layout="constrained")
    if head:
        drawn.suptitle(head, fontsize=12, wrap=True)
    for k, frame in enumerate(frames):
        draw(frame, drawn.add_subplot(rows, columns, k + 1))
    _translate(drawn)
    return drawn


def _translate(drawn: Figure) -> None:
    """Write all texts in the language of the reader, if this machine has a font for it."""
    if language() == "en":
        return
    fonts = [one for one in _FONTS[language()] if one in font_manager.get_font_names()]
    if fonts:
        for text in drawn.findobj(Text):
            if (told := tr(text.get_text())) != text.get_text():
                text.set(text=told, family=["DejaVu Sans", *fonts])


def title(axes: Axes, name: str, caption: str) -> None:
    """Name and numbers of a picture above it."""
    axes.set_title(f"{name}: {caption}" if name and caption else name or caption, fontsize=11)


def line(
    axes: Axes,
    x: Any,
    y: Any,
    colour: str,
    text: str = "",
    style: str = "solid",
    width: float = 2.5,
    dots: bool = False,
) -> None:
    """A curve, or several of one kind; the width is that of a view, in pixels."""
    look: dict[str, Any] = {"color": colour, "marker": "o" if dots else "", "ms": 4}
    drawn = axes.plot(x, y, LINES[style], linewidth=0.75 * width, **look)
    drawn[0].set_label(text or "_")


def legend(axes: Axes, **where: Any) -> None:
    """The legend, where there is something to tell."""
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=9, **where)


def linear(axes: Axes, side: str, bounds: Range, places: Sequence[float] | None = None) -> None:
    """A linear axis with round numbers."""
    chosen = ticks(*bounds) if places is None else list(places)
    names(axes, side, bounds, {tick: f"{tick:g}" for tick in chosen})


def logs(axes: Axes, side: str, bounds: Range, places: Sequence[float] | None = None) -> None:
    """An axis of exponents that shows powers of ten: nothing overflows on it."""
    chosen = powers(*bounds) if places is None else list(places)
    names(axes, side, bounds, {tick: power(math.floor(tick + 0.5)) for tick in chosen})


def names(axes: Axes, side: str, bounds: Range, texts: Mapping[Any, str]) -> None:
    """An axis whose ticks have names."""
    shown = {"ticks": [*texts], "ticklabels": [*texts.values()], "lim": bounds}
    axes.set(**{f"{side}{name}": value for name, value in shown.items()})
