"""Merging: a wide network and the narrow one that it has condensed to have the same outputs."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE
from hypothesis import assume, given
from hypothesis import strategies as st

from condensekit import (
    Experiment,
    GradientFlow,
    TwoLayer,
    merge,
    three_tanh,
    train,
)
from condensekit import teacher as teaches
from condensekit.activations import activation
from condensekit.problems import Grid

ACTIVATIONS = ("tanh", "relu", "sigmoid", "softplus", "xtanh", "x2tanh")


# --- networks with known equivalents ----------------------------------------------------------


def network(rows, name="tanh", d=1, bias=True):
    """A network from rows (a, w_1 .. w_d, b)."""
    table = np.array(rows, dtype=float).reshape(len(rows), -1)
    leaves = {"a": table[:, 0], "w": table[:, 1 : d + 1], "b": table[:, -1]}
    model = TwoLayer(d, len(table), name, bias)
    return model, {leaf: torch.tensor(leaves[leaf]) for leaf in model.shapes()}


def rows(model, params):
    """The inverse of `network`."""
    columns = [params["a"][:, None], params["w"], *([params["b"][:, None]] if model.bias else [])]
    return torch.cat(columns, dim=1).numpy()


def canonical(model, params):
    """The same table for all networks that differ by order, signs or positive scaling."""
    table, act = rows(model, params).copy(), activation(model.activation)
    for row in table:
        if act.homogeneous:
            length = np.linalg.norm(row[1:])
            row[0] *= length
            row[1:] /= length
        if (act.odd or act.even) and row[1:][np.flatnonzero(row[1:])[0]] < 0:
            row[1:] *= -1
            row[0] *= -1 if act.odd else 1
    return table[np.lexsort(table.T)]


def outputs(model, params, x):
    """By the one-line formula; nothing of the package's closed forms."""
    return torch.vmap(model, in_dims=(None, 0))(params, x)


@st.composite
def embedded(draw):
    """A narrow network, and a wide one that computes the same: split, flipped, scaled and null."""
    name, bias = draw(st.sampled_from(ACTIVATIONS)), draw(st.booleans())
    d, act = draw(st.integers(1, 3)), activation(name)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k, parts = draw(st.integers(1, 4)), d + bias
    weight, output = random.normal(size=(k, parts)), random.uniform(0.5, 2.0, k)
    output *= random.choice([-1.0, 1.0], k)
    unit = weight / np.linalg.norm(weight, axis=1, keepdims=True)
    product = np.abs(unit @ unit.T) - np.eye(k)
    assume(np.abs(weight[:, :d]).max(axis=1).min() > 1e-3 and product.max() < 0.999)
    wide = []
    for a, w in zip(output, weight, strict=True):
        shares = random.normal(size=draw(st.integers(1, 4)))
        shares[0] = a - shares[1:].sum()
        for share in shares:
            sign = random.choice([-1.0, 1.0]) if act.odd or act.even else 1.0
            scale = random.uniform(0.1, 10.0) if act.homogeneous else 1.0
            wide.append([share * (sign if act.odd else 1.0) / scale, *(sign * scale * w)])
    silent, zero, pairs = draw(st.tuples(*[st.integers(0, 2)] * 3))
    wide += [[0.0, *random.normal(size=parts)] for _ in range(silent)]
    wide += [[0.0] * (parts + 1)] * zero
    for _ in range(pairs):
        a, w = random.normal(), random.normal(size=parts)
        wide += [[a, *w], [-a, *w]]
    wide = [wide[i] for i in random.permutation(len(wide))]
    narrow = np.column_stack([output, weight])
    return network(narrow, name, d, bias), network(wide, name, d, bias)


def same(one, other, tolerance=1e-12):
    assert one[0] == other[0]
    np.testing.assert_allclose(canonical(*one), canonical(*other), rtol=tolerance, atol=tolerance)


# --- without data: what holds for every input ---------------------------------------------------


@given(embedded())
def test_an_embedded_network_is_merged_to_itself(pair):
    narrow, wide = pair
    found = merge(*wide)
    same((found.model, found.params), narrow)
    assert found.comparison is None


@given(embedded())
def test_merging_twice_changes_nothing(pair):
    once = merge(*pair[1])
    twice = merge(*once)
    assert twice.model == once.model
    for name, leaf in once.params.items():
        torch.testing.assert_close(twice.params[name], leaf, rtol=0, atol=0)


