"""The end of the gradient flow, on the floor of a valley: its systems, its steps, its times."""

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE, PlainFormula, each
from hypothesis import given, settings
from hypothesis import strategies as st
from test_flow import _named, exactly, flat, force_loss

from condensekit import Experiment, GradientFlow, Outcome, TwoLayer, three_tanh, train
from condensekit.derivatives import Landscape, curvature
from condensekit.derivatives.systems import SINGULAR, inverse_factors
from condensekit.models import Model
from condensekit.optimizers import flow, implicit
from condensekit.symmetry import Stratum, coincidence

FLOW = GradientFlow(stop_loss=1e-12, t_end=1e14)
DEEP = {
    "wide": Experiment(TwoLayer(1, 30), three_tanh(), FLOW, 20, init_std=0.3, seed=1),
    "more samples than parameters": Experiment(
        TwoLayer(1, 3), three_tanh(2), FLOW, 20, init_std=0.8, seed=4
    ),
    "plane": Experiment(TwoLayer(2, 12), PLANE, FLOW, 12, init_std=0.5, seed=3),
    "no bias": Experiment(TwoLayer(2, 12, bias=False), PLANE, FLOW, 9, init_std=0.5, seed=3),
    "sigmoid": Experiment(TwoLayer(1, 20, "sigmoid"), ASYMMETRIC, FLOW, 9, init_std=0.7, seed=4),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Each run is on the floor as soon as its loss is low, so that even short ends are tested."""
    monkeypatch.setattr(flow.FlowRule, "patience", 0)


def hessians(model: Model, theta, x, y):
    """H of each row, by automatic differentiation."""
    landscape = Landscape(model, theta, x, y)
    found = curvature(PlainFormula(model), landscape.theta, landscape.params, x, y)
    found.update()
    return np.stack(
        [found.product(np.tile(unit, (len(theta), 1))) for unit in np.eye(len(theta[0]))], 1
    )


def drawn(seed, model, n, size, runs=3):
    generator = torch.Generator("cpu").manual_seed(seed)
    theta = torch.randn(runs, model.n_parameters, generator=generator, dtype=torch.float64) * size
    x = torch.randn(runs, n, model.d, generator=generator, dtype=torch.float64)
    y = torch.randn(runs, n, generator=generator, dtype=torch.float64)
    return theta.numpy(), x, y


# --- the systems ---------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**31),
    shape=st.sampled_from([(1, 4, 6), (1, 4, 30), (2, 3, 5), (3, 2, 4), (1, 1, 3)]),
    bias=st.booleans(),
    size=st.sampled_from([0.1, 1.0, 3.0]),
    shift=st.floats(-2.0, 4.0).map(lambda power: 10.0**power),
)
def test_definite_is_what_the_eigenvalues_say(seed, shape, bias, size, shift):
    """Rows of one batch, with and without signs; and systems are solved either way."""
    d, m, n = shape
    model = TwoLayer(d, m, bias=bias)
    theta, x, y = drawn(seed, model, n, size)
    dense = np.eye(model.n_parameters) + shift * hessians(model, theta, x, y)
    values = np.linalg.eigvalsh(dense)
    landscape = Landscape(model, theta, x, y)
    ours = landscape.curvature()
    ours.update()
    ours.factor(np.full(len(theta), shift))
    clear = np.abs(values).min(axis=1) > 1e-8 * np.abs(values).max(axis=1)
    np.testing.assert_array_equal(ours.definite()[clear], (values[clear] > 0.0).all(axis=1))
    right = np.random.default_rng(seed).standard_normal(theta.shape)
    solved = ours.solve(right)
    for row in np.flatnonzero(clear):
        left = np.abs(dense[row] @ solved[row] - right[row]).max()
        assert left <= 1e-5 * np.abs(dense[row]).max() * max(1.0, np.abs(solved[row]).max())


def test_some_are_definite_where_the_bound_does_not_say_so_and_some_are_not():
    """Else the test above would test less than it says."""
    model, found = TwoLayer(1, 4), set()
    for seed in range(40):
        theta, x, y = drawn(seed, model, 6, 1.0)
        ours = Landscape(model, theta, x, y).curvature()
        ours.update()
        for shift in (0.3, 3.0, 30.0):
            ours.factor(np.full(len(theta), shift))
            beyond = -shift * ours.lowest >= 1.0
            found |= {*zip(beyond.tolist(), ours.definite().tolist(), strict=True)}
    assert found == {(False, True), (True, True), (True, False)}


def test_a_pivot_that_is_zero_is_told():
    """[[0, 1], [1, 0]] has no LDL^T without pivoting; its neighbours have, one of two scales."""
    block = np.zeros((3, 2, 2, 1))
    block[:2, 1, 0] = 1.0
    block[2, 0, 0], block[2, 1, 1] = -1e9, 1.0
    block[1, 0, 0] = block[1, 1, 1] = 2.0
    inverse, signs, told = inverse_factors(block, np.ones(3, dtype=bool))
    assert told.tolist() == [False, True, True]
    assert np.isfinite(inverse).all()
    assert signs is not None
    assert (signs[1] == 1.0).all()
    np.testing.assert_array_equal(signs[2, :, 0], [-1.0, 1.0])
    np.testing.assert_allclose(inverse[2, :, :, 0], np.diag([1e9**-0.5, 1.0]))
    assert SINGULAR > 0.0


def test_a_hessian_with_other_residuals_is_that_of_other_labels():
    """(2/n) (J^T J + sum_i r_i Hess f_i) is the Hessian where the labels are f - r."""
    model = TwoLayer(2, 3)
    theta, x, y = drawn(5, model, 7, 1.0)
    landscape = Landscape(model, theta, x, y)
    ours = landscape.curvature()
    other = np.random.default_rng(1).standard_normal(y.shape)
    for _ in ours.update_parts(other):
        pass
    outputs = ours.residuals() + y.numpy()
    truth = hessians(model, theta, x, torch.from_numpy(outputs - other))
    for vector in np.eye(model.n_parameters):
        rows = np.tile(vector, (len(theta), 1))
        np.testing.assert_allclose(
            ours.product(rows), np.einsum("rij,rj->ri", truth, rows), atol=1e-12
        )


# --- the steps -----------------------------------------------------------------------------------


def stability(z):
    """What one step makes of y' = z y, h = 1, from y = 1; and what the formula of order 3 would."""
    gamma = implicit.GAMMA
    first = z / (1.0 - gamma * z)
    second = z * (1.0 + (1.0 - gamma) * first) / (1.0 - gamma * z)
    forces = (z, first, second)
    return [
        1.0 + sum(w * k for w, k in zip(weights, forces, strict=True))
        for weights in (implicit.WEIGHTS, implicit.THIRD)
    ]


def test_the_method_has_its_order():
    for index, order in ((0, 2), (1, 3)):
        errors = [abs(stability(z)[index] - np.exp(z)) for z in (0.02, 0.01)]
        assert errors[0] / errors[1] == pytest.approx(2.0 ** (order + 1), rel=0.1)
    assert abs(stability(-1e9)[0]) < 1e-8, "L-stable"
    low, high = stability(0.01)
    assert low - high == pytest.approx(low - np.exp(0.01), rel=0.02), "the estimate is the error"


def test_up_to_the_cap_it_grows_as_the_flow_does():
    for z in np.linspace(0.01, implicit.CAP, 50):
        assert np.log(stability(z)[0]) == pytest.approx(z, rel=0.011)


@pytest.mark.slow
@each("experiment", DEEP)
def test_it_reaches_every_loss_when_it_should(experiment):
    """By SciPy's Radau from where the floor begins, with ten digits."""
    experiment = experiment.replace(stop_loss=1e-11)
    run = train(experiment)
    assert run.outcome is Outcome.CONVERGED
    deep = flow.FlowRule.deep * float((experiment.data().y ** 2).mean())
    begin = int(np.argmax(run.loss < deep))
    span = run.time[-1] - run.time[begin]
    assert begin, "nothing of it was on the floor"
    found = exactly(experiment, span, flat(run, begin), "LSODA")
    moved = np.linalg.norm(found.y[:, -1] - flat(run, begin))
    assert np.linalg.norm(found.y[:, -1] - flat(run)) <= 0.03 * moved
    losses = np.array([float(force_loss(experiment, _named(experiment, at))) for at in found.y.T])
    due = np.interp(-np.log(run.loss[-1]), -np.log(losses), found.t)
    assert span == pytest.approx(due, rel=0.03)


@pytest.mark.slow
@each("experiment", DEEP)
def test_both_methods_end_at_the_same_time(experiment, monkeypatch):
    run = train(experiment)
    monkeypatch.setattr(flow.FlowRule, "deep", 0.0)
    other = train(experiment)
    assert run.outcome is other.outcome is Outcome.CONVERGED
    assert not np.array_equal(run.time, other.time), "the same method"
    level = 2.0 * max(run.loss[-1], other.loss[-1])
    times = [np.interp(-np.log(level), -np.log(one.loss), one.time) for one in (run, other)]
    assert times[0] == pytest.approx(times[1], rel=0.1)


def test_a_run_that_just_falls_to_zero_keeps_its_method(monkeypatch):
    easy = Experiment(TwoLayer(1, 60), three_tanh(), GradientFlow(), 12, 0.3, seed=1)
    monkeypatch.undo()
    assert flow.FlowRule.patience > 0
    run = train(easy)
    monkeypatch.setattr(flow.FlowRule, "deep", 0.0)
    np.testing.assert_array_equal(run.time, train(easy).time)


@pytest.mark.slow
def test_a_run_that_goes_on_and_on_ends_within_its_budget(monkeypatch):
    """Without the second method it is at 7e-11 after 4,000 attempts."""
    flow_ = GradientFlow(stop_loss=1e-11, t_end=1e12, max_steps=4_000)
    long = Experiment(TwoLayer(1, 60, "sigmoid"), three_tanh(), flow_, 40, init_std=0.3, seed=1)
    monkeypatch.undo()
    run = train(long)
    assert run.outcome is Outcome.CONVERGED
    assert run.step[-1] < 1_000
    monkeypatch.setattr(flow.FlowRule, "deep", 0.0)
    assert train(long).outcome is Outcome.BUDGET


@pytest.mark.slow
def test_runs_of_a_batch_reach_the_floor_each_for_itself():
    base = DEEP["wide"].replace(stop_loss=1e-9)
    experiments = [base.replace(seed=seed, stop_loss=10.0 ** -(6 + seed)) for seed in range(5)]
    for experiment, run in zip(experiments, train(experiments), strict=True):
        alone = train(experiment)
        np.testing.assert_array_equal(run.time, alone.time)
        np.testing.assert_array_equal(flat(run), flat(alone))


def test_on_the_floor_equal_neurons_stay_equal_and_zero_ones_zero():
    experiment = DEEP["wide"].replace(width=10, n_samples=4, stop_loss=1e-9)
    init = experiment.init()
    for leaf in init.values():
        leaf[1], leaf[3], leaf[4] = leaf[0], -leaf[2], 0.0
    run = train(experiment, init=init)
    assert run.loss[-1] <= 1e-9
    for leaf in run.params.values():
        torch.testing.assert_close(leaf[:, 0], leaf[:, 1], rtol=0, atol=1e-11)
        torch.testing.assert_close(leaf[:, 2], -leaf[:, 3], rtol=0, atol=1e-11)
        assert (leaf[:, 4] == 0.0).all()


def test_on_the_floor_the_narrow_network_takes_the_steps_of_the_wide_one():
    wide = Experiment(TwoLayer(1, 7), ASYMMETRIC, FLOW.replace(stop_loss=1e-9), 4, 0.5, seed=2)
    blocks = (((0, 1), (1, 1), (2, -1)), ((3, 1),), ((4, 1), (5, 1)), ((6, 1),))
    found = coincidence(wide, Stratum(wide.model, blocks))
    assert found.wide.loss[-1] <= 1e-9
    assert found.wide.step[-1] == found.narrow.step[-1]
    assert found.largest < 1e-7


def test_steps_end_on_the_floor_however_long_they_are():
    """A neuron that becomes a jump, for ever: what is left beside the floor does not grow."""
    labels = torch.tensor([[0.99931, 1.00045, 1.00011]], dtype=torch.float64)
    x = torch.tensor([[[-1.0], [0.0], [1.0]]], dtype=torch.float64)
    landscape = Landscape(TwoLayer(1, 1), np.array([[0.9, -0.2, 1.5]]), x, labels)
    rule = flow.FlowRule([GradientFlow(stop_loss=0.0, t_end=1e15)], landscape)
    loss, attempts = rule.start(), 0
    while rule.going(loss).all() and attempts < 2_000:
        loss, attempts = rule.step(), attempts + 1
    assert rule.t[0] == 1e15
    assert np.abs(landscape.gradient).max() < 1e-12


@pytest.mark.parametrize("beside", [0.0, 1e-6, 1e-5, 1e-4])
def test_the_way_to_the_floor_is_not_followed_in_detail(beside):
    """First steps that do hardly more than end on the floor are not refused for their errors.

    Down to the fastest time scale they were, of which a longer step is an average.
    """
    labels = torch.tensor([[0.99931, 1.00045, 1.00011]], dtype=torch.float64)
    x = torch.tensor([[[-1.0], [0.0], [1.0]]], dtype=torch.float64)
    landscape = Landscape(TwoLayer(1, 1), np.array([[0.9, -0.2, 1.5]]), x, labels)
    rule = flow.FlowRule([GradientFlow(stop_loss=0.0, t_end=1e15)], landscape)
    rule.start()
    while rule.t[0] < 1e6:
        rule.step()
    steep = np.linalg.eigh(hessians(landscape.model, landscape.theta, x, labels)[0])
    assert steep.eigenvalues[-1] * rule.h[0] > 1e4, "no wall"
    landscape.theta += beside * steep.eigenvectors[:, -1]
    rule.loss, rule.settled[:], attempts = landscape.loss().copy(), False, 0
    end = 4.0 * rule.t[0]
    while rule.t[0] < end:
        rule.step()
        attempts += 1
    assert attempts <= 30


def test_an_interrupted_attempt_leaves_the_network_where_it_was():
    experiment = DEEP["wide"]
    data = experiment.data()
    theta = flat(train(experiment.replace(stop_loss=1e-6)))[None].copy()
    landscape = Landscape(experiment.model, theta, data.x[None], data.y[None])
    rule = flow.FlowRule([experiment.optimizer], landscape)
    rule.start()
    while not rule.floor.any():
        rule.step()
    here, before = theta.copy(), rule.loss.copy()
    parts = rule.parts()
    for _ in range(4):
        assert next(parts) is None
        np.testing.assert_array_equal(landscape.theta, here)
    parts.close()
    assert min(rule.step()[0] for _ in range(10)) < before[0]


def two_methods():
    """A batch of a run on the floor and one above; which of them is first does not matter."""
    experiment = DEEP["wide"]
    data = experiment.data()
    theta = np.stack([flat(train(experiment.replace(stop_loss=loss))) for loss in (1e-2, 1e-7)])
    samples = data.x.expand(2, -1, -1), data.y.expand(2, -1)
    rule = flow.FlowRule([experiment.optimizer] * 2, Landscape(experiment.model, theta, *samples))
    rule.start()
    while len(rule.groups) < 2:
        rule.step()
    return rule


def state(rule):
    own = rule.landscape
    return [own.theta, own.gradient, rule.loss, rule.steps(), rule.time(), rule.h, rule.error]


def test_between_two_methods_of_a_batch_no_run_has_moved():
    """A part of a step shows every run where it was, and says so."""
    rule = two_methods()
    parts = rule.parts()
    for _ in range(3):
        before = [one.copy() for one in state(rule)]
        while next(parts) is None:
            for now, then in zip(state(rule), before, strict=True):
                np.testing.assert_array_equal(now, then)
    assert len(rule.groups) == 2
    assert (rule.steps() > 1).all()


def test_a_step_that_was_given_up_is_made_as_if_it_had_not_been_begun():
    whole, broken = two_methods(), two_methods()
    for given_up in range(0, 60, 3):
        whole.step()
        parts = broken.parts()
        for _ in range(given_up):
            if next(parts) is not None:
                assert given_up > 20, "all parts of a step were given up once"
                np.testing.assert_array_equal(state(broken)[0], state(whole)[0])
                return
        parts.close()
        broken.step()
        for one, other in zip(state(whole), state(broken), strict=True):
            np.testing.assert_array_equal(one, other)
    raise AssertionError("a step has more parts than this test expects")
