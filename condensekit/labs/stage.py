"""Stage: what happens in a lab over time: work, pauses, replays, and what is drawn meanwhile.

Acts that begin or end a work have the lab one after the other; Pause and Stop only tell the player.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

from ..checks import a_count, a_number
from ..subjects import Job, Player, State
from ..subjects.words import failure
from ..training import Run
from .screen import Screen

__all__ = ["REPLAY_SECONDS", "Stage"]

REPLAY_SECONDS = 10.0


class Stage(Screen):
    """Work that is done beside a notebook, drawn on the way; and its record, played again."""

    default: Any

    def prepare(self) -> None:
        """Set up what happens: nothing yet."""
        super().prepare()
        self.player = Player(self._ready, self._show_state, self._failed, self._lock)
        self.job: Job[Any] | None = None
        self._doing, self._training = "", ""
        self._words = threading.RLock()  # who says how it is going knows whether it still goes

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
        with self.player.alone():
            what = self.described(self.entered())
            self.player.stop()
            self.say("Preparing …")  # the first time an estimate takes seconds
            self.work(self.subject.job(what, self._shown), live, self.subject.plan(what), what)

    def go_on(self, live: bool = True) -> None:
        """Go on with a training that was stopped, or with twice as many steps if they are used up.

        It becomes the run that it would have been without that end. See `run` for `live`.

        Raises
        ------
        ValueError
            If there is nothing to go on with.
        """
        with self.player.alone():
            entered, what = self.further(), self.subject.what(self._shown)
            further = self.subject.further(what, self._shown)
            if entered is None or further is None:
                raise ValueError(
                    "There is nothing to go on with: only what was trained here last and was "
                    "stopped, or has used up its steps, goes on; not with AdamW, which shares its "
                    "learning rate out over all its steps."
                )
            self.player.stop()
            self._enter(entered)
            self.work(self.subject.resumed(further), live, self.subject.plan(further))

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
            The settings that it trains from the start, which may be replayed.
        """

        def working() -> Iterator[None]:
            start = time.perf_counter()
            for _ in job.work():
                job.seconds += time.perf_counter() - start
                yield
                start = time.perf_counter()
            if live and what is not None and self.subject.replayed(what, job.seconds):
                with self._lock:
                    self._ended(job)
                    self._doing, self._index = "play", 0
                self._show_state()
                yield from self._replay(live)

        def draw() -> None:
            paused = self.player.holding
            if self._doing == "play":
                self.redraw(live=not paused)
                return
            self.put_on(job.shown(ended=False), live=not paused)
            told = self.subject.meanwhile(self._shown)
            if paused:
                moment = f" at {self.runs()[0].moment(-1)}" if self.subject.timed else ""
                told = f"Paused{moment}. Go on, or Stop to keep this."
            with self._words:
                if told and not self.player.ending:
                    self.say(told)

        def finish(_: bool) -> None:
            if self._doing == "play":
                self.redraw()
            else:
                self._ended(job)

        with self.player.alone():
            self._frames = 0
            self.job, self._doing, self._training = job, "train", f"Training {plan} …"
            self.say(self._training)
            self.player.start(working(), draw, finish, live)

    def _ended(self, job: Job[Any]) -> None:
        """What has ended is shown, remembered, and reported."""
        shown = job.shown(ended=True)
        self.subject.keep(shown)
        self.put_on(shown)
        with self._words:
            self._doing = ""
            told, kind = self.subject.ended(self._shown, job.seconds, self.beside())
            self.say(f"{told}{self._apart()}", kind)

    def pause(self) -> None:
        """Hold what is going on, or go on with it; and with what has ended, see `go_on`."""
        if self.player.state is State.PAUSED:
            self._say_meanwhile(self._training)
            self.player.resume()
        elif self.player.state is State.WORKING:
            self.player.pause()
        else:
            with self.player.alone():
                if self.player.state is State.IDLE and self.further() is not None:
                    self.go_on()

    def stop(self, wait: bool = True) -> None:
        """End what is going on and keep what was trained; wait for the end, or return at once."""
        self.player.halt()
        self._say_meanwhile("Stopping …")
        if wait:
            self.player.stop()

    def reset(self) -> None:
        """Stop, and go back to the settings at the start."""
        self.begin(self.default)

    def begin(self, what: Any) -> None:
        """Stop, and show settings as if the lab had opened on them."""
        with self.player.alone():
            self.player.stop()
            self._enter(what)
            self.put_on(self.subject.known(self.described(what)), alone=True)
            self._announce()
            self._show_state()

    def play(self, live: bool = True) -> None:
        """Replay the run from the slider on, or from the start if it is at the end."""
        with self.player.alone():
            self.player.stop()
            with self._lock:
                if self._index >= len(self._timed()) - 1:
                    self._index = 0
                self._doing = "play"
            self.player.start(
                self._replay(live),
                lambda: self.redraw(live=not self.player.holding),
                lambda _: self.redraw(),
                live,
            )

    def _replay(self, live: bool) -> Iterator[None]:
        """Go through the record in ten seconds: in time, an escape would be over in a blink."""
        length = len(self.runs()[0])
        while self._index < length - 1:
            if live:
                self.player.sleep(REPLAY_SECONDS / length)
            with self._lock:
                self._index += 1
            yield

    def go_to(self, step: float) -> None:
        """Show the last recorded step that is not after `step`; a ValueError if there is none."""
        step = a_number("step", step)
        with self._lock:
            self._show(self._timed().index_at(step))

    def _timed(self) -> Run:
        """The run on the timeline; a ValueError if this lab has none."""
        if not self.subject.timed:
            raise ValueError(f"{type(self).__name__} has no steps to go to or to play.")
        return self.runs()[0]

    def jump(self, direction: int) -> None:
        """Go to the next event (1) or to the one before (-1)."""
        if a_count("direction", direction, -1, 1) == 0:
            raise ValueError("direction must be 1 or -1, but is 0.")
        self.timeline.jump(direction)

    # Inside ------------------------------------------------------------------------------------

    def _ready(self) -> bool:
        return self.gate.ready(working=self._doing == "train")

    def _say_meanwhile(self, text: str) -> bool:
        """Say something of a training while it is going on, and whether it is."""
        with self._words:
            going = self._doing == "train" and self.player.state is not State.IDLE
            if going:
                self.say(text)
            return going

    def _show_state(self) -> None:
        with self._lock:
            state = self.player.state
            busy = state is not State.IDLE
            training = busy and self._doing == "train"
            runs = self.runs()
            still = training or not runs or len(runs[0]) < 2
            more = not busy and self.further() is not None
            playing = busy and self._doing == "play"
            self.enable(training, playing, state is State.PAUSED or more, still, more)
            self.form.enable(not training)

    def _failed(self, error: BaseException) -> None:
        with self._words:
            self._doing = ""
            if isinstance(error, KeyboardInterrupt):  # wherever it was, what is shown is drawn
                self.redraw()
            self.say(*failure(error))

    def _announce(self) -> None:
        """Say what is on screen, before it is worked on."""
        self.say(self.subject.announced(self._shown))
