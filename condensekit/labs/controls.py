"""Controls, made from knobs: a slider for the hand, a text box that takes any value."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import ipywidgets

from ..knobs import Knob
from ..subjects import Hand
from ..sweeps.grid import Value
from ..tables.dials import squared, stops_of, typed
from ..widgets import spoken
from ..widgets.living import HEARD_LABEL

__all__ = ["NumberControl", "variance"]


def _same(value: Any) -> Any:
    return value


class NumberControl(ipywidgets.HBox):
    """One knob on screen.

    The text box accepts anything and keeps it, so that a wrong entry can be seen, explained and
    mended; `value` is what was entered, checked by whoever builds an experiment of it.

    Parameters
    ----------
    knob : Knob
        The setting.
    label : str
        What stands before it, with its symbol.
    reach : pair of float, optional
        The part of the range that the slider covers; the text box takes all of it.
    shown, read : callable, optional
        From the value of the knob to the number on screen, and back.
    """

    def __init__(
        self,
        knob: Knob,
        label: str,
        reach: tuple[float, float] | None = None,
        shown: Callable[[Any], Any] = _same,
        read: Callable[[Any], Any] = _same,
    ) -> None:
        # What is said of an entry names it as the screen does.
        self.knob = dataclasses.replace(knob, name=label)
        self._shown, self._read = shown, read
        self._changed: Callable[[], None] = lambda: None
        self._value: Any = knob.default
        self._hand = Hand()
        self.whole = isinstance(knob.default, int)
        low, high = reach or (knob.low or 0.0, knob.high or 1.0)
        self.stops = stops_of(low, high, knob.log, self.whole)
        # The slider counts stops: given a value between two, the browser would move it to a stop
        # and report that as something the reader did.
        self.slider = spoken.IntSlider(
            min=0,
            max=len(self.stops) - 1,
            description=label,
            tooltip=f"{knob.help} Any number {knob.range()}; press Enter.",
            readout=False,
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="210px"),
        )
        # The label of the box is not seen, but read: the handle of a slider can have no name.
        self.text = spoken.Text(
            continuous_update=False,
            description=label,
            layout=ipywidgets.Layout(width="76px"),
        )
        self.text.add_class(HEARD_LABEL)
        self.slider.observe(self._slid, "value")
        self.text.observe(self._typed, "value")
        super().__init__([self.slider, self.text])

    @property
    def value(self) -> Any:
        """What was entered, in the terms of the knob; text where it is not a number.

        Raises
        ------
        ValueError
            If what was entered is outside the range, in the terms that are on screen.
        """
        if self._read is _same:
            return self._value
        return self._value if self._known else self._read(self.knob.check(self._value))

    _known = True

    def set(self, value: Any) -> None:
        """Show a value of the knob, without telling anybody."""
        self._value, self._known = value, True
        self._show(self._shown(value))

    def _show(self, number: Any) -> None:
        with self._hand.still():
            self.text.value = self._format(number)
            self._slide(number)

    def _slide(self, number: Any) -> None:
        """Put the slider to the stop that is nearest, on the scale that it walks."""
        if not isinstance(number, (int, float)):
            return
        number = min(max(number, self.stops[0]), self.stops[-1])
        if math.isnan(number):
            return
        if self.knob.log and number <= 0:
            return
        walked = [math.log(stop) if self.knob.log else stop for stop in self.stops]
        if self.knob.log:
            number = math.log(number)
        self.slider.value = min(range(len(walked)), key=lambda i: abs(walked[i] - number))

    def _format(self, number: Any) -> str:
        return f"{number:,}" if self.whole and isinstance(number, int) else f"{number:.4g}"

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` whenever the reader enters something."""
        self._changed = callback

    def _slid(self, change: dict[str, Any]) -> None:
        if not self._hand.moves:
            return
        self._enter(self.stops[change["new"]])
        with self._hand.still():
            self.text.value = self._format(self._value)
        self._changed()

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._hand.moves:
            return
        number = typed(change["new"])
        if self.whole and isinstance(number, float) and number.is_integer():
            number = int(number)  # 1e5 steps
        self._enter(number)
        with self._hand.still():
            self._slide(number)
        self._changed()

    def _enter(self, number: Value) -> None:
        self._value, self._known = number, False

    @property
    def enabled(self) -> bool:
        """Whether the reader may turn it."""
        return not self.slider.disabled

    @enabled.setter
    def enabled(self, on: bool) -> None:
        self.slider.disabled = self.text.disabled = not on


def variance(knob: Knob, label: str, reach: tuple[float, float]) -> NumberControl:
    """A control of the variance, for a knob that is a standard deviation."""
    return NumberControl(squared(knob), label, reach, shown=lambda std: std**2, read=math.sqrt)
