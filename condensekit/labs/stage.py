"""Stage: what every lab with a timeline does, whatever it is that trains there."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Self

import ipywidgets

from .. import dynamics, pictures
from ..tokens import read_moment, write_moment
from ..training import Run
from .asked import Asked, What, Work
from .lifetime import close_lab, take_place
from .panel import Panel
from .player import Gate, Player, State
from .widgets import guarded
from .words import ended, known, plan, unsaid, untrained, with_overshoot

__all__ = ["Stage"]

REPLAY_SECONDS = 10.0
QUICK = 5.0  # seconds; a flow that is followed faster is replayed at once, to be seen


class Stage(Panel, Asked[What, Work]):
    """Controls, pictures, one time slider; Run, Pause, Stop, Reset, Play.

    Every method can be called from a cell: what a button does, ``lab.run()`` does. A subclass makes
    its controls and pictures, and calls `begin` when they are there.
    """

    def __init__(
        self,
        default: What,
        controls: ipywidgets.Widget,
        grid: ipywidgets.Widget,
        beside: Sequence[ipywidgets.Widget] = (),
        torch: bool = True,
    ) -> None:
        self._default = default
        self._happened: tuple[Run | None, list[dynamics.Event]] = None, []
        self._lock = threading.RLock()
        self.gate = Gate()
        self.player = Player(self.gate, self._show_state, self._failed)
        super().__init__(
            controls,
            grid,
            beside,
            self.gate.widgets,
            self._on_move,
            self._tell,
            self._on_restore,
            self._lock,
            torch,
        )
        self.run_button.on_click(lambda _: self._on_run())
        self.pause_button.on_click(lambda _: self._on_pause())
        self.stop_button.on_click(lambda _: self._on_stop())
        self.reset_button.on_click(lambda _: self._on_reset())
        self.play_button.on_click(lambda _: self._on_play())
        self._index, self._job, self._training = 0, "", ""
        take_place(self)

    def close(self) -> None:
        """End what is going on, and let go of every widget of the lab."""
        close_lab(self)

    def begin(self) -> None:
        """Show what is known of the settings at the start."""
        self.show_known(self._default)
        self._announce()
        self._show_state()

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
            If the controls describe no experiment; nothing has changed then.
        """
        what = self.described()
        self.player.stop()
        job = self.job(what)
        optimizer = job.experiments[0].optimizer
        seconds = 0.0

        def work() -> Iterator[None]:
            nonlocal seconds
            start = time.perf_counter()
            for _ in job.work():
                seconds += time.perf_counter() - start
                yield
                start = time.perf_counter()
            if live and seconds < QUICK and optimizer.over_time:
                self._end(job, seconds)
                self._job, self._index = "play", 0
                self._show_state()
                yield from self._replay(live)

        def draw() -> None:
            paused = self.player.holding
            if self._job == "play":
                self._show(self._index, live=not paused)
                return
            self.show_growing(job, live=not paused)
            if paused:
                self.say(f"Paused at {self.runs()[0].moment(-1)}. Go on, or Stop to keep this.")

        def finish(stopped: bool) -> None:
            del stopped
            if self._job == "play":
                self._show(self._index)
            else:
                self._end(job, seconds)

        self._job, self._training = "train", f"Training {plan(job.experiments)} …"
        self.say(self._training)
        self.player.start(work(), draw, finish, live)

    def _end(self, job: Work, seconds: float) -> None:
        """What has ended is shown, remembered, and reported."""
        self.show_trained(job)
        run = self.runs()[0]
        self.say(ended(run, seconds, self.beside()), "warning" if run.message else "note")

    def pause(self) -> None:
        """Hold what is going on, or go on with it."""
        if self.player.state is State.PAUSED:
            if self._job == "train":
                self.say(self._training)
            self.player.resume()
        elif self.player.state is State.WORKING:
            self.player.pause()

    def stop(self) -> None:
        """End what is going on; what was trained is kept."""
        self.player.stop()

    def reset(self) -> None:
        """Stop, and go back to the settings at the start."""
        self.player.stop()
        self.put(self._default)
        with self._lock:
            self.show_known(self._default, alone=True)
        self._announce()
        self._show_state()

    def play(self, live: bool = True) -> None:
        """Replay the run from the slider on, or from the start if it is at the end."""
        self.player.stop()
        if self._index >= len(self.runs()[0]) - 1:
            self._index = 0

        self._job = "play"
        self.player.start(
            self._replay(live),
            lambda: self._show(self._index, live=not self.player.holding),
            lambda _: self._show(self._index),
            live,
        )

    def _replay(self, live: bool) -> Iterator[None]:
        """Go through the record in ten seconds.

        Recorded steps are the clock: they are dense where much happens. In time, even in log time,
        an escape from a plateau would be over in a blink.
        """
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

    def state(self) -> str:
        """A short text from which `restore` comes back to these settings, seed, step and view."""
        run = self.runs()[0]
        step, until = int(run.step[self._index]), int(run.step[-1])
        return write_moment(type(self).__name__, self.written(), step, until, self.view())

    def restore(self, token: str, live: bool = False) -> None:
        """Go to where a token was made; a run that is not known here is trained as far as it was.

        Parameters
        ----------
        token : str
            What `state` gave.
        live : bool
            Train beside the notebook. With False, return when it is done.

        Raises
        ------
        ValueError
            If the token is damaged, or of another lab; nothing has changed then.
        """
        written, step, until, view = read_moment(token, type(self).__name__)
        what = self.recalled(written)
        self.player.stop()
        self.put(what)
        job = self.job(what)

        def work() -> Iterator[object]:
            if until and not self.is_known(what):
                yield from job.work(until)

        def finish(stopped: bool) -> None:
            del stopped
            self.set_view(view)
            self.show_recalled(what, job, step, until)
            self.say(f"Restored at {self.runs()[0].moment(self._index)}.")
            self._show_state()

        self._job = "train"
        self.say("Training as far as the token was …")
        self.player.start(work(), lambda: None, finish, live)

    @classmethod
    def from_state(cls, token: str) -> Self:
        """A lab as it was when `state` gave this token; a ValueError if the token is damaged."""
        lab = cls()  # type: ignore[call-arg]  # every lab opens without arguments
        lab.restore(token)
        return lab

    # Callbacks; they may come from any thread --------------------------------------------------

    _on_run = guarded(lambda self: self.run())
    _on_pause = guarded(lambda self: self.pause())
    _on_stop = guarded(lambda self: self.stop())
    _on_reset = guarded(lambda self: self.reset())
    _on_restore = guarded(lambda self: self.restore(self.folds.token.value, live=True))

    @guarded
    def _on_play(self) -> None:
        if self._job == "play" and self.player.state is not State.IDLE:
            self.player.stop()
            self._show(len(self.runs()[0]) - 1)  # the button says "End"
        else:
            self.play()

    def _on_move(self, index: int) -> None:
        try:
            self._show(min(index, len(self.runs()[0]) - 1))
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")

    @guarded
    def entry_changed(self) -> None:
        """For the controls of a subclass: show what they describe now, before it is trained."""
        what = self.described()
        if self._job == "train" and self.player.state is not State.IDLE:
            self.say("This run goes on; the new settings count from the next Run.")
            return
        self.player.stop()
        self.show_known(what)
        self._announce()
        self._show_state()

    # Inside ------------------------------------------------------------------------------------

    def _put_up(self, live: bool = False, index: int | None = None) -> None:
        """Draw what has come on screen, at its end, with its events on the timeline."""
        run = self.runs()[0]
        if not live:
            self.timeline.mark(pictures.marks(run, self.happened()), len(run))
        self._show(len(run) - 1 if index is None else index, live)

    def story(self) -> list[str]:
        """What happened in the run on screen, in sentences."""
        return [event.text for event in self.happened()]

    def happened(self) -> list[dynamics.Event]:
        """What happened in the run on screen; found once for each run."""
        shown = self.runs()[0]
        run, found = self._happened
        if run is not shown:
            self._happened = shown, with_overshoot(shown, unsaid(shown, self.events(shown)))
            found = self._happened[1]
        return found

    def _show(self, index: int, live: bool = False) -> None:
        with self._lock:
            self._index = index
            run = self.runs()[0]
            self.timeline.show(index, len(run), pictures.moment(run, index))
            optimizer, step = run.experiment.optimizer, int(run.step[index])
            self.progress.value = optimizer.share(step, run.loss[index], run.loss[0])
            try:
                self.draw_step(index, live)
            except Exception:
                self.verdict.value = ""  # some pictures are new, some are not: no sentence is true
                raise
            if not live:
                self._tell()
            self.gate.drawn()

    def _tell(self) -> None:
        """Write what is folded away, if it has been unfolded."""
        if self.folds.is_unfolded:
            self.folds.write(self.story(), self.code(), self.torch_code(), self.state())

    def _show_state(self) -> None:
        with self._lock:
            state, busy = self.player.state, self.player.state is not State.IDLE
            training = busy and self._job == "train"
            playing = busy and self._job == "play"
            still = training or len(self.runs()[0]) < 2
            self.enable(training, playing, state is State.PAUSED, still)
            self.show_busy(training)

    def _failed(self, error: Exception) -> None:
        self.say(f"{type(error).__name__}: {error}", "error")

    def _announce(self) -> None:
        """Say what the run on screen is, before anything is trained."""
        runs = self.runs()
        if len(runs[0]) > 1:
            self.say(known(runs[0], self.was_trained_here()))
        else:
            self.say(untrained([run.experiment for run in runs]))
