"""As how many neurons trained networks act: over seeds, widths, samples and target widths."""

import pytest
import torch

from condensekit import Experiment, GradientFlow, TwoLayer, nearest_condensed, three_tanh, train

BASE = Experiment(TwoLayer(1, 500), three_tanh(), GradientFlow(), n_samples=50, init_std=500**-1.5)


def trained(**knobs):
    width = knobs.get("width", 500)
    experiment = BASE.replace(init_std=width**-1.5, **knobs)
    return train(experiment)


def counts(run, index, draws=3):
    """As how many it acts, also where each parameter is multiplied by 1 + 1e-6 noise."""
    found = set()
    for seed in range(draws):
        noise = torch.Generator().manual_seed(seed)
        params = {
            name: leaf * (1 + 1e-6 * (seed > 0) * torch.randn(leaf.shape, generator=noise))
            for name, leaf in run.at(index).items()
        }
        found.add(nearest_condensed(run.experiment.model, params, run.experiment.data()).neurons)
    return found


@pytest.mark.parametrize("seed", range(10))
def test_the_published_network_acts_as_three_for_ten_seeds(seed):
    run = trained(seed=seed)
    assert counts(run, -1) == {3}
    found = nearest_condensed(run.experiment.model, run.final, run.experiment.data())
    assert (found.idle, found.rank) == (497, 11)
    assert found.condensed
    assert found.distance < 0.25
    for index in range(0, len(run), len(run) // 8):
        assert len(counts(run, index)) == 1
    assert not nearest_condensed(run.experiment.model, run.at(0), run.experiment.data()).found


@pytest.mark.parametrize("width", [30, 100, 300])
@pytest.mark.parametrize("seed", [0, 1])
def test_so_do_other_widths(width, seed):
    run = trained(width=width, seed=seed)
    assert counts(run, -1) == {3}
    for n_samples in (12, 20):
        other = trained(width=width, seed=seed, n_samples=n_samples)
        for index in (0, len(other) // 2, -1):
            assert len(counts(other, index)) == 1


@pytest.mark.parametrize("k", [2, 4])
def test_it_acts_as_the_target_width(k):
    """Of exact rank k (d + 2) + (d + 1) at the nearest condensed network."""
    run = trained(width=100, target_width=k)
    found = nearest_condensed(run.experiment.model, run.final, run.experiment.data())
    assert (found.neurons, found.idle, found.rank) == (k, 100 - k, 3 * k + 2)


def test_for_a_target_of_one_neuron_it_is_not_condensed():
    """Neurons that lie on the target's line, with lengths of their own, stay."""
    run = trained(width=100, target_width=1)
    found = nearest_condensed(run.experiment.model, run.final, run.experiment.data())
    assert run.test_loss[-1] < 1e-9
    assert found.neurons <= 3
    assert not found.condensed