@given(embedded())
def test_the_condensed_network_has_as_many_different_neurons_as_the_narrow_one(pair):
    narrow, wide = pair
    found = merge(*wide)
    x = torch.randn(50, narrow[0].d, dtype=torch.float64)
    exact = outputs(*narrow, x)
    torch.testing.assert_close(outputs(found.wide, found.condensed, x), exact, rtol=0, atol=1e-11)
    act = activation(found.model.activation)
    table = rows(found.wide, found.condensed)[:, 1:]
    if act.odd or act.even:
        table = table * np.where(table[:, :1] < 0, -1.0, 1.0)
    assert len(np.unique(table, axis=0)) == narrow[0].m


@given(embedded())
def test_labels_say_where_a_neuron_went(pair):
    narrow, wide = pair
    found = merge(*wide)
    k = narrow[0].m
    assert found.labels.shape == (wide[0].m,)
    assert set(found.labels) - {-1} == set(range(k))
    # Each label's neurons alone are its neuron.
    x = torch.randn(20, narrow[0].d, dtype=torch.float64)
    for j in range(k):
        chosen = found.labels == j
        alone = {name: leaf.clone() for name, leaf in wide[1].items()}
        alone["a"][~chosen] = 0.0
        one = {name: leaf[[j]] for name, leaf in found.params.items()}
        model = found.model.replace(width=1)
        expected = outputs(model, one, x)
        torch.testing.assert_close(outputs(wide[0], alone, x), expected, rtol=0, atol=1e-11)


CONSTANT = 3 + 2 * math.tanh(2) / math.tanh(1)


@pytest.mark.parametrize(
    ("name", "wide", "narrow"),
    [
        ("tanh", [(1, 2, 1), (-1, -2, -1)], [(2, 2, 1)]),
        ("tanh", [(1, 2, 1), (2, 4, 2)], [(1, 2, 1), (2, 4, 2)]),  # one direction, two functions
        ("tanh", [(5, 0, 0), (1, 1, 1)], [(1, 1, 1)]),
        ("tanh", [(3, 0, 1), (2, 0, 2), (1, 1, 0)], [(1, 1, 0), (CONSTANT, 0, 1)]),
        ("sigmoid", [(1, 2, 1), (1, -2, -1)], [(1, 2, 1), (1, -2, -1)]),
        ("sigmoid", [(1, 0, 0), (2, 0, 0)], [(3, 0, 0)]),
        ("xtanh", [(1, 2, 1), (1, -2, -1)], [(2, 2, 1)]),
        ("x2tanh", [(1, 2, 1), (-1, -2, -1)], [(2, 2, 1)]),
        ("relu", [(1, 2, 1), (1, -2, -1)], [(1, 2, 1), (1, -2, -1)]),
        ("relu", [(1, 2, 1), (2, 4, 2), (-1, 1, 0.5)], [(2.25, 4, 2)]),
        ("relu", [(1, 0, -1), (1, 1, 1), (1, 0, 2)], [(1, 1, 1), (1, 0, 2)]),  # relu(-1) = 0
    ],
)
def test_which_neurons_are_the_same_by_hand(name, wide, narrow):
    table = rows(*merge(*network(wide, name)))
    expected = np.array(narrow, dtype=float)
    order, found = np.lexsort(expected.T), np.lexsort(table.T)
    np.testing.assert_allclose(table[found], expected[order], rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("tanh", [(1, 2, 1), (1, -2, -1)]),  # the two cancel
        ("tanh", [(0, 1, 1), (3, 0, 0)]),
        ("relu", [(1, 2, 1), (-2, 1, 0.5), (4, 0, -1)]),
        ("sigmoid", [(0.25, 0, 1), (-0.25, 0, 1)]),
    ],
)
@pytest.mark.parametrize("data", [None, ASYMMETRIC.data(10)], ids=["no data", "data"])
def test_a_network_that_is_zero_becomes_one_neuron_that_is_zero(name, wide, data):
    found = merge(*network(wide, name), data)
    assert found.model == TwoLayer(1, 1, name)
    assert not any(leaf.any() for leaf in [*found.params.values(), *found.condensed.values()])
    assert set(found.labels.tolist()) == {-1}
    if data is not None:
        assert (found.comparison.largest, found.comparison.difference) == (0.0, 0.0)
        assert "of the largest" not in str(found)


