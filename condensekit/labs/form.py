"""The settings of an experiment as controls: the way to the screen and back."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from ..activations import ACTIVATIONS
from ..experiments import Experiment, Knob
from ..optimizers import OPTIMIZERS, GradientDescent, GradientFlow, Optimizer
from ..pictures import number
from .controls import Control
from .widgets import dropdown

__all__ = ["Form", "chosen_optimizer", "every_knob"]

_DEFAULTS = {name: knob.default for name, knob in GradientFlow.declared_knobs().items()} | {
    name: knob.default for name, knob in GradientDescent.declared_knobs().items()
}
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")


def every_knob(experiment: Experiment) -> dict[str, Knob]:
    """The knobs of an experiment, and those of the optimizers that it does not use."""
    known = experiment.knobs()
    for kind in OPTIMIZERS.values():
        known = kind.declared_knobs() | known
    return known


def chosen_optimizer(given: object, among: Mapping[str, type[Optimizer]]) -> Optimizer:
    """An optimizer that a lab can show, given as itself, as its class or by its name.

    Raises
    ------
    ValueError
        If it is none of `among`.
    """
    found = among.get(given, given) if isinstance(given, str) else given
    if isinstance(found, type) and issubclass(found, Optimizer):
        found = found()
    if not isinstance(found, Optimizer) or type(found) not in among.values():
        raise ValueError(
            f"optimizer must be one of {', '.join(among)} in this lab, but is {given!r}."
        )
    return found


class Form:
    """Controls by the name of their knob, and the choices of optimizer and activation.

    Parameters
    ----------
    controls : dict of Control
        ``init_std`` and ``width`` among them.
    activation_help : str
        What the activation is, in a sentence.
    """

    def __init__(self, controls: dict[str, Control], activation_help: str) -> None:
        self.controls = controls
        self.optimizer = dropdown("optimizer", list(OPTIMIZERS), "How the weights are moved.")
        self.activation = dropdown("activation", list(ACTIVATIONS), activation_help)
        self.scale = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        self._changed: Callable[[], None] = lambda: None
        self._entering = False
        for control in controls.values():
            control.on_change(self._entry_changed)
        self.optimizer.observe(lambda _: self._optimizer_changed(), "value")
        self.activation.observe(lambda _: self._entry_changed(), "value")

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` whenever the reader enters something."""
        self._changed = callback

    def entered(self, base: Experiment) -> Experiment:
        """`base` with everything turned that has a control.

        Raises
        ------
        ValueError
            If a value is outside its range.
        """
        kind = OPTIMIZERS[self.optimizer.value]
        optimizer = base.optimizer if type(base.optimizer) is kind else kind()
        plain = Experiment(base.model, base.problem, optimizer, base.n_samples)
        known = plain.knobs()
        values = {n: control.value for n, control in self.controls.items() if n in known}
        if kind.over_time and "lr" in self.controls:  # of the epochs that a flow is told in
            GradientDescent.declared_knobs()["lr"].check(self.controls["lr"].value)
        return plain.replace(**values, activation=self.activation.value)

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment, without telling anybody."""
        values: dict[str, Any] = experiment.values()
        self._entering = True
        try:
            self.optimizer.value = type(experiment.optimizer).__name__
            self.activation.value = str(values["activation"])
            for name, control in self.controls.items():
                if name in values or name in _DEFAULTS:
                    control.set(values.get(name, _DEFAULTS.get(name)))
        finally:
            self._entering = False
        self._show_used(experiment)
        self._show_scale()

    def put(self, **values: Any) -> None:
        """Set some controls, as if the reader had entered these values one after the other."""
        for name, value in values.items():
            self.controls[name].set(value)
        self._entry_changed()

    def _entry_changed(self) -> None:
        if not self._entering:
            self._show_scale()
            self._changed()

    def _optimizer_changed(self) -> None:
        if self._entering:
            return
        kind = OPTIMIZERS[self.optimizer.value]
        default = kind.declared_knobs().get("lr")
        self.controls["lr"].set(default.default if default else _DEFAULTS["lr"])
        self._show_used()
        self._entry_changed()

    def _show_used(self, experiment: Experiment | None = None) -> None:
        """Show the settings that the optimizer has; the flow has a learning rate for its epochs."""
        kind = OPTIMIZERS[self.optimizer.value]
        used = kind.declared_knobs().keys() | ({"lr"} if kind.over_time else set())
        for name in {*_DEFAULTS} & self.controls.keys():
            self.controls[name].layout.display = "" if name in used else "none"
        if experiment is not None and "target_width" in self.controls:
            known = "target_width" in experiment.knobs()
            self.controls["target_width"].layout.display = "" if known else "none"

    def _show_scale(self) -> None:
        """Standard deviation and gamma beside the variance."""
        try:
            std, m = float(self.controls["init_std"].value), float(self.controls["width"].value)
        except ValueError:
            self.scale.value = "&nbsp;"
            return
        gamma = ""
        if m > 1:
            exponent = f"{math.log(std) / math.log(m):.2f}".translate(_RAISED)
            gamma = f" = m{exponent}"
        self.scale.value = f"std σ = {number(std)}{gamma}"
