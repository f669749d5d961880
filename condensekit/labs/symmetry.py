"""SymmetryLab: put a network on a set, push it off, and watch it stay, leave or return."""

import dataclasses
import functools
import html
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from ..experiments import Experiment
from ..frames import COLOURS
from ..knobs import Knob
from ..models import TwoLayer
from ..optimizers import Adam, GradientDescent, GradientFlow, Optimizer
from ..pictures.symmetry import DECADES, LEVELS, bent, symmetry_frame
from ..problems import three_tanh
from ..symmetry import SETS, Candidate, Escape, blocks, escape, escaped
from ..training import Runs
from ..views.curves import CurvesView
from ..views.plane import PlaneView
from .controls import Control
from .player import Gate, Player, State

__all__ = ["SymmetryLab"]

REPLAY_SECONDS = 8.0
ACTIVATIONS = ("tanh", "sigmoid", "relu", "xtanh", "x2tanh", "softplus", "square")
CANDIDATES: dict[str, Callable[[TwoLayer], Candidate]] = {
    "two blocks": lambda model: blocks(model, 2),
    "one block": lambda model: blocks(model, 1),
    **SETS,
}
OPTIMIZERS: dict[str, Optimizer] = {
    "GradientFlow": GradientFlow(t_end=1e5, stop_loss=1e-8, max_steps=600),
    "GradientDescent": GradientDescent(2e-2, steps=5_000),
    "Adam": Adam(1e-2, steps=5_000),
}
"""Bounded, so that each run ends within seconds."""
KICK = Knob(
    "kick",
    1e-6,
    0.0,
    10.0,
    log=True,
    help="Length of the random push across the set, in the space of all parameters.",
)
RECORDED = "symmetry.npz"


