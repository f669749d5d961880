"""Stage: what happens in a lab over time: work, pauses, replays, and what is drawn meanwhile."""

import asyncio
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from .. import dynamics, pictures
from ..subjects import Job, Moment, Player, State, Subject, measured, remarked
from ..tables import Picture, Table
from ..training import Run
from .form import Form
from .panel import Gate, Panel

__all__ = ["REPLAY_SECONDS", "Stage"]

REPLAY_SECONDS = 10.0
REST = 0.2  # seconds in which a hand has not moved


class Stage(Panel):
    """Work that is done beside a notebook, drawn on the way; and its record, played again."""

    table: ClassVar[Table]
    subject: Subject[Any, Any]
    form: Form
    gate: Gate
    views: dict[str, Any]
    default: Any
    last: Run | None

    def prepare(self) -> None:
        """Set up what happens: nothing yet."""
        self.gate = Gate()
        self.player = Player(self.gate.ready, self._show_state, self._failed)
        self._lock = threading.RLock()
        self.job: Job[Any] | None = None
        self._doing, self._training = "", ""
        self._index, self._frames = 0, 0
        self._quick = False
        self._later: asyncio.TimerHandle | None = None
        self._pressed: dict[str, tuple[Any, int]] = {}
        self.last = None

    # What a reader does ------------------------------------------------------------------------

    def run(self, live: bool = True) -> None:
        """Train what the controls describe.

        Parameters
        ----------
        live : bool
            Train beside the notebook and draw on the way. With False, return when it is done.

        Raises
        ------
        ValueError
            If the controls describe nothing; nothing has changed then.
        """
        what = self._described(self.entered())
        self.player.stop()
        self.work(self.subject.job(what, self._shown), live, self.subject.plan(what), what)

    def work(self, job: Job[Any], live: bool, plan: str, what: Any = None) -> None:
        """Do a piece of work, and show what comes of it.

        Parameters
        ----------
        job : Job
            The work.
        live : bool
            Beside the notebook, drawn on the way; see `run`.
        plan : str
            What is done, for a reader who waits.
        what : object, optional
            The settings that it trains.
        """
        seconds = 0.0

        def working() -> Iterator[None]:
            nonlocal seconds
            start = time.perf_counter()
            for _ in job.work():
                seconds += time.perf_counter() - start
                yield
                start = time.perf_counter()
            if live and what is not None and self.subject.replayed(what, seconds):
                self._ended(job, seconds)
                self._doing, self._index = "play", 0
                self._show_state()
                yield from self._replay(live)

        def draw() -> None:
            paused = self.player.holding
            if self._doing == "play":
                self._show(self._index, live=not paused)
                return
            self.put_on(job.shown(ended=False), live=not paused)
            if told := self.subject.meanwhile(self._shown):
                self.say(told)
            if paused:
                moment = f" at {self.runs()[0].moment(-1)}" if self.subject.timed else ""
                self.say(f"Paused{moment}. Go on, or Stop to keep this.")

        def finish(stopped: bool) -> None:
            del stopped
            if self._doing == "play":
                self._show(self._index)
            else:
                self._ended(job, seconds)

        self._frames = 0
        self.job, self._doing, self._training = job, "train", f"Training {plan} …"
        self.say(self._training)
        self.player.start(working(), draw, finish, live)

    def _ended(self, job: Job[Any], seconds: float) -> None:
        """What has ended is shown, remembered, and reported."""
        shown = job.shown(ended=True)
        self.subject.keep(shown)
        self.put_on(shown)
        self.say(*self.subject.ended(self._shown, seconds, self.beside()))

    def pause(self) -> None:
        """Hold what is going on, or go on with it."""
        if self.player.state is State.PAUSED:
            if self._doing == "train":
                self.say(self._training)
            self.player.resume()
        elif self.player.state is State.WORKING:
            self.player.pause()

    def stop(self, wait: bool = True) -> None:
        """End what is going on and keep what was trained; wait for the end, or return at once."""
        if self.player.state is not State.IDLE and self._doing == "train":
            self.say("Stopping …")
        (self.player.stop if wait else self.player.halt)()

    def reset(self) -> None:
        """Stop, and go back to the settings at the start."""
        self.player.stop()
        self._enter(self.default)
        self.put_on(self.subject.known(self._described(self.default)), alone=True)
        self._announce()
        self._show_state()

    def play(self, live: bool = True) -> None:
        """Replay the run from the slider on, or from the start if it is at the end."""
        self.player.stop()
        if self._index >= len(self.runs()[0]) - 1:
            self._index = 0
        self._doing = "play"
        self.player.start(
            self._replay(live),
            lambda: self._show(self._index, live=not self.player.holding),
            lambda _: self._show(self._index),
            live,
        )

    def _replay(self, live: bool) -> Iterator[None]:
        """Go through the record in ten seconds: in time, an escape would be over in a blink."""
        length = len(self.runs()[0])
        while self._index < length - 1:
            if live:
                self.player.sleep(REPLAY_SECONDS / length)
            self._index += 1
            yield

    def go_to(self, step: float) -> None:
        """Show the last recorded step that is not after `step`."""
        self._show(self.runs()[0].index_at(step))

    def jump(self, direction: int) -> None:
        """Go to the next event (1) or to the one before (-1)."""
        self.timeline.jump(direction)

    def press(self, name: str) -> None:
        """Do what a button does that holds for the moment on screen only."""
        self._pressed[name] = self.subject.result(self._shown), self._index
        self._show(self._index)

    def redraw(self) -> None:
        """Draw what is on screen once more, with what the reader chose to see."""
        self._show(self._index)

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
            with self._lock:
                self.say_verdict(self.table.verdict(self._moment(self._index)))

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
        run = self.runs()[0]
        now = self._moment(self._index, beside=False)
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
            if before and len(before[0]) > 1 and before[0].experiment != run.experiment:
                self.last = before[0]
            if alone or (self.last is not None and self.last.experiment == run.experiment):
                self.last = None
            if not live:
                self.timeline.mark(pictures.marks(run, self.happened()), len(run))
            self._show(len(run) - 1 if step is None else run.index_at(step), live)

    def _show(self, index: int, live: bool = False) -> None:
        with self._lock:
            self._index, self._frames = index, self._frames + 1
            if self.subject.timed:
                moment = self.subject.moment(self._shown, index)
                self.timeline.show(index, len(self.runs()[0]), moment)
            self.progress.value = self.subject.progress(self._shown, index)
            try:
                self._draw(self._moment(index, live))
            except Exception:
                self.verdict.value = ""  # some pictures are new, some are not: no sentence is true
                raise
            if not live:
                self.tell()
            self.gate.drawn()

    def _draw(self, now: Moment) -> None:
        if not now.live or self._frames == 1:
            self.form.offer(now)
            now = dataclasses.replace(now, look=self.form.look())
        for picture in self.table.pictures:
            if not now.live or self._frames % picture.every == 0:
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

    def _show_state(self) -> None:
        with self._lock:
            state = self.player.state
            busy = state is not State.IDLE
            training = busy and self._doing == "train"
            runs = self.runs()
            still = training or not runs or len(runs[0]) < 2
            self.enable(training, busy and self._doing == "play", state is State.PAUSED, still)
            self.form.enable(not training)

    def _failed(self, error: Exception) -> None:
        self.say(f"{type(error).__name__}: {error}", "error")

    def _announce(self) -> None:
        """Say what is on screen, before it is worked on."""
        self.say(self.subject.announced(self._shown))
