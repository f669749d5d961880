"""Knobs: declared once, checked everywhere, one flat namespace."""

import dataclasses
import math

import numpy as np
import pytest
from cases import EXPERIMENTS, PUBLISHED, each, kinds

import condensekit as ck
from condensekit.knobs import Knob, Settings, knob
from condensekit.models import TwoLayer

KNOBS = {
    f"{owner.__name__}.{name}": declared
    for owner in sorted(kinds(Settings), key=lambda kind: kind.__name__)
    for name, declared in owner.declared_knobs().items()
}
NUMBERS = {name: k for name, k in KNOBS.items() if k.low is not None}
WHOLE = {name: k for name, k in NUMBERS.items() if isinstance(k.default, int)}
REAL = {name: k for name, k in NUMBERS.items() if isinstance(k.default, float)}


def test_every_setting_of_the_lecture_is_a_knob():
    assert set(PUBLISHED.knobs()) == {
        *("width", "d", "activation", "bias"),
        *("target_width", "noise_std"),
        *("lr", "steps", "stop_loss"),
        *("n_samples", "init_std", "seed"),
    }


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("init_std", 1e-14, 10.0),
        ("target_width", 1, 5),
        ("n_samples", 1, 100_000),
        ("width", 1, 40_000),
    ],
)
def test_ranges_of_the_conventions(name, low, high):
    declared = PUBLISHED.knobs()[name]
    assert (declared.low, declared.high) == (low, high)


@each("declared", KNOBS)
def test_default_passes_its_own_check_and_keeps_its_type(declared):
    checked = declared.check(declared.default)
    assert checked == declared.default
    assert type(checked) is type(declared.default)
    assert declared.help.endswith(".")


@each("declared", NUMBERS)
def test_both_ends_of_the_range_are_allowed(declared):
    assert declared.check(declared.low) == declared.low
    assert declared.check(declared.high) == declared.high


def _refused(declared, value):
    """The error says which knob, which value, and which range or choices."""
    with pytest.raises(ValueError, match=f"^{declared.name} must be ") as caught:
        declared.check(value)
    message = str(caught.value)
    assert message.endswith(f"but is {value!r}.")
    return message


@each("declared", NUMBERS)
def test_just_outside_the_range_is_refused(declared):
    step = 1 if isinstance(declared.default, int) else None
    below = declared.low - 1 if step else math.nextafter(declared.low, -math.inf)
    above = declared.high + 1 if step else math.nextafter(declared.high, math.inf)
    for value in (below, above):
        assert declared.range() in _refused(declared, value)
    low, high = declared.range().removeprefix("from ").replace(",", "").split(" to ")
    assert float(low) == pytest.approx(declared.low, rel=1e-5)
    assert float(high) == pytest.approx(declared.high, rel=1e-5)


@each("declared", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "3", None, True, 1j, [1]])
def test_what_is_no_number_is_refused(declared, value):
    _refused(declared, value)


@each("declared", WHOLE)
@pytest.mark.parametrize("value", [1.0, 2.5, np.float64(3.0)])
def test_whole_numbers_are_not_rounded(declared, value):
    assert "whole number" in _refused(declared, value)


@each("declared", WHOLE)
def test_whole_numbers_of_numpy_become_python_ints(declared):
    assert type(declared.check(np.int64(declared.low))) is int


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (kind, declared)
        for kind in (int, np.float32, np.float64)
        for declared in REAL.values()
        if kind is not int or declared.high >= 1.0
    ],
)
def test_numbers_become_python_floats(declared, kind):
    value = kind(min(1.0, declared.high))
    assert type(declared.check(value)) is float
    assert declared.check(value) == value


def test_switches_and_choices():
    bias, activation = (TwoLayer.declared_knobs()[name] for name in ("bias", "activation"))
    for value in (0, 1, "True", None):
        assert "True or False" in _refused(bias, value)
    for value in ("sin", "Tanh", "", None, 3, ["tanh"]):
        assert "tanh, relu" in _refused(activation, value)


@each("experiment", EXPERIMENTS)
def test_values_and_knobs_have_the_same_names(experiment):
    assert experiment.values().keys() == experiment.knobs().keys()
    for name, declared in experiment.knobs().items():
        assert declared.name == name
        assert declared.check(experiment.values()[name]) == experiment.values()[name]


