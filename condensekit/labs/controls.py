"""Controls, made from knobs: a slider for the hand, a text box that takes any value."""

import contextlib
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets

from ..knobs import Knob

__all__ = ["NAMED", "Control", "Value", "squared", "variance"]

NAMED = "condensekit-named"
Value = int | float | str | bool


def _same(value: Any) -> Any:
    return value


_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_LONGEST = 18  # digits of a whole number; a longer one is taken for what it is nearly


def _parsed(text: str) -> Value:
    """What a reader typed: a whole number, a number, or else the text itself.

    A comma between groups of three digits is what a lab writes itself; any other is a decimal
    comma.

    Examples
    --------
    >>> [_parsed(text) for text in ("1,500", "0,01", "-2,5", "1e5", "1_0", "many")]
    [1500, 0.01, -2.5, 100000.0, '1_0', 'many']
    """
    plain = text.strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if "_" in plain:
        return text
    for kind in (int, float) if len(plain) <= _LONGEST else (float,):
        try:
            return kind(plain)
        except ValueError:
            continue
    return text


_SERIES = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)  # ten even steps to a decade


def _stops(low: float, high: float, log: bool, whole: bool) -> list[Any]:
    """The values at which a slider stops, from `low` to `high`."""
    if not log:
        even = [float(f"{low + (high - low) * k / 100:.4g}") for k in range(101)]
        return [*range(int(low), int(high) + 1)] if whole else even
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [float(f"{step}e{decade}") for decade in decades for step in _SERIES]
    found = {round(value) if whole else value for value in values if low <= value <= high}
    return sorted(found)


class Control(ipywidgets.HBox):
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
        self.knob, self._shown, self._read = knob, shown, read
        self._changed: Callable[[], None] = lambda: None
        self._value: Any = knob.default
        self._moving = False
        self.whole = isinstance(knob.default, int)
        low, high = reach or (knob.low or 0.0, knob.high or 1.0)
        self.stops = _stops(low, high, knob.log, self.whole)
        # The slider counts stops: given a value between two, the browser would move it to a stop
        # and report that as something the reader did.
        self.slider = ipywidgets.IntSlider(
            min=0,
            max=len(self.stops) - 1,
            description=label,
            tooltip=f"{knob.help} Any number {knob.range()}; press Enter.",
            readout=False,
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="210px"),
        )
        # The label of the box is not seen, but read: the handle of a slider can have no name.
        self.text = ipywidgets.Text(
            continuous_update=False,
            description=label,
            layout=ipywidgets.Layout(width="76px"),
        )
        self.text.add_class(NAMED)
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
        with self._moved():
            self.text.value = self._format(number)
            self._slide(number)

    @contextlib.contextmanager
    def _moved(self) -> Iterator[None]:
        """What is moved here is not something that the reader did."""
        self._moving = True
        try:
            yield
        finally:
            self._moving = False

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
        if self._moving:
            return
        self._enter(self.stops[change["new"]])
        with self._moved():
            self.text.value = self._format(self._value)
        self._changed()

    def _typed(self, change: dict[str, Any]) -> None:
        if self._moving:
            return
        number = _parsed(change["new"])
        if self.whole and isinstance(number, float) and number.is_integer():
            number = int(number)  # 1e5 steps
        self._enter(number)
        with self._moved():
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


def squared(knob: Knob) -> Knob:
    """The variance, for a knob that is a standard deviation."""
    assert knob.low is not None
    assert knob.high is not None
    return Knob(
        "variance",
        float(knob.default) ** 2,
        knob.low**2,
        knob.high**2,
        log=True,
        help="Variance of all weights at the start, the square of their standard deviation.",
    )


def variance(knob: Knob, label: str, reach: tuple[float, float]) -> Control:
    """A control of the variance, for a knob that is a standard deviation."""
    return Control(squared(knob), label, reach, shown=lambda std: std**2, read=math.sqrt)
