"""The gradient flow, against explicit solvers, SciPy and itself."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE, PUBLISHED, PlainFormula, each
from hypothesis import given, settings
from hypothesis import strategies as st
from often import crossed, sparsely
from scipy.integrate import solve_ivp

from condensekit import (
    Adam,
    Experiment,
    GradientDescent,
    GradientFlow,
    Outcome,
    Run,
    TwoLayer,
    recovery,
    three_tanh,
    train,
)
from condensekit.derivatives import Landscape, curvature
from condensekit.optimizers.flow import FlowRule
from condensekit.optimizers.rosenbrock import ROS4

FLOW = GradientFlow(stop_loss=0.0, t_end=10.0)

SMOOTH = {
    "tanh": Experiment(TwoLayer(1, 8), ASYMMETRIC, FLOW, 12, init_std=0.5, seed=1),
    "fewer samples": Experiment(TwoLayer(1, 20), ASYMMETRIC, FLOW, 6, init_std=0.3, seed=2),
    "three tanh": Experiment(TwoLayer(1, 20), three_tanh(), FLOW, 30, init_std=0.3, seed=1),
    "small start": Experiment(TwoLayer(1, 30), three_tanh(), FLOW, 50, init_std=30**-1.5, seed=2),
    "plane": Experiment(TwoLayer(2, 6), PLANE, FLOW, 15, init_std=0.5, seed=3),
    "no bias": Experiment(TwoLayer(2, 6, bias=False), PLANE, FLOW, 9, init_std=0.5, seed=3),
    "sigmoid": Experiment(TwoLayer(1, 6, "sigmoid"), ASYMMETRIC, FLOW, 9, init_std=0.7, seed=4),
    "softplus": Experiment(TwoLayer(2, 5, "softplus"), PLANE, FLOW, 9, init_std=0.7, seed=4),
    "xtanh": Experiment(TwoLayer(1, 6, "xtanh"), ASYMMETRIC, FLOW, 9, init_std=0.7, seed=4),
    "dense": Experiment(PlainFormula(TwoLayer(1, 5)), ASYMMETRIC, FLOW, 9, init_std=0.7, seed=4),
}
"""Each is followed to t = 10. From small weights, "small start" leaves zero before, at t = 0.5."""


def flat(run, index=-1):
    return np.concatenate([leaf.numpy().ravel() for leaf in run.at(index).values()])


def force(experiment):
    """-grad L as a function of all parameters."""
    data = experiment.data()
    theta = np.empty((1, experiment.model.n_parameters))
    landscape = Landscape(experiment.model, theta, data.x[None], data.y[None])

    def right(t, point):
        del t
        theta[0] = point
        landscape.loss()
        return -landscape.gradient[0]

    return right


def exactly(experiment, t_end, start=None, method="LSODA", t_eval=None):
    """The flow by SciPy, to ten digits."""
    if start is None:
        start = np.concatenate([leaf.numpy().ravel() for leaf in experiment.init().values()])
    found = solve_ivp(
        force(experiment), (0.0, t_end), start, method, rtol=1e-10, atol=1e-14, t_eval=t_eval
    )
    assert found.success
    return found


# --- accuracy ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exact():
    """Each smooth case at t = 10 by SciPy, once."""
    return {name: exactly(e, 10.0).y[:, -1] for name, e in SMOOTH.items()}


@crossed(("name", "rtol"), [*SMOOTH], [1e-2, 1e-3, 1e-4, 1e-5])
def test_the_error_is_at_most_50_rtol(name, rtol, exact):
    run = train(SMOOTH[name].replace(rtol=rtol))
    assert run.outcome is Outcome.BUDGET
    assert run.time[-1] == 10.0
    error = np.linalg.norm(flat(run) - exact[name]) / np.linalg.norm(exact[name])
    assert error <= 50 * rtol
    moved = np.linalg.norm(exact[name] - flat(run, 0)) / np.linalg.norm(exact[name])
    assert moved > 0.1, "nothing happened, so nothing was tested"


@pytest.mark.parametrize("name", sparsely([*SMOOTH], 3))
def test_a_smaller_tolerance_gives_a_smaller_error(name, exact):
    errors = [
        np.linalg.norm(flat(train(SMOOTH[name].replace(rtol=rtol))) - exact[name])
        for rtol in (1e-2, 1e-4, 1e-6)
    ]
    assert errors[2] < errors[1] < errors[0]


@each("experiment", SMOOTH)
def test_the_loss_never_rises(experiment):
    run = train(experiment)
    assert (np.diff(run.loss) <= 1e-12 * run.loss[:-1]).all()
    assert run.loss[-1] < run.loss[0]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_it_is_gradient_descent_with_a_tiny_learning_rate(activation):
    flow = SMOOTH["tanh"].replace(activation=activation, rtol=1e-5, t_end=2.0)
    errors = []
    for lr in (1e-3, 1e-4):
        descent = dataclasses.replace(flow, optimizer=GradientDescent(lr, steps=round(2.0 / lr)))
        errors.append(np.abs(flat(train(descent)) - flat(train(flow))).max())
    assert errors[1] < 2e-3
    assert errors[1] < 0.3 * errors[0], "the difference is that of the learning rate"


def test_the_method_has_its_order():
    """The error of one step on theta' = -theta, z = h: e^-z up to z^5, and with growth too."""
    for h in (0.02, -0.02):
        assert abs(_factor(h) - math.exp(-h)) < 2.0 * abs(h) ** 5
    assert abs(_factor(1e12)) < 1e-4, "L-stable: what is stiff is gone after a step"
    for h in np.linspace(0.01, ROS4.cap, 50):
        assert math.log(_factor(-h)) == pytest.approx(h, rel=0.01)


