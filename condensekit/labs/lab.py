"""Lab: what all labs share. One run on screen, trained live or replayed, beside the one before."""

import functools
import html
import threading
import time
from collections.abc import Callable, Iterator

import ipywidgets

from ..experiments import Experiment
from ..knobs import Settings
from ..optimizers import duration
from ..training import Outcome, Recorder, Run, estimate_seconds, trajectory
from .player import Gate, Player, State
from .recordings import recording

__all__ = ["Lab"]

REPLAY_SECONDS = 10.0
QUICK = 5.0  # seconds; a flow that is followed faster is replayed at once, to be seen
KEPT_RUNS = 8  # finished runs that are remembered, a few megabytes each


def _button(text: str, tooltip: str, style: str = "") -> ipywidgets.Button:
    layout = ipywidgets.Layout(width="70px")
    return ipywidgets.Button(description=text, tooltip=tooltip, button_style=style, layout=layout)


def _guarded(method: Callable[..., None]) -> Callable[..., None]:
    """A callback of a widget: an error is shown in the status line, not swallowed."""

    @functools.wraps(method)
    def guarded(self: "Lab", *args: object) -> None:
        try:
            method(self)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")

    return guarded


class Lab(ipywidgets.VBox):
    """Controls, pictures, one time slider; Run, Pause, Stop, Reset, Play.

    A subclass gives `entered` (the experiment that the controls describe), `enter` (the way back)
    and `draw`. Every method can be called from a cell: what a button does, ``lab.run()`` does.

    Attributes
    ----------
    result : Run
        The run on screen.
    last : Run or None
        The trained run before it, drawn beside it while "Compare" is ticked.
    """

    def __init__(
        self,
        default: Experiment,
        controls: ipywidgets.Widget,
        pictures: ipywidgets.Widget,
    ) -> None:
        self.default = default
        self.last: Run | None = None
        self._finished: dict[Experiment, Run] = {}
        self._lock = threading.RLock()
        self.gate = Gate()
        self.player = Player(self.gate, self._show_state, self._failed)
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="24px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout=ipywidgets.Layout(width="286px", height="10px")
        )
        self.run_button = _button("Run", "Train with these settings", "primary")
        self.pause_button = _button("Pause", "Hold the training, or go on")
        self.stop_button = _button("Stop", "End here and keep what was trained")
        self.reset_button = _button("Reset", "Back to the settings at the start")
        self.play_button = _button("Play", "Replay the run from the slider on")
        self.compare = ipywidgets.Checkbox(
            value=True,
            description="Compare with last run",
            indent=False,
            tooltip="Draw the run that was trained before beside this one",
            layout=ipywidgets.Layout(width="190px"),
        )
        self.slider = ipywidgets.IntSlider(
            min=0,
            max=1,
            readout=False,
            description="step",
            tooltip="Scrub through the recorded steps; the arrow keys work too",
            style={"description_width": "40px"},
            layout=ipywidgets.Layout(width="300px"),
        )
        self.moment = ipywidgets.Label(layout=ipywidgets.Layout(width="130px"))
        self.run_button.on_click(lambda _: self._on_run())
        self.pause_button.on_click(lambda _: self._on_pause())
        self.stop_button.on_click(lambda _: self._on_stop())
        self.reset_button.on_click(lambda _: self._on_reset())
        self.play_button.on_click(lambda _: self._on_play())
        self.slider.observe(lambda _: self._on_scrub(), "value")
        self.compare.observe(lambda _: self._on_compare(), "value")
        row = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        buttons = [self.run_button, self.pause_button, self.stop_button, self.reset_button]
        left = ipywidgets.VBox(
            [ipywidgets.HBox(buttons), self.progress, self.status, controls],
            layout=ipywidgets.Layout(width="292px", margin="0"),
        )
        timeline = ipywidgets.HBox(
            [self.play_button, self.slider, self.moment, self.compare], layout=row
        )
        right = ipywidgets.VBox([pictures, timeline])
        body = ipywidgets.HBox([left, right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([self.verdict, body, *self.gate.widgets])
        self._index, self._moving, self._job = 0, False, ""
        self.result = self._known(default)
        self._show_run(self.result)
        self._announce()
        self._show_state()

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
        experiment = self.entered()
        self.player.stop()
        recorder = Recorder([experiment])
        seconds = 0.0

        def work() -> Iterator[None]:
            nonlocal seconds
            start = time.perf_counter()
            for snapshot in trajectory([experiment]):
                recorder.add(snapshot)
                seconds += time.perf_counter() - start
                yield
                start = time.perf_counter()
            if live and seconds < QUICK and experiment.optimizer.over_time:
                self._trained(recorder, seconds)
                self._job, self._index = "play", 0
                self._show_state()
                yield from self._replay(live)

        def draw() -> None:
            if self._job == "play":
                self._show(self._index, live=True)
            else:
                self._show_run(recorder.run(), live=True)

        def finish(stopped: bool) -> None:
            del stopped
            if self._job == "play":
                self._show(self._index)
            else:
                self._trained(recorder, seconds)

        self._job = "train"
        self.say(f"Training {experiment.optimizer.plan(estimate_seconds(experiment))} …")
        self.player.start(work(), draw, finish, live)

    def _trained(self, recorder: Recorder, seconds: float) -> None:
        """The run that has ended is shown, remembered, and reported."""
        run = recorder.runs()[0]
        if run.outcome is not Outcome.CANCELLED:
            self._remember(run)
        self._show_run(run)
        self._say_end(run, seconds)

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
        self.enter(self.default)
        with self._lock:
            self.result = self._known(self.default)
            self.last = None
            self._show_run(self.result)
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

    def code(self) -> str:
        """The lines that train what is on screen, without a widget."""
        e = self.result.experiment
        parts = ", ".join(_call(part) for part in (e.model, e.problem, e.optimizer))
        rest = f"n_samples={e.n_samples}, init_std={e.init_std!r}, seed={e.seed}"
        return (
            "import condensekit as ck\n"
            f"experiment = ck.Experiment({parts}, {rest})\n"
            "print(ck.recovery(ck.train(experiment)))"
        )

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

    _on_run = _guarded(lambda self: self.run())
    _on_pause = _guarded(lambda self: self.pause())
    _on_stop = _guarded(lambda self: self.stop())
    _on_reset = _guarded(lambda self: self.reset())

    @_guarded
    def _on_play(self) -> None:
        if self._job == "play" and self.player.state is not State.IDLE:
            self.player.stop()
        else:
            self.play()

    @_guarded
    def _on_scrub(self) -> None:
        with self._lock:
            if not self._moving:
                self._show(self.slider.value)

    @_guarded
    def _on_compare(self) -> None:
        self._show(self._index)

    @_guarded
    def entry_changed(self) -> None:
        """For the controls of a subclass: show what they describe now, before it is trained."""
        experiment = self.entered()
        if self._job == "train" and self.player.state is not State.IDLE:
            self.say("This run goes on; the new settings count from the next Run.")
            return
        self.player.stop()
        self._show_run(self._known(experiment))
        self._announce()
        self._show_state()

    # Inside ------------------------------------------------------------------------------------

    def _known(self, experiment: Experiment) -> Run:
        """The run of `experiment` if it was trained before, else where it starts."""
        found = self._finished.get(experiment) or recording(experiment)
        if found is not None:
            return found
        recorder = Recorder([experiment])
        recorder.add(next(trajectory([experiment])))
        return recorder.run()

    def _remember(self, run: Run) -> None:
        self._finished.pop(run.experiment, None)
        self._finished[run.experiment] = run
        while len(self._finished) > KEPT_RUNS:
            del self._finished[next(iter(self._finished))]

    def _show_run(self, run: Run, live: bool = False) -> None:
        """Put a run on screen, at its end; the trained run that was there becomes the last one."""
        with self._lock:
            if len(self.result) > 1 and self.result.experiment != run.experiment:
                self.last = self.result
            if self.last is not None and self.last.experiment == run.experiment:
                self.last = None
            self.result = run
            self._show(len(run) - 1, live)

    def _show(self, index: int, live: bool = False) -> None:
        with self._lock:
            self._index, self._moving = index, True
            try:
                self.slider.max = max(1, len(self.result) - 1)
                self.slider.value = index
            finally:
                self._moving = False
            run, last = self.result, self.last if self.compare.value else None
            optimizer, step = run.experiment.optimizer, int(run.step[index])
            self.progress.value = optimizer.share(step, run.loss[index], run.loss[0])
            self.draw(run, index, last, live)
            self.gate.drawn()

    def _show_state(self) -> None:
        with self._lock:
            state, job = self.player.state, self._job
            busy = state is not State.IDLE
            training, playing = busy and job == "train", busy and job == "play"
            self.run_button.disabled = training
            self.pause_button.disabled = self.stop_button.disabled = not busy
            paused = state is State.PAUSED
            self.pause_button.description = "Go on" if paused else "Pause"
            self.play_button.disabled = training or len(self.result) < 2
            self.play_button.description = "End" if playing else "Play"
            self.slider.disabled = training or len(self.result) < 2

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
        plan = run.experiment.optimizer.plan(estimate_seconds(run.experiment))
        self.say(f"Not trained yet. Run trains {plan}.")

    def _say_end(self, run: Run, seconds: float) -> None:
        if run.message:
            self.say(run.message, "warning")
        elif run.outcome is Outcome.CANCELLED:
            self.say(f"Stopped at step {run.step[-1]:,}; what was trained is kept.")
        else:
            steps = (
                f"{run.outcome.capitalize()} at" if run.outcome is Outcome.CONVERGED else "Trained"
            )
            self.say(f"{steps} {run.step[-1]:,} steps in {duration(seconds)}. {self._beside()}")

    def _beside(self) -> str:
        """What the last run, beside this one, had other settings for."""
        if self.last is None:
            return "Play replays them."
        before, now = self.last.experiment.values(), self.result.experiment.values()
        differ = [
            f"{name} {_short(before[name])}" for name in before if before[name] != now.get(name)
        ]
        return f"Orange: the last run, {', '.join(differ)}."


def _call(settings: Settings) -> str:
    """The expression that builds settings."""
    return f"ck.{type(settings).__module__.split('.')[1]}.{settings!r}"


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
