"""Tables of columns with names: dictionaries, data frames, arrays with named fields."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays import Array, numbers
from ..words import many

__all__ = ["Columns", "check_order", "column_named", "columns_of", "inputs_and_labels"]

Columns = list[tuple[str, Any]]
"""Names, and what is below them."""


def columns_of(table: Any) -> Columns | None:
    """The columns of a table, None if it is none.

    Raises
    ------
    ValueError
        If two have one name.
    """
    if isinstance(table, np.ndarray):
        labels = table.dtype.names
    elif isinstance(table, Mapping):
        labels = [*table]
    else:  # a data frame, of which pandas, polars and Arrow have their own kinds
        labels = getattr(table, "column_names", getattr(table, "columns", None))
    if labels is None:
        return None
    names = [str(label) for label in labels]
    if len({*names}) < len(names):
        raise ValueError(
            f"Each column must have a name of its own, but they are {', '.join(names)}."
        )
    return [(name, table[label]) for name, label in zip(names, labels, strict=True)]


def column_named(columns: Columns | None, y: object) -> str | None:
    """The name of the column that `y` is, where it is a name and not the labels themselves.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    names = [name for name, _ in columns or []]
    if not isinstance(y, str) and str(y) not in names:
        return None
    if columns is None:
        raise ValueError(
            f"y = {y!r} names a column, but x is no table with columns: give a pandas DataFrame or "
            "a dictionary."
        )
    if str(y) not in names or len(names) < 2:
        known = ", ".join(names) or "none"
        raise ValueError(f"The table must have the column {y!r} and others, but has {known}.")
    return str(y)


def inputs_and_labels(columns: Columns, y: str | None) -> tuple[Array, Array | None, list[str]]:
    """The numbers of the columns, those of `y` apart, and the names, with that of `y` last."""
    found = {name: _column(name, values) for name, values in columns}
    order = [name for name in found if name != y] + ([] if y is None else [y])
    if not order:
        raise ValueError("x is a table without columns.")
    rows = len(found[order[-1]])
    for name in order:
        if len(found[name]) != rows:
            raise ValueError(
                f"Columns must have one length, but {name!r} has {many(len(found[name]), 'row')} "
                f"and {order[-1]!r} {rows}."
            )
    inputs = np.column_stack([found[name] for name in order if name != y])
    return inputs, None if y is None else found[y], order


def _column(name: str, values: Any) -> Array:
    column = numbers(values, f"Column {name!r}")
    if column.ndim != 1:
        raise ValueError(f"Column {name!r} holds no numbers but rows of them: leave it out.")
    bad = np.flatnonzero(~np.isfinite(column))
    if len(bad):
        raise ValueError(
            f"Column {name!r} has no finite number in row {bad[0]}: leave out the column, or rows."
        )
    return column


def check_order(x: Any, y: Any) -> None:
    """Raise a ValueError if both have an index, as in pandas, and these are not the same."""
    one, other = getattr(x, "index", None), getattr(y, "index", None)
    equals = getattr(one, "equals", None)
    if equals is not None and hasattr(other, "equals") and not equals(other):
        raise ValueError(
            "x and y have rows with different indices, and would be paired by their places: bring "
            "them into one order, and reset both indices."
        )
