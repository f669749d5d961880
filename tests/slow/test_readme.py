"""What the first paragraph of the README says of two starts, for five seeds."""

import numpy as np
import pytest

from condensekit import Experiment, GradientFlow, TwoLayer, recovery, three_tanh, train
from condensekit.measures import alignment

BASE = Experiment(TwoLayer(1, 500), three_tanh(), GradientFlow(), 50)
SMALL, LARGE = 500**-1.5, 0.5


def found(n_samples, init_std):
    return train([BASE.replace(n_samples=n_samples, init_std=init_std, seed=s) for s in range(5)])


def test_from_50_samples_both_starts_find_the_function_and_one_condenses():
    small, large = ([*map(recovery, found(50, std))] for std in (SMALL, LARGE))
    assert all(verdict.sharp and verdict.simplicity.condensed for verdict in small)
    assert [verdict.groups for verdict in small] == [3] * 5
    assert all(verdict.reached and not verdict.simplicity.condensed for verdict in large)
    errors = [[verdict.relative_error for verdict in some] for some in (small, large)]
    assert max(errors[0]) < min(errors[1]), "less exactly"


@pytest.mark.parametrize(("init_std", "gathered"), [(SMALL, True), (LARGE, False)])
def test_on_the_way_only_neurons_that_start_small_stand_on_one_line(init_std, gathered):
    for run in found(14, init_std):
        most = max(alignment(run.experiment.model, run.at(i)) for i in range(0, len(run), 6))
        assert (most > 0.99) == gathered


def test_from_14_samples_the_small_start_comes_nearer_and_neither_recovers():
    small, large = (found(14, std) for std in (SMALL, LARGE))
    assert not any(recovery(run).reached for run in [*small, *large])
    assert max(run.loss[-1] for run in [*small, *large]) < 1e-9
    ratio = [b.test_loss[-1] / a.test_loss[-1] for a, b in zip(small, large, strict=True)]
    assert np.min(ratio) > 50.0