def _dropdown(label: str, options: list[str], tooltip: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(
        options=options,
        description=label,
        tooltip=tooltip,
        style={"description_width": "100px"},
        layout=ipywidgets.Layout(width="280px"),
    )


def _guarded(method: Callable[..., None]) -> Callable[..., None]:
    """A callback of a widget: an error is shown in the status line, not swallowed."""

    @functools.wraps(method)
    def guarded(self: "SymmetryLab", *args: object) -> None:
        try:
            method(self)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")

    return guarded


class SymmetryLab(ipywidgets.VBox):
    """A small network on a set that symmetry makes, one that is pushed off it, and the narrow one.

    Parameters
    ----------
    activation, candidate, optimizer : str
        What is chosen at the start.
    width, n_samples, seed : int
        Neurons, samples of the three-tanh target, and the seed of weights and push.
    kick : float
        Length of the push across the set.

    Attributes
    ----------
    result : Escape
        The three runs on screen.

    Raises
    ------
    ValueError
        If a setting is outside its range.

    Examples
    --------
    >>> lab = SymmetryLab(activation="sigmoid", candidate="zero", optimizer="Adam", width=4)
    >>> lab.run(live=False)
    >>> lab.result.on.stayed
    False
    """

    def __init__(
        self,
        activation: str = "tanh",
        candidate: str = "two blocks",
        optimizer: str = "GradientFlow",
        width: int = 8,
        n_samples: int = 20,
        seed: int = 4,
        kick: float = 1e-6,
    ) -> None:
        base = Experiment(TwoLayer(1, 8), three_tanh()).knobs()
        small = dataclasses.replace(base["width"], default=8, low=2, high=40, log=False)
        few = dataclasses.replace(base["n_samples"], default=20, low=1, high=200)
        self.controls = {
            "width": Control(small, "width m"),
            "n_samples": Control(few, "samples n", (1, 200)),
            "kick": Control(KICK, "push ε", (1e-14, 1.0)),
            "seed": Control(base["seed"], "seed", (0, 20)),
        }
        self.activation = _dropdown("activation", [*ACTIVATIONS], base["activation"].help)
        self.candidate = _dropdown("set", [*CANDIDATES], "Where the network starts.")
        self.optimizer = _dropdown("optimizer", [*OPTIMIZERS], "How the weights are moved.")
        self.gate = Gate()
        self.player = Player(self.gate, self._show_state, self._failed)
        self._stopping, self._moving, self._index = False, False, 0
        self._widgets()
        self.default: dict[str, Any] = {
            "activation": activation,
            "candidate": candidate,
            "optimizer": optimizer,
            "width": width,
            "n_samples": n_samples,
            "seed": seed,
            "kick": kick,
        }
        self.enter(self.default)
        experiment, found, size = self.entered()
        recorded = _recording(experiment, found, size)
        start = dataclasses.replace(experiment, optimizer=_short(experiment.optimizer))
        self.result = recorded or escape(start, found, size)
        self._show_result()
        what = "A recorded run." if recorded else "Only its first steps, as yet: press Run."
        self.say(f"{what} Play it, or choose another set or activation and press Run.")
        self._show_state()
        for control in (*self.controls.values(),):
            control.on_change(self._entry_changed)
        for box in (self.activation, self.candidate, self.optimizer):
            box.observe(lambda _: self._entry_changed(), "value")

    def _widgets(self) -> None:
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="44px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.formula = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        self.lines = ipywidgets.HTML()

        def button(text: str, tooltip: str, work: Callable[[], None], style: str = "") -> Any:
            made = ipywidgets.Button(
                description=text,
                tooltip=tooltip,
                button_style=style,
                layout=ipywidgets.Layout(width="70px"),
            )
            made.on_click(lambda _: work())
            return made

        self.run_button = button("Run", "Train with these settings", self._on_run, "primary")
        self.stop_button = button("Stop", "End here and keep what was trained", self._on_stop)
        self.reset_button = button("Reset", "Back to the settings at the start", self._on_reset)
        self.play_button = button("Play", "Replay from the slider on", self._on_play)
        self.slider = ipywidgets.IntSlider(
            min=0,
            max=1,
            readout=False,
            description="step",
            tooltip="Scrub through the recorded steps; the arrow keys work too",
            style={"description_width": "40px"},
            layout=ipywidgets.Layout(width="300px"),
        )
        self.slider.observe(lambda _: self._on_scrub(), "value")
        self.moment = ipywidgets.Label(layout=ipywidgets.Layout(width="160px"))
        blue, orange, green = COLOURS["network"], COLOURS["last"], COLOURS["theory"]
        on, off = ("on the set", blue, "solid", 2.5), ("pushed off", orange, "solid", 2.0)
        bound = ("at most, by linear theory", green, "dashed", 1.5)
        decades = dict(zip(DECADES, ("0", "10⁻¹²", "10⁻⁶", "1"), strict=True))
        self.distance = CurvesView("Distance to the set", "distance", [on, off, bound], decades)
        wide = ("on the set", blue, "solid", 5.0)
        narrow = ("narrow network", "#000000", "dashed", 1.5)
        self.loss = CurvesView("Loss", "loss", [wide, narrow, off])
        levels = ("-100", "-1", "-.01", "0", ".01", "1", "100")
        ticks = dict(zip(bent(np.array(LEVELS)).tolist(), levels, strict=True))
        self.eigenvalues = CurvesView(
            "Hessian across",
            "eigenvalue",
            [
                ("eigenvalues; below the line: the set repels", blue, "solid", 1.2),
                ("", "#555555", "dotted", 1.0),
            ],
            ticks,
        )
        self.plane = PlaneView()
        grid = ipywidgets.HBox(
            [self.distance, self.plane, self.loss, self.eigenvalues],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="724px"),
        )
        row = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        folded = ipywidgets.Accordion([self.lines], selected_index=None)
        folded.titles = ("The same in three lines",)
        left = ipywidgets.VBox(
            [
                ipywidgets.HBox([self.run_button, self.stop_button, self.reset_button]),
                self.status,
                self.candidate,
                self.formula,
                self.activation,
                self.optimizer,
                *self.controls.values(),
                folded,
            ],
            layout=ipywidgets.Layout(width="296px", margin="0"),
        )
        timeline = ipywidgets.HBox([self.play_button, self.slider, self.moment], layout=row)
        body = ipywidgets.HBox(
            [left, ipywidgets.VBox([grid, timeline])],
            layout=ipywidgets.Layout(flex_flow="row wrap"),
        )
        super().__init__([self.verdict, body, *self.gate.widgets])

    # What a reader does ------------------------------------------------------------------------

    def entered(self) -> tuple[Experiment, Candidate, float]:
        """Experiment, set and push that the controls describe.

        Raises
        ------
        ValueError
            If a value is outside its range.
        """
        values = {
            name: control.knob.check(control.value) for name, control in self.controls.items()
        }
        m, n, seed = (int(values[name]) for name in ("width", "n_samples", "seed"))
        model = TwoLayer(1, m, self.activation.value)
        optimizer = OPTIMIZERS[self.optimizer.value]
        experiment = Experiment(model, three_tanh(), optimizer, n, init_std=0.5, seed=seed)
        return experiment, CANDIDATES[self.candidate.value](model), float(values["kick"])

    def enter(self, settings: dict[str, Any]) -> None:
        """Set the controls.

        Raises
        ------
        ValueError
            If there is no such choice.
        """
        self._moving = True
        try:
            for name in ("activation", "candidate", "optimizer"):
                box = getattr(self, name)
                if settings[name] not in box.options:
                    raise ValueError(
                        f"{name} must be one of {', '.join(box.options)}, but is "
                        f"{settings[name]!r}."
                    )
                box.value = settings[name]
            for name, control in self.controls.items():
                control.set(control.knob.check(settings[name]))
        finally:
            self._moving = False

    def run(self, live: bool = True) -> None:
        """Train what the controls describe: on the set, pushed off it, and the narrow network.

        Parameters
        ----------
        live : bool
            Train beside the notebook, and replay. With False, return when it is done.
        """
        experiment, candidate, kick = self.entered()
        self.stop()
        self._stopping = False

        def work() -> Iterator[None]:
            self.result = escape(experiment, candidate, kick, on_step=lambda _: self._stopping)
            self._index = 0 if live else len(self.result.off.run) - 1
            self._show_result()
            yield
            if live:
                yield from self._replay(live)

        def finish(stopped: bool) -> None:
            self._show(self._index)
            end = self.result.off.run
            text = "Stopped; what was trained is kept." if stopped or self._stopping else "Trained."
            self.say(
                end.message or f"{text} Play replays it.", "warning" if end.message else "note"
            )

        self.say("Training on the set, off it, and the narrow network …")
        self.player.start(work(), lambda: self._show(self._index), finish, live)

    def stop(self) -> None:
        """End what is going on; what was trained is kept."""
        self._stopping = True
        self.player.stop()

    def reset(self) -> None:
        """Stop, and go back to the settings at the start."""
        self.stop()
        self.enter(self.default)
        experiment, candidate, kick = self.entered()
        found = _recording(experiment, candidate, kick)
        self.result = found or escape(
            dataclasses.replace(experiment, optimizer=_short(experiment.optimizer)), candidate, kick
        )
        self._show_result()
        self.say("Back at the start.")
        self._show_state()

    def play(self, live: bool = True) -> None:
        """Replay from the slider on, or from the start if it is at the end."""
        self.stop()
        self._stopping = False
        if self._index >= len(self.result.off.run) - 1:
            self._index = 0
        self.player.start(
            self._replay(live),
            lambda: self._show(self._index),
            lambda _: self._show(self._index),
            live,
        )

    def _replay(self, live: bool) -> Iterator[None]:
        while self._index < len(self.result.off.run) - 1:
            if live:
                self.player.sleep(REPLAY_SECONDS / len(self.result.off.run))
            self._index += 1
            yield

    def code(self) -> str:
        """The lines that compute what is on screen, without a widget."""
        e, candidate = self.result.on.run.experiment, self.result.on.candidate
        name = candidate.name.replace(" ", "_")
        k = candidate.name.split()[0]
        make = f"blocks(e.model, {k})" if "blocks" in name else f"SETS[{candidate.name!r}](e.model)"
        model, optimizer = f"ck.{e.model!r}", f"ck.{e.optimizer!r}"
        return (
            "import condensekit as ck\n"
            f"e = ck.Experiment({model}, ck.three_tanh(), {optimizer}, {e.n_samples}, "
            f"{e.init_std}, {e.seed})\n"
            f"print(ck.symmetry.escape(e, ck.symmetry.{make}, {self.result.kick!r}))"
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
    _on_stop = _guarded(lambda self: self.stop())
    _on_reset = _guarded(lambda self: self.reset())
    _on_play = _guarded(lambda self: self.play())

    @_guarded
    def _on_scrub(self) -> None:
        if not self._moving and self.player.state is State.IDLE:
            self._show(self.slider.value)

    @_guarded
    def _entry_changed(self) -> None:
        if not self._moving:
            _, candidate, _ = self.entered()
            self._show_formula(candidate)
            claim = candidate.theory(OPTIMIZERS[self.optimizer.value])
            self.say(f"Theory says: {claim} Press Run to see.")

    # Inside ------------------------------------------------------------------------------------

    def _show_result(self) -> None:
        self._index = len(self.result.off.run) - 1
        self._moving = True
        try:
            self.slider.max = max(1, self._index)
        finally:
            self._moving = False
        self._show_formula(self.result.on.candidate)
        self.lines.value = f"<pre style='white-space:pre-wrap'>{html.escape(self.code())}</pre>"
        self._show(self._index)

    def _show_formula(self, candidate: Candidate) -> None:
        self.formula.value = f"<i>{html.escape(candidate.formula)}</i>"

    def _show(self, index: int) -> None:
        self._index, self._moving = index, True
        try:
            self.slider.value = index
        finally:
            self._moving = False
        frame = symmetry_frame(self.result, index)
        self.distance.show(frame.distance)
        self.loss.show(frame.loss)
        self.eigenvalues.show(frame.eigenvalues)
        self.plane.show(frame.plane)
        self.moment.value = frame.moment
        told = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in frame.verdict)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'
        self.gate.drawn()

    def _show_state(self) -> None:
        busy = self.player.state is not State.IDLE
        self.run_button.disabled = self.play_button.disabled = self.slider.disabled = busy
        self.stop_button.disabled = not busy

    def _failed(self, error: Exception) -> None:
        self.say(f"{type(error).__name__}: {error}", "error")


def _short(optimizer: Optimizer) -> Optimizer:
    """A few steps, to have something on screen at once."""
    name = "max_steps" if "max_steps" in optimizer.knobs() else "steps"
    return optimizer.replace(**{name: 20})


def _default() -> tuple[Experiment, Candidate, float]:
    model = TwoLayer(1, 8)
    flow = OPTIMIZERS["GradientFlow"]
    experiment = Experiment(model, three_tanh(), flow, 20, init_std=0.5, seed=4)
    return experiment, blocks(model, 2), 1e-6


def _recording(experiment: Experiment, candidate: Candidate, kick: float) -> Escape | None:
    """The runs that ship with the package, if they are these."""
    if (experiment, candidate.name, kick) != (_default()[0], "2 blocks", 1e-6):
        return None
    with resources.as_file(resources.files(__package__) / "recorded" / RECORDED) as path:
        return escaped(candidate, kick, list(Runs.load(path)))


def record(folder: Path) -> None:
    """Train the recorded runs and write them to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = escape(*_default())
    assert found.narrow is not None
    Runs([found.on.run, found.off.run, found.narrow]).save(folder / RECORDED)
