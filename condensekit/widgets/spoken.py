"""The widgets that labs are made of, saying their texts in the language of the reader.

In Python, a text stays the English one that was given. It is translated where the state of the
widget leaves for the browser, or for a page without Python; a change of language sends all texts
anew.
"""

import copy
import weakref
from collections.abc import Callable
from typing import Any

import bqplot
import ipywidgets
import numpy as np

from ..languages import on_change, tr, tr_html

__all__ = [
    "HTML",
    "Button",
    "Checkbox",
    "DrawnAxis",
    "Dropdown",
    "HTMLMath",
    "IntSlider",
    "Label",
    "Names",
    "SelectionSlider",
    "Text",
    "Textarea",
    "ToggleButton",
    "ToggleButtons",
]

_open: "weakref.WeakSet[_Spoken]" = weakref.WeakSet()


def _each(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(tr, texts))


def _by_place(texts: dict[str, str]) -> dict[str, str]:
    return {place: tr(text) for place, text in texts.items()}


class _Spoken(ipywidgets.Widget):
    """Some traits of a widget are texts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _open.add(self)


def _said(trait: Any, told: Callable[[Any], Any] = tr) -> Any:
    """The same trait, translated when it is sent."""
    same, send = copy.copy(trait), trait.metadata.get("to_json", lambda value, _: value)
    same.metadata = trait.metadata | {
        "spoken": True,
        "to_json": lambda value, widget: send(value if value is None else told(value), widget),
    }
    return same


@on_change
def _say_again() -> None:
    for widget in [*_open]:
        if widget.comm is not None:
            widget.send_state([*widget.traits(spoken=True)])


class HTML(_Spoken, ipywidgets.HTML):
    """Markup."""

    value = _said(ipywidgets.HTML.value, tr_html)
    description = _said(ipywidgets.HTML.description)


class HTMLMath(_Spoken, ipywidgets.HTMLMath):
    """Markup with formulas."""

    value = _said(ipywidgets.HTMLMath.value, tr_html)


class Label(_Spoken, ipywidgets.Label):
    """A line of text."""

    value = _said(ipywidgets.Label.value)


class Button(_Spoken, ipywidgets.Button):
    """A button."""

    description = _said(ipywidgets.Button.description)
    tooltip = _said(ipywidgets.Button.tooltip)


class ToggleButton(_Spoken, ipywidgets.ToggleButton):
    """A button that stays down."""

    description = _said(ipywidgets.ToggleButton.description)
    tooltip = _said(ipywidgets.ToggleButton.tooltip)


class ToggleButtons(_Spoken, ipywidgets.ToggleButtons):
    """Buttons of which one is down."""

    description = _said(ipywidgets.ToggleButtons.description)
    tooltips = _said(ipywidgets.ToggleButtons.tooltips, _each)
    _options_labels = _said(ipywidgets.ToggleButtons._options_labels, _each)


class Dropdown(_Spoken, ipywidgets.Dropdown):
    """A choice."""

    description = _said(ipywidgets.Dropdown.description)
    tooltip = _said(ipywidgets.Dropdown.tooltip)
    _options_labels = _said(ipywidgets.Dropdown._options_labels, _each)


class SelectionSlider(_Spoken, ipywidgets.SelectionSlider):
    """A choice among what has an order."""

    description = _said(ipywidgets.SelectionSlider.description)
    _options_labels = _said(ipywidgets.SelectionSlider._options_labels, _each)


class IntSlider(_Spoken, ipywidgets.IntSlider):
    """A slider."""

    description = _said(ipywidgets.IntSlider.description)
    tooltip = _said(ipywidgets.IntSlider.tooltip)


class Text(_Spoken, ipywidgets.Text):
    """A box to type into; what is typed stays as it is."""

    description = _said(ipywidgets.Text.description)
    tooltip = _said(ipywidgets.Text.tooltip)
    placeholder = _said(ipywidgets.Text.placeholder)


class Textarea(_Spoken, ipywidgets.Textarea):
    """A box for more lines."""

    description = _said(ipywidgets.Textarea.description)
    tooltip = _said(ipywidgets.Textarea.tooltip)


class Checkbox(_Spoken, ipywidgets.Checkbox):
    """A box to tick."""

    description = _said(ipywidgets.Checkbox.description)
    tooltip = _said(ipywidgets.Checkbox.tooltip)


class Names(_Spoken, bqplot.Label):
    """Texts at places of a picture."""

    text = _said(bqplot.Label.text, lambda texts: np.array([tr(str(one)) for one in texts]))


class DrawnAxis(_Spoken, bqplot.Axis):
    """An axis of a picture."""

    label = _said(bqplot.Axis.label)
    tick_labels = _said(bqplot.Axis.tick_labels, _by_place)
