"""The nearest exactly condensed network: neurons are moved together, and nothing is fitted."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, MODELS, PLANE
from hypothesis import given, settings
from hypothesis import strategies as st

import condensekit as ck
from condensekit import TwoLayer, exact_rank, nearest_condensed, teacher
from condensekit.activations import activation
from condensekit.derivatives import evaluate
from condensekit.measures import NEAR, THRESHOLD, simplicity
from condensekit.problems import EvenlySpaced
from condensekit.words import number

DATA = teacher([1.0], [[1.0]], inputs=EvenlySpaced(-3.0, 3.0)).data(20)


def network(table, name="tanh", d=1):
    """A network from rows (a, w_1 .. w_d, b)."""
    table = np.array(table, dtype=float)
    leaves = {"a": table[:, 0], "w": table[:, 1:-1], "b": table[:, -1]}
    return TwoLayer(d, len(table), name), {leaf: torch.tensor(v) for leaf, v in leaves.items()}


def flat(params):
    return torch.cat([params[name].ravel() for name in ("a", "w", "b")])


def outputs(model, params, data):
    """By the one-line formula; nothing of the package's closed forms."""
    x = torch.cat([data.x, data.x_test])
    return torch.vmap(model, in_dims=(None, 0))(params, x)


def check(model, params, data, found, threshold=THRESHOLD):
    """What holds for any network: oracles that know nothing of how it was found."""
    theta, there = flat(params), flat(found.params)
    distance = (theta - there).norm() / theta.norm()
    assert found.distance == pytest.approx(float(distance), rel=1e-9, abs=1e-15)
    before, after = outputs(model, params, data), outputs(model, found.params, data)
    off = float((before - after).abs().max() / before.abs().max())
    assert found.difference == pytest.approx(off, rel=1e-6, abs=1e-12)
    assert off <= threshold * (1 + 1e-9)
    torch.testing.assert_close(found.params["a"], params["a"], rtol=0, atol=0)
    if not found.found:
        return
    act = activation(model.activation)
    rows = torch.cat([found.params["w"], found.params["b"][:, None]], dim=1).numpy()
    live = rows.any(axis=1) & (params["a"].numpy() != 0.0)
    assert found.idle == int((~rows.any(axis=1) & (params["a"].numpy() != 0.0)).sum())
    rows = rows[live]
    if act.homogeneous:
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).round(12)
    elif act.odd or act.even:
        first = rows[np.arange(len(rows)), (rows != 0).argmax(axis=1)]
        rows = rows * np.sign(first)[:, None]
    assert found.neurons == len(np.unique(rows + 0.0, axis=0))  # bit by bit


PLACES = np.array([(1.2, 2.5), (1.7, -1.5), (-0.9, 1.9), (0.4, -2.8)])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["tanh", "relu", "sigmoid", "softplus", "xtanh", "x2tanh"]),
    st.integers(1, 3),
    st.sampled_from([0.0, 1e-6, 1e-3]),
    st.integers(0, 10_000),
)
def test_neurons_that_were_moved_apart_a_little_are_found_together(name, k, apart, seed):
    random, act = np.random.default_rng(seed), activation(name)
    wide = []
    for place in PLACES[:k]:
        for _ in range(random.integers(2, 6)):
            sign = random.choice([-1.0, 1.0]) if act.odd or act.even else 1.0
            scale = random.uniform(0.5, 2.0) if act.homogeneous else 1.0
            a = random.uniform(0.5, 2.0) * (sign if act.odd else 1.0)
            wide.append([a, *(sign * scale * place)])
    exact = np.array([wide[i] for i in random.permutation(len(wide))])
    table = exact + apart * random.normal(size=exact.shape) * [0.0, 1.0, 1.0]
    model, params = network(table, name)
    found = nearest_condensed(model, params, DATA)
    check(model, params, DATA, found)
    assert found.neurons <= k
    if found.neurons == k and found.idle == 0:
        planted = np.linalg.norm(table - exact) / np.linalg.norm(table)
        assert found.distance <= 1.5 * planted + 1e-12
        assert found.condensed


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["tanh", "relu", "sigmoid", "softplus", "xtanh", "x2tanh", "square"]),
    st.integers(1, 2),
    st.integers(1, 80),
    st.sampled_from([1e-3, 0.1, 1.0]),
    st.sampled_from([1e-1, 1e-2, 1e-4]),
    st.integers(0, 1000),
)
def test_what_is_reported_is_what_torch_computes(name, d, m, std, threshold, seed):
    model = TwoLayer(d, m, name)
    params = model.init(torch.Generator().manual_seed(seed), std)
    data = (PLANE if d == 2 else ASYMMETRIC).data(15)
    check(model, params, data, nearest_condensed(model, params, data, threshold), threshold)


