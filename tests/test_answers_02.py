"""The numbers in the answers of notebook 02."""

import numpy as np
import pytest
import torch

from condensekit import TwoLayer, merge, problems, train
from condensekit.measures import cluster_counts, clusters, gathering
from condensekit.records import CONDENSATION

SHORT = CONDENSATION.replace(steps=10_000)
X = SHORT.data().x


def test_two_sines_start_on_one_line():
    import dataclasses

    sines = dataclasses.replace(
        CONDENSATION.replace(activation="tanh", steps=1_000),
        problem=problems.initial_condensation(1),
    )
    for run in train([sines.replace(seed=seed) for seed in range(3)]):
        lines = cluster_counts(run, up_to_sign=True)
        first = int(np.argmax(lines == 1))
        assert lines[first] == 1
        assert 200 < run.step[first] < 260
        assert lines[run.index_at(600)] > 1


@pytest.mark.parametrize("width", [50, 1_000])
def test_nine_neurons_of_ten_are_alone_before_training_whatever_the_choice(width):
    model = TwoLayer(1, width, "relu")
    starts = [model.init(torch.Generator().manual_seed(seed), 1e-4) for seed in range(10)]
    for gap, active in ((1.0, 1e-4), (3.0, 1e-3), (10.0, 1e-2)):
        found = [gathering(model, start, gap=gap, active=active) for start in starts]
        assert np.mean([g.alone / g.active for g in found]) == pytest.approx(0.9, abs=0.02)


def test_what_the_gap_changes():
    run = train(SHORT)
    for gap, after, before in ((30.0, 4, 60), (3.0, 4, 60), (0.01, 8, 70)):
        end = gathering(SHORT.model, run.final, gap=gap, x=X)
        start = gathering(SHORT.model, run.at(0), gap=gap, x=X)
        assert end.clusters == pytest.approx(after, abs=1 if gap < 1 else 0)
        assert start.clusters == before
    assert start.alone == start.active == 70
    for cluster in clusters(SHORT.model, run.final, x=X):
        w, b = run.final["w"][cluster.members, 0], run.final["b"][cluster.members]
        angle = np.degrees(np.arctan2(b.numpy(), w.numpy())) % 360
        assert np.ptp(angle) < 0.1


def test_a_start_between_small_and_large():
    run = train(SHORT.replace(init_std=0.1))
    found = gathering(SHORT.model, run.final, x=X)
    assert (found.clusters, found.alone, found.active) == pytest.approx((22, 15, 68), abs=2)
    assert merge(SHORT.model, run.final, SHORT.data()).model.m == pytest.approx(6, abs=1)
