"""Weights: drawn from a seed, given by hand, and all of them as one array."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import MODELS, each

import condensekit as ck
from condensekit.models import check_params, flat, named
from condensekit.problems import stream

CASES = each("case", {name: case.model for name, case in MODELS.items()})
TWO = ck.TwoLayer(1, 2)


@CASES
@pytest.mark.parametrize("std", [1e-3, 1.0])
def test_weights_of_a_seed_are_those_of_its_generator(case, std):
    found = case.init(seed=3, std=std)
    check_params(case, found)
    again = case.init(stream(3, "weights"), std)
    assert all(torch.equal(leaf, again[name]) for name, leaf in found.items())
    other = case.init(seed=4, std=std)
    assert any(not torch.equal(leaf, other[name]) for name, leaf in found.items())


def test_weights_of_a_seed_are_those_of_an_experiment():
    experiment = ck.Experiment(TWO, ck.three_tanh(), n_samples=5, init_std=0.02, seed=7)
    found = TWO.init(seed=7, std=0.02)
    assert all(torch.equal(leaf, found[name]) for name, leaf in experiment.init().items())


@CASES
def test_a_start_at_zero_is_one(case):
    assert all(bool(leaf.isfinite().all()) for leaf in case.init(seed=0, std=0.0).values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "but has neither"),
        ({"seed": 0, "generator": torch.Generator()}, "but has both"),
        ({"seed": -1}, "seed must be a whole number from 0 .* but is -1"),
        ({"seed": 0.5}, "seed must be a whole number .* but is 0.5"),
        ({"seed": 0, "std": -1.0}, "std must be a number from 0 .* but is -1.0"),
        ({"seed": 0, "std": math.nan}, "std must be a number from 0 .* but is nan"),
        ({"seed": 0, "std": "1"}, "std must be a number .* but is '1'"),
    ],
)
def test_a_draw_from_nothing_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        TWO.init(**arguments)


@CASES
def test_weights_come_back_from_lists_and_arrays(case):
    drawn = case.init(seed=0)
    for given in (
        drawn,
        {name: leaf.numpy() for name, leaf in drawn.items()},
        {name: leaf.tolist() for name, leaf in drawn.items()},
    ):
        found = ck.params(case, **given)
        assert [*found] == [*case.shapes()]
        assert all(torch.equal(leaf, found[name]) for name, leaf in drawn.items())
        assert {leaf.dtype for leaf in found.values()} == {case.dtype}


def test_weights_are_copied():
    w, a = np.ones((2, 1)), torch.ones(2, dtype=torch.float64, requires_grad=True)
    found = ck.params(TWO, a=a, w=w, b=[0, 1])
    w[:] = 5.0
    assert found["w"].tolist() == [[1.0], [1.0]]
    assert found["b"].tolist() == [0.0, 1.0]
    assert not found["a"].requires_grad


@pytest.mark.parametrize(
    ("leaves", "words"),
    [
        (
            {"a": [1, 2], "w": [1, 2], "b": [0, 0]},
            r"\['w'\] must have shape \[2, 1\], but has \[2\]",
        ),
        (
            {"a": [1, 2, 3], "w": [[1], [2]], "b": [0, 0]},
            r"\['a'\] must have shape \[2\], .* \[3\]",
        ),
        ({"a": [1, 2], "w": [[1], [2]]}, "must hold a, w, b, but hold a, w"),
        ({"a": [1, 2], "w": [[1], [2]], "c": [0, 0]}, "must hold a, w, b, but hold a, w, c"),
        ({"a": ["x", "y"], "w": [[1], [2]], "b": [0, 0]}, r"\['a'\] holds text: leave it out"),
        (
            {"a": [1, 2], "w": [[1], [2, 3]], "b": [0, 0]},
            r"\['w'\] must hold numbers, in rows",
        ),
        ({"a": [1, math.nan], "w": [[1], [2]], "b": [0, 0]}, r"\['a'\] must be finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(leaves, words):
    with pytest.raises(ValueError, match=words):
        ck.params(TWO, **leaves)


@CASES
@pytest.mark.parametrize("batch", [(), (3,), (2, 4)])
def test_all_weights_as_one_array_and_back(case, batch):
    drawn = case.init(seed=0)
    leaves = {name: leaf.expand((*batch, *leaf.shape)) for name, leaf in drawn.items()}
    theta = flat(case, leaves)
    assert theta.shape == (*batch, case.n_parameters)
    back = named(case, theta)
    assert all(torch.equal(leaf, back[name]) for name, leaf in leaves.items())
    theta[:] = 0.0
    assert all(torch.equal(leaf, back[name]) for name, leaf in leaves.items()), "a copy"


# --- names -------------------------------------------------------------------------------------

NAMES = ("k", "m", "dim", "epsilon", "draw", "layer", "width", "heads", "rank", "how", "kick")


@pytest.mark.parametrize("name", NAMES)
def test_a_knob_of_an_own_model_may_have_any_name(name, tmp_path):
    """Whatever settings the labs have: names clash only where parts are put together."""
    assert ck.labs.RecoveryLab is not None

    def call(self, params, x):
        return getattr(self, name) * params["theta"][0] * (params["theta"][1] * x[0]).tanh()

    body = {
        "__annotations__": {name: float},
        "__module__": __name__,
        "__call__": call,
        name: ck.experiments.knob(1.0, 0.0, 5.0),
        "input_dim": property(lambda self: 1),
        "shapes": lambda self: {"theta": (2,)},
    }
    own = dataclasses.dataclass(frozen=True)(type(f"Own{name.title()}", (ck.Model,), body))
    experiment = ck.Experiment(own(), ck.three_tanh(1), ck.Adam(steps=2), 5, seed=1)
    run = ck.train(experiment.replace(**{name: 2.0}))
    assert run.experiment.values()[name] == 2.0
    run.save(tmp_path / "run.npz")
    assert ck.Run.load(tmp_path / "run.npz").experiment == run.experiment


def test_a_knob_that_clashes_is_refused_where_parts_are_put_together():
    body = {"__annotations__": {"lr": float}, "lr": ck.experiments.knob(1.0, 0.0, 5.0)}
    body |= {"input_dim": property(lambda self: 1), "shapes": lambda self: {"theta": (2,)}}
    body |= {"__call__": lambda self, params, x: params["theta"][0] * x[0]}
    own = dataclasses.dataclass(frozen=True)(type("OwnRate", (ck.Model,), body))
    assert own().lr == 1.0
    with pytest.raises(ValueError, match="OwnRate and Adam both declare the knob 'lr'"):
        ck.Experiment(own(), ck.three_tanh(1), ck.Adam(steps=2), 5)
    ck.Experiment(own(), ck.three_tanh(1), ck.GradientFlow(), 5)


def test_a_wrong_attempt_spoils_no_other_class():
    """As in a notebook, whose last traceback, and with it the class, is kept."""

    def kind(base, **more):
        body = {"__annotations__": {"m": int}, "m": ck.experiments.knob(3, 1, 9, name="width")}
        return dataclasses.dataclass(frozen=True)(type("Wide", (base,), body | more))

    line = {"inputs": ck.problems.EvenlySpaced(), "target": lambda self, x: x[:, 0]}
    wrong = kind(ck.problems.Problem, noise_std=0.0, **line)
    with pytest.raises(ValueError, match="TwoLayer and Wide both declare the knob 'width'") as kept:
        ck.Experiment(ck.TwoLayer(1, 3), wrong())
    right = kind(ck.Model, input_dim=1, shapes=lambda self: {"a": (self.m,)}, __call__=lambda *_: 0)
    assert ck.Experiment(right(), ck.three_tanh()).replace(width=7).model.m == 7
    assert ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh()).replace(width=7).model.m == 7
    assert kept.tb is not None