@pytest.mark.parametrize("idle", [0.0, 1.0], ids=["silent", "idle"])
@pytest.mark.parametrize(("d", "k"), [(1, 1), (1, 3), (2, 2)])
def test_idle_neurons_raise_the_rank_by_d_plus_1_and_silent_ones_do_not(d, k, idle):
    """k (d + 2) by the theorem; an idle neuron can be given any small w x + b."""
    random = np.random.default_rng(0)
    places = [[1.0, *random.normal(size=d + 1)] for _ in range(k)]
    still = [[idle, *1e-4 * random.normal(size=d + 1)] for _ in range(50)]
    data = (DATA, PLANE.data(20))[d - 1]
    found = nearest_condensed(*network(places + still, d=d), data)
    assert (found.neurons, found.idle) == (k, 50 * idle)
    assert found.rank == k * (d + 2) + (d + 1) * idle
    assert found.rank == exact_rank(found.model, found.params)
    assert found.condensed


def test_neurons_that_cancel_only_together_are_idle():
    """Three constants near 1, none of them small: only without all three is the function there."""
    still = [(1.2, 0.0, -1.1), (1.3, 0.0, 1.0), (-1.0, 0.0, 0.2)]
    still[2] = (-(1.2 * math.tanh(-1.1) + 1.3 * math.tanh(1.0)) / math.tanh(0.2), 0.0, 0.2)
    table = [(1.0, 1.0, 7.0), (1.0, 1.0, -7.0), (1.0, 1.0, 0.0), *still]
    data = ck.three_tanh().data(50)
    found = nearest_condensed(*network(table), data)
    check(*network(table), data, found)
    assert (found.neurons, found.idle) == (3, 3)
    assert found.difference < 1e-12
    assert (found.labels[3:] == -1).all()


@pytest.mark.parametrize("std", [500**-1.5, 0.5])
def test_a_random_network_is_not_condensed(std):
    """Near zero its function is two numbers, which few neurons can hit by chance: seeds 2 and 3."""
    for seed in range(5):
        model = TwoLayer(1, 500)
        params = model.init(torch.Generator().manual_seed(seed), std)
        found = nearest_condensed(model, params, ck.three_tanh().data(50))
        assert not found.condensed
        assert not found.found
        assert found.neurons == 500
        assert found.distance == found.difference == 0.0
        assert str(found).startswith(
            "Not seen to be condensed: no network with the 500 neurons at 60"
        )


@pytest.fixture(scope="module")
def large():
    """A large start that recovers the target without condensing."""
    flow = ck.GradientFlow(stop_loss=1e-6)
    return ck.train(
        ck.Experiment(TwoLayer(1, 100), ck.three_tanh(), flow, n_samples=50, init_std=0.5)
    )


def test_a_large_start_is_refitted_by_a_few_neurons_and_is_not_condensed(large):
    data = large.experiment.data()
    assert large.test_loss[-1] < 1e-5
    merged = ck.merge(large.experiment.model, large.final, data)
    assert merged.model.m <= 6
    assert not merged.exact
    assert (merged.joined, merged.refitted) == (0, 100 - merged.model.m)
    assert "only similar (off by" in str(merged)
    found = nearest_condensed(large.experiment.model, large.final, data)
    assert not found.condensed
    said = simplicity(large.experiment.model, large.final, data)
    assert "not seen to be condensed: no network of 60 or fewer was found within 1 %" in str(said)
    assert said.acts_as > 50


