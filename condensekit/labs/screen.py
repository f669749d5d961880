"""Screen: what of a run is drawn, beside what, and which event is where."""

import asyncio
import dataclasses
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from .. import dynamics, pictures
from ..subjects import Moment, Player, State, Subject, measured, remarked
from ..tables import Picture, Table
from ..training import Run
from ..widgets.gate import Gate
from .form import Form
from .panel import Panel

__all__ = ["Screen"]

REST = 0.2  # seconds in which a hand has not moved


class Screen(Panel):
    """The pictures of a lab at one recorded step, and what there is to say of it."""

    table: ClassVar[Table]
    subject: Subject[Any, Any]
    form: Form
    gate: Gate
    player: Player
    views: dict[str, Any]
    _pictures: list[Picture]
    last: Run | None

    def prepare(self) -> None:
        """Set up what is seen: nothing yet."""
        self.gate = Gate()
        self._lock = threading.RLock()  # what is on screen, and the step of it, belong together
        self._index, self._frames = 0, 0
        self._quick = False
        self._later: asyncio.TimerHandle | None = None
        self._pressed: dict[str, tuple[Any, int]] = {}
        self.last = None

    @property
    def shown(self) -> Any:
        """All that is on screen, as the subject of the lab has it."""
        return self._shown

    # What is on screen -------------------------------------------------------------------------

    def runs(self) -> list[Run]:
        """The run on screen and the others; none where nothing is trained."""
        return self.subject.runs(self._shown)

    def happened(self) -> list[dynamics.Event]:
        """What happened in the run on screen; found once for each run."""
        if not self.subject.timed:
            return []
        with self._lock:
            run, now = self.runs()[0], self._moment(self._index, beside=False)
        key = ("events", type(self).__name__, len(run), run.outcome)
        found: list[dynamics.Event] = run.once(key, lambda: remarked(run, self.table.events(now)))
        return found

    def put_on(
        self, shown: Any, live: bool = False, step: float | None = None, alone: bool = False
    ) -> None:
        """Put something on screen, at its end or at a step, beside the trained run before it.

        `live`: more will follow at once; `alone`: with nothing that was there before beside it.
        """
        with self._lock:
            before, self._shown = self.runs(), shown
            runs = self.runs()
            if not self.subject.timed:
                self._show(0, live)
                return
            run = runs[0]
            if before and len(before[0]) > 1 and not run.experiment.goes_on(before[0].experiment):
                self.last = before[0]
            if alone or (self.last is not None and self.last.experiment == run.experiment):
                self.last = None
            if not live:
                self.timeline.mark(pictures.marks(run, self.happened()), len(run))
            elif not self._frames:  # those of the run before
                self.timeline.mark((), len(run))
            self._show(len(run) - 1 if step is None else run.index_at(step), live)

    def _show(self, index: int, live: bool = False) -> None:
        with self._lock, self.gate.frame():
            runs = self.runs()  # an index that was asked for may be one of a longer run before
            index = min(index, len(runs[0]) - 1) if runs else 0
            self._index, self._frames = index, self._frames + 1
            if self.subject.timed:
                moment = self.subject.moment(self._shown, index)
                self.timeline.show(index, len(runs[0]), moment)
            self.progress.value = self.subject.progress(self._shown, index)
            try:
                self._draw(self._moment(index, live))
            except BaseException:
                self.verdict.value = ""  # some pictures are new, some are not: no sentence is true
                raise
            if not live:
                self.tell()
            if live:
                self.gate.drawn()

    def _draw(self, now: Moment) -> None:
        if not now.live or self._frames == 1:
            self.form.offer(now)
            now = dataclasses.replace(now, look=self.form.look())
        for picture in self._pictures:
            if not now.moves or (self._frames - 1) % picture.every == 0:  # in the first one
                self._draw_picture(picture, self.views[picture.name], now)
        self.say_verdict(self.table.verdict(now))
        if self.table.below is not None:
            self.below.value = self.table.below(now)
        if not now.live:
            for offer, widget in self.form.offers:
                widget.show(offer.make(now))

    def _draw_picture(self, picture: Picture, view: Any, now: Moment) -> None:
        if picture.needed is not None:
            here = picture.needed(now)
            view.layout.display = "" if here else "none"
            if not here:
                return
        if picture.adjust is not None:
            picture.adjust(view, now)
        frames = picture.frames(now)
        view.layout.visibility = "visible" if frames else "hidden"
        if frames:
            view.moving = now.moves
            view.show(*frames)

    def _moment(self, index: int, live: bool = False, beside: bool = True) -> Moment:
        runs = self.runs()
        values = self.form.entries()
        now = Moment(
            shown=self._shown,
            run=runs[0] if runs else None,
            index=index,
            live=live,
            quick=self._quick,
            along=measured(runs[0], self.table.along) if runs else {},
            marks=() if live or not runs else self.timeline.marks,
            look=self.form.look(),
            entered=values,
            pressed=self._held_down(index),
            found=self.subject.memory.found,
        )
        other = self._other(values) if beside and self.compare.value else None
        return now if other is None else now.with_beside(other, self.table.along)

    def _held_down(self, index: int) -> set[str]:
        """Which buttons were pressed at this very moment; the others are forgotten."""
        here = (self.subject.result(self._shown), index)
        self._pressed = {name: at for name, at in self._pressed.items() if at == here}
        return {*self._pressed}

    def _other(self, values: dict[str, Any]) -> Run | None:
        """The run that is drawn beside."""
        runs, twin = self.runs(), self.table.twin
        if twin is None or not runs:
            return self.last
        if len(runs) > 1:
            return runs[1]
        if not self.table.once:
            return None
        second = twin(runs[0].experiment, values)
        return None if second == runs[0].experiment else self.subject.memory.found(second)

    # At a reader's hand -----------------------------------------------------------------------

    def press(self, name: str) -> None:
        """Do what a button does that holds for the moment on screen only."""
        with self._lock:
            self._pressed[name] = self.subject.result(self._shown), self._index
            self.redraw()

    def redraw(self, live: bool = False) -> None:
        """Draw what is on screen once more, with what the reader chose to see."""
        with self._lock:
            self._show(self._index, live)

    def at_hand(self, act: Callable[[], None]) -> None:
        """Do what a reader's hand asks for; what takes a moment follows when the hand rests.

        Where nothing can follow, outside of a notebook, it is done at once.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            act()
            return
        if self._later is not None:
            self._later.cancel()
        self._quick = True
        try:
            act()
        finally:
            self._quick = False
        self._later = loop.call_later(REST, lambda: self.guard(self._at_rest))

    def _at_rest(self) -> None:
        if self.player.state is not State.WORKING and self.comm is not None:
            with self._lock, self.gate.frame():
                self._draw(self._moment(self._index))
