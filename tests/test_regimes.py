"""The phase diagram: scales that follow the width, and how far input weights move."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

import condensekit as ck
from condensekit import ScaledTwoLayer, displacements, gammas, regime
from condensekit.measures import displacement
from condensekit.models import INITIALIZATIONS, boundary
from condensekit.records import REGIMES
from condensekit.sweeps import Displacements

EXPONENTS = some.floats(-20.0, 20.0)


# --- the plane --------------------------------------------------------------------------------


@given(EXPONENTS, EXPONENTS)
def test_a_regime_is_what_the_paper_defines(gamma, gamma_prime):
    if min(abs(gamma - 1), abs(gamma - 1 - gamma_prime)) < 1e-6:
        return
    linear = gamma < 1 or gamma_prime > gamma - 1
    assert regime(gamma, gamma_prime) == ("linear" if linear else "condensed")


@given(some.floats(-20.0, 20.0))
def test_the_boundary_is_critical_to_rounding(gamma_prime):
    edge = 1.0 if gamma_prime <= 0 else 1.0 + gamma_prime
    assert boundary(gamma_prime) == edge
    assert regime(edge, gamma_prime) == "critical"
    assert regime(edge + 1e-3, gamma_prime) == "condensed"
    assert regime(edge - 1e-3, gamma_prime) == "linear"


def test_a_boundary_in_decimals_is_one():
    assert regime(1.1, 0.1) == regime(1.3, 0.3) == "critical"  # 1.1 - 1 is not 0.1


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("LeCun", (0.5, 0.5)),
        ("He", (0.5, 0.5)),
        ("Xavier", (1.0, 0.0)),
        ("NTK", (0.5, 0.0)),
        ("mean field", (1.0, 0.0)),
        ("PyTorch", (0.5, 0.5)),
    ],
)
@pytest.mark.parametrize("d", [1, 5, 784])
def test_limits_are_those_of_the_paper(name, limit, d):
    assert gammas(name, d=d) == limit
    wide = gammas(name, 10**15, d)
    assert wide == pytest.approx(limit, abs=0.25)


def _drawn(name, m, d):
    """Standard deviations that torch gives the two layers of a network."""
    layers = torch.nn.Linear(d, m, dtype=torch.float64), torch.nn.Linear(m, 1, dtype=torch.float64)
    fill = {
        "He": lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu"),
        "LeCun": lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="linear"),
        "Xavier": torch.nn.init.xavier_normal_,
        "PyTorch": lambda w: w,
    }[name]
    return [float(fill(layer.weight.detach()).std()) for layer in layers]


@pytest.mark.parametrize("name", ["LeCun", "He", "Xavier", "PyTorch"])
@pytest.mark.parametrize("d", [1, 20])
def test_finite_widths_are_what_torch_draws(name, d):
    torch.manual_seed(0)
    m = 200_000
    w, a = _drawn(name, m, d)
    expected = -math.log(a * w) / math.log(m), -math.log(a / w) / math.log(m)
    assert gammas(name, m, d) == pytest.approx(expected, abs=2e-3)


def test_each_initialization_has_a_source():
    assert all(len(found.source) > 20 for found in INITIALIZATIONS.values())
    with pytest.raises(ValueError, match=r"LeCun, He, Xavier, NTK, mean field, PyTorch.*'Kaiming'"):
        gammas("Kaiming")
    with pytest.raises(ValueError, match="width must be a whole number from 2 up, but is 1"):
        gammas("He", 1)


# --- the start --------------------------------------------------------------------------------


@given(some.integers(2, 40_000), some.floats(-5, 5), some.floats(-5, 5))
def test_scales_have_these_gammas(m, gamma, gamma_prime):
    scales = ScaledTwoLayer(1, m, gamma=gamma, gamma_prime=gamma_prime).scales
    a, w = scales["a"], scales["w"]
    assert scales["b"] == w
    assert -math.log(a * w) / math.log(m) == pytest.approx(gamma, abs=1e-9)
    assert -math.log(a / w) / math.log(m) == pytest.approx(gamma_prime, abs=1e-9)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("d", [1, 3])
def test_the_draw_is_that_of_two_layers_but_for_scales(d, bias):
    model = ScaledTwoLayer(d, 6, "relu", bias, gamma=1.5, gamma_prime=-0.5)
    plain = ck.TwoLayer(d, 6, "relu", bias)
    found, drawn = model.init(seed=3, std=0.5), plain.init(seed=3, std=0.5)
    assert found.keys() == drawn.keys()
    for name, leaf in drawn.items():
        scale = 6.0 ** -(0.5 if name == "a" else 1.0)
        torch.testing.assert_close(found[name], scale * leaf, rtol=1e-14, atol=0)


@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
@pytest.mark.parametrize(("d", "m"), [(1, 2), (1, 1000), (4, 30)])
@pytest.mark.parametrize("gamma", [-1.0, 0.5, 1.75])
def test_an_antisymmetric_start_is_zero_everywhere_to_rounding(activation, d, m, gamma):
    model = ScaledTwoLayer(d, m, activation, gamma=gamma, antisymmetric=True)
    start, x = model.init(seed=1), 5 * torch.randn(40, d, dtype=torch.float64)
    outputs = ck.evaluate(model, start, x)
    terms = ck.evaluate(model, start | {"a": start["a"].abs()}, x)
    assert float(outputs.abs().max()) <= 1e-13 * float(terms.abs().max())
    assert float(terms.abs().max()) > 0
    torch.testing.assert_close(start["a"][: m // 2], -start["a"][m // 2 :], rtol=0, atol=0)


def test_runs_of_one_width_move_together_whatever_their_gammas():
    several = [REGIMES.replace(width=10, gamma=g, gamma_prime=p) for g in (0.5, 2) for p in (0, 1)]
    together = ck.train(several)
    for run in together:
        alone = ck.train(run.experiment)
        np.testing.assert_allclose(alone.loss, run.loss, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("alpha", [0.1, 7.0, 1e3])
def test_a_divisor_of_the_output_is_a_choice_of_units(alpha):
    """Plain torch trains (1/alpha) sum a relu(w x + b); here, the units are changed."""
    lr, steps = 0.05, 200
    mine = REGIMES.replace(width=20, gamma=0.8, gamma_prime=0.3)
    data, start = mine.data(), mine.init()
    leaves = {n: (alpha**0.5 * p).clone().requires_grad_() for n, p in start.items()}
    optimizer = torch.optim.SGD(leaves.values(), lr=alpha * lr)
    for _ in range(steps):
        optimizer.zero_grad()
        hidden = torch.relu(data.x @ leaves["w"].T + leaves["b"])
        loss = ((hidden @ leaves["a"] / alpha - data.y) ** 2).mean()
        loss.backward()
        optimizer.step()
    descent = ck.Experiment(
        mine.model, mine.problem, ck.GradientDescent(lr, steps), 4, init_std=1.0
    )
    run = ck.train(descent)
    theirs = [leaves["w"].detach().flatten(), leaves["b"].detach()]
    began = [alpha**0.5 * start["w"].flatten(), alpha**0.5 * start["b"]]
    moved = math.sqrt(sum(float(((p - q) ** 2).sum()) for p, q in zip(theirs, began, strict=True)))
    size = math.sqrt(sum(float((q**2).sum()) for q in began))
    assert displacement(run)[-1] == pytest.approx(moved / size, rel=1e-9)
    assert run.loss[-1] < 0.9 * run.loss[0]


# --- how far they move ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gamma", "low", "high"), [(0.5, -0.6, -0.4), (1.0, -0.05, 0.05), (1.75, 0.3, 0.45)]
)
def test_the_slope_of_displacements_tells_the_regime(gamma, low, high):
    found = displacements(REGIMES.replace(gamma=gamma), [1_000, 3_000, 10_000])
    assert low < found.slope < high
    assert 0 < found.spread < 0.06
    assert found.relative.shape == (3, 5)
    assert f"m^({found.slope:.3f} ± {found.spread:.3f})" in str(found)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 1.75])
def test_descent_moves_weights_as_far_as_the_flow(gamma):
    flow = REGIMES.replace(width=100, gamma=gamma)
    descent = ck.Experiment(
        flow.model,
        flow.problem,
        ck.GradientDescent(0.02, 400_000, stop_loss=1e-6),
        n_samples=4,
        init_std=1.0,
    )
    ends = [displacement(ck.train(one))[-1] for one in (flow, descent)]
    assert ends[0] == pytest.approx(ends[1], rel=0.02)


def test_a_displacement_is_that_of_all_input_weights():
    run = ck.train(REGIMES.replace(width=4))
    found = displacement(run)
    theta = torch.cat([run.params["w"].flatten(1), run.params["b"]], dim=1)
    expected = (theta - theta[0]).norm(dim=1) / theta[0].norm()
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12)
    family = displacements(REGIMES, [4, 6], 1)
    assert family.relative[0, 0] == pytest.approx(found[-1], rel=1e-9)
    assert [*family.widths] == [4, 6]


def test_slopes_are_those_of_a_line_in_logarithms():
    widths = np.array([10, 100, 1000])
    known = Displacements(widths, np.stack([2.0 * widths**0.5, widths**-1.0], axis=1))
    np.testing.assert_allclose(known.slopes, [0.5, -1.0])
    assert known.slope == pytest.approx(-0.25)
    assert known.spread == pytest.approx(0.75)


def test_a_run_that_does_not_come_down_is_told():
    found = displacements(REGIMES.replace(max_steps=2), [10, 20], 2)
    assert np.isnan(found.relative).all()
    assert math.isnan(found.slope)
    assert str(found) == "4 of 4 runs did not come down to stop_loss."


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gamma", "gamma_prime", "said"),
    [
        (200, 0, r"the scale of a, 10\^-300, underflows"),
        (0, 200, r"the scale of a, 10\^-300, underflows"),
        (5, 200, r"the scale of a, 10\^-308, underflows"),
        (-5, 100, r"the scale of w, 10\^158, overflows"),
        (0, 150, r"the scale of a, 10\^-225, underflows"),
        (110, -5, r"the scale of a, 10\^-158, underflows"),
        (60, 0, r"their product, 10\^-180, underflows"),
    ],
)
def test_scales_that_numbers_cannot_hold_are_named(gamma, gamma_prime, said):
    with pytest.raises(ValueError, match=said):
        REGIMES.replace(gamma=gamma, gamma_prime=gamma_prime)


@pytest.mark.parametrize("gamma", [math.nan, math.inf, "x", 1e4])
def test_a_gamma_that_is_no_number_is_refused(gamma):
    with pytest.raises(ValueError, match="gamma must be a number from"):
        ScaledTwoLayer(1, 10, gamma=gamma)


def test_pairs_need_an_even_width():
    with pytest.raises(ValueError, match=r"width must be even .* but is 7"):
        REGIMES.replace(width=7)
    assert ScaledTwoLayer(1, 7, antisymmetric=True).n_parameters == 21  # can be measured


def test_a_family_needs_scales_that_follow_the_width():
    plain = ck.Experiment(ck.TwoLayer(1, 10, "relu"), REGIMES.problem, n_samples=4)
    with pytest.raises(ValueError, match=r"as that of a ScaledTwoLayer does, but .* a TwoLayer"):
        displacements(plain)
    with pytest.raises(ValueError, match=r"widths must hold two widths or more, but is \[10, 10\]"):
        displacements(REGIMES, [10, 10])
    with pytest.raises(ValueError, match="width must be a whole number from 1 to 40,000"):
        displacements(REGIMES, [10, 50_000])


def test_what_does_not_fit_is_refused_before_it_is_trained():
    wide = REGIMES.replace(width=40_000)
    with pytest.raises(ValueError, match="5,000 samples would need matrices of 600,000,000"):
        ck.train(wide.replace(n_samples=5_000))
    large = ck.TwoLayer(10_000, 40_000)
    target = ck.teacher([1.0], [[1.0] * 10_000])
    with pytest.raises(ValueError, match=r"400,080,000 parameters .* 197 steps, which takes 631"):
        ck.train(ck.Experiment(large, target, n_samples=4))


def test_the_widest_network_is_trained_in_little_memory():
    """A width of 40,000: its record takes 50 x 120,000 numbers, 1 MB for each step."""
    run = ck.train(REGIMES.replace(width=40_000, stop_loss=1e-3, gamma=1.0))
    assert run.outcome == "converged"
    kept = sum(leaf.numel() * 8 for leaf in run.params.values())
    assert kept == len(run) * 120_000 * 8