OTHER = {
    "width": 31,
    "activation": "relu",
    "bias": False,
    "noise_std": 0.25,
    "lr": 0.125,
    "steps": 17,
    "stop_loss": 1e-3,
    "n_samples": 9,
    "init_std": 0.5,
    "seed": 4,
}


@each("experiment", EXPERIMENTS)
@pytest.mark.parametrize("name", OTHER)
def test_replace_turns_one_knob_and_no_other(experiment, name):
    turned = experiment.replace(**{name: OTHER[name]})
    assert turned.values() == experiment.values() | {name: OTHER[name]}
    assert type(turned) is type(experiment)
    assert turned.replace(**{name: experiment.values()[name]}) == experiment


@each("experiment", EXPERIMENTS)
def test_replace_turns_many_knobs_at_once(experiment):
    assert experiment.replace(**OTHER).values() == experiment.values() | OTHER
    assert experiment.replace() == experiment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", 0),
        ("width", -3),
        ("width", 2.5),
        ("n_samples", 0),
        ("init_std", 0.0),
        ("init_std", -1e-3),
        ("init_std", math.nan),
        ("activation", "sin"),
        ("lr", math.inf),
    ],
)
def test_replace_refuses_what_the_knob_refuses(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .* but is "):
        PUBLISHED.replace(**{name: value})


def test_replace_names_an_unknown_knob_and_lists_the_known():
    with pytest.raises(ValueError, match=r"no knob 'widht'.* width"):
        PUBLISHED.replace(widht=3)
    with pytest.raises(ValueError, match="no knob 'm'"):  # the field, not the knob
        PUBLISHED.replace(m=3)


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PUBLISHED.seed = 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        PUBLISHED.model.m = 3


def _define(base, **namespace):
    """A class of settings with these fields, and what else the base leaves open."""
    annotations = {name: type(value.default) for name, value in namespace.items()}
    body = {"__module__": __name__, "__annotations__": annotations, **namespace}
    return dataclasses.dataclass(frozen=True)(type("Invented", (base,), body))


CLASHES = {
    "a problem with a knob of the model": ("problem", ck.problems.ThreeTanh, "width"),
    "a problem with a knob of the experiment": ("problem", ck.problems.ThreeTanh, "seed"),
    "a model with a knob of the optimizer": ("model", ck.TwoLayer, "lr"),
    "an optimizer with a knob of the problem": ("optimizer", ck.Adam, "target_width"),
}


@pytest.mark.parametrize(("part", "base", "name"), CLASHES.values(), ids=CLASHES)
def test_a_clash_of_knobs_is_an_error_when_they_are_put_together(part, base, name):
    invented = _define(base, extra=knob(1, 0, 2, name=name))
    arguments = {"d": 1, "m": 5} if part == "model" else {}
    with pytest.raises(ValueError, match=f"Invented.*{name!r}|{name!r}.*Invented"):
        dataclasses.replace(PUBLISHED, **{part: invented(**arguments)})


def test_knobs_that_are_never_put_together_may_share_a_name():
    """Labs have knobs of their own (k, kick); a class that was refused once bothers nobody."""
    import condensekit.labs  # noqa: F401

    for name in ("k", "kick", "epsilon", "draw", "layer", "lr"):
        own = _define(ck.TwoLayer, extra=knob(1, 0, 2, name=name))(1, 5)
        assert own.values()[name] == 1
    flow = dataclasses.replace(PUBLISHED, model=own, optimizer=ck.GradientFlow())
    assert flow.replace(lr=2).model.extra == 2


def test_two_fields_of_one_class_may_not_share_a_knob():
    both = {"one": knob(1, 0, 2, name="depth"), "two": knob(1, 0, 2, name="depth")}
    with pytest.raises(TypeError, match="'depth' twice"):
        _define(ck.TwoLayer, **both)


def test_an_open_list_is_asked_when_it_is_checked():
    names = {"a": 1}
    declared = Knob("letter", "a", choices=names.keys())
    with pytest.raises(ValueError, match="one of a, but is 'b'"):
        declared.check("b")
    names["b"] = 2
    assert declared.check("b") == "b"
    assert hash(declared) == hash(Knob("letter", "a"))


def test_a_knob_may_be_open_at_one_end():
    half_open = Knob("depth", 3, low=1)
    assert half_open.check(10**12) == 10**12
    with pytest.raises(ValueError, match="depth must be a whole number from 1 to any"):
        half_open.check(0)