@pytest.mark.parametrize("scale", [1e-200, 1e-14, 1e10])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_joining_does_not_depend_on_the_scale(scale, name):
    split = np.array([(0.5, 1.0, 0.5), (0.3, 1.0, 0.5), (0.2, 0.3, -0.7)])
    table = rows(*merge(*network(scale * split, name)))
    expected = scale * np.array([(0.8, 1.0, 0.5), (0.2, 0.3, -0.7)])
    np.testing.assert_allclose(table, expected, rtol=1e-14)


# --- with data: the same outputs at some inputs -------------------------------------------------

SPREAD = Grid(-4.0, 4.0)
"""Inputs at which the networks below cannot do with a neuron less."""


def at(problem, n=20):
    return problem.data(n)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("threshold", [1e-2, 1e-6, 1e-10])
def test_with_data_an_embedded_network_is_merged_to_itself_too(name, threshold):
    narrow = network([(1.5, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)], name)
    wide = [(0.75, 1.2, 2.5), (0.75, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)]
    wide += [(0.0, 3.0, 1.0), (2.0, -1.3, 0.2), (-2.0, -1.3, 0.2)]
    if activation(name).odd:
        wide[1] = (-0.75, -1.2, -2.5)
    data = teaches([1.0], [[1.0]], inputs=SPREAD).data(20)
    found = merge(*network(wide, name), data, threshold)
    same((found.model, found.params), narrow)
    assert found.comparison.difference < 1e-14


def test_neurons_that_cancel_only_all_together_are_dropped():
    """A neuron, and a polynomial in x by five tanh whose sum is nearly nothing."""
    x = np.linspace(-1, 1, 200)
    weights = [0.1, 0.2, 0.3, 0.4, 0.5]
    columns = np.tanh(np.outer(x, weights))
    nearly = np.linalg.svd(columns)[2][-1]  # the combination with the least outputs
    assert np.abs(columns @ nearly).max() < 1e-7
    assert np.abs(columns * nearly).max(axis=0).min() > 1e-3
    wide = [(1.0, 3.0, 1.0), *[(10 * a, w, 0.0) for a, w in zip(nearly, weights, strict=True)]]
    data = teaches([1.0], [[3.0]], [1.0], inputs=Grid(-1.0, 1.0)).data(20)
    found = merge(*network(wide), data, 1e-4)
    np.testing.assert_allclose(rows(found.model, found.params), [(1.0, 3.0, 1.0)], atol=1e-5)
    assert found.labels.tolist() == [0, -1, -1, -1, -1, -1]
    c = found.comparison
    assert c.dropped_sum < 1e-6 < 1e-2 < c.dropped_largest
    assert (c.groups, c.dropped) == (6, 5)


@given(
    st.sampled_from(ACTIVATIONS),
    st.integers(1, 2),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from([1e-2, 1e-3, 1e-6]),
    st.integers(0, 1000),
)
def test_outputs_change_by_no_more_than_the_threshold(name, d, m, bias, threshold, seed):
    model = TwoLayer(d, m, name, bias)
    params = model.init(torch.Generator().manual_seed(seed), 1.0)
    data = (PLANE if d == 2 else ASYMMETRIC).data(15)
    found = merge(model, params, data, threshold)
    x = torch.cat([data.x, data.x_test])
    wide, narrow = outputs(model, params, x), outputs(found.model, found.params, x)
    largest = wide.abs().max()
    assert (wide - narrow).abs().max() <= threshold * largest * (1 + 1e-9) + 1e-14 * m
    assert found.model.m <= m
    again = outputs(found.wide, found.condensed, x)
    scale = 1.0 + float(found.condensed["a"].abs().sum()) * float(x.abs().max() + 1) * 10
    torch.testing.assert_close(again, narrow, rtol=0, atol=1e-13 * scale)
    assert set(found.labels.tolist()) - {-1} == set(range(found.model.m))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_reported_is_what_torch_computes(name):
    model = TwoLayer(1, 40, name)
    params = model.init(torch.Generator().manual_seed(3), 0.3)
    data = ASYMMETRIC.data(30)
    found = merge(model, params, data)
    c = found.comparison
    x = torch.cat([data.x, data.x_test])
    wide, narrow = outputs(model, params, x), outputs(found.model, found.params, x)
    assert c.inputs == len(x) == 2030
    assert c.largest == pytest.approx(wide.abs().max().item(), rel=1e-12)
    assert c.difference == pytest.approx((wide - narrow).abs().max().item(), rel=1e-9)
    for error, values in ((c.error_wide, wide), (c.error_narrow, narrow)):
        assert error == pytest.approx((values[30:] - data.y_test).abs().max().item(), rel=1e-9)
    gone = {leaf: value.clone() for leaf, value in params.items()}
    gone["a"][torch.from_numpy(found.labels >= 0)] = 0.0
    expected = outputs(model, gone, x).abs().max().item()
    assert c.dropped_sum == pytest.approx(expected, rel=1e-9)
    fresh = torch.linspace(-2.0, 3.0, 3571, dtype=torch.float64)[:, None]
    between = (outputs(model, params, fresh) - outputs(*found, fresh)).abs().max().item()
    assert between == pytest.approx(c.difference, rel=1e-3)


