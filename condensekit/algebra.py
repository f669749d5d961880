"""SymPy and python-flint, imported where they are first asked for something.

SymPy takes a third of a second, which who trains a network does not need.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["flint", "sympy"]


class _Later(ModuleType):
    """A module by its name alone, until it is asked for something."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


if TYPE_CHECKING:
    import flint
    import sympy
else:
    flint, sympy = _Later("flint"), _Later("sympy")
