"""How long flows of wider networks stay at the origin: exponents 1 and 2, and a logarithm."""

import numpy as np
import pytest

from condensekit import Deep, Experiment, three_tanh
from condensekit.dynamics import origin_escape


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("layers", "scales"), [(3, [1e-3, 3e-4, 1e-4]), (4, [3e-3, 1e-3, 3e-4])])
def test_the_exponent_is_the_number_of_layers_less_two(layers, scales, seed):
    model = Deep(1, 3, layers - 1, bias=False)
    found = origin_escape(Experiment(model, three_tanh(1), n_samples=10, seed=seed), scales)
    assert found.exponent == pytest.approx(layers - 2, rel=0.03)


@pytest.mark.parametrize("seed", [0, 1])
def test_two_layers_take_a_logarithm_at_any_width(seed):
    experiment = Experiment(Deep(1, 3, 1, bias=False), three_tanh(1), n_samples=10, seed=seed)
    found = origin_escape(experiment, [1e-3, 1e-6, 1e-9])
    data = experiment.data()
    c = abs(float((data.x[:, 0] * data.y).mean()))
    assert found.rate == pytest.approx(1.0 / (2.0 * c), rel=0.03)
    assert np.ptp(np.diff(found.time)) < 0.03 * found.time.max()
