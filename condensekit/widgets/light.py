"""bqplot without pandas, which it imports for dates and tables: labs have neither.

Importing labs takes 0.4 s more than torch instead of 0.7 (benchmarks/results/imports.md). What
needs pandas imports it where it is first asked for; ``from bqplot import *`` and ``dir(bqplot)``
leave ``Radar`` out. Where bqplot or pandas are imported already, all stays as it is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["import_bqplot"]

_TABLES = "bqplot.plotting_widgets"
"""The one module of bqplot that makes a table when it is imported, for its Radar."""


class _Later(ModuleType):
    """Stands for a module, which is imported where something of it is first asked for."""

    __all__ = ()
    """``from module import *`` takes nothing of it."""

    def __getattr__(self, name: str) -> Any:
        if name == "__path__" and self.__name__ == _TABLES:  # asked by every import: no package
            raise AttributeError(name)
        self.leave()
        return getattr(import_module(self.__name__), name)

    def leave(self) -> None:
        """Let the module itself be imported by its name."""
        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)


@contextmanager
def _later(module: str) -> Iterator[None]:
    """What is imported in this block imports a module only where it first uses it."""
    standing = _Later(module)
    try:
        sys.modules.setdefault(module, standing)
        yield
    finally:
        standing.leave()


def import_bqplot() -> None:
    """Import bqplot; what of it makes tables, and pandas, where they are first asked for."""
    if {"bqplot", "pandas"} & {*sys.modules}:
        return
    with _later("pandas"), _later(_TABLES):
        bqplot = import_module("bqplot")

    def missing(name: str) -> Any:
        if not name.startswith("__") and hasattr(import_module(_TABLES), name):
            return getattr(import_module(_TABLES), name)
        raise AttributeError(f"module 'bqplot' has no attribute {name!r}")

    vars(bqplot).setdefault("__getattr__", missing)
