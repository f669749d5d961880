"""The published experiment: 1500 parameters recover three tanh neurons from 50 samples."""

import numpy as np
import pytest

from condensekit import Adam, Experiment, Outcome, TwoLayer, recovery, three_tanh, train


@pytest.fixture(scope="module")
def run():
    return train(
        Experiment(
            TwoLayer(1, 500),
            three_tanh(),
            Adam(1e-3, steps=20_000),
            n_samples=50,
            init_std=500**-1.5,
            seed=0,
        )
    )


def _while(run, low, high):
    """The recorded steps with the loss between two values; there must be some."""
    inside = np.flatnonzero((low <= run.loss) & (run.loss <= high))
    assert len(inside), f"no recorded loss from {low} to {high}"
    return run.step[inside]


@pytest.mark.slow
def test_it_uses_its_budget(run):
    assert run.outcome is Outcome.BUDGET
    assert run.step[-1] == 20_000
    assert 180 <= len(run) <= 220


@pytest.mark.slow
def test_the_loss_starts_where_the_published_one_does(run):
    assert run.loss[0] == pytest.approx(5.15, abs=0.01)
    assert run.loss[0] == pytest.approx(float(run.experiment.data().y.square().mean()), rel=1e-4)


@pytest.mark.slow
def test_the_loss_stays_on_the_first_plateau_and_passes_the_second(run):
    first, second = _while(run, 0.095, 0.115), _while(run, 0.06, 0.07)
    assert first[-1] > 2 * first[0], "not a plateau: the loss only passed through"
    assert second[-1] > 1.2 * second[0]
    assert second[0] > first[-1], "the second level comes later"
    between = (run.step > first[-1]) & (run.step < second[0])
    assert ((run.loss[between] > 0.07) & (run.loss[between] < 0.095)).all()


def test_it_recovers_the_target(run):
    assert run.test_loss[-1] < 1e-3
    verdict = recovery(run)
    assert verdict.allowed
    assert verdict.reached
    assert verdict.optimistic_sample_size == 9
    assert (verdict.width, verdict.n_parameters) == (500, 1500)
    assert verdict.simplicity.condensed is False, "Adam leaves many neurons that do not cancel well"


def test_on_the_plateau_it_had_not_recovered_it(run):
    verdict = recovery(run, index=run.index_at(1200))
    assert verdict.groups < 10, "500 neurons act as a few"
    assert verdict.allowed
    assert not verdict.reached
