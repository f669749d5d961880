"""What a stage asks of a lab: what it trains, and how that is shown."""

import abc
import math
from collections.abc import Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from .. import dynamics
from ..experiments import Experiment
from ..knobs import Settings
from ..training import Run

__all__ = ["Asked", "Job", "What", "Work"]


class Job(Protocol):
    """A training under way."""

    @property
    def experiments(self) -> Sequence[Experiment]:
        """What is trained, the experiment on the timeline first."""

    def work(self, until: float = math.inf) -> Iterator[object]:
        """Train in short pieces, up to a step."""


What = TypeVar("What")
"""What the controls of a lab describe."""
Work = TypeVar("Work", bound=Job)
"""How that is trained."""


class Asked(Generic[What, Work]):
    """What a subclass of `Stage` gives, and what it may give."""

    @abc.abstractmethod
    def described(self) -> What:
        """What the controls describe; a ValueError if that is nothing."""

    @abc.abstractmethod
    def put(self, what: What) -> None:
        """Set the controls; a ValueError if they cannot describe this."""

    @abc.abstractmethod
    def job(self, what: What) -> Work:
        """A training that has not begun."""

    @abc.abstractmethod
    def written(self) -> list[Settings]:
        """What is on screen, for a token."""

    @abc.abstractmethod
    def recalled(self, written: list[Settings]) -> What:
        """What a token describes; a ValueError if that is nothing."""

    @abc.abstractmethod
    def runs(self) -> list[Run]:
        """What is on screen: the run on the timeline first."""

    @abc.abstractmethod
    def is_known(self, what: What) -> bool:
        """Whether it need not be trained to be shown."""

    @abc.abstractmethod
    def show_known(self, what: What, alone: bool = False) -> None:
        """Put on screen what is known; `alone`: nothing that was there before beside it."""

    @abc.abstractmethod
    def show_growing(self, work: Work, live: bool = True) -> None:
        """Put on screen what has been trained up to now; `live`: more will follow at once."""

    @abc.abstractmethod
    def show_trained(self, work: Work) -> None:
        """Put on screen what has ended, and remember it."""

    @abc.abstractmethod
    def show_recalled(self, what: What, work: Work, step: int, until: int) -> None:
        """Put on screen where a token was made, after `work` was done up to there."""

    @abc.abstractmethod
    def draw_step(self, index: int, live: bool) -> None:
        """Draw a recorded step; `live`: another frame will follow at once."""

    @abc.abstractmethod
    def was_trained_here(self) -> bool:
        """Whether what is on screen was trained in this lab."""

    @abc.abstractmethod
    def code(self) -> str:
        """The lines that compute what is on screen with the library, without a widget."""

    def torch_code(self) -> str:
        """The lines that train what is on screen in plain torch, where there are any."""
        return ""

    @abc.abstractmethod
    def beside(self) -> str:
        """What there is to say about the pictures when a training has ended."""

    def events(self, run: Run) -> list[dynamics.Event]:
        """What happened in a run."""
        return dynamics.events(run)

    def view(self) -> dict[str, Any]:
        """What else belongs to this moment, as JSON data."""
        return {}

    def set_view(self, view: dict[str, Any]) -> None:
        """The way back from `view`, as far as the settings do not hold it."""

    def show_busy(self, training: bool) -> None:
        """For a subclass: what else cannot be used while it trains."""