def _factor(z):
    """By what one step of the method multiplies the solution of theta' = -theta."""
    stages = []
    for a, c in zip(ROS4.a, ROS4.c, strict=True):
        point = 1.0 + sum(x * k for x, k in zip(a, stages, strict=False))
        right = -z * point + sum(x * k for x, k in zip(c, stages, strict=False))
        stages.append(ROS4.gamma * right / (1.0 + z * ROS4.gamma))
    return 1.0 + sum(m * k for m, k in zip(ROS4.m, stages, strict=True))


# --- a large start, which hardly moves -----------------------------------------------------------


def antisymmetric(m, activation, seed=0):
    """A start of size m^-1/4 that computes zero: two halves of opposite output."""
    flow = GradientFlow(t_end=0.3, stop_loss=0.0)
    experiment = Experiment(TwoLayer(1, m, activation), three_tanh(1), flow, 10)
    half = TwoLayer(1, m // 2, activation).init(torch.Generator().manual_seed(seed), m**-0.25)
    init = {name: torch.cat([leaf, leaf]) for name, leaf in half.items()}
    init["a"][m // 2 :] *= -1.0
    return experiment, init


@crossed(("m", "activation"), [100, 1_000], ["tanh", "sigmoid", "relu"])
def test_the_error_is_small_against_the_distance_travelled(activation, m):
    """The move is a few hundredths of theta; an error of rtol |theta| would be much of it."""
    experiment, init = antisymmetric(m, activation)
    start = np.concatenate([leaf.numpy().ravel() for leaf in init.values()])
    right = force(experiment)
    found = solve_ivp(
        lambda t, move: right(t, start + move),
        (0.0, 0.3),
        np.zeros_like(start),
        rtol=1e-7,
        atol=1e-9,
    )
    moved, size = found.y[:, -1], np.linalg.norm(start)
    assert 1e-3 < np.linalg.norm(moved) / size < 0.15
    run = train(experiment, init=init)
    error = np.linalg.norm(flat(run) - start - moved)
    assert error < 10 * run.experiment.optimizer.rtol * np.linalg.norm(moved)


# --- saddles -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saddle():
    """The best single neuron, split into three: a critical point that is no minimum."""
    narrow = Experiment(
        TwoLayer(1, 1),
        three_tanh(2),
        GradientFlow(rtol=1e-6, stop_loss=0.0, t_end=1e8),
        n_samples=20,
        init_std=0.5,
        seed=1,
    )
    params = train(narrow).final
    wide = narrow.replace(width=3, rtol=1e-3)
    shares = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    init = {"a": shares * params["a"], "w": params["w"].repeat(3, 1), "b": params["b"].repeat(3)}
    level = float(force_loss(wide, init))
    return wide, init, level


def force_loss(experiment, params):
    data = experiment.data()
    outputs = torch.vmap(experiment.model, in_dims=(None, 0))(params, data.x)
    return (outputs - data.y).square().mean()


@pytest.mark.parametrize("kick", sparsely([1e-6, 1e-12], 2))
def test_a_kicked_network_leaves_its_saddle_on_time(saddle, kick):
    wide, init, level = saddle
    generator = torch.Generator().manual_seed(5)
    start = {
        name: leaf + kick * torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        for name, leaf in init.items()
    }
    run = train(wide.replace(t_end=1e5, stop_loss=0.5 * level), init=start)
    assert run.loss[0] == pytest.approx(level, rel=1e-6)
    ours = _escape(run.time, run.loss, level)
    theta = np.concatenate([leaf.numpy().ravel() for leaf in start.values()])
    found = exactly(wide, 1.1 * ours, theta)
    losses = np.array([float(force_loss(wide, _named(wide, y))) for y in found.y.T])
    assert ours == pytest.approx(_escape(found.t, losses, level), rel=0.03)


def _named(experiment, theta):
    named, first = {}, 0
    for name, shape in experiment.model.shapes().items():
        size = math.prod(shape)
        named[name] = torch.from_numpy(theta[first : first + size].reshape(shape))
        first += size
    return named


def _escape(time, loss, level):
    """When the loss has fallen by a tenth, between two recorded times."""
    after = int(np.argmax(loss < 0.9 * level))
    assert after > 0, "it never left"
    return float(np.interp(-0.9 * level, -loss[after - 1 : after + 1], time[after - 1 : after + 1]))


# --- symmetry ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def symmetric():
    """Two equal neurons, two opposite ones, a zero one, and five like no other."""
    experiment = SMOOTH["tanh"].replace(width=10, t_end=1.0)
    init = experiment.init()
    for leaf in init.values():
        leaf[1] = leaf[0]
        leaf[3] = -leaf[2]
        leaf[4] = 0.0
    return train(experiment, init=init)


def test_equal_neurons_stay_equal(symmetric):
    for leaf in symmetric.params.values():
        torch.testing.assert_close(leaf[:, 0], leaf[:, 1], rtol=0, atol=1e-12)


def test_opposite_neurons_stay_opposite(symmetric):
    for leaf in symmetric.params.values():
        torch.testing.assert_close(leaf[:, 2], -leaf[:, 3], rtol=0, atol=1e-12)


def test_zero_neurons_stay_zero(symmetric):
    assert all((leaf[:, 4] == 0.0).all() for leaf in symmetric.params.values())
    assert all((leaf[-1, 0] != leaf[0, 0]).all() for leaf in symmetric.params.values())


def test_a_network_of_zeros_stays_and_ends():
    init = {name: torch.zeros_like(leaf) for name, leaf in SMOOTH["tanh"].init().items()}
    run = train(SMOOTH["tanh"], init=init)
    assert run.outcome is Outcome.CONVERGED
    assert "came to rest at step 1" in run.message
    assert not flat(run).any()


def test_dead_neurons_stay_and_end():
    dead = SMOOTH["tanh"].replace(activation="relu")
    init = {name: torch.full_like(leaf, -9.0) for name, leaf in dead.init().items()}
    init["w"][:] = 0.1
    run = train(dead, init=init)
    assert run.outcome is Outcome.CONVERGED
    assert run.step[-1] == 1


# --- rest ----------------------------------------------------------------------------------------


REST = {
    "one neuron for two": Experiment(TwoLayer(1, 1), three_tanh(2), FLOW, 20, 0.5, seed=1),
    "one in the plane": Experiment(TwoLayer(2, 1), PLANE, FLOW, 15, 0.5, seed=1),
    "sigmoid": Experiment(TwoLayer(1, 1, "sigmoid"), ASYMMETRIC, FLOW, 12, 0.5, seed=3),
    "dense": Experiment(PlainFormula(TwoLayer(1, 1)), three_tanh(2), FLOW, 20, 0.5, seed=1),
}
"""Too few neurons: at the end the loss is large, and the gradient is zero."""


@each("experiment", REST)
def test_at_a_minimum_it_rests(experiment):
    """There is no force by the formula either, and explicit steps lead nowhere else."""
    run = train(experiment.replace(t_end=1e9))
    assert run.outcome is Outcome.CONVERGED
    assert run.time[-1] < 1e7
    assert run.loss[-1] > 1e-4
    assert f"came to rest at step {run.step[-1]:,}, at loss {run.loss[-1]:.4g}" in run.message
    assert np.abs(force(experiment)(0.0, flat(run))).max() < 1e-12
    after = exactly(experiment, 10.0, flat(run)).y[:, -1]
    np.testing.assert_allclose(after, flat(run), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("std", [1e-4, 1e-8, 1e-14])
def test_near_zero_it_does_not_rest(std):
    """The gradient is as small as the weights; the time until it leaves is log(1 / std)."""
    run = train(SMOOTH["small start"].replace(init_std=std, stop_loss=1e-2, t_end=1e5))
    assert run.loss[-1] < 0.2 * run.loss[0]
    assert np.linalg.norm(flat(run)) > 1.0


@pytest.mark.parametrize("size", [1e-6, 1e-12])
def test_on_a_plateau_with_tiny_neurons_it_does_not_rest(saddle, size):
    """The best neuron, and two others that are small, and grow."""
    wide, init, level = saddle
    start = {name: leaf.clone() for name, leaf in init.items()}
    start["a"][0] = init["a"].sum()
    generator = torch.Generator().manual_seed(1)
    for leaf in start.values():
        leaf[1:] = size * torch.randn(leaf[1:].shape, generator=generator, dtype=torch.float64)
    run = train(wide.replace(t_end=300.0), init=start)
    assert run.loss[0] == pytest.approx(level, rel=1e-9)
    assert run.loss[-1] > 0.9 * level, "it is still on the plateau"
    assert (run.outcome, run.time[-1]) == (Outcome.BUDGET, 300.0)
    grown = float(run.final["w"][1:].norm() / start["w"][1:].norm())
    assert grown > 2.0, "small, but on its way"


def test_rows_rest_each_for_itself():
    base = dataclasses.replace(SMOOTH["tanh"], problem=three_tanh(2), n_samples=20).replace(
        width=1, t_end=1e4
    )
    experiments = [base.replace(seed=seed) for seed in range(4)]
    experiments.append(base.replace(t_end=1.0))
    for experiment, run in zip(experiments, train(experiments), strict=True):
        alone = train(experiment)
        assert (run.outcome, run.message) == (alone.outcome, alone.message)
        np.testing.assert_array_equal(flat(run), flat(alone))


# --- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [12, pytest.param(64, marks=pytest.mark.slow)])
def test_many_runs_are_what_they_are_alone(count):
    base = SMOOTH["small start"].replace(t_end=1.0)
    experiments = [
        base.replace(seed=seed, width=(10, 30)[seed % 2], rtol=(1e-3, 1e-4)[seed % 3 == 0])
        for seed in range(count)
    ]
    runs = train(experiments)
    for experiment, run in zip(experiments, runs, strict=True):
        alone = train(experiment)
        assert run.experiment == experiment
        np.testing.assert_array_equal(run.step, alone.step)
        np.testing.assert_array_equal(run.time, alone.time)
        np.testing.assert_array_equal(flat(run), flat(alone))
        assert recovery(run) == recovery(alone)


def test_more_runs_than_memory_should_hold_are_split(monkeypatch):
    experiments = [SMOOTH["tanh"].replace(seed=seed) for seed in range(5)]
    whole = train(experiments)
    monkeypatch.setattr(GradientFlow, "most_rows", lambda *_: 2)
    for one, other in zip(whole, train(experiments), strict=True):
        np.testing.assert_array_equal(flat(one), flat(other))


def test_the_structured_solve_goes_where_the_dense_one_goes():
    structured = SMOOTH["tanh"].replace(rtol=1e-6)
    dense = dataclasses.replace(structured, model=PlainFormula(structured.model))
    np.testing.assert_allclose(flat(train(structured)), flat(train(dense)), rtol=1e-5)


# --- ends ----------------------------------------------------------------------------------------


def test_it_ends_at_its_time_exactly():
    for t_end in (1e-9, 0.3, 7.0):
        run = train(SMOOTH["tanh"].replace(t_end=t_end))
        assert (run.outcome, run.time[-1]) == (Outcome.BUDGET, t_end)


def test_it_ends_at_its_loss():
    run = train(SMOOTH["tanh"].replace(t_end=1e9, stop_loss=1e-3))
    assert run.outcome is Outcome.CONVERGED
    assert run.loss[-1] <= 1e-3 < run.loss[-2]


def test_it_ends_after_its_steps():
    run = train(SMOOTH["tanh"].replace(max_steps=20))
    assert run.outcome is Outcome.BUDGET
    assert run.step[-1] <= 20
    assert run.time[-1] < 10.0
    assert (np.diff(run.time) > 0).all(), "a step that was rejected is no step"
    assert (np.diff(run.step) > 0).all()


def test_a_step_that_cannot_shrink_is_an_outcome(monkeypatch):
    monkeypatch.setattr(FlowRule, "shortest", 0.5)
    run = train(SMOOTH["tanh"])
    assert run.outcome is Outcome.STUCK
    assert "rtol = 0.001" in run.message
    assert len(run) > 3, "the run so far is kept"


def test_a_start_out_of_bounds_is_an_outcome():
    init = {name: torch.full_like(leaf, 1e200) for name, leaf in SMOOTH["tanh"].init().items()}
    run = train(SMOOTH["tanh"].replace(activation="relu"), init=init)
    assert run.outcome is Outcome.DIVERGED
    assert "overflows before the first step" in run.message


def test_it_can_be_cancelled():
    run = train(PUBLISHED_FLOW, on_step=lambda snapshot: snapshot.step[0] >= 30)
    assert run.outcome is Outcome.CANCELLED
    assert 30 <= run.step[-1] < 40


def test_its_file_comes_back(tmp_path):
    run = train(SMOOTH["tanh"])
    again = Run.load(run.save(tmp_path / "run.npz"))
    assert again.experiment == run.experiment
    np.testing.assert_array_equal(again.time, run.time)


@pytest.mark.parametrize(
    ("name", "value"),
    [("rtol", 0.6), ("rtol", 0.0), ("rtol", math.nan), ("t_end", 0.0), ("max_steps", 0)],
)
def test_bad_settings_name_value_and_range(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* from .* to .*but is {value!r}"):
        GradientFlow(**{name: value})


@pytest.mark.parametrize(
    ("model", "problem", "n"),
    [
        (PlainFormula(TwoLayer(1, 700)), ASYMMETRIC, 5),
        (TwoLayer(1, 20_000), ASYMMETRIC, 5_000),
    ],
)
def test_a_model_that_is_too_large_is_told_what_to_use(model, problem, n):
    with pytest.raises(ValueError, match=r"use .*Adam"):
        train(Experiment(model, problem, GradientFlow(), n_samples=n))


# --- the published experiment --------------------------------------------------------------------

PUBLISHED_FLOW = dataclasses.replace(PUBLISHED, optimizer=GradientFlow())


@pytest.fixture(scope="module")
def published():
    return train(PUBLISHED_FLOW)


def test_the_defaults_recover_the_published_target(published):
    """Seed 0; the other seeds are in `test_merging`."""
    run = published
    assert run.outcome is Outcome.CONVERGED
    assert run.test_loss[-1] < 1e-8
    verdict = recovery(run)
    assert verdict.allowed
    assert verdict.reached


def test_the_plateau_is_left_when_it_should_be(published):
    """A tolerance a thousand times smaller puts the escape of seed 0 at t = 7.43e4."""
    run = published
    level = run.loss[np.searchsorted(run.time, 1e4)]
    assert 0.095 < level < 0.105
    assert run.time[np.argmax(run.loss < 0.09)] == pytest.approx(7.43e4, rel=0.03)


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 12),
    n=st.integers(1, 12),
    std=st.floats(1e-6, 2.0),
    seed=st.integers(0, 1000),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "softplus", "xtanh", "x2tanh"]),
)
def test_whatever_it_is_given_the_loss_falls_and_time_goes_on(width, n, std, seed, activation):
    run = train(
        Experiment(
            TwoLayer(1, width, activation),
            ASYMMETRIC,
            GradientFlow(t_end=5.0, max_steps=2000),
            n_samples=n,
            init_std=std,
            seed=seed,
        )
    )
    assert run.outcome in (Outcome.BUDGET, Outcome.CONVERGED)
    # Each step may rise by rounding, 1e-12; between two records there may be several.
    assert (np.diff(run.loss) <= 1e-12 * np.diff(run.step) * run.loss[:-1]).all()
    assert (np.diff(run.time) > 0).all()
    assert np.isfinite(flat(run)).all()


