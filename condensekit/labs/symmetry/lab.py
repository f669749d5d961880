"""The lab itself."""

import html

import ipywidgets

from ... import dynamics
from ...knobs import Settings
from ...records import recorded_escape
from ...symmetry import Escape, Escaping, escaped
from ...symmetry.settings import (
    ACTIVATIONS,
    CANDIDATES,
    MODELS,
    OPTIMIZERS,
    SAMPLES,
    WIDTH,
    SymmetrySettings,
    experiment,
    made,
    start,
)
from ...training import Outcome, Run
from ...twins import expression
from ...verdicts import escape_verdict
from ..controls import Control
from ..memory import Memory, up_to
from ..stage import Stage
from ..widgets import dropdown
from .screen import Pictures

__all__ = ["SymmetryLab"]


class _Training(Escaping):
    """The three trainings that settings ask for."""

    def __init__(self, settings: SymmetrySettings) -> None:
        super().__init__(settings.experiment, settings.set(), settings.kick)
        self.settings = settings


class SymmetryLab(Stage[SymmetrySettings, _Training]):
    """A small network on a set that symmetry makes, one that is pushed off it, and the narrow one.

    Parameters
    ----------
    activation, candidate, optimizer : str
        What is chosen at the start.
    width, n_samples, seed : int
        Neurons, samples of the three-tanh target, and the seed of weights and push.
    kick : float
        Length of the push across the set.
    model : str
        ``"one hidden layer"``, ``"one layer, no bias"`` or ``"two hidden layers"``.
    layer : int
        The hidden layer whose neurons the set binds, counted from 1.

    Attributes
    ----------
    result : Escape
        The three runs on screen.

    Raises
    ------
    ValueError
        If a setting is outside its range, or the set does not fit the model.

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
        model: str = "one hidden layer",
        layer: int = 1,
    ) -> None:
        trained = experiment(model, activation, optimizer, width, n_samples, seed)
        default = SymmetrySettings(trained, candidate, layer, kick)
        known = default.knobs()
        self.controls = {
            "width": Control(WIDTH, "width m"),
            "n_samples": Control(SAMPLES, "samples n", (1, 200)),
            "kick": Control(known["kick"], "push ε", (1e-14, 1.0)),
            "seed": Control(known["seed"], "seed", (0, 20)),
        }
        self.model = dropdown("model", [*MODELS], "What is trained.", 286)
        self.candidate = dropdown("set", [*CANDIDATES], known["candidate"].help, 286)
        self.layer = dropdown("in layer", ["1", "2"], known["layer"].help, 286)
        self.activation = dropdown("activation", [*ACTIVATIONS], known["activation"].help, 286)
        self.optimizer = dropdown("optimizer", [*OPTIMIZERS], "How the weights are moved.", 286)
        self.formula = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        boxes = [self.model, self.activation, self.candidate, self.layer, self.optimizer]
        column = ipywidgets.VBox(
            [*boxes[:3], self.formula, *boxes[3:], *self.controls.values()],
        )
        self.pictures = Pictures()
        self.distance, self.loss = self.pictures.distance, self.pictures.loss
        self.eigenvalues, self.plane = self.pictures.eigenvalues, self.pictures.plane
        self.memory = Memory(recorded_escape, start)
        self._entering = False
        self.default = default
        self.enter(default)
        self.settings, self.result = default, self.memory.known(default)
        super().__init__(default, column, self.pictures, torch=False)
        self.begin()
        for control in self.controls.values():
            control.on_change(self.entry_changed)
        for box in boxes:
            box.observe(lambda _: self._on_choice(), "value")

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> SymmetrySettings:
        """The network, set and push that the controls describe.

        Raises
        ------
        ValueError
            If a value is outside its range, or the set does not fit the model.
        """
        values = {name: control.value for name, control in self.controls.items()}
        kick = values.pop("kick")
        choices = (self.model.value, self.activation.value, self.optimizer.value)
        layer = int(self.layer.value)
        return SymmetrySettings(experiment(*choices, **values), self.candidate.value, layer, kick)

    def enter(self, what: SymmetrySettings) -> None:
        """Set the controls; a ValueError if they cannot describe this."""
        chosen = what.chosen()
        self._entering = True
        try:
            self.model.value, self.activation.value = chosen["model"], chosen["activation"]
            self.optimizer.value, self.candidate.value = chosen["optimizer"], what.candidate
            self.layer.value = str(what.layer)
            for name, control in self.controls.items():
                control.set(what.kick if name == "kick" else chosen[name])
        finally:
            self._entering = False
        self._show_formula(what)

    def _on_choice(self) -> None:
        if not self._entering:
            self.entry_changed()

    def _show_formula(self, settings: SymmetrySettings) -> None:
        self.formula.value = f"<i>{html.escape(settings.set().formula)}</i>"

    # What the stage asks -----------------------------------------------------------------------

    def described(self) -> SymmetrySettings:
        """What the controls describe."""
        return self.entered()

    def put(self, what: SymmetrySettings) -> None:
        """Set the controls."""
        self.enter(what)

    def job(self, what: SymmetrySettings) -> _Training:
        """The three trainings, not yet begun."""
        return _Training(what)

    def written(self) -> list[Settings]:
        """What is on screen, for a token."""
        return [self.settings]

    def recalled(self, written: list[Settings]) -> SymmetrySettings:
        """What a token describes."""
        (settings,) = written if len(written) == 1 else (None,)
        if not isinstance(settings, SymmetrySettings):
            raise ValueError("This token names no network on a set.")
        return settings

    def runs(self) -> list[Run]:
        """The pushed run, of which the timeline counts the steps, and the others."""
        on, off, *narrow = self.result.runs()
        return [off, on, *narrow]

    def is_known(self, what: SymmetrySettings) -> bool:
        """Whether it need not be trained to be shown."""
        return self.memory.found(what) is not None

    def was_trained_here(self) -> bool:
        """Whether what is on screen was trained in this lab."""
        return self.memory.trained(self.settings)

    def show_known(self, what: SymmetrySettings, alone: bool = False) -> None:
        """Put on screen what was trained before, or else where it starts."""
        del alone
        self._put_on(what, self.memory.known(what))

    def show_growing(self, work: _Training, live: bool = True) -> None:
        """Put on screen what has been trained up to now."""
        self._put_on(work.settings, work.found(ended=False), live=live)

    def show_trained(self, work: _Training) -> None:
        """Put on screen what has ended, and remember it."""
        found = work.found()
        if all(run.outcome is not Outcome.CANCELLED for run in found.runs()):
            self.memory.keep(work.settings, found)
        self._put_on(work.settings, found)

    def show_recalled(self, what: SymmetrySettings, work: _Training, step: int, until: int) -> None:
        """Put on screen where a token was made."""
        found = self.memory.known(what)
        if until and not self.is_known(what):
            runs = [up_to(run, until) for run in work.found().runs()]
            found = escaped(what.set(), what.kick, runs)
        self._put_on(what, found, index=found.off.run.index_at(step))

    def _put_on(
        self,
        settings: SymmetrySettings,
        found: Escape,
        live: bool = False,
        index: int | None = None,
    ) -> None:
        with self._lock:
            self.settings, self.result = settings, found
            self._show_formula(settings)
            self._put_up(live, index)

    def draw_step(self, index: int, live: bool) -> None:
        """Draw a recorded step in all pictures."""
        del live
        self.pictures.show(self.result, index)
        rows = escape_verdict(self.result)
        told = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in rows)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    # Beside it ---------------------------------------------------------------------------------

    def events(self, run: Run) -> list[dynamics.Event]:
        """Plateaus and escapes of the pushed network, and where its neurons part or gather."""
        return dynamics.events(run, counts=self.result.places, what="place")

    def story(self) -> list[str]:
        """What happened, and what theory says of it."""
        trained = len(self.result.off.run) > 1
        return [*super().story(), str(self.result if trained else self.result.on.claim)]

    def beside(self) -> str:
        """What to do next."""
        return "Play replays them."

    def code(self) -> str:
        """The lines that compute what is on screen, without a widget."""
        settings = self.settings
        return (
            "import condensekit as ck\n"
            f"experiment = {expression(settings.experiment)}\n"
            f"model, layer, S = experiment.model, {settings.layer - 1}, ck.symmetry\n"
            f"candidate = {made(settings)}\n"
            f"print(S.escape(experiment, candidate, {settings.kick!r}))"
        )
