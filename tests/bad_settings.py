"""Bad values for every knob of a lab, made from its declaration, and the ways to give them.

Each is refused in a sentence that says the value and what is allowed, or is none that the widget
could hold; and the lab is as it was: its token, its status, its sentences and its lines.
"""

import dataclasses
import html
import json
import math

import ipywidgets
import numpy as np
import pytest
from bad_values import REFUSED, kinds
from cases import LABS
from stage_machine import seen
from traitlets import TraitError

from condensekit import tokens
from condensekit.knobs import Knob, Settings, _known
from condensekit.labs.controls import NumberControl
from condensekit.plain import as_python, quoted

NOTHING = {
    "None": None,
    "list": [1],
    "empty list": [],
    "dictionary": {},
    "object": object(),
    "function": math.sin,
    "rows": np.ones((2, 2)),
    "masked rows": np.ma.array([1.0, 2.0], mask=[False, True]),
}
NOT_HELD = (None, 1j, [1], {"a": 1}, object(), math.nan)
TYPED = ("", "many", "nan", "inf", "-1e400", "1,5,", "1j", "True", "[1]", "٣x")


def beyond(knob):
    """Just outside of a range, and far."""
    whole, found = isinstance(knob.default, int), {}
    for name, end, sign in (("below", knob.low, -1), ("above", knob.high, 1)):
        found[name] = end + sign if whole else math.nextafter(end, sign * math.inf)
        found[f"far {name}"] = sign * (10**30 if whole else 1e300)
    return found


def bad(knob):
    """Values that this knob refuses, by a name each."""
    good = next(iter(knob.choices)) if knob.choices else knob.default
    refused = {name: one.value for name, one in kinds(good).items() if one.clean is REFUSED}
    if knob.choices:
        refused |= {"another text": "x" * 40, "no text": "", "capitals": f"{good}X", "true": True}
        refused = {name: one for name, one in refused.items() if str(one) not in knob.choices}
    elif not isinstance(knob.default, bool):
        refused |= beyond(knob)
    return refused | NOTHING


def told(error, knob, value):
    """The sentence says the value, and what may stand in its place."""
    text = str(error)
    written = [value, as_python(value), tuple(value) if isinstance(value, list) else value]
    assert any(word(one)[:60] in text for one in written for word in (quoted, str)), text
    if knob.choices and "is not known here" not in text:
        assert any(one in text for one in knob.choices), text
    elif not knob.choices:
        assert "True or False" in text or " from " in text.partition(" to ")[0], text


def places(what, state):
    """Every knob in settings, with the place of its value in what a token says of them."""
    for field, declared in _known(type(what)).values():
        yield state, field, declared
    for field in dataclasses.fields(what):
        part = getattr(what, field.name)
        if isinstance(part, Settings):
            yield from places(part, state[field.name])


class Given:
    """A lab, and how many bad values were given to it, each with what must come of it."""

    def __init__(self, name):
        self.case, self.count = LABS[name], 0
        self.lab = self.case.make()
        if self.lab.subject.timed:
            self.lab.run(live=False)
        form = self.lab.form
        self.knobs = form._knobs | {
            name: Knob(name, "", choices=form._options(name)) for name in form.choices
        }

    def numbers(self):
        """What was computed, as it is read and drawn."""
        drawn = getattr(self.lab.views.get("loss"), "train", None)
        lines = [] if drawn is None else [np.array(one).tolist() for one in (drawn.x, drawn.y)]
        return self.lab.state(), seen(self.lab), lines

    def everything(self):
        """The same, with the status and what stands in the controls."""
        held = {name: repr(getattr(self.lab, name)) for name in self.lab.controls}
        return self.numbers(), self.lab.status.value, held

    def refused(self, act, knob, value):
        before = self.everything()
        with pytest.raises(ValueError, match=r"must be|is not known here") as error:
            act()
        told(error.value, knob, value)
        assert self.everything() == before, (knob.name, value)
        self.count += 1

    def seen_now(self, name):
        return self.lab.controls[name].layout.display != "none"

    def is_keyword(self, name):
        """Whether it is a setting beside those of the case, such as none of another optimizer."""
        try:
            self.case.make(**{name: getattr(self.lab, name)}).close()
        except ValueError:
            return False
        return self.seen_now(name)

    def by_keyword(self):
        """``Lab(width=…)``."""
        for name, knob in self.knobs.items():
            for value in bad(knob).values() if self.is_keyword(name) else ():
                self.refused(
                    lambda name=name, value=value: self.case.make(**{name: value}), knob, value
                )

    def by_attribute(self):
        """``lab.width = …``."""
        for name, knob in self.knobs.items():
            for value in bad(knob).values():
                self.refused(
                    lambda name=name, value=value: setattr(self.lab, name, value), knob, value
                )

    def by_widget(self):
        """What no widget can hold."""
        before = self.everything()
        for name in self.knobs:
            box = self.lab.controls[name]
            for widget in [box.slider, box.text] if isinstance(box, NumberControl) else [box]:
                # Nothing chosen is something that a list can hold.
                for value in NOT_HELD[isinstance(box, ipywidgets.Dropdown) :]:
                    with pytest.raises(TraitError):
                        widget.value = value
                    assert self.everything() == before, (name, value)
                    self.count += 1

    def by_hand(self):
        """What is typed is kept and answered; the numbers on screen stay; a good entry mends it."""
        for name in filter(self.seen_now, self.lab.form._knobs):
            # What mends an entry is a setting again: of a number that is shown rounded, another.
            box, before = self.lab.controls[name], self.numbers()
            held = box.text.value
            for text in [*TYPED, *map(repr, beyond(box.knob).values())]:
                box.text.value = text
                status = html.unescape(self.lab.status.value)
                kind = "a whole number" if box.whole else "a number"
                assert f"must be {kind} {box.knob.range()}, but is " in status, (name, text)
                with pytest.raises(ValueError, match="but is "):
                    self.lab.entered()
                assert self.numbers() == before, (name, text)
                self.count += 1
            box.text.value = held
            assert "✖" not in self.lab.status.value
        for name in filter(self.seen_now, self.lab.form.choices):
            box, before = self.lab.controls[name], self.numbers()
            held, box.value = box.value, None
            status = html.unescape(self.lab.status.value)
            assert f"{name} must be one of {box.options[0]}, " in status, status
            assert "but is None" in status
            assert self.numbers() == before, name
            self.count += 1
            box.value = held
            assert "✖" not in self.lab.status.value

    def by_token(self):
        """A token of which one setting is another value, as far as JSON has it."""
        state = tokens.read_token(self.lab.state())
        for place, field, knob in places(self.lab.written()[0], state["experiments"][0]):
            for value in bad(knob).values():
                try:
                    given = json.loads(json.dumps(value, allow_nan=False))
                except (TypeError, ValueError):
                    continue
                if isinstance(given, dict):  # settings of another kind, `tests/fuzz.py`
                    continue
                held, place[field] = place[field], given
                token = tokens.write_token(state)
                place[field] = held
                self.refused(lambda token=token: self.lab.restore(token), knob, given)


WAYS = ("by_keyword", "by_attribute", "by_widget", "by_hand", "by_token")


def give(name, way):
    """Give all bad values to a lab in one way; how many there were."""
    given = Given(name)
    getattr(given, way)()
    given.lab.close()
    return given.count
