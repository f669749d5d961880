"""The table of invariant sets, yes and no alike: two data sets, two losses, three optimizers.

Theory stands here as a table of its own, written by hand; what the package says and what training
does are both held against it. The package knows one loss, the mean squared error. The other one,
log cosh of the residual, trains here by torch.optim and, for the flow, by Runge and Kutta.
"""

import dataclasses

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE, each
from often import crossed

from condensekit import (
    Adam,
    Deep,
    Experiment,
    GradientDescent,
    GradientFlow,
    TwoLayer,
    teacher,
    train,
)
from condensekit.optimizers import Optimizer
from condensekit.symmetry import (
    SETS,
    Stratum,
    balanced,
    condensed,
    drift,
    drifts,
    equal,
    flat,
    idle,
    invariance_table,
    kicked,
    motion,
    named,
    opposite,
    reduce,
    transverse,
    unreduce,
    zero,
)

GD, ADAM = GradientDescent(0.05, steps=300), Adam(1e-2, steps=300)
FLOW = GradientFlow(rtol=1e-4, t_end=10.0, stop_loss=0.0, max_steps=200)

YES, NO = (True, True, True), (False, False, False)  # gradient descent, gradient flow, Adam
TABLE = {  #       tanh, sigmoid, ReLU, x tanh x
    "equal": (YES, YES, YES, YES),
    "opposite": (YES, NO, NO, NO),
    "mirrored": (NO, NO, NO, YES),
    "zero": (YES, NO, YES, YES),
    "idle": (NO, NO, YES, YES),
    "proportional": (NO, NO, (True, True, False), NO),
    "same inputs": (NO, NO, NO, NO),
    "balanced": (NO, NO, (False, True, False), NO),
}
ACTIVATIONS = ("tanh", "sigmoid", "relu", "xtanh")
DATA = {"line": (ASYMMETRIC, 1, 12), "plane": (PLANE, 2, 20)}


def _experiment(data, activation, optimizer):
    problem, d, n = DATA[data]
    model = TwoLayer(d, 4, activation)
    return Experiment(model, problem, optimizer, n, init_std=0.8, seed=4)  # all neurons are alive


def _expected(name, activation, column):
    return TABLE[name][ACTIVATIONS.index(activation)][column]


@crossed(("data", "activation", "column"), [*DATA], ACTIVATIONS, range(3))
def test_the_table_of_invariant_sets(data, activation, column):
    optimizer = (GD, FLOW, ADAM)[column]
    for row in invariance_table([_experiment(data, activation, optimizer)]):
        name = row.candidate.name
        expected = _expected(name, activation, column)
        assert row.claim.invariant is expected, f"{name}: theory"
        assert row.stayed is expected, f"{name}: {row.largest}"
        if not expected:
            assert row.largest > 1e-3, name
        elif name != "balanced":
            assert row.largest < 1e-12, f"{name}: {row.largest}"


# --- another loss ------------------------------------------------------------------------------


def _log_cosh(outputs, y):
    """Second loss: log cosh of the residual, which is linear far away."""
    r = outputs - y
    return (r.abs() + torch.log1p(torch.exp(-2.0 * r.abs())) - np.log(2.0)).mean()


def _starts(experiment):
    candidates = [SETS[name](experiment.model) for name in TABLE]
    starts = [candidate.place(experiment.init()) for candidate in candidates]
    return candidates, {name: torch.stack([start[name] for start in starts]) for name in starts[0]}


def _batch_loss(experiment):
    data = experiment.data()
    outputs = torch.vmap(experiment.model, in_dims=(None, 0))

    def loss(params, x=data.x, y=data.y):
        return _log_cosh(outputs(params, x), y)

    return torch.vmap(loss, in_dims=(0, None, None)), data


