"""What the first paragraph of the README says of two starts (five seeds: `tests/slow`)."""

from condensekit import Experiment, GradientFlow, TwoLayer, recovery, three_tanh, train

BASE = Experiment(TwoLayer(1, 500), three_tanh(), GradientFlow(), 50)


def test_a_large_start_finds_the_function_from_50_samples_and_does_not_condense():
    verdict = recovery(train(BASE.replace(init_std=0.5)))
    assert verdict.sharp
    assert verdict.simplicity.condensed is False


def test_from_14_samples_the_small_start_comes_nearer_and_neither_recovers():
    small, large = (train(BASE.replace(n_samples=14, init_std=std)) for std in (500**-1.5, 0.5))
    assert max(small.loss[-1], large.loss[-1]) < 1e-9
    assert large.test_loss[-1] > 50.0 * small.test_loss[-1]
    assert not recovery(small).reached
    assert not recovery(large).reached
