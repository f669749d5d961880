"""Files that are there as a whole or not at all, whoever else writes to the same path."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

__all__ = ["whole_file"]


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


def _mask() -> int:
    """Permissions that new files of this process do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
