"""The file of a sweep: netCDF, with a journal beside it while the sweep goes on.

The journal is text, one line of JSON for each block that has ended, appended at once: what is
written costs the same for the first block and for the last, and a kill loses the line it hit.
"""

import contextlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import whole_file
from ..training.storage import Undefined, decode, encode
from .cell import Cell
from .cells import FORMAT, Cells, versions
from .extra import need
from .grid import Grid
from .older import is_older

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
        need("h5netcdf", "to write netCDF")
        self.path, self.grid, self.measures = Path(path), grid, measures
        self._identity = grid.identity() | {"measures": [*measures]}
        folder = self.path.parent
        if self.path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise ValueError(f"{self.path} cannot be written; name a file in a folder that exists.")
        self.journal = self.path.with_name(f"{self.path.name}.journal")
        self.saved: xr.Dataset | None = None
        self._made_with: list[Mapping[str, str]] = []
        self.known = self._saved() | self._journalled()

    def open(self) -> None:
        """Begin, or go on.

        Raises
        ------
        ValueError
            If what there is was made with other versions of what the numbers depend on.
        """
        now = versions()
        for then in self._made_with:
            other = [f"{name} {then.get(name)}, not {now[name]}" for name in now]
            if other := [
                t for t, name in zip(other, now, strict=True) if then.get(name) != now[name]
            ]:
                raise ValueError(
                    f"{self.path} was begun with {'; '.join(other)}: its numbers would not be of "
                    "one kind. Choose another path."
                )
        if self.journal.exists():
            with self.journal.open("a", encoding="utf-8") as file:
                file.write("\n")  # the line before may be torn
            return
        head = {"format": FORMAT, "sweep": self._identity, "versions": now}
        with whole_file(self.journal) as file:
            file.write(f"{json.dumps(head)}\n".encode())

    def _saved(self) -> dict[int, Cell]:
        """Cells of the netCDF file."""
        if not self.path.exists():
            return {}
        import xarray as xr  # noqa: PLC0415  needs the extra

        try:
            with xr.open_dataset(self.path, engine="h5netcdf") as file:
                found = file.load()
            cells = Cells.of(found)
        except Exception as error:  # a damaged file makes its readers raise anything
            raise self._foreign(error) from error
        self._check(cells.grid.identity() | {"measures": [*cells.measures]})
        then = {name: str(found.attrs.get(name)) for name in versions()}
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
            first, *rest = self.journal.read_text(encoding="utf-8").splitlines() or [""]
            head = json.loads(first)
            base = encode(decode(head["sweep"]["base"]))  # as settings are written today
            held, made_with = head["sweep"] | {"base": base}, dict(head["versions"])
            for line in rest:
                with contextlib.suppress(json.JSONDecodeError):
                    cells |= {int(k): Cell.of(row) for k, row in json.loads(line).items()}
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
        return ValueError(f"{self.path} is damaged, or is not a sweep of condensekit ({error}).")

    def add(self, cells: Mapping[int, Cell]) -> None:
        """Write down a block that has ended."""
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({str(k): cell.row() for k, cell in cells.items()})}\n")

    def finish(self, found: "xr.Dataset") -> None:
        """Write the table as a whole; an older file stays until the new one is complete.

        HDF5 makes it in memory: where a disk is full, it would end the process.
        """
        import dask  # noqa: PLC0415  needs the extra

        table = io.BytesIO()
        with dask.config.set(scheduler="synchronous"):  # no lock of a cluster for it
            found.to_netcdf(table, engine="h5netcdf")
        with whole_file(self.path) as file:
            file.write(table.getbuffer())
        self.journal.unlink(missing_ok=True)


def _difference(held: Any, wanted: Any, name: str = "") -> str:
    """Where two sweeps differ, in words; empty if nowhere."""
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in wanted.keys() | held.keys():
            found = _difference(held.get(key), wanted.get(key), key)
            if found:
                return found
        return ""
    return "" if held == wanted else f"its {name} is {held!r}, not {wanted!r}"
