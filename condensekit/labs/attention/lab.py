"""AttentionLab: rows of attention matrices gather, or do not, while something is learned."""

import dataclasses
import html
import math
from typing import Any

import ipywidgets
import numpy as np

from ... import pictures
from ...experiments import Experiment
from ...measures import levels, matrices
from ...optimizers import SGD
from ...pictures import number
from ...training import Run
from ...twins import library_code, torch_code
from ...verdicts import attention_verdict
from ..controls import Control, variance
from ..lab import Lab
from ..widgets import dropdown, folded, guarded
from .screen import Screen
from .settings import LABELS, REACH, STORED, TASK_NAMES, TASKS, first, shown, task_of, used

__all__ = ["AttentionLab"]

Array = np.ndarray[Any, np.dtype[Any]]

_LIST = 286  # pixels of a list of choices


class AttentionLab(Lab):
    """Attention that learns: how far the rows of its matrices gather, and what it answers.

    Parameters
    ----------
    task : str
        ``"heads"``: eight attention heads learn one. ``"anchors"``: a small Transformer learns
        composite anchor functions, see `condensekit.problems.anchors`.
    **knobs
        Settings to start with, by the names of `Experiment.replace`.

    Raises
    ------
    ValueError
        If there is no such task or knob, or its value is outside its range.

    Examples
    --------
    >>> lab = AttentionLab(heads=3, n_samples=8, steps=20)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    def __init__(self, task: str = "heads", **knobs: object) -> None:
        if task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, but is {task!r}.")
        default = TASKS[task][0].replace(**knobs)
        known = {
            name: knob
            for experiments in TASKS.values()
            for experiment in experiments
            for name, knob in experiment.knobs().items()
        }
        self.controls = {"init_std": variance(known["init_std"], "variance σ²", (1e-8, 10.0))}
        self.controls |= {
            name: Control(known[name], label, REACH[name]) for name, label in LABELS.items()
        }
        self.task = dropdown("task", [*TASK_NAMES.values()], "What is to be learned.", _LIST)
        self.stored = dropdown("stored run", ["", *STORED], "Runs that are here already.", _LIST)
        self.optimizer = dropdown("optimizer", ["Adam", "SGD"], "How the weights are moved.", _LIST)
        self.matrix = dropdown("matrix", [""], "Whose rows are compared.", _LIST)
        self.scale = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        sizes = ("heads", "d_head", "d_model", "d_ff", "layers", "target_heads", "n_samples")
        rest = [self.controls[name] for name in self.controls if name not in ("init_std", *sizes)]
        column = ipywidgets.VBox(
            [
                self.task,
                self.stored,
                self.matrix,
                self.controls["init_std"],
                self.scale,
                self.optimizer,
                *(self.controls[name] for name in sizes),
                folded({"More settings": ipywidgets.VBox(rest)}),
            ]
        )
        self.screen = Screen()
        self._entering = False
        self._measured: dict[Experiment, dict[int, Array]] = {}
        self._base = default
        self.enter(default)
        super().__init__([default], column, self.screen)
        for control in self.controls.values():
            control.on_change(self._turned)
        self.task.observe(lambda _: self._on_task(), "value")
        self.stored.observe(lambda _: self._on_stored(), "value")
        self.optimizer.observe(lambda _: self._on_optimizer(), "value")
        self.matrix.observe(lambda _: self._on_matrix(), "value")

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        values = {name: self.controls[name].value for name in used(self._base)}
        return self._base.replace(**values)

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        key = task_of(experiment)
        self._base = experiment
        values, needed = experiment.values(), used(experiment)
        self._entering = True
        try:
            self.task.value = TASK_NAMES[key]
            self.optimizer.value = "SGD" if isinstance(experiment.optimizer, SGD) else "Adam"
            for name, control in self.controls.items():
                control.layout.display = "" if name in needed else "none"
                if name in needed:
                    control.set(values[name])
        finally:
            self._entering = False
        self._offer(experiment, [*matrices(experiment.model, experiment.init())])
        self._show_scale()

    def _offer(self, experiment: Experiment, names: list[str]) -> None:
        """Let the reader choose among the matrices that there are; say which stored run this is."""
        self._entering, chosen = True, self.matrix.value
        try:
            self.stored.value = next((n for n, one in STORED.items() if one == experiment), "")
            if list(self.matrix.options) != names:
                self.matrix.options = names
                self.matrix.value = chosen if chosen in names else first(names)
        finally:
            self._entering = False

    def view(self) -> dict[str, Any]:
        """What a reader chose to see."""
        return super().view() | {"matrix": self.matrix.value}

    def set_view(self, view: dict[str, Any]) -> None:
        """Choose what to see."""
        super().set_view(view)
        if view.get("matrix") in self.matrix.options:
            self.matrix.value = view["matrix"]

    # What happens ------------------------------------------------------------------------------

    def history(self, run: Run) -> Array:
        """What `levels` gives at each recorded step; nothing is measured twice."""
        known = self._measured.setdefault(run.experiment, {})
        while len(self._measured) > 8:
            del self._measured[next(iter(self._measured))]
        for i, step in enumerate(run.step.tolist()):
            if step not in known:
                known[step] = levels(run.experiment, run.at(i))
        return np.array([known[step] for step in run.step.tolist()])

    def twins(self, run: Run) -> list[Run]:
        """Trained runs that differ from this one in their optimizer only."""
        key = task_of(run.experiment)
        kinds = {type(e.optimizer): e.optimizer for e in TASKS[key]}
        kinds.pop(type(run.experiment.optimizer), None)
        alike = [dataclasses.replace(run.experiment, optimizer=one) for one in kinds.values()]
        return [twin for e in alike if (twin := self.memory.found(e)) is not None]

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all pictures."""
        task, names = task_of(run.experiment), [*matrices(run.experiment.model, run.at(index))]
        self._offer(run.experiment, names)
        name = self.matrix.value
        beside = [] if live else self.twins(run)
        history = self.history(run)
        before = None
        if last is not None and task_of(last.experiment) == task:
            before = pictures.loss(last, len(last) - 1)
        curves = (
            pictures.attention_ranks(run, index, name, shown(names, name), history),
            pictures.attention_cosines(run, index, name, history),
            pictures.attention_answers(run, index, history),
        )
        loss = pictures.loss_history(run, index), before
        self.screen.show(pictures.attention_pair(run, index, name), curves, loss, live)
        verdict = attention_verdict(run, index, name, history, beside)
        told = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in verdict)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        found = f"ck.measures.matrices(experiment.model, run.at(index))[{self.matrix.value!r}]"
        ending = f'matrix = {found}\nprint(f"{{ck.measures.effective_rank(matrix):.2f}}")'
        return library_code([self.result], self._index, ending)

    def torch_code(self) -> str:
        """The same training in plain torch, from the same data and the same start."""
        return torch_code(self.result, self._index)

    # Callbacks ---------------------------------------------------------------------------------

    def _turned(self) -> None:
        if not self._entering:
            self._show_scale()
            self.entry_changed()

    @guarded
    def _on_task(self) -> None:
        if not self._entering:
            key = next(key for key, text in TASK_NAMES.items() if text == self.task.value)
            self._go(TASKS[key][0])

    @guarded
    def _on_stored(self) -> None:
        if not self._entering and self.stored.value:
            self._go(STORED[self.stored.value])

    @guarded
    def _on_optimizer(self) -> None:
        if not self._entering:
            sgd = self.optimizer.value == "SGD"
            optimizers = [e.optimizer for e in TASKS[task_of(self._base)]]
            kind = next(one for one in optimizers if isinstance(one, SGD) is sgd)
            self._go(dataclasses.replace(self.entered(), optimizer=kind))

    def _go(self, experiment: Experiment) -> None:
        self.enter(experiment)
        self.entry_changed()

    def _on_matrix(self) -> None:
        if not self._entering:
            self._show(self._index)

    def _show_scale(self) -> None:
        """Standard deviation beside the variance, and gamma: the width to the -gamma."""
        try:
            std = float(self.controls["init_std"].value)
        except ValueError:
            self.scale.value = "&nbsp;"
            return
        width = self._base.values()["d_model"]
        gamma = 0.0 - math.log(std) / math.log(max(2, int(width)))
        self.scale.value = f"std σ = {number(std)}, γ = {gamma:.2f}"
