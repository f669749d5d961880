"""What the commands check before anything is trained."""

import os
from importlib.util import find_spec
from pathlib import Path

__all__ = ["check_picture", "check_table"]


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
