"""How long a flow stays at the origin, against laws that are exact for one neuron in each layer."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from condensekit import Deep, Experiment, GradientFlow, TwoLayer, three_tanh, train
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.dynamics import OriginEscape, origin_escape
from condensekit.dynamics.origin import _crossing


def _experiment(model):
    return Experiment(model, three_tanh(1), n_samples=10)


def _correlation(experiment):
    data = experiment.data()
    return float((data.x[:, 0] * data.y).mean())


SCALES = {2: [1e-3, 1e-5, 1e-7], 3: [1e-3, 3e-4, 1e-4], 4: [3e-3, 1e-3, 3e-4]}


def _with_a_way_out(layers):
    """The first start from which the product of weights has the sign of the correlation."""
    for seed in range(20):
        experiment = _experiment(Deep(1, 1, layers - 1, bias=False)).replace(seed=seed)
        drawn = [float(leaf) / experiment.init_std for leaf in experiment.init().values()]
        if np.prod(drawn) * _correlation(experiment) > 0.0:
            return experiment, np.array(drawn)
    raise AssertionError


@pytest.mark.parametrize("layers", [3, 4])
def test_with_one_neuron_the_time_is_the_integral(layers):
    experiment, drawn = _with_a_way_out(layers)
    found = origin_escape(experiment, SCALES[layers])
    assert found.exponent == pytest.approx(layers - 2, rel=0.03)
    c = abs(_correlation(experiment))
    whole, _ = quad(lambda s: 1.0 / (4.0 * c * np.sqrt(np.prod(drawn**2 + s))), 0.0, np.inf)
    left = found.time * found.init_std ** (layers - 2)
    assert left[-1] == pytest.approx(whole, rel=0.02)
    # The rest, of the order of 1, is a smaller share of a longer time.
    assert abs(left[-1] / whole - 1.0) < abs(left[0] / whole - 1.0)


def test_two_layers_take_a_logarithm():
    """Weights grow as exp(2 c t), so each factor e takes 1 / (2 c)."""
    experiment = _experiment(Deep(1, 1, 1, bias=False))
    found = origin_escape(experiment, SCALES[2])
    assert found.rate == pytest.approx(1.0 / (2.0 * abs(_correlation(experiment))), rel=0.03)
    steps = np.diff(found.time)
    assert steps[0] == pytest.approx(steps[1], rel=0.03)
    assert found.exponent < 0.1


def test_equal_linear_weights_obey_one_equation():
    """u' = 2 s (g - u^3) u^2 for f = u^3 x, s = <x x>, g = <x y> / s: down to the level."""
    before = dict(ACTIVATIONS)
    try:
        linear = Activation("straight", lambda z: 1.0 * z, odd=True)
        experiment = _experiment(Deep(1, 1, 2, linear, bias=False))
        data, start = experiment.data(), 1e-2
        x, y = data.x[:, 0].numpy(), data.y.numpy()
        square, c = float(np.mean(x * x)), float(np.mean(x * y))
        level = 0.5 * float(np.mean(y * y))
        # <y y> - 2 c p + s p^2 = level = <y y> / 2, for the smaller p = u^3
        p = (c - np.sqrt(c * c - square * level)) / square
        flow = GradientFlow(stop_loss=level, rtol=1e-6)
        run = train(
            Experiment(experiment.model, experiment.problem, flow, 10),
            init={
                name: torch.full(shape, start, dtype=torch.float64)
                for name, shape in experiment.model.shapes().items()
            },
        )
        exact, _ = quad(lambda u: 1.0 / (2.0 * (c - square * u**3) * u**2), start, np.cbrt(p))
        assert float(run.time[-1]) == pytest.approx(exact, rel=2e-3)
    finally:
        ACTIVATIONS.clear()
        ACTIVATIONS.update(before)


@pytest.mark.parametrize(
    ("level", "time"), [(1.5, 0.0), (0.7, 0.5), (0.25, 2.0), (0.1, 3.0), (0.05, np.inf)]
)
def test_the_time_lies_between_two_recorded_steps(level, time):
    run = SimpleNamespace(loss=np.array([1.0, 0.4, 0.1]), time=np.array([0.0, 1.0, 3.0]))
    assert _crossing(run, level) == pytest.approx(time)


def test_it_is_told_in_a_sentence():
    found = OriginEscape(np.array([0.1, 0.01]), np.array([3.0, 30.0]), 0.5)
    assert str(found) == "2 flows left the origin after 3 to 30: time grows as init_std^-1.000."
    slow = dataclasses.replace(found, time=np.array([20.0, 23.0]))
    assert str(slow).endswith("time grows by 3 when init_std falls tenfold.")  # two tell no law
    some = OriginEscape(np.array([0.1, 0.01, 0.001]), np.array([3.0, 30.0, np.inf]), 0.5)
    assert str(some) == "Only 2 of 3 flows left the origin."
    assert some.exponent == pytest.approx(1.0)
    assert np.isnan(OriginEscape(np.array([0.1]), np.array([3.0]), 0.5).exponent)


@pytest.mark.parametrize(
    ("init_std", "fall", "told"),
    [
        ([1e-3], 0.5, "two scales or more, but is"),
        ([1e-3, 1e-3], 0.5, "two scales or more"),
        ([1e-3, 1e-2], 1.0, "fall must be"),
        ([1e-3, -1.0], 0.5, "init_std must be"),
    ],
)
def test_what_is_no_comparison_is_refused(init_std, fall, told):
    with pytest.raises(ValueError, match=told):
        origin_escape(_experiment(TwoLayer(1, 2, bias=False)), init_std, fall)


@pytest.mark.parametrize(
    ("scale", "time", "told"),
    [
        ([3.0, 1.0], [0.34, 0.0058], "time does not grow with every smaller start"),
        ([1.0, 3.0, 0.1], [1.0, 2.0, 5.0], "time does not grow with every smaller start"),
        ([1e-2, 1e-4], [2.0, 4.0], "time grows by 1 when init_std falls tenfold."),
        ([1e-6, 1e-2, 1e-4], [6.0, 2.0, 4.0], "falls tenfold, as a logarithm does."),
        ([1e-2, 1e-3, 1e-4], [1.0, 1.1, 1.9], "when init_std falls tenfold."),
    ],
)
def test_a_law_is_named_where_the_times_follow_one(scale, time, told):
    assert told in str(OriginEscape(np.array(scale), np.array(time), 1.0))
