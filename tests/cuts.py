"""Files that were cut: each kind that condensekit reads, and what may be read of its beginning.

An archive, a table, a set of digits and a token know where they end: a piece of one is refused. A
text of lines is read as the lines that are whole. Nothing is ever read as another number, but for
one that no reader can tell from a shorter one: the last of a table of numbers as text.
"""

import contextlib
import dataclasses
import functools
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from site_tool import loaded

import condensekit as ck
from condensekit import tokens
from condensekit.course.table import read_sheets
from condensekit.exercises import keeping
from condensekit.presets.kept import kept
from condensekit.problems import read_csv, read_mnist
from condensekit.sweeps import Cells
from condensekit.sweeps.store import Store

store = loaded("tools/store_files.py")
FOLDER = sorted(path for path in store.FOLDER.iterdir() if path.is_dir())[-1]
"""The files of the newest release."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of file: one that is whole, and its reader."""

    name: str
    whole: bytes
    head: int
    """How many bytes stand before the first number."""
    read: Callable[[Path], object]
    """It raises a ValueError, or asserts that what was read is the beginning of the whole."""
    begun: bool = False
    """Whether a beginning may be read; of all others a piece is always refused."""
    others: tuple[tuple[str, bytes], ...] = ()
    """Files that it needs beside it, which are whole."""


def is_read(kind, folder, cut):
    """Whether a file that was cut is read, as its beginning; otherwise it is refused by name."""
    path, piece = folder / kind.name, kind.whole[:cut]
    path.write_bytes(piece)
    for name, content in kind.others:
        if not (folder / name).exists():
            (folder / name).write_bytes(content)
    beside = {*folder.iterdir()}
    try:
        kind.read(path)
    except ValueError as error:
        told = str(error)
        assert path.name.removesuffix(".journal") in told or "token" in told, (cut, told)
        assert len(told) < 1_000 and told.endswith((".", ".)")), (cut, told)
        taken = False
    else:
        taken = True
    assert path.read_bytes() == piece, f"it was changed by who read it: {cut}"
    assert {*folder.iterdir()} == beside
    return taken


# What is stored ----------------------------------------------------------------------------------


def stored(name):
    return (FOLDER / name).read_bytes()


def archive(name):
    """Runs; before their first number stand their settings."""
    _, second, *_ = zipfile.ZipFile(FOLDER / name).infolist()
    return Kind(name, stored(name), second.header_offset, ck.Runs.load)


@functools.cache
def grid():
    with xr.open_dataset(FOLDER / "sweep.nc", engine="h5netcdf") as file:
        return Cells.of(file.load()).grid


def table():
    import h5py

    places = []
    with h5py.File(FOLDER / "sweep.nc") as file:
        file.visititems(lambda _, found: places.append(found.id.get_offset() or 0))
    first = min(place for place in places if place)
    return Kind("sweep.nc", stored("sweep.nc"), first, lambda path: Store(path, grid(), []))


def journal():
    whole = json.loads((FOLDER / store.NUMBERS).read_text("utf-8"))["stopped.nc.journal"]
    head, *_ = stored("stopped.nc.journal").splitlines()

    def read(path):
        found = Store(path.with_suffix(""), grid(), []).known
        assert path.read_bytes().startswith(head), "without all of it nobody knows what was swept"
        rows = {str(number): cell.row() for number, cell in found.items()}
        assert rows in ({}, whole), "its only block has come back, or none"

    return lines("stopped.nc.journal", read)


def lines(name, read):
    """A text of which whole lines are read; its first line is its head."""
    whole = stored(name)
    return Kind(name, whole, whole.index(b"\n"), read, begun=True)


def presets():
    def all_of(path):
        with contextlib.chdir(path.parent):
            return [(one.name, one.token) for one in kept("RecoveryLab")]

    whole = all_of(FOLDER / "condensekit-presets.txt")
    assert len(whole) == 2
    return lines(
        "condensekit-presets.txt", lambda path: assert_begins(all_of(path), whole, path, b"\n")
    )


def assert_begins(found, whole, path, end):
    """What was read is the beginning; no less than the lines that are whole."""
    assert found == whole[: len(found)]
    assert len(found) >= path.read_bytes().count(end)


def progress():
    def all_of(path):
        found, damaged = keeping._Keeper(path.parent).read()
        assert damaged <= 1
        return found

    whole = all_of(FOLDER / keeping.PROGRESS)
    assert len(whole) == 5
    return lines(keeping.PROGRESS, lambda path: assert_begins(all_of(path), whole, path, b"\n"))


def numbers():
    """Data of one's own: where the text is cut in its last number, there is a shorter one."""
    whole = read_csv(FOLDER / "table.csv")

    def read(path):
        found = read_csv(path)
        count = len(found.y)
        assert found.x == whole.x[:count]
        assert found.y[:-1] == whole.y[: count - 1]
        text = path.read_text("utf-8-sig").rstrip()
        assert found.y[-1] == float(text.rpartition(";")[2].replace(",", "."))

    return lines("table.csv", read)


def answers():
    """What students answered: the last answer may be shorter, or not be there."""

    def all_of(path):
        found, notes = read_sheets(path)
        assert not notes
        rows = [(who, when, one) for who, times in found.items() for when, one in times.items()]
        return [(who, when, one.form, *one.answers) for who, when, one in rows]

    whole = all_of(FOLDER / "answers.csv")

    def read(path):
        for found, right in zip(rows := all_of(path), whole, strict=False):
            assert found[:-1] == right[:-1]
            assert found == right or (found is rows[-1] and right[-1].startswith(found[-1]))

    return lines("answers.csv", read)


def read_token(path):
    return tokens.read_moment(path.read_text(), "RecoveryLab")


TOKENS = json.loads(stored("tokens.json"))


def token(number):
    """A moment of a lab, as a text that was not copied to its end."""
    text = TOKENS[number]
    return Kind(f"token {number}", text.encode(), len(text), read_token)


# Digits ------------------------------------------------------------------------------------------

COUNT = 1_003
RANDOM = np.random.default_rng(0)
PIXELS, LABELS = RANDOM.integers(0, 2, (COUNT, 28, 28), "u1"), RANDOM.integers(0, 10, COUNT, "u1")
IDX = {
    "train-images-idx3-ubyte": (struct.pack(">4i", 2051, *PIXELS.shape), PIXELS),
    "train-labels-idx1-ubyte": (struct.pack(">2i", 2049, COUNT), LABELS),
}


def digits(name, packed):
    """A file of a set of digits, whose other file is whole."""
    head, array = IDX[name]
    whole = head + array.tobytes()
    (other,) = IDX.keys() - {name}
    beside = ((other, IDX[other][0] + IDX[other][1].tobytes()),)

    def read(path):
        return read_mnist(path.parent)

    if packed:
        return Kind(f"{name}.gz", gzip.compress(whole, 1), 64, read, others=beside)
    return Kind(name, whole, len(head), read, others=beside)


def archived_digits():
    file = io.BytesIO()
    np.savez_compressed(file, images=PIXELS, labels=LABELS)
    return Kind("digits.npz", file.getvalue(), 200, read_mnist)


KINDS = {
    kind.name: kind
    for kind in (
        archive("runs.npz"),
        archive("compact.npz"),
        table(),
        journal(),
        presets(),
        progress(),
        numbers(),
        answers(),
        *map(token, range(len(TOKENS))),
        *(digits(name, packed) for name in IDX for packed in (False, True)),
        archived_digits(),
    )
}
