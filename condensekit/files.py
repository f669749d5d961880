"""Files that are there as a whole or not at all, whoever else writes to the same path."""

import contextlib
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

__all__ = ["append_line", "changing", "shipped", "whole_file"]

FORGOTTEN = 60.0
"""Seconds after which a part of a file that nobody holds is one of a process that was killed."""


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes the place of `path` when it is complete.

    Until then an older file stays; if anything is raised, for good. The new one has the permissions
    of the older one, and a link stays a link. Two that write at once do not mix: the later stays.
    A process that is killed leaves its part beside `path`; who writes there next removes it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "text") as file:
    ...         count = file.write(b"all of it")
    ...     (Path(folder) / "text").read_bytes()
    b'all of it'
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a directory.")
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
    except OSError as error:  # of a name that nobody has heard of
        raise type(error)(error.errno, error.strerror, str(target)) from None
    part = Path(name)
    try:
        with _named(target), _held(part):
            _remove_forgotten(target, part.stat().st_mtime)
            with os.fdopen(handle, "wb") as file:
                yield file
            part.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_mask())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of the system that name no file, as that of a full disk, name this one."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error


@contextlib.contextmanager
def _held(part: Path) -> Iterator[None]:
    """Hold a part of a file, where files can be held; readers, such as HDF5, do not mind."""
    if sys.platform == "win32":
        yield
        return
    with part.open("rb") as file:
        with contextlib.suppress(OSError):  # of a disk that knows no locks
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def _is_forgotten(part: Path, now: float) -> bool:
    """Whether a part of a file is old, and no process holds it; `now` by the clock of the disk."""
    found = part.lstat()
    if sys.platform == "win32" or not stat.S_ISREG(found.st_mode):
        return False  # Windows says of no file whether somebody holds it
    with part.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return now - found.st_mtime > FORGOTTEN


def _remove_forgotten(target: Path, now: float) -> None:
    """Remove the parts of a file that killed processes left."""
    parts: list[Path] = []
    with contextlib.suppress(OSError):  # of a folder that may not be read
        parts = [one for one in target.parent.iterdir() if one.suffix == ".part"]
    for one in parts:
        with contextlib.suppress(OSError):  # it is held, or of somebody else, or just gone
            if one.name.startswith(f".{target.name}.") and _is_forgotten(one, now):
                one.unlink()


@contextlib.contextmanager
def changing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Wait until nobody else is changing a file, for who reads it and writes another in its place.

    Without this, what was written in between would be lost. It holds the folder, since the file may
    not be there yet and is another one later; not on Windows, nor on a disk that knows no locks.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, changing(Path(folder) / "text"):
    ...     pass
    """
    with contextlib.ExitStack() as held:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # who may not hold it may still write
                folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY)
                held.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def append_line(path: str | os.PathLike[str], line: str) -> None:
    """Add a line at the end of a file, in one piece: what is there already is never touched.

    Two processes that add lines at once do not destroy each other's (where the system appends in
    one step, as all but Windows do). If an older line was cut off, the new one begins below it.

    Raises
    ------
    OSError
        If it could not be written, or not all of it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for word in ("one", "two"):
    ...         append_line(Path(folder) / "text", word)
    ...     (Path(folder) / "text").read_text().split()
    ['one', 'two']
    """
    text = line.encode() + b"\n"
    with _named(Path(path)), Path(path).open("ab+", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                text = b"\n" + text
        if file.write(text) != len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def shipped(name: str) -> Path:
    """Where a file or folder is that comes along: inside an installed package, or beside it.

    Examples
    --------
    >>> shipped("notebooks").is_dir()
    True
    """
    package = Path(str(resources.files("condensekit")))
    inside = package / name
    return inside if inside.exists() else package.parent / name


def _mask() -> int:
    """Permissions that new files of this process do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