@pytest.mark.parametrize(("width", "n"), [(30, 50), (100, 12)])
def test_the_count_does_not_hang_on_rounding(width, n):
    experiment = ck.Experiment(
        TwoLayer(1, width), ck.three_tanh(), ck.GradientFlow(), n_samples=n, init_std=width**-1.5
    )
    run, data = ck.train(experiment), experiment.data()
    for index in (0, len(run) // 2, -1):
        seen = set()
        for seed in range(3):
            noise = torch.Generator().manual_seed(seed)
            params = {
                name: leaf * (1 + 1e-6 * (seed > 0) * torch.randn(leaf.shape, generator=noise))
                for name, leaf in run.at(index).items()
            }
            seen.add(nearest_condensed(experiment.model, params, data).neurons)
        assert len(seen) == 1


def test_the_order_of_the_neurons_and_the_labels_do_not_matter():
    table = np.repeat([(0.5, 1.2, 2.5), (-1.1, 1.7, -1.5)], 10, axis=0)
    table[:, 1:] += 1e-3 * np.random.default_rng(0).normal(size=(20, 2))
    order = np.random.default_rng(1).permutation(20)
    other = dataclasses.replace(DATA, y=-7.0 * DATA.y, y_test=DATA.y_test + 1.0)
    one = nearest_condensed(*network(table), DATA)
    two = nearest_condensed(*network(table[order]), other)
    assert (one.neurons, one.idle) == (two.neurons, two.idle) == (2, 0)
    assert one.distance == pytest.approx(two.distance, rel=1e-9)


def test_a_network_that_is_zero_needs_no_neuron():
    found = nearest_condensed(*network([(1.0, 0.0, 0.0), (0.0, 0.0, 0.0)]), DATA)
    assert (found.neurons, found.idle, found.distance, found.rank) == (0, 1, 0.0, 2)
    assert "act as 0." in str(simplicity(found.model, found.params, DATA))


@pytest.mark.parametrize(("name", "lr"), [("tanh", 50.0), ("relu", 5.0), ("softplus", 5.0)])
def test_a_run_that_diverged_is_spoken_of_too(name, lr):
    """Outputs that are nothing but rounding, up to 1e150."""
    experiment = ck.Experiment(
        TwoLayer(1, 50, name), ck.three_tanh(), ck.GradientDescent(lr, steps=200), 50, 0.5
    )
    run = ck.train(experiment)
    assert run.outcome is ck.Outcome.DIVERGED
    for index in range(len(run)):
        said = ck.recovery(run, index=index).simplicity
        assert 0 <= said.acts_as <= 50
        assert "more than 60" not in str(said)


def test_near_is_asked_of_parameters_not_of_outputs():
    """A line of neurons of all lengths acts as one, and its parameters are far from equal."""
    length = np.linspace(0.1, 1.0, 50) * 1e-3
    table = np.column_stack([length, length, 0.5 * length])
    found = nearest_condensed(*network(table), DATA)
    assert found.neurons == 1
    assert found.distance > NEAR
    assert not found.condensed
    said = str(simplicity(*network(table), DATA))
    assert "act as 1, but are not condensed: the nearest network of 1 is" in said


@pytest.mark.parametrize(
    ("table", "name", "said"),
    [
        ([(1, 1, 0)], "tanh", "1 neuron (3 parameters) acts as 1: no fewer were found."),
        (
            [(1, 1, 1), (1, 2, -2)],
            "tanh",
            "2 neurons (6 parameters) act as 2: no fewer were found.",
        ),
        ([(1, 1, 1)] * 4, "tanh", "4 neurons (12 parameters) act as 1."),
        (
            [(1, 1, 1), (1, 1, 1), (1, 2, -2)],
            "tanh",
            "3 neurons (9 parameters), not seen to be condensed: 2 are left when like ones are "
            "moved together.",
        ),
        (
            [(1, 2, 1), (3, 0, 0), (3, 0, 0)],
            "sigmoid",
            "3 neurons (9 parameters) act as 1 and a constant.",
        ),
    ],
)
def test_the_headline_says_it_in_a_sentence(table, name, said):
    assert str(simplicity(*network(table, name), DATA)) == said


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.0, -1.0, 0.6, math.nan, "1e-2", None])
def test_thresholds_out_of_range_are_refused(threshold):
    with pytest.raises(ValueError, match="threshold must be"):
        nearest_condensed(*network([(1, 1, 0)]), DATA, threshold)


