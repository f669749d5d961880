"""The answers of notebook 03 that are cheap; `slow/test_answers_03.py` has the others."""

import pytest

import condensekit as ck
from condensekit.measures import blocks, first_direction, random_cosine
from condensekit.records import KERNELS


@pytest.mark.slow
def test_1_a_larger_start_has_fewer_aligned_pairs():
    """At a variance of 1e-8 (the recorded run) and of 1e-4."""
    run = ck.train(KERNELS.replace(init_std=1e-2))
    found = blocks(run.experiment.model, run.final)
    assert found.share == pytest.approx(0.03, abs=0.01)
    assert len(found.sizes) == pytest.approx(22, abs=1)
    assert run.score("test accuracy")[-1] == pytest.approx(0.87, abs=0.01)


@pytest.mark.parametrize(
    ("size", "ratio", "level"), [(3, 0.42, 0.27), (5, 0.64, 0.16), (7, 0.79, 0.11)]
)
def test_2_the_ratio_of_singular_values_grows_with_the_kernel(size, ratio, level):
    assert first_direction(KERNELS.replace(size=size)).ratio == pytest.approx(ratio, abs=0.005)
    assert random_cosine(size**2) == pytest.approx(level, abs=0.005)


@pytest.mark.slow
def test_3_two_layers_have_not_left_the_start_when_the_lab_ends():
    run = ck.train(KERNELS.replace(layers=2, width=4, n_samples=20))
    assert run.loss[-1] > 0.97 * run.loss[0]
    assert blocks(run.experiment.model, run.final).share < 0.1
