"""A recorded escape: a network that is pushed off a set, one that stays on it, the narrow one."""

import functools
from importlib import resources
from pathlib import Path

from ..symmetry import Escape, SymmetrySettings, escape, escaped
from ..symmetry.settings import experiment
from ..training import Runs

__all__ = ["ESCAPE", "record_escape", "recorded_escape"]

ESCAPE = SymmetrySettings(experiment("one hidden layer", "tanh", "GradientFlow", 8, 20, 4))
"""Eight neurons in two blocks of equal ones, for a target that needs three."""
_FILE = "symmetry.npz"


def recorded_escape(settings: SymmetrySettings) -> Escape | None:
    """The recorded escape of these settings, if one ships with the package."""
    return _read() if settings == ESCAPE else None


@functools.cache
def _read() -> Escape:
    source = resources.files(__package__) / "recorded" / _FILE
    with resources.as_file(source) as path:
        return escaped(ESCAPE.set(), ESCAPE.kick, list(Runs.load(path)))


def record_escape(folder: Path) -> None:
    """Train the recorded escape and write its runs to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = escape(ESCAPE.experiment, ESCAPE.set(), ESCAPE.kick)
    assert found.narrow is not None
    Runs([found.on.run, found.off.run, found.narrow]).save(folder / _FILE)
