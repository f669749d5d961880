"""The gradient flow of a Transformer, a second for each step."""

import dataclasses

import pytest
from test_laws import BASES, assert_identical, follows_scipy

from condensekit import GradientFlow, Transformer, train

EXPERIMENTS = {
    name: dataclasses.replace(
        base, optimizer=GradientFlow(rtol=1e-3, t_end=0.01, stop_loss=0.0), n_samples=3
    )
    for name, base in BASES.items()
    if isinstance(base.model, Transformer)
}


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_it_is_that_of_scipy_and_the_same_again(experiment):
    follows_scipy(experiment)
    assert_identical(train(experiment), train(experiment))