def test_the_labels_are_not_used():
    model = TwoLayer(1, 30)
    params = model.init(torch.Generator().manual_seed(0), 0.5)
    data = ASYMMETRIC.data(20)
    other = dataclasses.replace(data, y=-7.0 * data.y, y_test=data.y_test + 1.0)
    one, two = merge(model, params, data), merge(model, params, other)
    for name, leaf in one.params.items():
        torch.testing.assert_close(two.params[name], leaf, rtol=0, atol=0)
    assert one.comparison.difference == two.comparison.difference
    assert one.comparison.error_wide != two.comparison.error_wide


def test_the_order_of_the_neurons_does_not_matter():
    model = TwoLayer(1, 30)
    params = model.init(torch.Generator().manual_seed(0), 0.3)
    order = torch.randperm(30)
    data = ASYMMETRIC.data(20)
    one = merge(model, params, data)
    two = merge(model, {name: leaf[order] for name, leaf in params.items()}, data)
    same((one.model, one.params), (two.model, two.params), 1e-6)
    np.testing.assert_array_equal(one.labels[order], two.labels)


def test_a_network_that_needs_all_its_neurons_keeps_them():
    """Random ReLU neurons in the plane, each with a bend of its own."""
    model = TwoLayer(2, 100, "relu")
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    found = merge(model, params, PLANE.data(20), 1e-6)
    assert found.model == model
    same((found.model, found.params), (model, params))
    assert found.comparison.dropped == 0
    assert "100 neurons (400 parameters) act as 100 neurons (400 parameters)" in str(found)


@pytest.mark.parametrize("width", [3000, 20_000])
def test_a_very_wide_network_is_searched_at_fewer_inputs(width):
    narrow = [(1.5, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)]
    wide = np.array(narrow)[np.arange(width) % 3]
    wide[:, 0] *= 3 / width
    data = teaches([1.0], [[1.0]], inputs=SPREAD).data(2000)
    found = merge(*network(wide), data)
    same(
        (found.model, found.params),
        network(np.array(narrow) * [[width // 3 * 3 / width, 1, 1]]),
        1e-2,
    )
    assert found.comparison.inputs == 4000
    assert found.comparison.difference < 1e-12


# --- trained networks ----------------------------------------------------------------------------

FLOW = Experiment(
    TwoLayer(1, 500),
    three_tanh(),
    GradientFlow(stop_loss=6e-13, t_end=1e10),
    n_samples=50,
    init_std=500**-1.5,
)
"""A loss of 6e-13 is where the wide networks themselves are within 2e-6 of the target."""

SEEDS = range(5)


@pytest.fixture(scope="module")
def flows():
    return [train(FLOW.replace(seed=seed)) for seed in SEEDS]


@pytest.fixture(scope="module")
def merged(flows):
    return [merge(FLOW.model, run.final, FLOW.data()) for run in flows]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_published_network_is_merged_to_the_three_neurons_of_its_target(merged, flows, seed):
    found, data = merged[seed], FLOW.data()
    assert (found.model.m, found.model.n_parameters) == (3, 9)
    wide = outputs(FLOW.model, flows[seed].final, data.x_test)
    narrow = outputs(found.model, found.params, data.x_test)
    assert (wide - narrow).abs().max() <= 2e-6
    same((found.model, found.params), three_tanh().teacher(), 1e-5)
