"""Settings as values: what a knob takes, when two are equal, and how they are written down."""

import dataclasses
import json
import math

import pytest
import torch
from cases import BRIEFLY, MODELS, OPTIMIZERS, PROBLEMS, SMALL, each
from hypothesis import given
from hypothesis import strategies as st

import condensekit as ck
from condensekit.knobs import knob
from condensekit.tokens import read_moment, write_moment
from condensekit.training.storage import decode, encode
from condensekit.twins import expression

ROWS = {
    **{f"model {name}": case.model for name, case in MODELS.items()},
    **{f"problem {name}": case.problem for name, case in PROBLEMS.items()},
    **{f"optimizer {name}": case.optimizer for name, case in OPTIMIZERS.items()},
    "experiment": SMALL,
}
"""One of each class, and more."""

TURNED = {
    f"{type(settings).__name__}.{name}": (settings, declared)
    for settings in ROWS.values()
    for name, declared in settings.knobs().items()
    if declared.low is not None
}


def inside(declared):
    """What a knob that holds a number takes."""
    if isinstance(declared.default, int):
        return st.integers(math.ceil(declared.low), math.floor(declared.high))
    return st.floats(declared.low, declared.high)


def outside(declared):
    """What it does not take, just outside its range and far away."""
    if isinstance(declared.default, int):
        return st.integers(max_value=declared.low - 1) | st.integers(min_value=declared.high + 1)
    below = st.floats(max_value=declared.low, exclude_max=True)
    return below | st.floats(min_value=declared.high, exclude_min=True)


# --- ranges ------------------------------------------------------------------------------------


@each("turned", TURNED)
@given(st.data())
def test_what_is_outside_its_range_is_refused_with_value_and_range(turned, data):
    settings, declared = turned
    value = data.draw(outside(declared))
    with pytest.raises(ValueError, match=f"^{declared.name} must be a") as caught:
        settings.replace(**{declared.name: value})
    assert str(caught.value).endswith(f" {declared.range()}, but is {value!r}.")


REFUSED = {
    ("TwoLayerConv.side", "low"): "size must be a whole number from 1 to side = 1, but is 3",
    ("TwoLayerConv.size", "high"): "size must be a whole number from 1 to side = 5, but is 1000",
    ("Conv.side", "low"): "size must be a whole number from 1 to 1, .* but is 5",
    ("Conv.size", "high"): "size must be a whole number from 1 to 28, .* but is 64",
    ("Conv.stride", "high"): "size must be a whole number from 1 to 1, .* but is 5",
    ("Conv.pool", "high"): "pool must be a whole number from 1 to 2, .* but is 64",
    ("ScaledTwoLayer.gamma", "high"): r"the scale of a, 10\^-301, underflows",
    ("ScaledTwoLayer.gamma_prime", "high"): r"the scale of a, 10\^-301, underflows",
    ("CondensedHeads.heads", "low"): "sizes must be 1 whole numbers above 0, one for each head",
    ("CondensedHeads.heads", "high"): "sizes must be 64 whole numbers above 0, one for each head",
    ("Experiment.d", "high"): "reads 10,000 coordinates, but the inputs of the problem have 1",
}
"""Ends that another knob forbids."""


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", TURNED)
def test_the_ends_are_taken_where_the_other_knobs_let_them(name, end):
    settings, declared = TURNED[name]
    change = {declared.name: getattr(declared, end)}
    if (name, end) in REFUSED:
        with pytest.raises(ValueError, match=REFUSED[name, end]):
            settings.replace(**change)
    else:
        assert settings.replace(**change).values() == settings.values() | change


# --- equality ----------------------------------------------------------------------------------

BASE = dataclasses.replace(SMALL, optimizer=ck.AdamW())
FREE = {
    name: declared
    for name, declared in BASE.knobs().items()
    if declared.low is not None and name not in ("d", "n_samples")
}
CHANGES = st.fixed_dictionaries({}, optional={name: inside(FREE[name]) for name in FREE})
FEW = st.fixed_dictionaries(
    {},
    optional={"seed": st.integers(0, 2), "lr": st.sampled_from([1e-3, 1.0]), "bias": st.booleans()},
)


@given(CHANGES)
def test_replaced_settings_have_these_values_and_no_others(changes):
    turned = BASE.replace(**changes)
    assert turned.values() == BASE.values() | changes
    assert turned.replace(**BASE.values()) == BASE


@given(CHANGES, CHANGES)
def test_turning_twice_is_turning_once(first, then):
    assert BASE.replace(**first).replace(**then) == BASE.replace(**(first | then))


@given(FEW, FEW)
def test_equal_values_are_equal_experiments_and_one_key(one, other):
    first, second = BASE.replace(**one), BASE.replace(**other)
    equal = first.values() == second.values()
    assert (first == second) is equal
    assert len({first, second}) == (1 if equal else 2)
    if equal:
        assert hash(first) == hash(second)


