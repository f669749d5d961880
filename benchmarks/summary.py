"""What condensekit claims of its speed: ratios against the tool a user would pick instead."""

import dataclasses
import statistics

__all__ = ["Claim", "summary"]

HEAD = (
    "| claim | condensekit | the tool instead | takes | times as fast: median (least-most) |\n"
    "|---|---|---|---|---|"
)


@dataclasses.dataclass(frozen=True)
class Claim:
    """One row, of one run.

    Attributes
    ----------
    text : str
        What is done.
    tool : str
        What a user would pick instead.
    ours, theirs : list of float
        Seconds for the same work, round by round, in turns; `theirs` is empty where the tool is not
        installed.
    computed : bool
        Whether the tool's seconds are computed from a part of the work, since nobody would wait.
    """

    text: str
    tool: str
    ours: list[float]
    theirs: list[float]
    computed: bool = False

    def __post_init__(self) -> None:
        """Two sides of one ratio have as many rounds."""
        if not self.ours or (self.theirs and len(self.theirs) != len(self.ours)):
            raise ValueError(
                f"{self.text}: {len(self.ours)} rounds of ours and {len(self.theirs)} of theirs."
            )

    def row(self) -> str:
        """The row of the table."""
        mine = _time(statistics.median(self.ours))
        if not self.theirs:
            return f"| {self.text} | {mine} | {self.tool} | not installed | - |"
        ratios = [slow / fast for slow, fast in zip(self.theirs, self.ours, strict=True)]
        low, middle, high = (_short(f(ratios)) for f in (min, statistics.median, max))
        takes = _time(statistics.median(self.theirs)) + (", computed" if self.computed else "")
        return f"| {self.text} | {mine} | {self.tool} | {takes} | **{middle}** ({low}-{high}) |"


def summary(claims: list[Claim]) -> str:
    """The table of all claims."""
    return "\n".join([HEAD, *(claim.row() for claim in claims)])


def _short(value: float) -> str:
    """Two digits: 0.87, 3.4, 21, 7e+07.

    Examples
    --------
    >>> [_short(value) for value in (0.867, 3.44, 21.2, 333.0, 7.2e7)]
    ['0.87', '3.4', '21', '333', '7e+07']
    """
    if value >= 1e4:
        return f"{value:.0e}"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _time(seconds: float) -> str:
    """A time in its unit.

    Examples
    --------
    >>> [_time(value) for value in (2e-4, 0.0128, 2.28, 7200.0, 1.7e8)]
    ['200 us', '13 ms', '2.3 s', '2 h', '47,222 h']
    """
    for least, unit, digits in ((1e-3, 1e-6, "us"), (1.0, 1e-3, "ms"), (3_600.0, 1.0, "s")):
        if seconds < least:
            return f"{_short(seconds / unit)} {digits}"
    return f"{seconds / 3_600.0:,.0f} h"
