"""What every subject of a lab is: settings that become something to be shown."""

import abc
import math
from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

from ..knobs import Settings
from ..training import Run
from .memory import Memory

__all__ = ["Job", "Shown", "Subject", "What"]

What = TypeVar("What")
"""What the controls of a lab describe."""
Shown = TypeVar("Shown")
"""What a lab shows of it."""
Out_co = TypeVar("Out_co", covariant=True)


class Job(Protocol[Out_co]):
    """Training or another work under way, in short pieces.

    Attributes
    ----------
    seconds : float
        That it has taken up to now; who works it off counts them.
    """

    seconds: float

    def work(self, until: float = math.inf) -> Iterator[object]:
        """Do it in short pieces, up to a step."""

    def shown(self, ended: bool) -> Out_co:
        """What there is to be shown up to now; `ended`: no more will be done."""


class Subject(abc.ABC, Generic[What, Shown]):
    """What a lab trains or computes, and what it says of that.

    Attributes
    ----------
    timed : bool
        Whether there are recorded steps to be moved through.
    at_once : bool
        Whether it is known as soon as it is asked for: nothing is trained.
    stays : bool
        Whether what is on screen stays there when the controls turn, until it is trained.
    """

    timed = True
    at_once = False
    stays = False

    def __init__(self) -> None:
        self.memory: Memory[Any, Any] = Memory(self.shipped, self.start)

    # What a subject gives ----------------------------------------------------------------------

    @abc.abstractmethod
    def opened(self, start: object) -> What:
        """What a lab opens on: settings, or something that was trained and is remembered then.

        Raises
        ------
        ValueError
            If it is nothing of this kind.
        """

    @abc.abstractmethod
    def start(self, what: Any) -> Any:
        """What there is before anything is trained."""

    @abc.abstractmethod
    def shipped(self, what: Any) -> Any:
        """What comes with the package, or None."""

    @abc.abstractmethod
    def job(self, what: What, shown: Shown) -> Job[Shown]:
        """Work that has not begun; `shown` is on screen."""

    @abc.abstractmethod
    def what(self, shown: Shown) -> What:
        """The settings of something that is shown."""

    @abc.abstractmethod
    def keep(self, shown: Shown) -> None:
        """Remember what has ended."""

    @abc.abstractmethod
    def runs(self, shown: Shown) -> list[Run]:
        """The runs that are shown, the one on the timeline first."""

    @abc.abstractmethod
    def written(self, shown: Shown) -> list[Settings]:
        """What is shown, as settings for a token."""

    @abc.abstractmethod
    def recalled(self, written: list[Settings]) -> What:
        """What a token describes.

        Raises
        ------
        ValueError
            If that is nothing of this kind.
        """

    @abc.abstractmethod
    def code(self, shown: Shown, index: int, ending: str) -> str:
        """The lines that compute it with the library, and end with a line of the lab's."""

    # What a subject may give -------------------------------------------------------------------

    def result(self, shown: Shown) -> Any:
        """What a reader calls the result: what is shown, or the best known part of it."""
        return shown

    def torch_code(self, shown: Shown, index: int) -> str:
        """The lines that train it in plain torch; empty where there are none."""
        del shown, index
        return ""

    def known(self, what: What) -> Shown:
        """What was trained before, here or for the package, else where it starts."""
        found: Shown = self.memory.known(what)
        return found

    def takes_a_moment(self, what: What) -> bool:
        """Whether `known` takes so long that a reader should be told."""
        del what
        return False

    def is_known(self, what: What) -> bool:
        """Whether it need not be trained to be shown."""
        return self.memory.found(what) is not None

    def was_trained_here(self, shown: Shown) -> bool:
        """Whether it was trained in this lab."""
        return self.memory.trained(self.what(shown))

    def cut(self, shown: Shown, until: int) -> Shown:
        """What was shown, up to a step."""
        del until
        return shown

    def until(self, shown: Shown) -> int:
        """The step up to which all is trained that is shown, for a token: that of the first run."""
        return int(self.runs(shown)[0].step[-1])

    def further(self, what: What, shown: Shown) -> What | None:
        """These settings with more steps, if the work that is shown goes on with more; or None.

        Where it was stopped, and goes on as it was, these very settings.
        """
        del what, shown
        return None

    def resumed(self, what: What) -> Job[Shown]:
        """The work done last, to be gone on with; `what` is `further` of what is shown."""
        raise NotImplementedError

    def replayed(self, what: What, seconds: float) -> bool:
        """Whether a work of so many seconds is played at once, since nobody could see it."""
        del what, seconds
        return False

    # What is said of it ------------------------------------------------------------------------

    @abc.abstractmethod
    def plan(self, what: What) -> str:
        """What will be done: for a reader who waits."""

    @abc.abstractmethod
    def announced(self, shown: Shown) -> str:
        """What is on screen, before it is worked on."""

    @abc.abstractmethod
    def ended(self, shown: Shown, seconds: float, beside: str) -> tuple[str, str]:
        """How a work ended, and whether that is a note or a warning."""

    def meanwhile(self, shown: Shown) -> str:
        """How far a work is; empty where a plan and a bar say enough."""
        del shown
        return ""

    def progress(self, shown: Shown, index: int) -> float:
        """How much is done, from 0 to 1."""
        del shown, index
        return 1.0

    def moment(self, shown: Shown, index: int) -> str:
        """Which recorded step this is; empty where there are none."""
        del shown, index
        return ""
