"""Lab: what all labs share. One run on screen, trained live or replayed, beside another."""

import dataclasses
import html
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self

import ipywidgets

from .. import dynamics, pictures
from ..experiments import Experiment
from ..optimizers import duration
from ..training import Outcome, Recorder, Run, estimate_seconds, trajectory
from ..training.storage import decode, encode
from .code import library_code, torch_code
from .player import Gate, Player, State
from .recordings import recording
from .timeline import Timeline
from .tokens import read_token, write_token
from .widgets import button, folded, guarded, preformatted

__all__ = ["Lab"]

REPLAY_SECONDS = 10.0
QUICK = 5.0  # seconds; a flow that is followed faster is replayed at once, to be seen
KEPT_RUNS = 12  # finished runs that are remembered, a few megabytes each


class Lab(ipywidgets.VBox):
    """Controls, pictures, one time slider; Run, Pause, Stop, Reset, Play.

    A subclass gives `entered` (the experiment that the controls describe), `enter` (the way back)
    and `draw`. Every method can be called from a cell: what a button does, ``lab.run()`` does.

    Attributes
    ----------
    result : Run
        The run on screen.
    others : list of Run
        What was trained together with it, in one batch.
    last : Run or None
        The trained run before it, drawn beside it while "Compare" is ticked.
    """

    comparison = "Compare with last run"

    def __init__(
        self,
        default: Sequence[Experiment],
        controls: ipywidgets.Widget,
        grid: ipywidgets.Widget,
    ) -> None:
        self.default = default[0]
        self._defaults = [*default]
        self.last: Run | None = None
        self._finished: dict[Experiment, Run] = {}
        self._happened: tuple[Run | None, list[dynamics.Event]] = None, []
        self._lock = threading.RLock()
        self.gate = Gate()
        self.player = Player(self.gate, self._show_state, self._failed)
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="24px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout=ipywidgets.Layout(width="286px", height="10px")
        )
        self.run_button = button("Run", "Train with these settings", "primary")
        self.pause_button = button("Pause", "Hold the training, or go on")
        self.stop_button = button("Stop", "End here and keep what was trained")
        self.reset_button = button("Reset", "Back to the settings at the start")
        self.compare = ipywidgets.Checkbox(
            value=True,
            description=self.comparison,
            indent=False,
            tooltip="Draw the other run beside this one",
            layout=ipywidgets.Layout(width="170px"),
        )
        self.timeline = Timeline(self._on_move, self.compare, self._lock)
        self.slider, self.moment = self.timeline.slider, self.timeline.moment
        self.play_button = self.timeline.play_button
        self.run_button.on_click(lambda _: self._on_run())
        self.pause_button.on_click(lambda _: self._on_pause())
        self.stop_button.on_click(lambda _: self._on_stop())
        self.reset_button.on_click(lambda _: self._on_reset())
        self.play_button.on_click(lambda _: self._on_play())
        self.compare.observe(lambda _: self._on_compare(), "value")
        buttons = [self.run_button, self.pause_button, self.stop_button, self.reset_button]
        left = ipywidgets.VBox(
            [ipywidgets.HBox(buttons), self.progress, self.status, controls, self._build_more()],
            layout=ipywidgets.Layout(width="292px", margin="0"),
        )
        right = ipywidgets.VBox([grid, self.timeline])
        body = ipywidgets.HBox([left, right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([self.verdict, body, *self.gate.widgets])
        self._index, self._job = 0, ""
        runs = [self._known(e) for e in default]
        self.result, self.others = runs[0], runs[1:]
        self._show_runs(runs)
        self._announce()
        self._show_state()

    def _build_more(self) -> ipywidgets.Widget:
        """What happened, the same as code, and the token."""
        self.story, self.lines, self.torch_lines = (ipywidgets.HTML() for _ in range(3))
        self.token = ipywidgets.Textarea(
            tooltip="Copy it to come back here; or put another one in and press Restore.",
            layout=ipywidgets.Layout(width="238px", height="76px"),
        )
        self.restore_button = button("Restore", "Go to where the token in the box was made")
        self.restore_button.on_click(lambda _: self._on_restore())
        said = ipywidgets.HTML(
            "<div style='line-height:1.35'>Settings, seed, step and view, as a text to keep or to "
            "send. Another one put in here is restored by the button.</div>"
        )
        self.more = folded(
            {
                "What happened": self.story,
                "The same in a few lines": self.lines,
                "The same in plain torch": self.torch_lines,
                "Token of this moment": ipywidgets.VBox([said, self.token, self.restore_button]),
            }
        )
        self.more.observe(lambda _: self._tell(), "selected_index")
        return self.more

    # What a subclass gives ---------------------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe; a ValueError if they describe none."""
        raise NotImplementedError

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        raise NotImplementedError

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step, beside the last run; `live`: another frame will follow at once."""
        raise NotImplementedError

    def batch(self) -> list[Experiment]:
        """What is trained together: the experiment on screen first."""
        return [self.entered()]

    def enter_batch(self, experiments: Sequence[Experiment]) -> None:
        """Set the controls to what is trained together."""
        self.enter(experiments[0])

    def events(self, run: Run) -> list[dynamics.Event]:
        """What happened in a run."""
        return dynamics.events(run)

    def view(self) -> dict[str, Any]:
        """What a reader chose to see, as JSON data."""
        return {"compare": self.compare.value}

    def set_view(self, view: dict[str, Any]) -> None:
        """Choose what to see; the way back from `view`."""
        self.compare.value = bool(view.get("compare", True))

    ending = 'print(f"{run.moment(index)}: training loss {run.loss[index]:.6e}")'
    """The line with which `code` prints what is on screen."""

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
        batch = self.batch()
        self.player.stop()
        recorder = Recorder(batch)
        seconds = 0.0

        def work() -> Iterator[None]:
            nonlocal seconds
            start = time.perf_counter()
            for snapshot in trajectory(batch):
                recorder.add(snapshot)
                seconds += time.perf_counter() - start
                yield
                start = time.perf_counter()
            if live and seconds < QUICK and batch[0].optimizer.over_time:
                self._trained(recorder, seconds)
                self._job, self._index = "play", 0
                self._show_state()
                yield from self._replay(live)

        def draw() -> None:
            if self._job == "play":
                self._show(self._index, live=True)
            else:
                self._show_runs(self._so_far(recorder, batch), live=True)

        def finish(stopped: bool) -> None:
            del stopped
            if self._job == "play":
                self._show(self._index)
            else:
                self._trained(recorder, seconds)

        self._job = "train"
        estimate = sum(map(estimate_seconds, batch))
        self.say(f"Training {batch[0].optimizer.plan(estimate)} …")
        self.player.start(work(), draw, finish, live)

    def _so_far(self, recorder: Recorder, batch: Sequence[Experiment]) -> list[Run]:
        """The runs up to now; one that has not begun is where it starts."""
        runs = [recorder.run(row) for row in range(len(batch))]
        return [r if len(r) else self._known(e) for r, e in zip(runs, batch, strict=True)]

    def _trained(self, recorder: Recorder, seconds: float) -> None:
        """The runs that have ended are shown, remembered, and reported."""
        runs = [*recorder.runs()]
        for run in runs:
            if run.outcome is not Outcome.CANCELLED:
                self._remember(run)
        self._show_runs([run if len(run) else self._known(run.experiment) for run in runs])
        self._say_end(runs[0], seconds)

    def pause(self) -> None:
        """Hold what is going on, or go on with it."""
        if self.player.state is State.PAUSED:
            self.player.resume()
        elif self.player.state is State.WORKING:
            self.player.pause()

    def stop(self) -> None:
        """End what is going on; what was trained is kept."""
        self.player.stop()

    def reset(self) -> None:
        """Stop, and go back to the settings at the start."""
        self.player.stop()
        self.enter_batch(self._defaults)
        with self._lock:
            runs = [self._known(e) for e in self._defaults]
            self.result, self.others, self.last = runs[0], runs[1:], None
            self._show_runs(runs)
        self._announce()
        self._show_state()

    def play(self, live: bool = True) -> None:
        """Replay the run from the slider on, or from the start if it is at the end."""
        self.player.stop()
        if self._index >= len(self.result) - 1:
            self._index = 0

        self._job = "play"
        self.player.start(
            self._replay(live),
            lambda: self._show(self._index, live=True),
            lambda _: self._show(self._index),
            live,
        )

    def _replay(self, live: bool) -> Iterator[None]:
        """Go through the record in ten seconds.

        Recorded steps are the clock: they are dense where much happens. In time, even in log time,
        an escape from a plateau would be over in a blink.
        """
        while self._index < len(self.result) - 1:
            if live:
                self.player.sleep(REPLAY_SECONDS / len(self.result))
            self._index += 1
            yield

    def go_to(self, step: float) -> None:
        """Show the last recorded step that is not after `step`."""
        self._show(self.result.index_at(step))

    def jump(self, direction: int) -> None:
        """Go to the next event (1) or to the one before (-1)."""
        self.timeline.jump(direction)

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        return library_code([self.result, *self.others], self._index, self.ending)

    def torch_code(self) -> str:
        """The lines that train what is on screen in plain torch."""
        return torch_code(self.result, self._index)

    def state(self) -> str:
        """A short text from which `restore` comes back to these settings, seed, step and view."""
        runs = [self.result, *self.others]
        return write_token(
            {
                "lab": type(self).__name__,
                "experiments": [encode(run.experiment) for run in runs],
                "step": int(self.result.step[self._index]),
                "until": int(self.result.step[-1]),
                "view": self.view(),
            }
        )

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
        state = read_token(token)
        if state.get("lab") != type(self).__name__:
            kind = state.get("lab")
            raise ValueError(f"This is a token of {kind!r}, not of a {type(self).__name__}.")
        try:
            batch = [decode(data) for data in state["experiments"]]
            step, until, view = int(state["step"]), int(state["until"]), dict(state["view"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"This token lacks a part of the state: {error}.") from None
        if not batch or not all(isinstance(e, Experiment) for e in batch):
            raise ValueError("This token names no experiment.")
        self.player.stop()
        self.enter_batch(batch)
        recorder = Recorder(batch)

        def work() -> Iterator[None]:
            if until and any(self._found(e) is None for e in batch):
                for snapshot in trajectory(batch):
                    recorder.add(snapshot)
                    yield
                    if (snapshot.step >= until).all():
                        break

        def finish(stopped: bool) -> None:
            del stopped
            runs = []
            for row, experiment in enumerate(batch):
                known, trained = self._known(experiment), recorder.runs()[row]
                if len(trained) > len(known):
                    if trained.outcome is not Outcome.CANCELLED:
                        self._remember(trained)
                    known = _up_to(trained, until)
                runs.append(known)
            self.last = None
            self.set_view(view)
            self._show_runs(runs, index=runs[0].index_at(step))
            self.say(f"Restored at {self.result.moment(self._index)}.")
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

    def say(self, text: str, kind: str = "note") -> None:
        """Write into the status line; `kind` is note, warning or error."""
        sign, colour = {
            "note": ("", "inherit"),
            "warning": ("⚠ ", "#9a4a00"),
            "error": ("✖ ", "#b00020"),
        }[kind]
        self.status.value = (
            f'<div role="status" style="line-height:1.4;color:{colour}">'
            f"{sign}{html.escape(text)}</div>"
        )

    # Callbacks; they may come from any thread --------------------------------------------------

    _on_run = guarded(lambda self: self.run())
    _on_pause = guarded(lambda self: self.pause())
    _on_stop = guarded(lambda self: self.stop())
    _on_reset = guarded(lambda self: self.reset())
    _on_restore = guarded(lambda self: self.restore(self.token.value, live=True))
    _on_compare = guarded(lambda self: self.compare_changed())

    @guarded
    def _on_play(self) -> None:
        if self._job == "play" and self.player.state is not State.IDLE:
            self.player.stop()
        else:
            self.play()

    def _on_move(self, index: int) -> None:
        try:
            self._show(min(index, len(self.result) - 1))
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")

    def compare_changed(self) -> None:
        """The reader wants the other run drawn, or no more."""
        self._show(self._index)

    @guarded
    def entry_changed(self) -> None:
        """For the controls of a subclass: show what they describe now, before it is trained."""
        batch = self.batch()
        if self._job == "train" and self.player.state is not State.IDLE:
            self.say("This run goes on; the new settings count from the next Run.")
            return
        self.player.stop()
        self._show_runs([self._known(e) for e in batch])
        self._announce()
        self._show_state()

    # Inside ------------------------------------------------------------------------------------

    def _known(self, experiment: Experiment) -> Run:
        """The run of `experiment` if it was trained before, else where it starts."""
        found = self._found(experiment)
        if found is not None:
            return found
        recorder = Recorder([experiment])
        recorder.add(next(trajectory([experiment])))
        return recorder.run()

    def _found(self, experiment: Experiment) -> Run | None:
        """The run of `experiment` if it was trained before, here or for the package."""
        return self._finished.get(experiment) or recording(experiment)

    def _remember(self, run: Run) -> None:
        self._finished.pop(run.experiment, None)
        self._finished[run.experiment] = run
        while len(self._finished) > KEPT_RUNS:
            del self._finished[next(iter(self._finished))]

    def _show_runs(self, runs: Sequence[Run], live: bool = False, index: int | None = None) -> None:
        """Put runs on screen, at their end; the trained run that was there is the last one now."""
        run = runs[0]
        with self._lock:
            if len(self.result) > 1 and self.result.experiment != run.experiment:
                self.last = self.result
            if self.last is not None and self.last.experiment == run.experiment:
                self.last = None
            self.result, self.others = run, [*runs[1:]]
            if not live:
                self.timeline.mark(pictures.marks(run, self.happened()), len(run))
            self._show(len(run) - 1 if index is None else index, live)

    def happened(self) -> list[dynamics.Event]:
        """What happened in the run on screen; found once for each run."""
        run, found = self._happened
        if run is not self.result:
            self._happened = self.result, self.events(self.result)
            found = self._happened[1]
        return found

    def _show(self, index: int, live: bool = False) -> None:
        with self._lock:
            self._index = index
            run, last = self.result, self.last if self.compare.value else None
            self.timeline.show(index, len(run), pictures.moment(run, index))
            optimizer, step = run.experiment.optimizer, int(run.step[index])
            self.progress.value = optimizer.share(step, run.loss[index], run.loss[0])
            self.draw(run, index, last, live)
            if not live:
                self._tell()
            self.gate.drawn()

    def _tell(self) -> None:
        """What happened, the same as code, and the token: written when they are unfolded."""
        if self.more.selected_index is None:
            return
        told = "<br>".join(html.escape(event.text) for event in self.happened())
        self.story.value = f"<div style='line-height:1.4'>{told or 'Nothing yet.'}</div>"
        self.lines.value = preformatted(self.code())
        self.torch_lines.value = preformatted(self.torch_code())
        self.token.value = self.state()

    def _show_state(self) -> None:
        with self._lock:
            state, job = self.player.state, self._job
            busy = state is not State.IDLE
            training, playing = busy and job == "train", busy and job == "play"
            self.run_button.disabled = training
            self.pause_button.disabled = self.stop_button.disabled = not busy
            paused = state is State.PAUSED
            self.pause_button.description = "Go on" if paused else "Pause"
            still = training or len(self.result) < 2
            self.play_button.disabled = still
            self.play_button.description = "End" if playing else "Play"
            self.timeline.enable(not still)
            self.show_busy(training)

    def show_busy(self, training: bool) -> None:
        """For a subclass: what else cannot be used while it trains."""

    def _failed(self, error: Exception) -> None:
        self.say(f"{type(error).__name__}: {error}", "error")

    def _announce(self) -> None:
        """Say what the run on screen is, before anything is trained."""
        run = self.result
        if len(run) > 1:
            trained_here = run.experiment in self._finished
            what = "A run that was trained before" if trained_here else "A recorded run"
            self.say(f"{what}: {run.step[-1]:,} steps. Play it, or turn a control and press Run.")
            return
        seconds = sum(estimate_seconds(r.experiment) for r in (run, *self.others))
        self.say(f"Not trained yet. Run trains {run.experiment.optimizer.plan(seconds)}.")

    def _say_end(self, run: Run, seconds: float) -> None:
        if run.message:
            self.say(run.message, "warning")
        elif run.outcome is Outcome.CANCELLED:
            self.say(f"Stopped at step {run.step[-1]:,}; what was trained is kept.")
        else:
            steps = (
                f"{run.outcome.capitalize()} at" if run.outcome is Outcome.CONVERGED else "Trained"
            )
            self.say(f"{steps} {run.step[-1]:,} steps in {duration(seconds)}. {self.beside()}")

    def beside(self) -> str:
        """What the last run, beside this one, had other settings for."""
        if self.last is None:
            return "Play replays them."
        before, now = self.last.experiment.values(), self.result.experiment.values()
        differ = [
            f"{name} {_short(before[name])}" for name in before if before[name] != now.get(name)
        ]
        return f"Orange: the last run, {', '.join(differ)}."


def _up_to(run: Run, step: int) -> Run:
    """A run as it was recorded up to a step."""
    length = run.index_at(step) + 1
    if length == len(run):
        return run
    return dataclasses.replace(
        run,
        step=run.step[:length],
        time=run.time[:length],
        loss=run.loss[:length],
        test_loss=run.test_loss[:length],
        params={name: leaf[:length] for name, leaf in run.params.items()},
        outcome=Outcome.CANCELLED,
    )


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
