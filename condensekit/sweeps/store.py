"""The table of a sweep, and its file: netCDF, with a journal beside it while a sweep goes on.

The journal is text, one line of JSON for each block that has ended, appended at once: what is
written costs the same for the first block and for the last, and a kill loses the line it hit.
"""

import contextlib
import datetime as dt
import io
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..files import whole_file
from ..measures import RECOVERED
from ..training import Outcome
from .cells import FAILED, VARIABLES, Cell
from .extra import need
from .grid import Grid
from .older import is_older, judged_anew

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Store", "table"]

FORMAT = "condensekit sweep 1"
TEXT = {"outcome": str(Outcome.CANCELLED), "message": ""}  # what a cell without a run says


def table(grid: Grid, cells: Mapping[int, Cell], measures: Sequence[str]) -> "xr.Dataset":
    """All cells as one labelled table; cells that are missing were cancelled."""
    import xarray as xr  # noqa: PLC0415  needs the extra

    names = [name for name, _ in grid.axes]
    knobs = grid.base.knobs()
    count = math.prod(grid.shape)
    found = xr.Dataset(
        coords={
            name: (
                name,
                list(values),
                {"long_name": knobs[name].help, "symbol": knobs[name].symbol},
            )
            for name, values in grid.axes
        },
        attrs=_provenance(grid, measures),
    )
    for name, meaning in VARIABLES.items() | {(name, "") for name in measures}:
        missing = TEXT.get(name, math.nan)
        values = [cells.get(k, {}).get(name, missing) for k in range(count)]
        shaped = np.array(values).reshape(grid.shape)
        found[name] = names, shaped, {"long_name": meaning or name}
    return found[[*VARIABLES, *measures]]


def _provenance(grid: Grid, measures: Sequence[str]) -> dict[str, str | float]:
    identity = grid.identity()
    return {
        "title": f"A sweep over {', '.join(name for name, _ in grid.axes)}",
        "format": FORMAT,
        "base": json.dumps(identity["base"]),
        "axes": json.dumps([name for name, _ in grid.axes]),
        "measures": json.dumps([*measures]),
        "threshold": RECOVERED,
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **versions(),
        "machine": platform.machine(),
    }


def versions() -> dict[str, str]:
    """Of what numbers depend on."""
    from .. import __version__  # noqa: PLC0415  the package is not complete before

    return {
        "condensekit": __version__,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


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
            names = json.loads(found.attrs["axes"])
            held = {
                "base": json.loads(found.attrs["base"]),
                "axes": [[name, found[name].values.tolist()] for name in names],
                "measures": json.loads(found.attrs["measures"]),
            }
            flat = _flat(found)
        except Exception as error:  # a damaged file makes its readers raise anything
            raise self._foreign(error) from error
        self._check(held)
        then = {name: str(found.attrs.get(name)) for name in versions()}
        if is_older(found):
            found, then["condensekit"] = judged_anew(found), "before it had the column sample_rank"
            flat = _flat(found)
        self.saved = found
        self._made_with.append(then)
        rows = zip(*flat.values(), strict=True)
        cells: list[Cell] = [dict(zip(flat, values, strict=True)) for values in rows]
        return {k: cell for k, cell in enumerate(cells) if _ended(cell)}

    def _journalled(self) -> dict[int, Cell]:
        """Cells of the journal; its last line may be torn."""
        if not self.journal.exists():
            return {}
        cells: dict[int, Cell] = {}
        try:
            first, *rest = self.journal.read_text(encoding="utf-8").splitlines() or [""]
            head = json.loads(first)
            held, made_with = head["sweep"], dict(head["versions"])
            for line in rest:
                with contextlib.suppress(json.JSONDecodeError):
                    cells |= {int(k): cell for k, cell in json.loads(line).items()}
        except Exception as error:  # a foreign file makes its readers raise anything
            raise self._foreign(error) from error
        self._check(held)
        self._made_with.append(made_with)
        return {k: cell for k, cell in cells.items() if _ended(cell)}

    def _check(self, held: Mapping[str, Any]) -> None:
        differ = _difference(held, self._identity)
        if differ:
            raise ValueError(f"{self.path} holds another sweep: {differ}. Choose another path.")

    def _foreign(self, error: Exception) -> ValueError:
        return ValueError(f"{self.path} is damaged, or is not a sweep of condensekit ({error}).")

    def add(self, cells: Mapping[int, Cell]) -> None:
        """Write down a block that has ended."""
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({str(k): cell for k, cell in cells.items()})}\n")

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


def _flat(found: "xr.Dataset") -> dict[str, list[Any]]:
    """The values of every column, cell by cell."""
    return {str(name): found[name].values.ravel().tolist() for name in found.data_vars}


def _ended(cell: Mapping[str, Any]) -> bool:
    """Whether there is nothing more to do for a cell; one that failed is tried again."""
    return cell["outcome"] not in (FAILED, str(Outcome.CANCELLED))


def _difference(held: Any, wanted: Any, name: str = "") -> str:
    """Where two sweeps differ, in words; empty if nowhere."""
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in wanted.keys() | held.keys():
            found = _difference(held.get(key), wanted.get(key), key)
            if found:
                return found
        return ""
    return "" if held == wanted else f"its {name} is {held!r}, not {wanted!r}"
