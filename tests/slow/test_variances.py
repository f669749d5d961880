"""The whole table of the first answer of notebook 01: six variances, five seeds."""

import pytest

from condensekit import train
from condensekit.measures import cluster_counts, gathering
from condensekit.records import CONDENSATION


@pytest.mark.parametrize(
    ("variance", "fewest", "end"),
    [
        (1e-8, (1, 1), (5, 6)),
        (1e-6, (1, 2), (5, 6)),
        (1e-4, (5, 5), (5, 7)),
        (1e-3, (5, 5), (5, 5)),
        (1e-2, (18, 31), (19, 33)),
        (1e-1, (42, 56), (43, 56)),
    ],
)
def test_where_gathering_stops(variance, fewest, end):
    runs = train([CONDENSATION.replace(init_std=variance**0.5, seed=seed) for seed in range(5)])
    x = CONDENSATION.data().x
    least = [min(cluster_counts(run)[::4]) for run in runs]
    last = [gathering(run.experiment.model, run.final, x=x).clusters for run in runs]
    slack = 3 if variance > 5e-3 else 1  # the end differs a little between processors
    for found, (low, high) in ((least, fewest), (last, end)):
        assert min(found) == pytest.approx(low, abs=slack)
        assert max(found) == pytest.approx(high, abs=slack)
