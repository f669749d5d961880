"""AttentionLab: rows of attention matrices gather, or do not, while something is learned."""

import dataclasses
import html
import math
from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np

from .. import pictures
from ..experiments import Experiment
from ..frames import COLOURS, GROUPS
from ..measures import matrices
from ..optimizers import SGD
from ..pictures import number
from ..pictures.attention import ANSWERS, attention_frame, levels
from ..training import Run
from ..views import SMALL, CosineView, LossView
from ..views.curves import CurvesView, Style
from ..views.look import key
from .attention_code import plain_torch
from .code import library_code
from .controls import Control, variance
from .lab import Lab
from .recordings import ANCHORS, HEADS
from .widgets import dropdown, folded, guarded

__all__ = ["AttentionLab"]

Array = np.ndarray[Any, np.dtype[Any]]

_LIST = 286  # pixels of a list of choices
_HEAVY = 4  # live frames between two images of the matrices, the heavy picture
_TALL, _WIDE = (412, 246), (300, 246)
TASKS = {"heads": [*HEADS.values()], "anchors": [*ANCHORS.values()]}
"""Stored runs of each task, the one to begin with at the front."""
TASK_NAMES = {"heads": "heads learn a head", "anchors": "anchor functions"}
STORED = HEADS | ANCHORS
_SIGNS = [("□", "#777777", "0: perpendicular"), ("■", COLOURS["network"], "1: aligned")]
_LEGENDS = {
    "heads": key([*_SIGNS, ("▲", "#777777", "last rows: the teacher")]),
    "anchors": key([*_SIGNS, ("↗", "#777777", "each row by the one most like it")]),
}
_SHORT = {
    "heads": ANSWERS["heads"],
    "anchors": ("E", "Q", "K", "V", "O", "FFN in", "FFN out", "U"),
}
_LABELS = {
    "heads": "heads H",
    "d_head": "head size d",
    "d_model": "width d_model",
    "d_ff": "FFN neurons",
    "layers": "layers",
    "target_heads": "teacher heads",
    "n_samples": "samples n",
    "lr": "learning rate η",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "steps": "steps",
    "seed": "seed",
}
_REACH: dict[str, tuple[float, float]] = {
    "heads": (1, 16),
    "d_head": (1, 64),
    "d_model": (8, 128),
    "d_ff": (8, 256),
    "layers": (1, 3),
    "target_heads": (1, 4),
    "n_samples": (1, 590),
    "lr": (1e-5, 10.0),
    "weight_decay": (0.0, 1.0),
    "batch_size": (0, 590),
    "steps": (100, 10_000),
    "seed": (0, 20),
}
_COLOURS = [*GROUPS, COLOURS["last"], COLOURS["inactive"]]


