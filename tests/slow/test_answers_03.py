"""The answers and the seeds of notebook 03 that take a minute together."""

import numpy as np
import pytest

import condensekit as ck
from condensekit.measures import blocks
from condensekit.measures.neurons import unit_vectors
from condensekit.records import KERNELS, default_start


def _ends(experiment):
    run = ck.train(experiment)
    return blocks(experiment.model, run.final), float(run.score("test accuracy")[-1])


def test_five_seeds_condense_and_are_as_accurate_as_the_default_start():
    small = [_ends(KERNELS.replace(seed=seed)) for seed in range(5)]
    other = [_ends(default_start(KERNELS.replace(seed=seed))) for seed in range(5)]
    shares = [found.share for found, _ in small]
    assert min(shares) == pytest.approx(0.56, abs=0.02)
    assert max(shares) == pytest.approx(0.84, abs=0.02)
    assert all(found.share == 0.0 for found, _ in other)
    assert all(0.855 < accuracy < 0.885 for _, accuracy in small + other)


@pytest.mark.parametrize(
    ("std", "share", "count", "accuracy"),
    [(1e-4, 0.56, 4, 0.864), (1e-3, 0.28, 6, 0.866), (1e-2, 0.03, 22, 0.868), (0.1, 0, 32, 0.842)],
)
def test_1_blocks_dissolve_as_the_start_grows(std, share, count, accuracy):
    found, reached = _ends(KERNELS.replace(init_std=std))
    assert found.share == pytest.approx(share, abs=0.02)
    assert len(found.sizes) == pytest.approx(count, abs=1)
    assert reached == pytest.approx(accuracy, abs=0.01)


@pytest.mark.parametrize(("size", "share"), [(3, 1.0), (5, 0.56), (7, 0.16)])
def test_2_small_kernels_align_more_purely(size, share):
    assert _ends(KERNELS.replace(size=size))[0].share == pytest.approx(share, abs=0.03)


def test_3_of_two_layers_the_first_aligns():
    two = KERNELS.replace(layers=2, width=16, n_samples=200, init_std=1e-2, lr=0.5, steps=300)
    run = ck.train(two)
    upper = np.triu_indices(16, 1)
    found = {}
    for index, name in ((0, "w"), (0, "w2"), (-1, "w"), (-1, "w2")):
        unit = unit_vectors(run.at(index)[name].double().numpy())
        pairs = np.abs(unit @ unit.T)[upper]
        found[index, name] = float(pairs.mean()), float((pairs > 0.95).mean())
    assert found[0, "w"][0] == pytest.approx(0.17, abs=0.01)
    assert found[0, "w2"][0] == pytest.approx(0.04, abs=0.01)
    assert found[-1, "w"] == pytest.approx((0.71, 0.12), abs=0.04)
    assert found[-1, "w2"] == pytest.approx((0.32, 0.0), abs=0.04)
