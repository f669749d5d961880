"""What the commands check before anything is trained or served."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Refused", "check_home", "check_picture", "check_port", "check_table"]


class Refused(Exception):
    """Something that the user has to mend; the message says what."""


def check_home() -> None:
    """Refuse a home that cannot be written: JupyterLab would end in the middle of its own code."""
    from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir  # noqa: PLC0415

    for folder in map(Path, (jupyter_data_dir(), jupyter_config_dir())):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(there, os.W_OK):
            raise Refused(
                f"JupyterLab keeps its own files in {folder}, which cannot be written; set the "
                "environment variable HOME to a folder that can."
            )


def check_port(port: int | None) -> None:
    """Refuse a port in use: JupyterLab would take another, and the address announced would fail."""
    if port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Refused(f"Port {port} cannot be used ({error}); choose another.") from error


def check_picture(path: Path) -> None:
    """Raise a ValueError unless matplotlib, if it is there, can write a picture to `path`."""
    _check_place(path, "picture", "--png")
    if find_spec("matplotlib") is None:
        return
    from matplotlib.backend_bases import FigureCanvasBase  # noqa: PLC0415  needs the extra

    kinds = FigureCanvasBase.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in kinds:
        raise ValueError(
            f"The name of a picture ends with one of .{', .'.join(sorted(kinds))}, but this is "
            f"{path}."
        )


def check_table(path: Path) -> None:
    """Raise a ValueError unless a table can be written to `path`."""
    _check_place(path, "table", "--out")


def _check_place(path: Path, what: str, option: str) -> None:
    if not path.name or path.is_dir():
        raise ValueError(f"{path} is a folder; name a file for the {what}.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ValueError(
            f"The {what} cannot be written to {path}; choose another place with {option}."
        )
