"""What a sweep keeps of each run: declared once, for tables, files, records and maps."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Self

from ..experiments import Experiment
from ..measures import RECOVERED, theory
from ..training import Outcome

__all__ = ["COLUMNS", "FAILED", "THEORY", "Cell", "Column", "failed", "reached", "theory_of"]

FAILED = "failed"
"""The outcome of a run that raised an error; the message says which."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table of cells.

    Attributes
    ----------
    meaning : str
        What it holds, in words.
    unknown : float or str
        What stands where nothing is known; its type is the type of the column.
    """

    meaning: str
    unknown: float | str


def _kept(meaning: str, unknown: float | str = math.nan) -> Any:
    """Declare a field of a cell as a column."""
    return dataclasses.field(default=unknown, metadata={"column": Column(meaning, unknown)})


@dataclasses.dataclass(frozen=True, eq=False)
class Cell:
    """What is kept of one run: a few numbers, how it ended, and what there is to say of it.

    NaN stands for what does not apply, or is not known. A cell without a run is ``Cell()``.
    """

    loss: float = _kept("training loss, mean squared error")
    test_loss: float = _kept("test error, mean squared error")
    relative_error: float = _kept(
        "test error over the mean square of the target on the test points"
    )
    steps: float = _kept("steps made")
    time: float = _kept("time, as the optimizer counts")
    groups: float = _kept(
        "as how many neurons a network acts; groups of equal kernels; the rank of a matrix"
    )
    similarity: float = _kept("mean |cosine| of the orientations of two neurons")
    optimistic_sample_size: float = _kept("fewest samples that theory asks for")
    sample_rank: float = _kept(
        "rank of the target's tangent functions on the samples, as far as it is proven"
    )
    allowed: float = _kept("whether theory allows recovery from these samples")
    reached: float = _kept(
        f"whether training recovered the target: relative error below {RECOVERED:g}"
    )
    outcome: str = _kept("how the run ended", str(Outcome.CANCELLED))
    message: str = _kept("what there is to say of the run", "")
    measured: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """What somebody's own measures gave, by their names."""

    def __post_init__(self) -> None:
        """Of what there is to say, what netCDF can hold: errors of somebody's code say anything."""
        told = self.message.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
        object.__setattr__(self, "message", told)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The cell with these values by name; names that are no columns are own measures.

        Raises
        ------
        ValueError
            If a value is of another type than its column.
        """
        known: dict[str, Any] = {
            name: type(COLUMNS[name].unknown)(row[name]) for name in row.keys() & COLUMNS
        }
        return cls(**known, measured={k: float(row[k]) for k in row.keys() - COLUMNS.keys()})

    def row(self) -> dict[str, float | str]:
        """What is known, by name; own measures too."""
        found = {name: getattr(self, name) for name in COLUMNS} | dict(self.measured)
        return {name: value for name, value in found.items() if value == value}

    def value(self, name: str) -> float | str:
        """The value in a column; of an own measure that gave none, NaN."""
        if name in COLUMNS:
            found: float | str = getattr(self, name)
            return found
        return self.measured.get(name, math.nan)

    @property
    def ended(self) -> bool:
        """Whether there is a run behind it; it may have failed."""
        return self.outcome != Outcome.CANCELLED

    @property
    def trained(self) -> bool:
        """Whether there is nothing more to do; a run that failed is tried again."""
        return self.ended and self.outcome != FAILED


COLUMNS: dict[str, Column] = {
    field.name: field.metadata["column"]
    for field in dataclasses.fields(Cell)
    if "column" in field.metadata
}
"""The columns of every sweep, by name."""

THEORY = ("optimistic_sample_size", "sample_rank", "allowed")
"""The columns that can be told before anybody trains."""


def theory_of(experiment: Experiment) -> dict[str, Any]:
    """What theory says of a run, before anybody trains it; NaN where it says nothing."""
    said = theory(experiment)
    found = (said.size, None if said.samples is None else said.samples.at_least, said.allowed)
    values = [math.nan if value is None else float(value) for value in found]
    return dict(zip(THEORY, values, strict=True))


def reached(error: float, scale: float | None) -> dict[str, Any]:
    """A test error beside the mean square of the target; NaN where there is none."""
    if scale is None:
        return {"relative_error": math.nan, "reached": math.nan}
    return {"relative_error": error / scale, "reached": float(error / scale < RECOVERED)}


def failed(reason: str) -> Cell:
    """The cell of a run that was not trained to its end."""
    return Cell(outcome=FAILED, message=reason)