def _styles(names: Sequence[str]) -> list[Style]:
    return [(one, colour, "solid", 2.0) for one, colour in zip(names, _COLOURS, strict=False)]


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
            name: Control(known[name], label, _REACH[name]) for name, label in _LABELS.items()
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
        colours = (COLOURS["others"], COLOURS["network"])
        self.pair = CosineView(("at initialization", "now"), _TALL, colours)
        self.ranks = {
            key: CurvesView("Effective rank", "effective rank", _styles(short), {}, _WIDE)
            for key, short in _SHORT.items()
        }
        levels_of = [
            ("rows", COLOURS["network"], "solid", 2.5),
            ("random directions", COLOURS["theory"], "dashed", 1.5),
        ]
        self.cosines = CurvesView("Mean |cosine|", "mean |cos|", levels_of, {}, SMALL)
        self.loss = LossView(size=SMALL)
        self.answers = {
            "heads": CurvesView(
                "|cos| to the teacher", "|cos|", _styles(ANSWERS["heads"]), {}, SMALL
            ),
            "anchors": CurvesView("Accuracy", "accuracy", _styles(ANSWERS["anchors"]), {}, SMALL),
        }
        pictures_of = [self.pair, *self.ranks.values(), self.cosines, self.loss]
        grid = ipywidgets.HBox(
            [*pictures_of, *self.answers.values()],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="736px"),
        )
        self._frames, self._entering = 0, False
        self._measured: dict[Experiment, dict[int, Array]] = {}
        self._base = default
        self.enter(default)
        super().__init__([default], column, grid)
        for control in self.controls.values():
            control.on_change(self._turned)
        self.task.observe(lambda _: self._on_task(), "value")
        self.stored.observe(lambda _: self._on_stored(), "value")
        self.optimizer.observe(lambda _: self._on_optimizer(), "value")
        self.matrix.observe(lambda _: self._on_matrix(), "value")

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        used = _used(self._base)
        return self._base.replace(**{name: self.controls[name].value for name in used})

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        key = _task(experiment)
        self._base = experiment
        values, used = experiment.values(), _used(experiment)
        self._entering = True
        try:
            self.task.value = TASK_NAMES[key]
            self.optimizer.value = "SGD" if isinstance(experiment.optimizer, SGD) else "Adam"
            found = [name for name, stored in STORED.items() if stored == experiment]
            self.stored.value = found[0] if found else ""
            for name, control in self.controls.items():
                control.layout.display = "" if name in used else "none"
                if name in used:
                    control.set(values[name])
        finally:
            self._entering = False
        self._offer([*matrices(experiment.model, experiment.init())])
        self._show_scale()

    def _offer(self, names: list[str]) -> None:
        """Let the reader choose among the matrices that there are."""
        if list(self.matrix.options) == names:
            return
        self._entering, chosen = True, self.matrix.value
        try:
            self.matrix.options = names
            self.matrix.value = chosen if chosen in names else _first(names)
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
        """What `pictures.levels` gives at each recorded step; nothing is measured twice."""
        known = self._measured.setdefault(run.experiment, {})
        while len(self._measured) > 8:
            del self._measured[next(iter(self._measured))]
        for i, step in enumerate(run.step.tolist()):
            if step not in known:
                known[step] = levels(run.experiment, run.at(i))
        return np.array([known[step] for step in run.step.tolist()])

    def twins(self, run: Run) -> list[Run]:
        """Trained runs that differ from this one in their optimizer only."""
        key = _task(run.experiment)
        kinds = {type(e.optimizer): e.optimizer for e in TASKS[key]}
        kinds.pop(type(run.experiment.optimizer), None)
        alike = [dataclasses.replace(run.experiment, optimizer=one) for one in kinds.values()]
        return [twin for e in alike if (twin := self.memory.found(e)) is not None]

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all pictures."""
        self._frames += 1
        task, names = _task(run.experiment), [*matrices(run.experiment.model, run.at(index))]
        self._offer(names)
        name = self.matrix.value
        shown = _shown(names, name)
        beside = [] if live else self.twins(run)
        frame = attention_frame(run, index, name, shown, self.history(run), beside)
        if not live or self._frames % _HEAVY == 0:
            self.pair.caption.legend = _LEGENDS[task]
            self.pair.show(frame.start, frame.now)
        for one in TASKS:
            here = "" if one == task else "none"
            self.ranks[one].layout.display = self.answers[one].layout.display = here
        self.ranks[task].show(frame.ranks)
        self.answers[task].show(frame.answers)
        self.cosines.show(frame.cosines)
        alike = last is not None and type(last.experiment.problem) is type(run.experiment.problem)
        self.loss.show(frame.loss, pictures.loss(last, len(last) - 1) if last and alike else None)
        told = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in frame.verdict)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        found = f"ck.measures.matrices(experiment.model, run.at(index))[{self.matrix.value!r}]"
        ending = f'matrix = {found}\nprint(f"{{ck.measures.effective_rank(matrix):.2f}}")'
        return library_code([self.result], self._index, ending)

    def torch_code(self) -> str:
        """The same training in plain torch, from the same data and the same start."""
        return plain_torch(self.result, self._index)

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
            optimizers = [e.optimizer for e in TASKS[_task(self._base)]]
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


def _task(experiment: Experiment) -> str:
    """Which of the tasks it is; a ValueError if it is none of them."""
    for name, experiments in TASKS.items():
        kinds = type(experiments[0].problem), type(experiments[0].model)
        if (type(experiment.problem), type(experiment.model)) == kinds:
            return name
    raise ValueError("This lab shows heads that learn a head, and anchor functions.")


def _used(experiment: Experiment) -> list[str]:
    """The controls that an experiment needs; X of the heads has the size that it has."""
    fixed = {"d_model"} if _task(experiment) == "heads" else set()
    known = experiment.knobs().keys()
    return [name for name in ("init_std", *_LABELS) if name in known and name not in fixed]


def _first(names: Sequence[str]) -> str:
    return next(name for name in names if name.startswith("W_Q"))


def _shown(names: Sequence[str], chosen: str) -> list[str]:
    """The matrices of the layer of the chosen one, or of the first, and those of no layer."""
    layer = chosen.rpartition(" ")[2]
    layer = layer if layer.isdigit() else "1"
    return [n for n in names if n.rpartition(" ")[2] in (layer,) or not n[-1].isdigit()]
