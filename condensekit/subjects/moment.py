"""The moment on screen: all that pictures and sentences may ask."""

import dataclasses
import html
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..experiments import Experiment
from ..frames import Mark, ink
from ..training import Run

__all__ = ["Moment", "Said", "StepMeasure", "measured", "said"]

Array = np.ndarray[Any, np.dtype[Any]]
StepMeasure: TypeAlias = Callable[[Run, int], Any]
"""From a run, and the index of a recorded step, to a number or an array."""


def measured(run: Run, measures: Mapping[str, StepMeasure]) -> dict[str, Array]:
    """Measures at each recorded step of a run, leaves [T, ...]; none is taken twice."""

    def taken(measure: StepMeasure, index: int) -> Any:
        return run.once(("along", measure, int(run.step[index])), lambda: measure(run, index))

    return {
        name: np.array([taken(measure, index) for index in range(len(run))])
        for name, measure in measures.items()
    }


@dataclasses.dataclass(frozen=True)
class Moment:
    """All that a picture may ask of what is on screen.

    Attributes
    ----------
    shown : object
        What the subject shows: `Trained`, `Watched`, `Map` or `Ranked`.
    run : Run or None
        The run on the timeline, where there is one.
    index : int
        The recorded step on screen.
    live : bool
        Whether another frame will follow at once.
    quick : bool
        Whether what takes a moment is left for later, when the reader's hand rests.
    along : dict of array, leaves [T, ...]
        The measures of the table at each recorded step of the run.
    marks : tuple of Mark
        Events of the run.
    look, entered : dict
        What the reader chose to see, and what the controls hold.
    pressed : collection of str
        Which `Press` was pressed at this very moment.
    beside : Moment or None
        The moment of the other run that is drawn beside.
    found : callable
        From an experiment to its run, if it was trained before.
    """

    shown: Any
    run: Any = None
    index: int = -1
    live: bool = False
    quick: bool = False
    along: Mapping[str, Array] = dataclasses.field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    look: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    entered: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    pressed: Collection[str] = ()
    beside: "Moment | None" = None
    found: Callable[[Experiment], Run | None] = lambda _: None
    _made: dict[Any, Any] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def moves(self) -> bool:
        """Whether it is on screen for a blink: another one follows, or will when the hand rests."""
        return self.live or self.quick

    def once(self, make: "Callable[[Moment], Any]") -> Any:
        """What `make` gives of this moment, made once for all pictures that ask."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    def with_beside(self, other: Run, measures: Mapping[str, StepMeasure]) -> "Moment":
        """The same, and beside it the moment of another run that goes with this one."""
        moment = Moment(
            shown=None,
            run=other,
            index=_at_the_moment(other, self.run, self.index),
            live=self.live,
            along=measured(other, measures),
            look=self.look,
            entered=self.entered,
            found=self.found,
        )
        return dataclasses.replace(self, beside=moment)


def _at_the_moment(other: Run, run: Run, index: int) -> int:
    """The recorded step of another run at the time of this one, or else at its share of steps."""
    if other.experiment.optimizer.over_time and run.experiment.optimizer.over_time:
        return other.index_at_time(run.time[index])
    if other.experiment.optimizer.over_time or run.experiment.optimizer.over_time:
        return round(index / max(1, len(run) - 1) * (len(other) - 1))
    return other.index_at(run.step[index])


@dataclasses.dataclass(frozen=True)
class Said:
    """A part of a verdict: a head in bold letters, perhaps in a colour, and a sentence."""

    head: str
    text: str
    colour: str = ""
    new_line: bool = False

    def html(self) -> str:
        """As HTML."""
        style = f" style='color:{ink(self.colour)}'" if self.colour else ""
        head = f"<b{style}>{html.escape(self.head)}</b> " if self.head else ""
        return ("<br>" if self.new_line else "") + head + html.escape(self.text)


def said(parts: Sequence[tuple[str, str]]) -> list[Said]:
    """A verdict from pairs of a head and a sentence."""
    return [Said(head, text) for head, text in parts]
