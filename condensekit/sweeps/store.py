"""The file of a sweep: netCDF, with a journal beside it while the sweep goes on.

The journal is text, one line of JSON for each block that has ended, appended at once: what is
written costs the same for the first block and for the last, and a kill loses the line it hit.
Lines and table have a checksum: HDF5 has none, and reads a number with another bit as it is.
"""

import io
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..extras import need
from ..files import append_line, whole_file
from ..plain import shortened
from ..training.storage import Undefined, decode, encode
from .cell import Cell
from .cells import FORMAT, Cells, versions
from .grid import Grid
from .older import is_older
from .processor import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Store"]


class Store:
    """The file of a sweep.

    Parameters
    ----------
    path : path
        The netCDF file; the journal is beside it, with ``.journal`` behind its name.
    grid, measures
        The sweep.

    Raises
    ------
    ValueError
        If the path cannot be written, or holds something else.
    """

    def __init__(self, path: str | os.PathLike[str], grid: Grid, measures: Sequence[str]) -> None:
        need("h5netcdf", "sweep", "to write netCDF")
        self.path, self.grid, self.measures = Path(path), grid, measures
        self._identity = grid.identity() | {"measures": [*measures]}
        folder = self.path.parent
        if self.path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise ValueError(f"{self.path} cannot be written; name a file in a folder that exists.")
        self.journal = self.path.with_name(f"{self.path.name}.journal")
        self.saved: xr.Dataset | None = None
        self._made_with: list[Mapping[str, str]] = []
        self._now: dict[str, str] = {}
        self.known = self._saved()
        if len(self.known) < len(grid.experiments):  # a whole table needs no journal
            self.known |= self._journalled()

    def open(self, processor: str = "") -> None:
        """Begin, or go on.

        Parameters
        ----------
        processor : str
            What the sweep is trained with from now on, or '' if nobody knows.

        Raises
        ------
        ValueError
            If what there is was made with others of what the numbers depend on.
        """
        self._now = versions() | ({"processor": processor} if processor else {})
        for then in self._made_with:
            known = {"processor": processor, **then}  # tables of before do not say it
            differ = [name for name in self._now if known.get(name) != self._now[name]]
            other = [f"{name} {known.get(name)}, not {self._now[name]}" for name in differ]
            if other:
                raise ValueError(
                    f"{self.path} was begun with {'; '.join(other)}: its numbers would not be of "
                    "one kind. Choose another path."
                )
        if not self.journal.exists():
            self._begin()

    def _begin(self) -> None:
        head = {"format": FORMAT, "checked": True, "sweep": self._identity, "versions": self._now}
        with whole_file(self.journal) as file:
            file.write(f"{json.dumps(head)}\n".encode())

    def _saved(self) -> dict[int, Cell]:
        """Cells of the netCDF file."""
        if not self.path.exists():
            return {}
        import h5py  # noqa: PLC0415  needs the extra
        import xarray as xr  # noqa: PLC0415

        try:
            with h5py.File(self.path) as file:
                file.attrs.get("_nc3_strict")  # h5netcdf asks it, and is never closed if that fails
            with xr.open_dataset(self.path, engine="h5netcdf") as file:
                found = file.load()
            cells = Cells.of(found)
        except Exception as error:  # a damaged file makes its readers raise anything
            raise self._foreign(error) from error
        self._check(cells.grid.identity() | {"measures": [*cells.measures]})
        check = str(_check(_rows(cells.known)))
        if str(found.attrs.get("check", check)) != check:  # tables of before have none
            raise self._foreign(ValueError("its numbers are not those that were written"))
        names = found.attrs.keys() & {*versions(), "processor"}
        then = {name: str(found.attrs[name]) for name in names if found.attrs[name] != UNKNOWN}
        if is_older(found):
            then["condensekit"] = "before it had the column sample_rank"
        self.saved = cells.dataset()
        self._made_with.append(then)
        return {number: cell for number, cell in cells.known.items() if cell.trained}

    def _journalled(self) -> dict[int, Cell]:
        """Cells of the journal; its last line may be torn."""
        if not self.journal.exists():
            return {}
        cells: dict[int, Cell] = {}
        try:
            first, *rest = self.journal.read_text("utf-8", "replace").splitlines() or [""]
            head = json.loads(first)
            base = encode(decode(head["sweep"]["base"]))  # as settings are written today
            held, made_with = head["sweep"] | {"base": base}, dict(head["versions"])
            for line in rest:
                cells |= _cells(line, checked=bool(head.get("checked")))
        except Exception as error:  # a foreign file makes its readers raise anything
            raise self._foreign(error) from error
        self._check(held)
        self._made_with.append(made_with)
        return {number: cell for number, cell in cells.items() if cell.trained}

    def _check(self, held: Mapping[str, Any]) -> None:
        differ = _difference(held, self._identity)
        if differ:
            raise ValueError(f"{self.path} holds another sweep: {differ}. Choose another path.")

    def _foreign(self, error: Exception) -> ValueError:
        if isinstance(error, Undefined):
            return ValueError(f"{self.path} cannot be read here. {error}")
        return ValueError(
            f"{self.path} is damaged, or is not a sweep of condensekit ({shortened(error)})."
        )

    def add(self, cells: Mapping[int, Cell]) -> None:
        """Write down a block that has ended."""
        if not self.journal.exists():  # another process has finished this sweep
            self._begin()
        rows = _rows(cells)
        append_line(self.journal, json.dumps({"check": _check(rows), "cells": rows}))

    def finish(self, found: "xr.Dataset") -> None:
        """Write the table as a whole; an older file stays until the new one is complete.

        HDF5 makes it in memory: where a disk is full, it would end the process.
        """
        import dask  # noqa: PLC0415  needs the extra

        table = io.BytesIO()
        checked = found.assign_attrs(check=_check(_rows(Cells.of(found).known)))
        with dask.config.set(scheduler="synchronous"):  # no lock of a cluster for it
            checked.to_netcdf(table, engine="h5netcdf")
        with whole_file(self.path) as file:
            file.write(table.getbuffer())
        self.journal.unlink(missing_ok=True)


def _cells(line: str, checked: bool) -> dict[int, Cell]:
    """The cells in a line of a journal; none if it is torn, or changed where lines are checked."""
    try:
        rows = json.loads(line)
    except json.JSONDecodeError:
        return {}
    if not isinstance(rows, dict):
        return {}
    if checked or "check" in rows:
        if rows.keys() != {"check", "cells"} or rows["check"] != _check(rows["cells"]):
            return {}
        rows = rows["cells"]
    return {int(number): Cell.of(row) for number, row in rows.items()}


def _rows(cells: Mapping[int, Cell]) -> dict[str, dict[str, float | str]]:
    """Cells as they stand in a line of a journal."""
    return {str(number): cell.row() for number, cell in cells.items()}


def _check(rows: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(rows).encode())


def _difference(held: Any, wanted: Any, name: str = "") -> str:
    """Where two sweeps differ, in words; empty if nowhere."""
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in wanted.keys() | held.keys():
            found = _difference(held.get(key), wanted.get(key), key)
            if found:
                return found
        return ""
    return "" if held == wanted else f"its {name} is {held!r}, not {wanted!r}"
