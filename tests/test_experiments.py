"""Experiments: one run in numbers; equal experiments are equal runs."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, EXPERIMENTS, PLANE, PUBLISHED, SMALL, each

from condensekit import Adam, Experiment, GradientDescent, TwoLayer, three_tanh


@each("experiment", EXPERIMENTS)
def test_experiments_are_hashable_values(experiment):
    same = pickle.loads(pickle.dumps(experiment))
    assert same == experiment
    assert same is not experiment
    assert hash(same) == hash(experiment)
    assert {experiment: 1}[same] == 1


def test_different_experiments_are_different_keys():
    turned = [SMALL.replace(seed=seed, lr=lr) for seed in (0, 1) for lr in (1e-3, 2e-3)]
    assert len({*EXPERIMENTS.values(), *turned}) == len(EXPERIMENTS) + 4


def test_equality_does_not_ask_which_library_made_the_number():
    made = Experiment(
        TwoLayer(np.int64(1), np.int32(500)),
        three_tanh(np.int8(3)),
        Adam(np.float64(1e-3), np.int64(20_000)),
        n_samples=np.int64(50),
        init_std=np.float64(500**-1.5),
        seed=np.uint8(0),
    )
    assert made == PUBLISHED
    assert hash(made) == hash(PUBLISHED)
    assert all(type(v) in (int, float, str, bool) for v in made.values().values())


def test_equality_asks_for_the_kind_of_optimizer():
    assert dataclasses.replace(SMALL, optimizer=GradientDescent(1e-2, 60)) != SMALL


def test_the_published_experiment():
    assert PUBLISHED.model.n_parameters == 1500
    assert PUBLISHED.values() == {
        "d": 1,
        "width": 500,
        "activation": "tanh",
        "bias": True,
        "target_width": 3,
        "noise_std": 0.0,
        "lr": 1e-3,
        "steps": 20_000,
        "stop_loss": 0.0,
        "n_samples": 50,
        "init_std": 500**-1.5,
        "seed": 0,
    }
    assert Experiment(PUBLISHED.model, PUBLISHED.problem) == PUBLISHED, (
        "the defaults are the published experiment"
    )


@each("experiment", EXPERIMENTS)
def test_another_std_is_exactly_the_rescaled_draw(experiment):
    unit = experiment.replace(init_std=1.0).init()
    for std in (1e-14, 0.37, 10.0):
        for name, leaf in experiment.replace(init_std=std).init().items():
            assert torch.equal(leaf, std * unit[name])


@each("experiment", EXPERIMENTS)
def test_data_and_weights_come_from_separate_streams(experiment):
    start, data = experiment.init(), experiment.data()
    fewer = experiment.replace(n_samples=3, steps=7, lr=0.5)
    for name, leaf in fewer.init().items():
        assert torch.equal(leaf, start[name]), "the weights depend on the samples"
    wider = experiment.replace(width=11, init_std=3.0).data()
    for field in ("x", "y", "x_test", "y_test"):
        assert torch.equal(getattr(wider, field), getattr(data, field))
    for name, leaf in experiment.replace(seed=77).init().items():
        assert not torch.equal(leaf, start[name])


def test_weights_are_not_the_inputs():
    experiment = Experiment(TwoLayer(2, 1000), PLANE, n_samples=1000, init_std=1.0)
    w, x = experiment.init()["w"], experiment.data().x
    columns = torch.cat([w.T, x.T, experiment.init()["a"][None]])
    correlation = torch.corrcoef(columns) - torch.eye(5)
    assert float(correlation.abs().max()) < 5 / 1000**0.5


@pytest.mark.parametrize("d", [1, 3])
def test_a_model_that_does_not_fit_the_problem_is_refused(d):
    with pytest.raises(ValueError, match=rf"reads {d} coordinates?, .* have 2\."):
        Experiment(TwoLayer(d, 5), PLANE)
    with pytest.raises(ValueError, match=rf"reads {d} coordinates?, "):
        Experiment(TwoLayer(2, 5), PLANE).replace(d=d)


@pytest.mark.parametrize(
    ("model", "problem", "optimizer", "name"),
    [
        ("tanh", ASYMMETRIC, Adam(), "model"),
        (TwoLayer, ASYMMETRIC, Adam(), "model"),
        (TwoLayer(1, 3), "three_tanh", Adam(), "problem"),
        (TwoLayer(1, 3), three_tanh, Adam(), "problem"),
        (TwoLayer(1, 3), ASYMMETRIC, "adam", "optimizer"),
        (TwoLayer(1, 3), ASYMMETRIC, Adam, "optimizer"),
        (TwoLayer(1, 3), Adam(), ASYMMETRIC, "problem"),
    ],
)
def test_what_is_no_model_problem_or_optimizer_is_refused(model, problem, optimizer, name):
    with pytest.raises(ValueError, match=rf"^{name} must be a {name.title()}, but is "):
        Experiment(model, problem, optimizer)


@pytest.mark.parametrize(
    ("name", "value", "limits"),
    [
        ("n_samples", 0, "from 1 to 100,000"),
        ("n_samples", 5.0, "from 1 to 100,000"),
        ("n_samples", 1001, "from 1 to 1,000"),  # the grid of three_tanh
        ("init_std", 0.0, "from 1e-14 to 10"),
        ("init_std", -1.0, "from 1e-14 to 10"),
        ("init_std", math.nan, "from 1e-14 to 10"),
        ("init_std", 9e-15, "from 1e-14 to 10"),
        ("seed", -1, "from 0 to 2,147,483,647"),
        ("seed", 1.5, "from 0 to 2,147,483,647"),
    ],
)
def test_bad_numbers_are_refused_with_value_and_range(name, value, limits):
    with pytest.raises(ValueError, match=f"^{name} must be a.*number {limits}") as caught:
        Experiment(TwoLayer(1, 3), three_tanh(), **{name: value})
    assert str(caught.value).endswith(f"but is {value!r}.")


@pytest.mark.parametrize("kind", [Adam, GradientDescent])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lr", 0.0),
        ("lr", math.nan),
        ("lr", 101.0),
        ("steps", 0),
        ("steps", 1.0),
        ("stop_loss", -1e-9),
        ("stop_loss", math.inf),
    ],
)
def test_bad_settings_of_optimizers_are_refused(kind, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, but is "):
        kind(**{name: value})
