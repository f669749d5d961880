"""What a lab remembers: what was trained in it, and what ships with the package."""

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Memory"]

KEPT = 12  # finished trainings that are remembered, a few megabytes each

What = TypeVar("What")
Result = TypeVar("Result")


class Memory(Generic[What, Result]):
    """Finished trainings by what was trained; the oldest are forgotten.

    Parameters
    ----------
    recorded : callable
        Gives what ships with the package, or None.
    start : callable
        Gives what there is before anything is trained.
    """

    def __init__(
        self, recorded: Callable[[What], Result | None], start: Callable[[What], Result]
    ) -> None:
        self._recorded, self._start = recorded, start
        self._finished: dict[What, Result] = {}

    def keep(self, what: What, result: Result) -> None:
        """Remember a training."""
        self._finished.pop(what, None)
        self._finished[what] = result
        while len(self._finished) > KEPT:
            del self._finished[next(iter(self._finished))]

    def trained(self, what: What) -> bool:
        """Whether it was trained here."""
        return what in self._finished

    def found(self, what: What) -> Result | None:
        """What was trained before, here or for the package."""
        return self._finished.get(what) or self._recorded(what)

    def known(self, what: What) -> Result:
        """What was trained before, else where it starts."""
        return self.found(what) or self._start(what)
