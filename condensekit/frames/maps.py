"""The map of a sweep: one colour for each cell."""

import dataclasses

from ..words import power
from .look import Array

__all__ = ["SHADES", "MapFrame", "PrintedMark", "plain"]

SHADES = [
    *("#00224e", "#04316f", "#2b406c", "#434f6b", "#575e6d", "#696e70", "#7c7b78", "#908b79"),
    *("#a49c76", "#bbad6d", "#d1bf61", "#e8d24f", "#fee838"),
]
"""The colour map cividis, which colour-blind readers see as others do: 1e-12, 1e-11, ..., 1."""
_MOST = 8  # labels of an axis


@dataclasses.dataclass(frozen=True)
class PrintedMark:
    """Where on a map a paper prints that the target was recovered.

    Attributes
    ----------
    x, y : float
        The place, counted in cells; a number of samples can lie between two of them.
    text, differs : str
        What is printed, of which settings; and what was done there in another way than here.
    source : str
        The paper.
    """

    x: float
    y: float
    text: str
    differs: str
    source: str


@dataclasses.dataclass(frozen=True, eq=False)
class MapFrame:
    """Test error over two axes: what theory allows, what training reached, what papers print.

    Attributes
    ----------
    x, y : tuple of float or str
        Values along the axes; cells are drawn equally wide.
    x_label, y_label : str
        Names of the axes.
    log_error : array, shape [ny, nx]
        log10 of the median test error; NaN where nobody trained, infinity where all diverged.
    allowed : array, shape [ny, nx]
        1 where theory allows recovery from these samples, 0 where not, NaN where it cannot tell.
    reached : array, shape [ny, nx]
        Share of the runs that recovered the target, of those that have ended.
    ended : array, shape [ny, nx]
        How many runs of each cell have ended, and can be judged.
    runs : int
        How many runs a cell has.
    size : array, shape [ny, nx]
        Optimistic sample size O; NaN where there is none.
    rank : array, shape [ny, nx]
        Rank of the target's tangent functions on the samples; NaN where it was not asked for.
    enough : array, shape [ny, nx]
        1 where n >= O, 0 where not, NaN where there is no O.
    threshold : float
        Test error, relative to the target's mean square, below which it counts as recovered.
    caption : str
        The picture's numbers in words.
    printed : tuple of PrintedMark
        Where a paper prints a recovery of this very target.
    """

    x: tuple[float | str, ...]
    y: tuple[float | str, ...]
    x_label: str
    y_label: str
    log_error: Array
    allowed: Array
    reached: Array
    ended: Array
    runs: int
    size: Array
    rank: Array
    enough: Array
    threshold: float
    caption: str
    printed: tuple[PrintedMark, ...] = ()

    @property
    def x_ticks(self) -> dict[int, str]:
        """Cells that have a label, and their labels."""
        return _ticks(self.x)

    @property
    def y_ticks(self) -> dict[int, str]:
        """The same of the other axis."""
        return _ticks(self.y)

    def place(self, column: int, row: int) -> str:
        """Where a cell is.

        Examples
        --------
        ``'samples n = 9, activation = tanh'``
        """
        ends = ((self.x_label, self.x[column]), (self.y_label, self.y[row]))
        return ", ".join(f"{label} = {plain(value)}" for label, value in ends)

    def border(self) -> list[tuple[float, float]]:
        """Corners of the line from which on there are enough samples, x and y counted in cells.

        A step for each row, at the left edge of its first cell with n >= O. Rows without one have
        NaN. Right of it may be cells whose samples are enough in number only, see `barred`.
        """
        corners: list[tuple[float, float]] = []
        for row, enough in enumerate(self.enough):
            first = [k for k, value in enumerate(enough) if value == 1.0]
            edge = first[0] - 0.5 if first else float("nan")
            corners += [(edge, row - 0.5), (edge, row + 0.5)]
        return corners

    def barred(self) -> list[tuple[float, float]]:
        """Cells (x, y) with n >= O whose samples theory does not allow: enough, but not these."""
        cells = zip(*((self.enough == 1.0) & (self.allowed == 0.0)).nonzero(), strict=True)
        return [(float(column), float(row)) for row, column in cells]

    def theory(self) -> str:
        """What the line means, with the optimistic sample sizes O that are on the map.

        Examples
        --------
        ``'theory: n ≥ O = 9'``
        """
        sizes = sorted(
            {f"{size:g}" for size in self.size.ravel().tolist() if size == size}, key=float
        )
        return f"theory: n ≥ O = {', '.join(sizes)}" if sizes else "no theorem here"

    def papers(self) -> str:
        """The papers that the marks are from.

        Examples
        --------
        ``'arXiv:2307.08921, Figure 4'``
        """
        return "; ".join(sorted({mark.source for mark in self.printed}))

    def printed_at(self, column: int, row: int) -> PrintedMark | None:
        """The mark in a cell."""
        found = (m for m in self.printed if abs(m.x - column) <= 0.5 and abs(m.y - row) <= 0.5)
        return next(found, None)


def _ticks(values: tuple[float | str, ...]) -> dict[int, str]:
    return {k: _short(values[k]) for k in range(0, len(values), -(-len(values) // _MOST))}


def _short(value: float | str) -> str:
    if isinstance(value, float) and value > 0 and (value < 1e-2 or value >= 1e4):
        mantissa, exponent = f"{value:.1e}".split("e")
        lead = "" if mantissa == "1.0" else f"{float(mantissa):g}·"
        return lead + power(int(exponent))
    return plain(value)


def plain(value: float | str) -> str:
    """A value of a setting as it is typed: a number, a name, or a switch."""
    return str(value) if isinstance(value, (str, bool)) else f"{value:g}"
