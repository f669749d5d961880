"""What a lab remembers: what was trained in it, and what ships with the package."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

__all__ = ["Memory"]

KEPT = 12  # finished trainings that are remembered, a few megabytes each; a family is one

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
        self._finished: deque[Mapping[What, Result]] = deque(maxlen=KEPT)

    def keep(self, finished: Mapping[What, Result]) -> None:
        """Remember a training: of one, or of several together, which are forgotten together."""
        if finished:
            again = [one for one in self._finished if one.keys() <= finished.keys()]
            for one in again:
                self._finished.remove(one)
            self._finished.append(finished)

    def trained(self, what: What) -> bool:
        """Whether it was trained here."""
        return any(what in one for one in self._finished)

    def found(self, what: What) -> Result | None:
        """What was trained before, here or for the package; the last, if it was twice."""
        trained = (one[what] for one in reversed(self._finished) if what in one)
        return next(trained, None) or self._recorded(what)

    def known(self, what: What) -> Result:
        """What was trained before, else where it starts."""
        return self.found(what) or self._start(what)
