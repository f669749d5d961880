"""RecoveryLab: can a 500-neuron network recover a target from 50 samples?"""

import functools
import html
from collections.abc import Callable
from typing import Any, TypeVar

import ipywidgets
import numpy as np

from .. import pictures
from ..activations import ACTIVATIONS
from ..dynamics import Event, events, followed_until, sharpness
from ..experiments import Experiment
from ..frames import Epochs
from ..optimizers import OPTIMIZERS, GradientDescent, GradientFlow, Optimizer, optimizer_with
from ..training import Run
from ..views import FitView, LossView, NeuronView, SimilarityView
from .controls import Control, variance
from .lab import Lab
from .recordings import RECOVERY

__all__ = ["RecoveryLab"]

_DEFAULTS = {name: knob.default for name, knob in GradientFlow.declared_knobs().items()} | {
    name: knob.default for name, knob in GradientDescent.declared_knobs().items()
}
Frame = TypeVar("Frame")
Array = np.ndarray[Any, np.dtype[Any]]
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_EVERY = 5  # live frames between two images of the matrix, the one heavy picture


class RecoveryLab(Lab):
    """A wide network learns a target of a few tanh neurons from a few samples, under controls.

    Parameters
    ----------
    **knobs
        Settings to start with, by the names of `Experiment.replace`; ``optimizer`` takes an
        optimizer, and without it is the first one that has all the knobs named. The default is the
        published experiment (Zhang et al., arXiv:2105.14573, Fig. 1) along the gradient flow
        itself, which leaves the plateau where the printed gradient descent does not.

    Raises
    ------
    ValueError
        If there is no such knob or its value is outside its range.

    Examples
    --------
    >>> lab = RecoveryLab(width=30, n_samples=20, steps=200)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    def __init__(self, **knobs: object) -> None:
        optimizer = knobs.pop("optimizer", None) or optimizer_with(knobs)
        if not isinstance(optimizer, Optimizer):
            names = ", ".join(OPTIMIZERS)
            raise ValueError(f"optimizer must be one of {names}, but is {optimizer!r}.")
        base = Experiment(RECOVERY.model, RECOVERY.problem, optimizer, RECOVERY.n_samples)
        default = base.replace(**knobs)
        known = default.knobs()
        for kind in OPTIMIZERS.values():
            known = kind.declared_knobs() | known
        self.controls = {
            "init_std": variance(known["init_std"], "variance σ²", (1e-16, 10.0)),
            "width": Control(known["width"], "width m", (1, 2_000)),
            "target_width": Control(known["target_width"], "target width k"),
            "n_samples": Control(known["n_samples"], "samples n", (1, 1_000)),
            "seed": Control(known["seed"], "seed", (0, 20)),
            "lr": Control(known["lr"], "learning rate η", (1e-5, 1.0)),
            "steps": Control(known["steps"], "steps", (100, 1_000_000)),
            "rtol": Control(known["rtol"], "tolerance", (1e-8, 0.1)),
        }
        self.optimizer = _dropdown("optimizer", list(OPTIMIZERS), "How the weights are moved.")
        self.activation = _dropdown("activation", list(ACTIVATIONS), known["activation"].help)
        self.scale = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        self.lines, self.story = ipywidgets.HTML(), ipywidgets.HTML()
        story = ["init_std", "width", "target_width", "n_samples"]
        main = [self.controls[name] for name in story]
        rest = [self.optimizer, *(self.controls[name] for name in ("rtol", "lr", "steps", "seed"))]
        more = ipywidgets.VBox([*rest, self.activation])
        folded = ipywidgets.Accordion([more, self.story, self.lines], selected_index=None)
        folded.titles = ("More settings", "What happened", "The same in three lines")
        column = ipywidgets.VBox([main[0], self.scale, *main[1:], folded])
        self.fit, self.neurons = FitView(), NeuronView()
        self.loss, self.similarity = LossView(), SimilarityView()
        grid = ipywidgets.HBox(
            [self.fit, self.neurons, self.loss, self.similarity],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="724px"),
        )
        self._entering, self._frames = False, 0
        self._steepness: tuple[Run | None, Array] = None, np.zeros(0)
        self.enter(default)
        super().__init__(default, column, grid)
        for control in self.controls.values():
            control.on_change(self._entry_changed)
        self.optimizer.observe(lambda _: self._optimizer_changed(), "value")
        self.activation.observe(lambda _: self._entry_changed(), "value")

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        values = {name: control.value for name, control in self.controls.items()}
        optimizer = OPTIMIZERS[self.optimizer.value]()
        base = Experiment(RECOVERY.model, RECOVERY.problem, optimizer, RECOVERY.n_samples)
        values = {name: value for name, value in values.items() if name in base.knobs()}
        return base.replace(**values, activation=self.activation.value)

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        values = experiment.values()
        self._entering = True
        try:
            self.optimizer.value = type(experiment.optimizer).__name__
            self.activation.value = str(values["activation"])
            for name, control in self.controls.items():
                control.set(values.get(name, _DEFAULTS.get(name)))
        finally:
            self._entering = False
        self._show_used()
        self._show_scale()

    def _entry_changed(self) -> None:
        if not self._entering:
            self._show_scale()
            self.entry_changed()

    def _optimizer_changed(self) -> None:
        if not self._entering:
            kind = OPTIMIZERS[self.optimizer.value]
            default = kind.declared_knobs().get("lr")
            self.controls["lr"].set(default.default if default else _DEFAULTS["lr"])
            self._show_used()
            self._entry_changed()

    def _show_used(self) -> None:
        """Show the settings that the optimizer has; the flow has a learning rate for its epochs."""
        kind = OPTIMIZERS[self.optimizer.value]
        used = kind.declared_knobs().keys() | ({"lr"} if kind.over_time else set())
        for name in ("rtol", "lr", "steps"):
            self.controls[name].layout.display = "" if name in used else "none"

    def _show_scale(self) -> None:
        """Standard deviation and gamma beside the variance."""
        try:
            std, m = float(self.controls["init_std"].value), float(self.controls["width"].value)
        except ValueError:
            self.scale.value = "&nbsp;"
            return
        gamma = ""
        if m > 1:
            exponent = f"{np.log(std) / np.log(m):.2f}".translate(_RAISED)
            gamma = f" = m{exponent}"
        self.scale.value = f"std σ = {pictures.number(std)}{gamma}"

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all four pictures."""
        self._frames += 1
        frame = pictures.recovery_frame(run, index, self._epochs(run, measure=not live))
        then = 0 if last is None else _beside(last, run, index)
        self.fit.show(frame.fit, _of(last, then, pictures.fit))
        self.neurons.show(frame.neurons, _of(last, then, pictures.neurons))
        self.loss.show(frame.loss, _of(last, then, pictures.loss))
        if not live or self._frames % _EVERY == 0:
            self.similarity.show(frame.similarity, _of(last, then, pictures.similarity))
        self.moment.value = frame.moment
        told = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in frame.verdict)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'
        if not live:
            self.lines.value = f"<pre style='white-space:pre-wrap'>{self.code()}</pre>"
            told = "<br>".join(html.escape(event.text) for event in _events(run))
            self.story.value = f"<div style='line-height:1.4'>{told or 'Nothing yet.'}</div>"

    def _epochs(self, run: Run, measure: bool) -> Epochs | None:
        """The second axis of a flow: epochs at the learning rate that is entered."""
        lr = self.controls["lr"].value
        if not run.experiment.optimizer.over_time or not isinstance(lr, float) or not lr > 0.0:
            return None
        if measure and self._steepness[0] is not run:
            self._steepness = run, sharpness(run)
        steep = self._steepness[1] if self._steepness[0] is run else np.zeros(len(run))
        return Epochs(lr, followed_until(run, lr, steep))


@functools.lru_cache(maxsize=16)
def _events(run: Run) -> list[Event]:
    return events(run)


def _beside(last: Run, run: Run, index: int) -> int:
    """The moment of the last run that goes with a moment of this one."""
    if last.experiment.optimizer.over_time and run.experiment.optimizer.over_time:
        return last.index_at_time(run.time[index])
    if last.experiment.optimizer.over_time or run.experiment.optimizer.over_time:
        return round(index / max(1, len(run) - 1) * (len(last) - 1))
    return last.index_at(run.step[index])


def _of(run: Run | None, index: int, picture: Callable[[Run, int], Frame]) -> Frame | None:
    return None if run is None else picture(run, index)


def _dropdown(label: str, options: list[str], tooltip: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(
        options=options,
        description=label,
        tooltip=tooltip,
        style={"description_width": "100px"},
        layout=ipywidgets.Layout(width="246px"),
    )
