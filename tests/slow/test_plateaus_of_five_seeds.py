"""The long families of `tests/test_plateaus.py` and of notebook 05: minutes, not seconds."""

import dataclasses

import numpy as np
import pytest
from cases import PUBLISHED
from test_plateaus import check_published

from condensekit import GradientDescent, GradientFlow, train


def test_the_kinds_of_the_published_plateaus_for_five_seeds():
    flow = dataclasses.replace(PUBLISHED, optimizer=GradientFlow(stop_loss=0.03))
    for run in train([flow.replace(seed=seed) for seed in range(5)]):
        check_published(run)


def test_gradient_descent_leaves_the_flow_at_the_edge_of_stability():
    """Learning rate .005: with the flow until t = 530, then its loss jumps up and stays there."""
    run = train(dataclasses.replace(PUBLISHED, optimizer=GradientDescent(0.005, steps=200_000)))
    before = run.loss[run.index_at(106_000)]
    assert before == pytest.approx(0.10225, abs=5e-5)
    assert run.loss[run.step > 108_000].max() == pytest.approx(0.1037, abs=2e-4)
    assert run.loss[-1] > before
    assert np.diff(run.loss[run.step < 106_000]).max() < 0.0
