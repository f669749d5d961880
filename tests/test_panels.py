"""Networks of one input at many points: interpolated, or formula by formula."""

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from condensekit import TwoLayer
from condensekit.activations import ACTIVATIONS
from condensekit.derivatives import evaluate
from condensekit.derivatives.panels import NODES, interpolated, panels_needed

SMOOTH = [name for name, act in ACTIVATIONS.items() if act.strip is not None]
each_smooth = pytest.mark.parametrize("name", SMOOTH)


def network(name, steepness, seed, bias=True, m=200):
    """Weights up to `steepness`, and places of the neurons all over [-15, 15]."""
    draw = np.random.default_rng(seed)
    params = {"a": draw.normal(size=m), "w": steepness * draw.uniform(-1, 1, size=(m, 1))}
    if bias:
        params["b"] = params["w"][:, 0] * draw.uniform(-15, 15, size=m)
    model = TwoLayer(1, m, name, bias=bias)
    return model, {name: torch.from_numpy(leaf) for name, leaf in params.items()}


def plain(model, params, x):
    """The outputs, and the sizes of the terms of which they are the sum."""
    z = params["w"][:, 0] * x
    hidden = ACTIVATIONS[model.activation].torch(z + params["b"] if model.bias else z)
    return hidden @ params["a"], hidden.abs() @ params["a"].abs()


@each_smooth
@given(
    steepness=st.floats(-8.0, 0.2).map(lambda power: 10.0**power),
    seed=st.integers(0, 2**32 - 1),
    bias=st.booleans(),
    even=st.booleans(),
)
def test_the_outputs_are_those_of_the_formula(name, steepness, seed, bias, even):
    model, params = network(name, steepness, seed, bias)
    grid = torch.linspace(-15, 15, 2000, dtype=torch.float64)[:, None]
    x = grid if even else torch.from_numpy(np.random.default_rng(seed).normal(size=(2000, 1)))
    expected, size = plain(model, params, x)
    assert ((evaluate(model, params, x) - expected).abs() <= 1e-14 * size.max()).all()


@each_smooth
def test_fewer_activations_are_computed_where_that_is_less_work(name, monkeypatch):
    seen = []
    act = ACTIVATIONS[name]

    def counting(z, *others):
        seen.append(z.size)
        act.fill(z, *others)

    monkeypatch.setitem(ACTIVATIONS, name, type(act)(**{**vars(act), "fill": counting}))
    x = torch.linspace(-15, 15, 2000, dtype=torch.float64)[:, None]
    for steepness, most in ((1e-4, NODES * 200), (12.0, 2000 * 200), (1e3, 2000 * 200)):
        seen.clear()
        evaluate(*network(name, steepness, 0), x)
        assert sum(seen) == most
    seen.clear()
    evaluate(*network(name, 1e-4, 0), x[::63])
    assert sum(seen) == 32 * 200, "few points are computed one by one"


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_network_is_the_same_alone_and_in_a_batch(shuffled):
    """Each has the panels of its own weights."""
    steepness = (1e-3, 0.5, 50.0, 1.5, 0.5, 0.5, 50.0, 1.5)
    networks = [network("tanh", s, seed)[1] for seed, s in enumerate(steepness)]
    model = network("tanh", 1.0, 0)[0]
    batch = {name: torch.stack([one[name] for one in networks]) for name in networks[0]}
    x = torch.linspace(-15, 15, 2000, dtype=torch.float64)[:, None]
    if shuffled:
        x = x[torch.randperm(2000, generator=torch.Generator().manual_seed(0))]
    for one, row in zip(networks, evaluate(model, batch, x), strict=True):
        assert torch.equal(evaluate(model, one, x), row)
    own = torch.stack([x + i for i in range(len(networks))])
    for one, at, row in zip(networks, own, evaluate(model, batch, own), strict=True):
        assert torch.equal(evaluate(model, one, at), row)


@pytest.mark.parametrize("at", [[3.0] * 40, [0.0] * 39 + [1e-300], [-2.0, 5.0] * 20])
def test_points_may_coincide(at):
    x = np.array(at)[:, None]
    found = interpolated(lambda z: np.stack([np.cos(z[:, 0]), np.sin(z[:, 0])]), x, 3)
    np.testing.assert_allclose(found, [np.cos(x[:, 0]), np.sin(x[:, 0])], atol=1e-15)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 1e308])
def test_diverged_weights_give_what_the_formula_gives(weight):
    model, params = network("tanh", 1.0, 0)
    params["w"][3] = weight
    x = torch.linspace(-15, 15, 2000, dtype=torch.float64)[:, None]
    expected, size = plain(model, params, x)
    with np.errstate(invalid="ignore", over="ignore"):
        found = evaluate(model, params, x)
    assert torch.equal(found.isnan(), expected.isnan())
    assert ((found - expected).abs() <= 1e-13 * size.max())[~expected.isnan()].all()


@each_smooth
def test_the_strip_ends_at_the_nearest_singularity(name):
    """On the imaginary axis the slope is regular within the strip, and infinite at its edge."""
    x = sympy.Symbol("x")
    slope = sympy.lambdify(x, sympy.diff(ACTIVATIONS[name].sympy(x), x), "numpy")
    strip = ACTIVATIONS[name].strip
    assert all(abs(slope(1j * share * strip)) < 200 for share in np.linspace(0, 0.9, 50))
    assert abs(slope(1j * (strip - 1e-6))) > 1e5


def test_the_nodes_leave_the_error_of_the_theorem():
    """tanh on one panel that is as long as may be: coefficients fall as 3.43^-k, to rounding."""
    half = 4.0 * (np.pi / 2) / np.pi / 2.0
    assert panels_needed(2 * half, np.pi / 2) == 1
    assert panels_needed(2.001 * half, np.pi / 2) == 2
    nodes = chebyshev.chebpts1(64)
    found = chebyshev.chebfit(nodes, np.tanh(half * nodes), 63)
    rate = np.pi / 2 / half + np.hypot(1.0, np.pi / 2 / half)
    odd = np.abs(found[1:NODES:2])
    assert (odd[1:] < 1.2 * odd[:-1] / rate**2 + 2e-15).all()
    assert np.abs(found[NODES:]).max() < 2e-15
