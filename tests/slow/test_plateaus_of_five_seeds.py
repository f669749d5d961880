"""The long families of `tests/test_plateaus.py` and of notebook 05: minutes, not seconds."""

import dataclasses

import numpy as np
import pytest
from cases import PUBLISHED, each
from test_plateaus import check_published

from condensekit import GradientDescent, GradientFlow, train
from condensekit.dynamics import plateaus, sharpness


def test_the_kinds_of_the_published_plateaus_for_five_seeds():
    flow = dataclasses.replace(PUBLISHED, optimizer=GradientFlow(stop_loss=0.03))
    for run in train([flow.replace(seed=seed) for seed in range(5)]):
        check_published(run)


@each(
    "changes",
    {
        "k = 2": {"target_width": 2},
        "n = 30": {"n_samples": 30},
        "n = 100": {"n_samples": 100, "seed": 7},
        "m = 1000": {"width": 1000, "init_std": 1000**-1.5},
        "std 1e-6": {"init_std": 1e-6},
    },
)
def test_extrapolated_levels_of_other_channels_are_those_of_their_cubics(changes):
    """An independent value for each: the least-squares cubic on its own samples."""
    flow = dataclasses.replace(PUBLISHED, optimizer=GradientFlow(stop_loss=0.03, max_steps=3000))
    experiment = flow.replace(**changes)
    data = experiment.data()
    powers = data.x.numpy() ** np.array([1, 3])
    residual = powers @ np.linalg.lstsq(powers, data.y.numpy(), rcond=None)[0] - data.y.numpy()
    cubic = float(np.square(residual).mean())
    found = [p for p in plateaus(train(experiment)) if p.kind == "channel to infinity"]
    assert len(found) == 1
    away = found[0].runaway
    assert away.line == pytest.approx(cubic, rel=1e-9)
    assert abs(away.limit - cubic) < min(2e-4, 1.5 * away.uncertainty)


def test_gradient_descent_leaves_the_flow_at_the_edge_of_stability():
    """Learning rate .005: with the flow until t = 530, then its loss jumps up and stays there."""
    run = train(dataclasses.replace(PUBLISHED, optimizer=GradientDescent(0.005, steps=200_000)))
    before = run.loss[run.index_at(106_000)]
    assert before == pytest.approx(0.10225, abs=5e-5)
    assert run.loss[run.step > 108_000].max() == pytest.approx(0.1037, abs=2e-4)
    assert run.loss[-1] > before
    assert np.diff(run.loss[run.step < 106_000]).max() < 0.0
    late = np.flatnonzero(run.step > 114_000)
    kept = dataclasses.replace(
        run,
        params={name: leaf[late] for name, leaf in run.params.items()},
        **{name: getattr(run, name)[late] for name in ("step", "time", "loss", "test_loss")},
    )
    assert np.abs(sharpness(kept) * 0.005 / 2.0 - 1.0).max() < 0.005
