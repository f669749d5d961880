"""Files that are there as a whole or not at all, whoever else writes to the same path."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import IO

__all__ = ["append_line", "shipped", "whole_file"]


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes the place of `path` when it is complete.

    Until then an older file stays; if anything is raised, for good. The new one has the permissions
    of the older one, and a link stays a link. Two that write at once do not mix: the later stays.

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
        with os.fdopen(handle, "wb") as file:
            yield file
        part.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_mask())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


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
    with Path(path).open("ab+", buffering=0) as file:
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
