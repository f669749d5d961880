"""KernelLab: kernels of a network that learns digits turn into one direction, or do not."""

import html
from typing import Any

import ipywidgets
import numpy as np

from .. import dynamics, pictures, verdicts
from ..experiments import Experiment
from ..frames import COLOURS
from ..measures import blocks
from ..models import Conv
from ..optimizers import Adam, GradientDescent
from ..records import GROWING, KERNELS, default_start
from ..training import Run
from ..views import CosineView, CurvesView, HistoryView, TilesView
from .controls import Control, variance
from .form import chosen_optimizer
from .lab import Lab
from .widgets import button, folded, guarded

__all__ = ["KernelLab"]

NAMES = ("this run", "default start")

Array = np.ndarray[Any, np.dtype[Any]]


class KernelLab(Lab):
    """A small convolutional network learns digits, beside the same one from PyTorch's scale.

    Parameters
    ----------
    **knobs
        Settings to start with, by the names of `Experiment.replace`; ``problem`` takes another
        problem of images and ``optimizer`` another optimizer. The default trains 32 kernels on 500
        digits from a standard deviation of 1e-4 by 120 steps of gradient descent; all settings are
        ours.

    Raises
    ------
    ValueError
        If there is no such knob or its value is outside its range.

    Examples
    --------
    >>> lab = KernelLab(width=4, n_samples=20, steps=3)
    >>> lab.run(live=False)
    >>> len(lab.result)
    4
    """

    comparison = "Compare with default"
    ending = "print(ck.measures.blocks(run.experiment.model, run.at(index)))"

    def __init__(self, **knobs: object) -> None:
        problem: Any = knobs.pop("problem", KERNELS.problem)
        known_here = {kind.__name__: kind for kind in (GradientDescent, Adam)}
        optimizer = chosen_optimizer(knobs.pop("optimizer", KERNELS.optimizer), known_here)
        base = Experiment(KERNELS.model, problem, optimizer, 1, KERNELS.init_std)
        default = base.replace(**{"n_samples": KERNELS.n_samples} | knobs)
        known = default.knobs()
        self.controls = {
            "init_std": variance(known["init_std"], "variance σ²", (1e-14, 1.0)),
            "width": Control(known["width"], "kernels m", (1, 64)),
            "size": Control(known["size"], "kernel size s", (1, 12)),
            "pool": Control(known["pool"], "pooling", (1, 12)),
            "n_samples": Control(known["n_samples"], "digits n", (10, 2_000)),
            "layers": Control(known["layers"], "conv layers"),
            "hidden": Control(known["hidden"], "hidden neurons", (0, 100)),
            "stride": Control(known["stride"], "stride", (1, 6)),
            "lr": Control(known["lr"], "learning rate η", (1e-3, 10.0)),
            "steps": Control(known["steps"], "steps", (10, 5_000)),
            "seed": Control(known["seed"], "seed", (0, 20)),
        }
        self.scale = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        self.one_button = button("One block", "The run that this lab opens with", "", 136)
        self.grow_button = button(
            "Blocks grow", "Average over 6 x 6 positions, and train longer", "", 136
        )
        first = ("init_std", "width", "size", "pool", "n_samples")
        rest = [control for name, control in self.controls.items() if name not in first]
        column = ipywidgets.VBox(
            [
                ipywidgets.HBox([self.one_button, self.grow_button]),
                self.controls["init_std"],
                self.scale,
                *(self.controls[name] for name in first[1:]),
                folded({"More settings": ipywidgets.VBox(rest)}),
            ]
        )
        colours = COLOURS["others"], COLOURS["network"]
        self.cosines = CosineView(("start", "now"), colours=colours)
        self.tiles = TilesView()
        self.learning = CurvesView()
        self.history = HistoryView(NAMES)
        grid = ipywidgets.HBox(
            [self.cosines, self.tiles, self.learning, self.history],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="740px"),
        )
        self._counted: dict[Experiment, dict[int, int]] = {}
        self.enter(default)
        super().__init__([default], column, grid)
        for control in self.controls.values():
            control.on_change(self.entry_changed)
        self.one_button.on_click(lambda _: self._on_one())
        self.grow_button.on_click(lambda _: self._on_grow())

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        values = {name: control.value for name, control in self.controls.items()}
        return self._base.replace(**values)

    def batch(self) -> list[Experiment]:
        """The network of the controls, and that of the default start where it is not known yet."""
        first = self.entered()
        second = default_start(first)
        beside = self.compare.value and second != first and self.memory.found(second) is None
        return [first, second] if beside else [first]

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        if not isinstance(experiment.model, Conv) or pictures.SCORE not in (
            experiment.problem.score_names
        ):
            raise ValueError("This lab shows a Conv that learns images of digits.")
        self._base, values = experiment, experiment.values()
        for name, control in self.controls.items():
            control.set(values[name])
        self._show_scale()

    def _show_scale(self) -> None:
        try:
            self.scale.value = f"std σ = {pictures.number(float(self.controls['init_std'].value))}"
        except ValueError:
            self.scale.value = "&nbsp;"

    # What happens ------------------------------------------------------------------------------

    def counts(self, run: Run) -> Array:
        """Blocks at each recorded step [T]; those that were counted before are not again."""
        known = self._counted.setdefault(run.experiment, {})
        while len(self._counted) > 8:
            del self._counted[next(iter(self._counted))]
        for i, step in enumerate(run.step.tolist()):
            if step not in known:
                known[step] = len(blocks(run.experiment.model, run.at(i)).members)
        return np.array([known[step] for step in run.step.tolist()])

    def events(self, run: Run) -> list[dynamics.Event]:
        """Plateaus, escapes, and where there are more or fewer blocks."""
        return dynamics.events(run, counts=self.counts(run), what="block")

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all pictures."""
        del last
        marks = () if live else self.timeline.marks
        other = self.other(run)
        self.cosines.show(*pictures.kernel_pair(run, index))
        self.tiles.show(pictures.kernel_tiles(run, index))
        self.learning.show(pictures.kernel_learning(run, index, other))
        verdict = verdicts.kernel_verdict(run, index)
        told = f"<b style='color:{COLOURS['network']}'>Now:</b> {html.escape(verdict)}"
        history = pictures.kernel_history(run, index, self.counts(run), marks)
        beside = None
        if other is not None:
            then = other.index_at(run.step[index])
            beside = pictures.history(other, then, self.counts(other), (), history.top)
            said = verdicts.kernel_verdict(other, then)
            told += f" <b style='color:{COLOURS['last']}'>Default start:</b> {html.escape(said)}"
        self.history.show(history, beside)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def other(self, run: Run) -> Run | None:
        """The run from the default start beside this one, if it is wanted and known."""
        second = default_start(run.experiment)
        if not self.compare.value or second == run.experiment:
            return None
        return self.others[0] if self.others else self.memory.found(second)

    # Callbacks ---------------------------------------------------------------------------------

    def compare_changed(self) -> None:
        """One network, or two."""
        self.entry_changed()

    def entry_changed(self) -> None:
        """What the controls describe, and its standard deviation."""
        self._show_scale()
        super().entry_changed()

    def choose(self, experiment: Experiment) -> None:
        """Go to other settings."""
        self.enter(experiment)
        self.entry_changed()

    _on_one = guarded(lambda self: self.choose(KERNELS))
    _on_grow = guarded(lambda self: self.choose(GROWING))

    def beside(self) -> str:
        """What to do next."""
        return "Play replays them."
