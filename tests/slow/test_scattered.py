"""Many draws: random networks read as scattered, and rays stand where the target puts them."""

import dataclasses

import numpy as np
import pytest
import torch

from condensekit import GradientDescent, TwoLayer, problems, train
from condensekit.measures import clusters, gathering
from condensekit.records import CONDENSATION


@pytest.mark.parametrize("m", [8, 20, 50, 100, 400, 500, 700, 1_000])
@pytest.mark.parametrize(("d", "bias"), [(1, True), (5, True), (5, False)])
@pytest.mark.parametrize("up_to_sign", [False, True])
def test_random_networks_are_scattered(d, bias, m, up_to_sign):
    model = TwoLayer(d, m, "relu", bias=bias)
    found = [
        gathering(
            model, model.init(torch.Generator().manual_seed(seed), 1e-4), up_to_sign=up_to_sign
        )
        for seed in range(100 if m < 400 else 20)
    ]
    alone = np.array([one.alone / max(one.active, 1) for one in found])
    assert alone.mean() > 0.85
    assert np.mean([one.scattered for one in found]) >= (1.0 if m >= 50 else 0.9)


@pytest.mark.parametrize("text", ["sin(3*x)", "x", "x^3", "abs(x)", "abs(x)-0.5", "x^2+0.1"])
def test_rays_stand_at_the_extrema_of_the_pull(text):
    experiment = dataclasses.replace(
        CONDENSATION,
        problem=problems.formula(text, -1, 1),
        optimizer=GradientDescent(0.1, steps=3_000),
    )
    data = experiment.data()
    angle = np.radians(np.arange(-180, 180, 0.1))
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inputs = np.c_[data.x.numpy(), np.ones(len(data.x))]
    pull = np.maximum(circle @ inputs.T, 0) @ data.y.numpy()
    left, right = np.roll(pull, 1), np.roll(pull, -1)
    expected = {
        1: np.degrees(angle[(pull > left) & (pull > right) & (pull > 1e-9)]),
        -1: np.degrees(angle[(pull < left) & (pull < right) & (pull < -1e-9)]),
    }
    for run in train([experiment.replace(seed=seed) for seed in range(5)]):
        at = run.at(int(np.argmax(run.loss < 0.95 * run.loss[0])) - 1)
        strong = [c for c in clusters(experiment.model, at, x=data.x) if c.share > 0.1]
        assert strong
        for ray in strong:
            (sign,) = set(np.sign(at["a"].numpy()[ray.members]))
            assert np.abs(expected[sign] - ray.angle).min() < 1.0
