"""The recorded runs with which the lab opens."""

import functools
from importlib import resources
from pathlib import Path

from ...symmetry import Escape, Escaping, escape, escaped
from ...training import Runs
from .settings import SymmetrySettings, experiment

__all__ = ["RECORDED", "record", "recorded", "start"]

RECORDED = SymmetrySettings(experiment("one hidden layer", "tanh", "GradientFlow", 8, 20, 4))
"""Eight neurons in two blocks of equal ones, for a target that needs three."""
_FILE = "symmetry.npz"


def recorded(settings: SymmetrySettings) -> Escape | None:
    """The runs that ship with the package, if they are these."""
    return _read() if settings == RECORDED else None


@functools.cache
def _read() -> Escape:
    source = resources.files(__package__.rpartition(".")[0]) / "recorded" / _FILE
    with resources.as_file(source) as path:
        return escaped(RECORDED.set(), RECORDED.kick, list(Runs.load(path)))


def start(settings: SymmetrySettings) -> Escape:
    """What there is before anything is trained."""
    making = Escaping(settings.experiment, settings.set(), settings.kick)
    for _ in making.work(until=0):
        pass
    return making.found(ended=False)


def record(folder: Path) -> None:
    """Train the recorded runs and write them to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = escape(RECORDED.experiment, RECORDED.set(), RECORDED.kick)
    assert found.narrow is not None
    Runs([found.on.run, found.off.run, found.narrow]).save(folder / _FILE)