@pytest.mark.parametrize("name", ["plain formula", "deep", "convolution", "factorization"])
def test_other_families_are_refused(name):
    model = MODELS[name].model
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    with pytest.raises(ValueError, match=f"two-layer network .*{type(model).__name__}"):
        nearest_condensed(model, params, DATA)


def test_what_does_not_fit_is_refused():
    model, params = network([(1, 1, 0)])
    with pytest.raises(ValueError, match="reads 1 finite coordinates, but"):
        nearest_condensed(model, params, PLANE.data(5))
    with pytest.raises(ValueError, match=r"params\['a'\] must be finite"):
        nearest_condensed(model, params | {"a": torch.tensor([math.nan]).double()}, DATA)
    with pytest.raises(ValueError, match="overflow"):
        nearest_condensed(*network([(1.0, 1e200, 1.0)], "relu"), DATA)


def test_the_sentence_says_the_numbers_of_the_report():
    """A distance of which two digits tell a percent of it."""
    table = [(1.0, 0.8, 0.5), (1.0, 0.81, 0.5), (-0.5, -1.0, 0.3)]
    found = nearest_condensed(*network(table), DATA)
    assert found.neurons == 2 and found.distance > 0.0
    percent, share = number(100 * found.distance), number(found.difference)
    assert percent != number(101 * found.distance)
    assert f" is {percent} % of |theta| away" in str(found)
    assert f"differ by at most {share} of the largest." in str(found)


def test_what_the_search_misses_it_does_not_deny():
    """Fourteen neurons beside 70 pairs that cancel exactly: there is a network of 14."""
    rng = np.random.default_rng(0)
    target, pairs = rng.standard_normal((14, 11)) / 2.0, rng.standard_normal((70, 11)) / 2.0
    weights = np.concatenate([target, np.repeat(pairs, 2, axis=0)])
    a = np.concatenate([np.ones(14), np.tile([0.3, -0.3], 70)])
    model = TwoLayer(10, len(a))
    params = ck.params(model, a=a, w=weights[:, :10], b=weights[:, 10])
    data = teacher([1.0] * 14, target[:, :10].tolist(), target[:, 10].tolist()).data(100)
    idle = {name: leaf.clone() for name, leaf in params.items()}
    idle["w"][14:] = idle["b"][14:] = 0.0
    x = data.x
    assert torch.allclose(
        evaluate(model, params, x), evaluate(model, idle, x), rtol=0.0, atol=1e-12
    )
    for said in (simplicity(model, params, data), nearest_condensed(model, params, data)):
        assert "not seen to be condensed: no network" in str(said).lower()


def test_constants_that_are_one_class_are_not_said_to_be_apart():
    model, data = TwoLayer(1, 4), ck.three_tanh().data(20)
    w, b = [[0.0], [0.0], [0.0], [1.0]], [0.1, 1.0, 3.0, 0.0]
    params = ck.params(model, a=[1.0, 2.0, 3.0, 1.0], w=w, b=b)
    assert ck.merge(model, params).model.m == 2
    assert str(simplicity(model, params, data)).endswith("act as 4: no fewer were found.")