def test_equal_values_of_other_classes_are_other_experiments():
    found = {dataclasses.replace(SMALL, optimizer=optimizer) for optimizer in BRIEFLY.values()}
    assert len(found) == len(BRIEFLY)
    bare = {ck.problems.formula("x", -1, 1), ck.problems.drawn([-1, 1], [-1, 1])}
    assert len(bare) == 2


# --- written down ------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Within(ck.problems.Inputs):
    """A law of inputs of a reader's own."""

    radius: float = 1.0

    @property
    def dim(self):
        return 2

    def sample(self, n, generator):
        angle = 2 * math.pi * torch.rand(n, generator=generator, dtype=torch.float64)
        return self.radius * torch.stack([angle.cos(), angle.sin()], dim=1)


@dataclasses.dataclass(frozen=True)
class Teacher(ck.problems.Problem):
    """Named as one of ours is."""

    law: Within = Within()
    powers: tuple[tuple[int, ...], ...] = ((1, 2), (3,))
    slope: float = knob(1.0, -5.0, 5.0, help="Slope of the target.")
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    @property
    def inputs(self):
        return self.law

    def target(self, x):
        return self.slope * x[:, 0]


@dataclasses.dataclass(frozen=True)
class Ring(ck.TwoLayer):
    """A model with a knob more."""

    k: int = knob(2, 1, 9, help="A knob that no model of ours has.")


@dataclasses.dataclass(frozen=True)
class Half(ck.GradientDescent):
    """An optimizer with a knob more."""

    share: float = knob(0.5, 0.0, 1.0, help="A share.")


OWN = ck.Experiment(Ring(2, 5), Teacher(), Half(steps=3), n_samples=6)
OWN_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        name: inside(declared)
        for name, declared in OWN.knobs().items()
        if declared.low is not None and name != "d"
    },
)


def from_file(settings):
    return decode(json.loads(json.dumps(encode(settings))))


def from_token(settings):
    token = write_moment("Lab", [settings], 3, 5, {"map": "axes"})
    (found,), *rest = read_moment(token, "Lab")
    assert rest == [3, 5, {"map": "axes"}]
    return found


def same(found, settings):
    assert found == settings
    assert hash(found) == hash(settings)
    assert repr(found) == repr(settings)


@pytest.mark.parametrize("written", [from_file, from_token])
@each("settings", {name: s for name, s in ROWS.items() if not isinstance(s, ck.FromModule)})
def test_settings_come_back_as_they_were(settings, written):
    same(written(settings), settings)


@given(CHANGES)
def test_the_expression_builds_settings_of_any_values(changes):
    settings = BASE.replace(**changes)
    names = {"ck": ck}
    exec(f"built = {expression(settings)}", names)
    same(names["built"], settings)


@pytest.mark.parametrize("written", [from_file, from_token])
@given(changes=OWN_CHANGES, radius=st.floats(0.1, 10.0))
def test_classes_of_ones_own_come_back_with_any_values(written, changes, radius):
    problem = dataclasses.replace(OWN.problem, law=Within(radius))
    settings = dataclasses.replace(OWN, problem=problem).replace(**changes)
    found = written(settings)
    same(found, settings)
    kinds = [type(part) for part in found.parts().values()]
    assert kinds == [Ring, Teacher, Half]
    assert type(found.problem.law) is Within


def test_a_class_of_ones_own_is_written_with_its_module():
    text = json.dumps(encode(OWN))
    for kind in (Ring, Teacher, Within, Half):
        assert f'"{kind.__module__}:{kind.__qualname__}"' in text
    ours = ck.teacher([1.0], [[1.0]])
    assert type(from_file(ours)) is ck.problems.Teacher
    assert type(from_token(ours)) is ck.problems.Teacher


@pytest.mark.parametrize("name", ["Ring", "Elsewhere"])
def test_a_class_that_is_not_there_is_named(name):
    data = encode(OWN)
    data["model"]["is"] = f"a_notebook:{name}"
    with pytest.raises(ValueError, match=f"'a_notebook:{name}' is not a kind of settings"):
        decode(data)


def test_a_value_that_a_class_of_ones_own_refuses_is_named_as_its_knob_says():
    data = encode(OWN)
    data["model"]["k"] = 10
    with pytest.raises(ValueError, match="k must be a whole number from 1 to 9, but is 10"):
        decode(data)


def test_a_run_of_ones_own_classes_comes_back_from_a_file(tmp_path):
    run = ck.train(OWN)
    found = ck.Run.load(run.save(tmp_path / "own.npz"))
    same(found.experiment, OWN)
    assert found.loss.tolist() == run.loss.tolist()
