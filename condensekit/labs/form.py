"""The controls of a lab, made from its table: the way from settings to the screen and back."""

import contextlib
import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from .. import tables as table
from ..knobs import Knob
from ..subjects import Hand, Moment
from ..widgets import spoken
from ..widgets.offering import Offering
from ..widgets.small import Folded, button, dropdown
from . import controls, parts

if TYPE_CHECKING:
    from .lab import Lab

__all__ = ["Form"]


class Form:
    """All controls of a lab.

    Parameters
    ----------
    lab : Lab
        What they belong to.
    declared, under : sequence
        The controls of its table: beside the pictures, and under them.
    known : dict of Knob
        Every knob that a dial may turn.

    Attributes
    ----------
    column, under : list of Widget
        To be displayed.
    held : dict of Widget
        Controls with a value that belongs to the settings, by name.
    looks : dict of Widget
        What the reader chose to see, by name.
    """

    def __init__(
        self,
        lab: "Lab",
        declared: Sequence[table.Control],
        under: Sequence[table.Control],
        known: Mapping[str, Knob],
    ) -> None:
        self._lab, self._known = lab, known
        self._hand = Hand()
        self.held: dict[str, Any] = {}
        self.looks: dict[str, Any] = {}
        self.choices: dict[str, table.Options] = {}
        self._knobs: dict[str, Knob] = {}
        self._dials: dict[str, Knob] = {}  # the same, by the names that are on screen
        self._notes: list[Callable[[Any], None]] = []
        self._lines: list[tuple[table.Line, spoken.HTML]] = []
        self._picks: list[tuple[table.Pick, spoken.Dropdown]] = []
        self._offered: list[tuple[table.Look, Any]] = []
        self.offers: list[tuple[table.Offer, Offering]] = []
        self.presses: list[spoken.Button] = []  # not while it trains
        self.column = [self._widget(one) for one in declared]
        self.under = [self._widget(one) for one in under]

    # Making ------------------------------------------------------------------------------------

    def _widget(self, one: table.Control) -> ipywidgets.Widget:
        match one:
            case table.Dial():
                return self._dial(one)
            case table.Options():
                box = dropdown(one.label, [*one.options()], one.help, one.width)
                box.observe(lambda change: self._chosen(one, change["new"]), "value")
                self.held[one.name], self.choices[one.name] = box, one
                return box
            case table.Pick():
                box = dropdown(one.label, [""], one.help, one.width)
                box.observe(lambda change: self._picked(one, change["new"]), "value")
                self._picks.append((one, box))
                return box
            case table.Part():
                widget = parts.part(one, self._lab)
                if one.name:
                    widget.on_change(self._entered)
                    self.held[one.name] = widget
                if (show := one.show) is not None:
                    self._notes.append(lambda what: widget.show(*show(what)))
                    self.presses += widget.buttons
                return widget
            case table.Look():
                box = parts.look(one)
                box.observe(lambda _: self._looked(), "value")
                self.looks[one.name] = box
                if one.offered is not None:
                    self._offered.append((one, box))
                return box
            case table.Remark():
                note = parts.told_line(one)
                self._notes.append(lambda what: setattr(note, "value", one.says(what)))
                return note
            case table.Line():
                line = parts.told_line(one)
                self._lines.append((one, line))
                return line
            case table.Offer():
                offering = Offering(one.help, self._lab.put)
                self.offers.append((one, offering))
                return offering
            case table.Row():
                return ipywidgets.HBox([self._widget(part) for part in one.controls])
            case table.More():
                more = ipywidgets.VBox([*map(self._widget, one.controls)])
                return Folded({"More settings": more})
            case table.Press():
                pressed = button(one.label, one.help, "", 130)
                pressed.on_click(lambda _: self._lab.guard(lambda: self._lab.press(one.name)))
                self.presses.append(pressed)
                return pressed
            case table.Action():
                acting = button(one.label, one.help, "", one.width)
                acting.on_click(lambda _: self._lab.guard(lambda: one.act(self._lab)))
                return acting

    def _dial(self, one: table.Dial) -> controls.NumberControl:
        knob = one.knob or self._known[one.name]
        if one.squared:
            assert one.reach is not None
            widget = controls.variance(knob, one.label, one.reach)
        else:
            widget = controls.NumberControl(knob, one.label, one.reach)
        # What is said of an entry names it as the screen does.
        self._knobs[one.name] = knob
        self._dials[one.name] = dataclasses.replace(knob, name=one.label)
        self.held[one.name] = widget
        widget.on_change(self._entered)
        return widget

    # Values ------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """What the controls hold, by name; of those that are hidden, too.

        Raises
        ------
        ValueError
            If something that was entered is none.
        """
        return dict(self._read())

    def _read(self) -> Iterator[tuple[str, Any]]:
        for name, widget in self.held.items():
            value = widget.value
            if widget.layout.display != "none" and name in self._dials:
                value = self._dials[name].check(value)
            elif value is None and name in self.choices:  # nothing is chosen
                Knob(name, "", choices=widget.options).check(value)
            yield name, value

    def worded(self, text: str) -> str:
        """What settings say of one of their knobs, said of the control that turns it."""
        name, space, rest = text.partition(" ")
        return f"{self._dials[name].name}{space}{rest}" if name in self._dials else text

    def enter(self, what: Any, values: table.Values) -> None:
        """Show settings, which are these values; controls of other names are hidden."""
        with self._hand.still():
            for name, widget in self.held.items():
                widget.layout.display = "" if name in values else "none"
                if name in self.choices:
                    self._offer(self.choices[name], widget, values.get(name), values)
                elif name in values:
                    widget.set(values[name])
                elif name in self._dials:
                    widget.set(self._knobs[name].default)
        self.note(what)

    def _offer(
        self, choice: table.Options, box: spoken.Dropdown, value: Any, values: table.Values
    ) -> None:
        options = tuple(choice.among(values) if choice.among else choice.options())
        if value is not None and value not in options:
            options = (*options, value)
        if box.options != options:
            box.options = options
        if value is not None:
            box.value = value

    def put(self, **values: Any) -> None:
        """Set some controls, as if the reader had entered all of these values at once.

        Raises
        ------
        ValueError
            If there is no such control, it cannot hold the value, or it does not count.
        """
        unknown = sorted(values.keys() - self.held.keys())
        if unknown:
            raise ValueError(
                f"There is no control {unknown[0]!r} in this lab; there are {', '.join(self.held)}."
            )
        values = {name: self._checked(name, value) for name, value in values.items()}
        with self._hand.still():
            for name, value in values.items():
                if name not in self.choices:
                    self.held[name].set(value)
                elif value != self.held[name].value:
                    self.held[name].options = self._options(name)
                    self.held[name].value = value
                    self._reset(self.choices[name], value)
            self._narrow(values)
        self._entered()
        idle = [name for name in values if self.held[name].layout.display == "none"]
        if idle:
            raise ValueError(f"{idle[0]} is no setting of what the controls describe.")

    def _checked(self, name: str, value: Any) -> Any:
        """What a control of that name can hold."""
        if name in self._knobs:
            return dataclasses.replace(self._knobs[name], name=name).check(value)
        if name in self.choices:
            taken = self.choices[name].taken(value)
            return Knob(name, "", choices=self._options(name)).check(taken)
        return self.held[name].checked(value)

    def _options(self, name: str) -> tuple[str, ...]:
        """What can be chosen now; of a reader's own, too, which was there before."""
        return (*dict.fromkeys((*self.choices[name].options(), *self.held[name].options)),)

    def show_used(self, values: table.Values) -> None:
        """Show the controls that these settings have, and hide the others."""
        for name, widget in self.held.items():
            if name in self._known or name in self.choices:
                widget.layout.display = "" if name in values else "none"

    def note(self, what: Any) -> None:
        """Say what there is to say of settings, and where they are."""
        with self._hand.still():
            for pick, box in self._picks:
                options, here = pick.options(self._lab, what), pick.here(self._lab, what)
                options = (*options,) if here in options else (*options, here)
                if box.options != options:
                    box.options = options
                box.value = here
        for show in self._notes:
            show(what)
        self.tell_lines()

    def tell_lines(self) -> None:
        """Say more of what stands in the controls, whether or not it describes settings."""
        for line, widget in self._lines:
            try:
                widget.value = line.told(self.entries())
            except (KeyError, ValueError):
                widget.value = "&nbsp;"

    def entries(self) -> dict[str, Any]:
        """What stands in the controls that can be read at any time, as far as it can be read."""
        found = {}
        for name in [*self._dials, *self.choices]:
            with contextlib.suppress(ValueError):
                found[name] = self.held[name].value
        return found

    def enable(self, on: bool) -> None:
        """Whether what would change the moment on screen may be used."""
        for pressed in self.presses:
            pressed.disabled = not on

    def look(self) -> dict[str, Any]:
        """What the reader chose to see, by name."""
        return {name: box.value for name, box in self.looks.items()}

    def set_look(self, view: Mapping[str, Any]) -> None:
        """Choose what to see; a ValueError if there is no such choice, and nothing is changed."""
        found = {}
        for name, value in view.items():
            if name not in self.looks:
                told = ", ".join(self.looks) or "no choices"
                raise ValueError(f"There is nothing to see named {name!r}; there are {told}.")
            options = [_value(option) for option in self.looks[name].options]
            try:
                found[name] = {option: option for option in options}[value]
            except (KeyError, TypeError):  # TypeError: an array, which has no hash
                told = ", ".join(map(str, options))
                raise ValueError(f"{name} must be one of {told}, but is {value!r}.") from None
        with self._hand.still():
            for name, value in found.items():
                self.looks[name].value = value

    def offer(self, now: Moment) -> None:
        """Let the reader choose among what there is at a moment."""
        with self._hand.still():
            for look, box in self._offered:
                assert look.offered is not None
                options, first, label = look.offered(now)
                box.description = label
                if [*box.options] != [*options]:
                    chosen, known = box.value, [_value(option) for option in options]
                    box.options = [*options]
                    # A name stays what it is; a place among others is another one.
                    box.value = chosen if isinstance(chosen, str) and chosen in known else first

    # Callbacks ---------------------------------------------------------------------------------

    def _chosen(self, choice: table.Options, value: Any) -> None:
        if self._hand.moves:
            if value is not None:
                self._reset(choice, value)
                self._narrow()
            self._entered()

    def _reset(self, choice: table.Options, value: Any) -> None:
        for name, begin in (choice.resets(value) if choice.resets else {}).items():
            self.held[name].set(begin)

    def _narrow(self, kept: Collection[str] = ()) -> None:
        """Offer what fits the other choices; what does not, and is not kept, gives way to that."""
        now = self.entries()
        with self._hand.still():
            for name, choice in self.choices.items():
                if choice.among is not None:
                    value, fitting = self.held[name].value, choice.among(now)
                    value = value if value in fitting or name in kept else fitting[0]
                    self._offer(choice, self.held[name], value, now)

    def _picked(self, pick: table.Pick, value: str) -> None:
        if self._hand.moves:
            self._lab.guard(lambda: pick.go(self._lab, value))

    def _entered(self) -> None:
        if self._hand.moves:
            self._lab.entry_changed()

    def _looked(self) -> None:
        if self._hand.moves:
            self._lab.guard(self._lab.redraw)


def _value(option: Any) -> Any:
    """What is chosen by an option, which may come with a label."""
    return option[1] if isinstance(option, tuple) else option