def test_adam_and_descent_go_on_as_before():
    """The rules share a loop: a batch of all three is what each is alone."""
    base = SMOOTH["tanh"].replace(t_end=1.0)
    kinds = (GradientFlow(t_end=1.0), Adam(1e-2, steps=50), GradientDescent(1e-2, steps=50))
    mixed = [dataclasses.replace(base, optimizer=kind) for kind in kinds]
    for one, alone in zip(train(mixed), map(train, mixed), strict=True):
        np.testing.assert_array_equal(flat(one), flat(alone))


def test_the_cap_is_a_bound_for_the_hessian():
    """The steps of the flow rely on it: no eigenvalue is below what `lowest` says."""
    for experiment in SMOOTH.values():
        data = experiment.data()
        theta = np.concatenate([leaf.numpy().ravel() for leaf in experiment.init().values()])[None]
        landscape = Landscape(experiment.model, theta, data.x[None], data.y[None])
        found = curvature(experiment.model, theta, landscape.params, landscape.x, landscape.y)
        found.update()
        matrix = np.array([found.product(row[None])[0] for row in np.eye(theta.shape[1])])
        assert found.lowest[0] <= np.linalg.eigvalsh(matrix)[0] + 1e-9


def test_a_flow_whose_attempts_are_refused_does_not_promise_that_more_help():
    """ReLU at width 50 is at t = 733 after 20,000 and after 60,000 attempts, at rtol = 1e-3."""
    said = GradientFlow(max_steps=40).explain("budget", 12, 0.1, 1.0)
    assert "budget of 40 attempted steps (12 were taken)" in said
    assert "More steps hardly help; a much larger rtol than 0.001 may." in said


def test_a_flow_that_ends_at_its_budget_says_so_and_what_to_do():
    base = Experiment(TwoLayer(1, 10), three_tanh(1), GradientFlow(max_steps=40), 9)
    run = train(base)
    assert run.outcome is Outcome.BUDGET
    said = f"budget of 40 attempted steps ({run.step[-1]} were taken), at t = {run.time[-1]:.3g}"
    for text in (run.message, repr(run)):
        assert said in text
        assert f"loss {run.loss[-1]:.3g}" in text
        assert "larger max_steps" in text
    ended = train(base.replace(max_steps=2_000, t_end=5.0))
    assert ended.time[-1] == 5.0
    assert ended.message == "", "it was followed as far as it should be"