@crossed(("data", "activation", "column"), [*DATA], ACTIVATIONS, [0, 2])
def test_the_table_holds_for_another_loss_and_for_mini_batches(data, activation, column):
    """torch.optim, log cosh; every step sees its own random half of the samples."""
    experiment = _experiment(data, activation, GD)
    candidates, params = _starts(experiment)
    loss, samples = _batch_loss(experiment)
    leaves = {name: leaf.clone().requires_grad_() for name, leaf in params.items()}
    kind = torch.optim.SGD if column == 0 else torch.optim.Adam
    steps = kind(leaves.values(), lr=0.05 if column == 0 else 1e-2)
    largest = np.zeros(len(candidates))
    for _ in range(150):
        chosen = torch.randperm(len(samples.y))[: len(samples.y) // 2]
        steps.zero_grad()
        loss(leaves, samples.x[chosen], samples.y[chosen]).sum().backward()
        steps.step()
        theta = flat(experiment.model, leaves)
        distance = [float(c.distances(row)) for c, row in zip(candidates, theta, strict=True)]
        largest = np.maximum(largest, distance)
    for candidate, found in zip(candidates, largest, strict=True):
        kept = _expected(candidate.name, activation, column)
        assert found < 1e-12 if kept else found > 5e-4, f"{candidate.name}: {found}"


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_table_holds_for_the_flow_of_another_loss(activation):
    """The classical method of Runge and Kutta; on curved sets its error is what remains.

    Its steps are fixed: where a sample sits on a kink of ReLU the motion slides along it, and an
    adaptive method (SciPy's too) makes ever smaller ones.
    """
    experiment = _experiment("plane", activation, GD)
    candidates, params = _starts(experiment)
    loss, data = _batch_loss(experiment)
    gradient = torch.func.grad(lambda params: loss(params, data.x, data.y).sum())
    model, h = experiment.model, 0.01

    def speed(theta):
        return -flat(model, gradient(named(model, theta)))

    theta = flat(model, params)
    largest = np.zeros(len(candidates))
    for _ in range(60):
        first = speed(theta)
        second = speed(theta + h / 2 * first)
        third = speed(theta + h / 2 * second)
        theta = theta + h / 6 * (first + 2 * (second + third) + speed(theta + h * third))
        distance = [float(c.distances(row)) for c, row in zip(candidates, theta, strict=True)]
        largest = np.maximum(largest, distance)
    for candidate, found in zip(candidates, largest, strict=True):
        kept = _expected(candidate.name, activation, 1)
        limit = 1e-5 if candidate.name == "balanced" else 1e-14
        assert found < limit if kept else found > 1e-3, f"{candidate.name}: {found}"


# --- curved sets -------------------------------------------------------------------------------


def test_descent_leaves_a_curved_set_in_proportion_to_its_learning_rate():
    found = []
    for lr in (0.02, 0.01, 0.005):
        experiment = _experiment("plane", "relu", GradientDescent(lr, steps=round(20.0 / lr)))
        found.append(drift(experiment, balanced(experiment.model)).largest)
    np.testing.assert_allclose(np.array(found[:-1]) / found[1:], 2.0, rtol=0.1)


def test_the_flow_leaves_a_curved_set_by_its_error_only():
    found = []
    for rtol in (1e-2, 1e-3, 1e-4, 1e-5):
        flow = dataclasses.replace(FLOW, rtol=rtol, max_steps=2_000)
        experiment = dataclasses.replace(_experiment("line", "relu", flow), seed=0)
        found.append(drift(experiment, balanced(experiment.model, 0, 0.3)).largest)
    assert found[-1] < 1e-6
    assert found[-1] < 1e-2 * max(found[:2])


# --- kicks -------------------------------------------------------------------------------------


def test_a_network_escapes_along_the_lowest_eigenvector_at_the_rate_of_its_eigenvalue():
    """tanh near the zero set of all neurons: theta grows as exp(|g| t) from the saddle."""
    experiment = Experiment(
        TwoLayer(1, 3),
        ASYMMETRIC,
        GradientFlow(rtol=1e-6, t_end=60.0, stop_loss=0.0),
        12,
        init_std=1e-6,
    )
    model = experiment.model
    nothing = {name: 0.0 * leaf for name, leaf in experiment.init().items()}
    values = transverse(experiment, zero(model), nothing)
    data = experiment.data()
    z = torch.cat([data.x, torch.ones_like(data.x)], dim=1)
    g = float((2.0 * (data.y[:, None] * z).mean(0)).norm())
    np.testing.assert_allclose(values, [-g, 0.0, g], atol=1e-12)
    run = drift(experiment, zero(model), kicked(zero(model), nothing, 1e-8)).run
    size = np.linalg.norm(flat(model, run.params), axis=1)
    grown = (size > 1e-6) & (size < 1e-3)
    rate = np.polyfit(run.time[grown], np.log(size[grown]), 1)[0]
    assert rate == pytest.approx(g, rel=1e-3)


@each("activation", {name: name for name in ("tanh", "sigmoid", "softplus")})
def test_across_the_equal_set_the_hessian_is_the_block_of_one_neuron(activation):
    """[[0, g], [g, a M]] by autograd of the loss as a function of one neuron's weights."""
    experiment = _experiment("plane", activation, GD)
    model, data = experiment.model, experiment.data()
    candidate = equal(model)
    on = candidate.place(experiment.init())
    outputs = torch.vmap(model, in_dims=(None, 0))
    with torch.no_grad():
        r = outputs(on, data.x) - data.y

    def along_the_residual(v):
        """(2 / n) r . f as a function of the weights of neuron 0: its Hessian is the block."""
        one = {
            "a": torch.cat([v[:1], on["a"][1:]]),
            "w": torch.cat([v[None, 1:3], on["w"][1:]]),
            "b": torch.cat([v[3:], on["b"][1:]]),
        }
        return 2.0 * (r * outputs(one, data.x)).mean()

    v = torch.cat([on["a"][:1], on["w"][0], on["b"][:1]])
    block = torch.func.jacrev(torch.func.grad(along_the_residual))(v)
    assert float(block[0, 0]) == pytest.approx(0.0, abs=1e-15)
    found = transverse(experiment, candidate, on)
    np.testing.assert_allclose(found, torch.linalg.eigvalsh(block), rtol=1e-9, atol=1e-12)
    assert found[0] < 0.0 < found[-1], "never positive definite"


@pytest.mark.parametrize(("seed", "returns"), [(3, True), (5, True), (1, False), (2, False)])
def test_return_means_that_input_weights_align_again_and_nothing_more(seed, returns):
    """At a critical point g = 0: where a M > 0, w comes back and unequal a stay; else both leave.

    Label noise decides the sign of M here.
    """
    flow = GradientFlow(t_end=1e3, stop_loss=0.0, max_steps=300)
    problem = teacher([1.0], [[1.5]], inputs=ASYMMETRIC.inputs, noise_std=0.3)
    base = Experiment(TwoLayer(1, 2, bias=False), problem, flow, 12, init_std=0.8, seed=seed)
    both = Stratum(base.model, (((0, 1), (1, 1)),))
    start = both.place({name: leaf.abs() for name, leaf in base.init().items()})
    # The narrow network cannot be pushed off by rounding.
    narrow = train(dataclasses.replace(base, model=condensed(both)), init=reduce(both, start))
    trained, candidate = unreduce(both, narrow.final), equal(base.model)
    values = transverse(base, candidate, trained)
    assert min(np.abs(values)) < 1e-13
    assert max(values, key=abs) > 1e-3 if returns else max(values, key=abs) < -1e-3
    apart = torch.tensor([1e-3, -1e-3], dtype=torch.float64)
    pushed = {"a": trained["a"] + apart, "w": trained["w"] + apart[:, None]}
    precise = dataclasses.replace(base, optimizer=dataclasses.replace(flow, rtol=1e-6, t_end=1e4))
    after = train(precise, init=pushed).final
    gap = {name: float((leaf[0] - leaf[1]).abs().max()) for name, leaf in after.items()}
    if returns:
        assert gap["w"] < 1e-4
        assert gap["a"] == pytest.approx(2e-3, rel=0.05)
    else:
        assert gap["w"] > 0.1


# --- everything else ---------------------------------------------------------------------------


def test_a_deep_network_stays_on_sets_in_any_layer():
    model = Deep(2, 4, 2)
    experiment = Experiment(model, PLANE, GD, 20, init_std=0.7)
    inner = [equal(model, 0, 2, layer=1), opposite(model, 1, 3, layer=1), zero(model, 1, layer=1)]
    for row in drifts(experiment, inner):
        assert row.stayed and row.claim.invariant
        assert row.largest < 1e-13


def test_a_drift_tells_theory_and_measurement_apart():
    experiment = _experiment("line", "tanh", GD)
    row = drift(experiment, idle(experiment.model))
    assert str(row).startswith("idle: (w, b)_j = 0. Theory: Not invariant: act(0) = 0, act'(0) = 1")
    assert "Measured: the largest distance from the set is" in str(row)
    relu = _experiment("line", "relu", ADAM)
    claim = SETS["proportional"](relu.model).theory(ADAM)
    assert "But Adam moves each entry by itself" in claim.reason


def test_a_set_of_another_model_is_refused():
    experiment = _experiment("line", "tanh", GD)
    with pytest.raises(ValueError, match=r"one of TwoLayer.* but the experiment trains TwoLayer"):
        drift(experiment, equal(TwoLayer(1, 3)))
    with pytest.raises(ValueError, match="'balanced' is curved"):
        transverse(experiment, balanced(experiment.model), experiment.init())


def test_an_optimizer_of_which_nothing_is_known_makes_theory_say_so():
    @dataclasses.dataclass(frozen=True)
    class Newton(Optimizer):
        stop_loss = 0.0
        most_steps = 1

        @classmethod
        def rule(cls, optimizers, landscape):
            raise NotImplementedError

    with pytest.raises(ValueError, match="Nothing is known about the steps of Newton"):
        motion(Newton())
