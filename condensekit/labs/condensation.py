"""CondensationLab: neurons gather into a few clusters, whose number grows; or they do not."""

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import numpy as np

from .. import dynamics, pictures
from ..experiments import Experiment
from ..frames import COLOURS
from ..models import TwoLayer
from ..optimizers import OPTIMIZERS
from ..records import CONDENSATION, LAZY
from ..training import Run
from ..verdicts import regime_verdict
from ..views import SMALL, CosineView, FitView, HistoryView, LossView, PolarView
from .controls import Control, variance
from .form import Form, chosen_optimizer, every_knob
from .lab import Lab
from .merging import Merging
from .rate import FairRate
from .targets import Targets
from .widgets import folded, guarded

__all__ = ["CondensationLab"]

NAMES = ("blue", "orange")  # by what is seen: whether they condense is a result
TOP = 50  # clusters that the picture of their number shows
_HEAVY = 4  # live frames between two images of the matrices, the heavy picture

Array = np.ndarray[Any, np.dtype[Any]]


class CondensationLab(Lab):
    """Two networks from one draw, one small and one large, learn the same target on one clock.

    Parameters
    ----------
    second_std : float
        Standard deviation at the start of the second network, drawn in orange.
    **knobs
        Settings to start with, by the names of `Experiment.replace`; ``optimizer`` and ``problem``
        take an optimizer and a problem. The default is the experiment of the talk: 100 ReLU
        neurons learn four, see `condensekit.problems.relu_1d`.

    Raises
    ------
    ValueError
        If there is no such knob or its value is outside its range.

    Examples
    --------
    >>> lab = CondensationLab(width=30, steps=200)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    comparison = "Compare with orange"

    def __init__(self, second_std: float = LAZY.init_std, **knobs: object) -> None:
        given = knobs.pop("optimizer", CONDENSATION.optimizer)
        optimizer = chosen_optimizer(given, OPTIMIZERS)
        problem: Any = knobs.pop("problem", CONDENSATION.problem)
        base = Experiment(CONDENSATION.model, problem, optimizer, 1, CONDENSATION.init_std)
        default = base.replace(**{"n_samples": CONDENSATION.n_samples} | knobs)
        second = default.replace(init_std=second_std)
        known = every_knob(default)
        self.controls = {
            "init_std": variance(known["init_std"], "variance σ²", (1e-16, 10.0)),
            "width": Control(known["width"], "width m", (1, 1_000)),
            "n_samples": Control(known["n_samples"], "samples n", (2, 200)),
            "lr": Control(known["lr"], "learning rate η", (1e-5, 1.0)),
            "steps": Control(known["steps"], "steps", (100, 1_000_000)),
            "rtol": Control(known["rtol"], "tolerance", (1e-8, 0.1)),
            "max_steps": Control(known["max_steps"], "max steps", (100, 1_000_000)),
            "t_end": Control(known["t_end"], "flow time", (1.0, 1e9)),
            "seed": Control(known["seed"], "seed", (0, 20)),
        }
        self.second = variance(known["init_std"], "orange: σ²", (1e-16, 10.0))
        self.form = Form(self.controls, known["activation"].help)
        self.optimizer, self.activation = self.form.optimizer, self.form.activation
        self.targets = Targets(self._on_target, self._on_pen)
        self.map = ipywidgets.ToggleButtons(
            options=["polar", "axes"],
            description="neuron map",
            tooltips=["As in the talk: angle and log amplitude", "Angle against amplitude"],
            style={"description_width": "100px", "button_width": "58px"},
        )
        self.merging = Merging(self._on_merge)
        self.rate = FairRate(lambda lr, steps: self.form.put(lr=lr, steps=steps))
        rest = ("rtol", "t_end", "max_steps", "lr", "steps", "seed")
        more = [self.optimizer, *(self.controls[name] for name in rest), self.activation, self.map]
        column = ipywidgets.VBox(
            [
                self.controls["init_std"],
                self.form.scale,
                self.second,
                self.controls["width"],
                self.controls["n_samples"],
                self.targets,
                self.rate,
                self.merging.button,
                folded({"More settings": ipywidgets.VBox(more)}),
            ]
        )
        self.fit = FitView(NAMES[1], SMALL)
        self.maps = [
            PolarView(name.capitalize(), COLOURS[colour], SMALL)
            for name, colour in zip(NAMES, ("network", "last"), strict=True)
        ]
        self.loss = LossView(NAMES[1], SMALL)
        self.history = HistoryView(NAMES, SMALL)
        self.cosines = CosineView(NAMES, SMALL)
        grid = ipywidgets.HBox(
            [self.fit, *self.maps, self.loss, self.history, self.cosines],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="740px"),
        )
        self._frames = 0
        self._counted: dict[Experiment, dict[int, int]] = {}
        self._base = default
        self.enter_batch([default, second])
        super().__init__([default, second], column, grid)
        self.timeline.children += (self.merging.said,)
        self.form.on_change(self.entry_changed)
        self.second.on_change(self.entry_changed)
        self.map.observe(lambda _: self._on_map(), "value")
        self.fit.pen.observe(lambda _: self._on_drawn(), "y")

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        base = self._base
        problem = self.targets.problem()
        return self.form.entered(Experiment(base.model, problem, base.optimizer, 1))

    def batch(self) -> list[Experiment]:
        """The two networks, or the first alone where nothing is compared."""
        first = self.entered()
        second = first.replace(init_std=self.second.value)
        return [first, second] if self.compare.value else [first]

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        if not isinstance(experiment.model, TwoLayer) or experiment.model.d != 1:
            raise ValueError("This lab shows two-layer networks of one input.")
        self._base = experiment
        self.targets.set(experiment.problem)
        self.form.enter(experiment)

    def enter_batch(self, experiments: Sequence[Experiment]) -> None:
        """Set the controls to the two networks."""
        self.enter(experiments[0])
        if len(experiments) > 1:
            self.second.set(experiments[1].init_std)

    def view(self) -> dict[str, Any]:
        """What a reader chose to see."""
        return super().view() | {"map": self.map.value, "merged": self.merging.on}

    def set_view(self, view: dict[str, Any]) -> None:
        """Choose what to see."""
        super().set_view(view)
        if view.get("map") in self.map.options:
            self.map.value = view["map"]

    # What happens ------------------------------------------------------------------------------

    def counts(self, run: Run) -> Array:
        """Clusters, or lines, at each recorded step [T]; none is counted twice."""
        known = self._counted.setdefault(run.experiment, {})
        while len(self._counted) > 8:
            del self._counted[next(iter(self._counted))]
        for i, step in enumerate(run.step.tolist()):
            if step not in known:
                known[step] = int(pictures.labelled(run, i).max(initial=-1)) + 1
        return np.array([known[step] for step in run.step.tolist()])

    def events(self, run: Run) -> list[dynamics.Event]:
        """Plateaus, escapes, and where there are more or fewer clusters, or lines."""
        return dynamics.events(run, counts=self.counts(run), what=pictures.noun(run)[:-1])

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step of both networks in all pictures."""
        del last
        self._frames += 1
        heavy = not live or self._frames % _HEAVY == 0
        marks = () if live else self.timeline.marks
        other = self.others[0] if self.compare.value and self.others else None
        then = 0 if other is None else _at_the_moment(other, run, index)

        def pair(picture: Callable[..., Any]) -> tuple[Any, Any]:
            return picture(run, index), None if other is None else picture(other, then)

        fit, beside = pair(pictures.fit)
        self.fit.show(self.merging.drawn(fit, run, index), beside)
        self.maps[1].layout.visibility = "visible" if other else "hidden"
        for view, drawn in zip(self.maps, pair(pictures.cluster_map), strict=True):
            if drawn is not None:
                view.show(drawn)
        self.loss.show(*pair(pictures.loss_history))
        counts = pictures.history(run, index, self.counts(run), marks, TOP, pictures.noun(run))
        others = None
        if other is not None:
            others = pictures.history(other, then, self.counts(other), (), TOP)
        self.history.show(counts, others)
        if heavy:
            self.cosines.show(*pair(pictures.aligned))
        if not live:
            self.rate.ask([shown.experiment for shown in self.runs()], NAMES)
        said, of_other = pair(regime_verdict)
        told = f"<b style='color:{COLOURS['network']}'>Blue:</b> {html.escape(said)}"
        if of_other:
            told += f" <b style='color:{COLOURS['last']}'>Orange:</b> {html.escape(of_other)}"
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def merge(self) -> None:
        """Write the network on screen with fewer neurons, and say how exact that is."""
        self.merging.ask(self.result, self._index)
        self._show(self._index)

    # Callbacks ---------------------------------------------------------------------------------

    def compare_changed(self) -> None:
        """Two networks, or one."""
        self.entry_changed()

    _on_merge = guarded(lambda self: self.merge())

    def show_busy(self, training: bool) -> None:
        """While it trains, nothing can be merged."""
        self.merging.button.disabled = training

    def _on_target(self) -> None:
        self.entry_changed()

    def _on_map(self) -> None:
        for view in self.maps:
            view.polar = self.map.value == "polar"
        self._tell()

    def _on_pen(self, drawing: bool) -> None:
        if drawing:
            self.fit.take_pen(*self.targets.points)
        else:
            self.fit.drop_pen()

    def _on_drawn(self) -> None:
        if self.targets.draw_button.value and not np.array_equal(
            self.fit.pen.y, self.targets.points[1]
        ):
            self.targets.drew(self.fit.pen.y)

    def beside(self) -> str:
        """What to do next."""
        return "Play replays them."


def _at_the_moment(other: Run, run: Run, index: int) -> int:
    """The recorded step of the other run at the time of this one."""
    if run.experiment.optimizer.over_time:
        return other.index_at_time(run.time[index])
    return other.index_at(run.step[index])
