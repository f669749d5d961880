"""RecoveryLab: can a 500-neuron network recover a target from 50 samples?"""

import html
from collections.abc import Callable
from typing import Any, TypeVar

import ipywidgets
import numpy as np

from .. import pictures
from ..dynamics import followed_until, sharpness
from ..experiments import Experiment
from ..frames import Epochs
from ..optimizers import OPTIMIZERS, optimizer_with
from ..records import RECOVERY
from ..training import Run
from ..verdicts import recovery_verdict
from ..views import FitView, LossView, NeuronView, SimilarityView
from .controls import Control, variance
from .form import Form, chosen_optimizer, every_knob
from .lab import Lab
from .merging import Merging
from .rate import FairRate
from .widgets import folded, guarded
from .words import told

__all__ = ["RecoveryLab"]

Frame = TypeVar("Frame")
Array = np.ndarray[Any, np.dtype[Any]]
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
        given = knobs.pop("optimizer") if "optimizer" in knobs else optimizer_with(knobs)
        optimizer = chosen_optimizer(given, OPTIMIZERS)
        base = Experiment(RECOVERY.model, RECOVERY.problem, optimizer, RECOVERY.n_samples)
        default = base.replace(**knobs)
        known = every_knob(default)
        self.controls = {
            "init_std": variance(known["init_std"], "variance σ²", (1e-16, 10.0)),
            "width": Control(known["width"], "width m", (1, 2_000)),
            "target_width": Control(known["target_width"], "target width k"),
            "n_samples": Control(known["n_samples"], "samples n", (1, 1_000)),
            "seed": Control(known["seed"], "seed", (0, 20)),
            "lr": Control(known["lr"], "learning rate η", (1e-5, 1.0)),
            "steps": Control(known["steps"], "steps", (100, 1_000_000)),
            "rtol": Control(known["rtol"], "tolerance", (1e-8, 0.1)),
            "max_steps": Control(known["max_steps"], "max steps", (100, 1_000_000)),
        }
        self.form = Form(self.controls, known["activation"].help)
        self.optimizer, self.activation = self.form.optimizer, self.form.activation
        story = ["init_std", "width", "target_width", "n_samples"]
        main = [self.controls[name] for name in story]
        rest = [self.controls[name] for name in ("rtol", "max_steps", "lr", "steps", "seed")]
        more = folded({"More settings": ipywidgets.VBox([self.optimizer, *rest, self.activation])})
        self.rate = FairRate(lambda lr, steps: self.form.put(lr=lr, steps=steps))
        self.merging = Merging(self._on_merge)
        column = ipywidgets.VBox(
            [main[0], self.form.scale, *main[1:], self.rate, self.merging.button, more]
        )
        self.fit, self.neurons = FitView(), NeuronView()
        self.loss, self.similarity = LossView(), SimilarityView()
        grid = ipywidgets.HBox(
            [self.fit, self.neurons, self.loss, self.similarity],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="724px"),
        )
        self._frames = 0
        self._steepness: tuple[Run | None, Array] = None, np.zeros(0)
        self._base = default
        self.enter(default)
        super().__init__([default], column, grid)
        self.timeline.children += (self.merging.said,)
        self.form.on_change(self.entry_changed)

    ending = "print(ck.recovery(run, index=index))"

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        return self.form.entered(self._base)

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        self._base = experiment
        self.form.enter(experiment)

    def story(self) -> list[str]:
        """What happened in the run on screen, and what its plateaus are."""
        return told(self.happened(), self.plateaus())

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all four pictures."""
        self._frames += 1
        epochs = self._epochs(run, measure=not live)
        then = 0 if last is None else _beside(last, run, index)
        fit = self.merging.drawn(pictures.fit(run, index), run, index)
        self.fit.show(fit, _of(last, then, pictures.fit))
        self.neurons.show(pictures.neurons(run, index), _of(last, then, pictures.neurons))
        self.loss.show(pictures.loss(run, index, epochs), _of(last, then, pictures.loss))
        if not live or self._frames % _EVERY == 0:
            beside = _of(last, then, pictures.similarity)
            self.similarity.show(pictures.similarity(run, index), beside)
        if not live:
            self.rate.ask([run.experiment], ("this network",))
        rows = recovery_verdict(run, index)
        said = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in rows)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{said}</div>'

    def merge(self) -> None:
        """Write the network on screen with fewer neurons, and say how exact that is."""
        self.merging.ask(self.result, self._index)
        self._show(self._index)

    _on_merge = guarded(lambda self: self.merge())

    def show_busy(self, training: bool) -> None:
        """While it trains, nothing can be merged."""
        self.merging.button.disabled = training

    def _epochs(self, run: Run, measure: bool) -> Epochs | None:
        """The second axis of a flow: epochs at the learning rate that is entered."""
        lr = self.controls["lr"].value
        if not run.experiment.optimizer.over_time or not isinstance(lr, float) or not lr > 0.0:
            return None
        if measure and self._steepness[0] is not run:
            self._steepness = run, sharpness(run)
        steep = self._steepness[1] if self._steepness[0] is run else np.zeros(len(run))
        return Epochs(lr, followed_until(run, lr, steep))


def _beside(last: Run, run: Run, index: int) -> int:
    """The moment of the last run that goes with a moment of this one."""
    if last.experiment.optimizer.over_time and run.experiment.optimizer.over_time:
        return last.index_at_time(run.time[index])
    if last.experiment.optimizer.over_time or run.experiment.optimizer.over_time:
        return round(index / max(1, len(run) - 1) * (len(last) - 1))
    return last.index_at(run.step[index])


def _of(run: Run | None, index: int, picture: Callable[[Run, int], Frame]) -> Frame | None:
    return None if run is None else picture(run, index)
