"""Merging: a wide network and a narrow one with the same outputs, exactly or by a fit."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, MODELS, PLANE
from hypothesis import assume, given
from hypothesis import strategies as st
from neurons import network, outputs, rows, same
from scipy.optimize import least_squares

from condensekit import (
    Experiment,
    GradientDescent,
    TwoLayer,
    merge,
    teacher,
    train,
)
from condensekit.activations import ACTIVATIONS, activation
from condensekit.measures import Neurons, polish
from condensekit.measures.merging.equivalent import _origins
from condensekit.problems import EvenlySpaced

SPREAD = teacher([1.0], [[1.0]], inputs=EvenlySpaced(-4.0, 4.0)).data(20)
"""Inputs at which the three neurons below are all needed, except that two squares do for three."""

# --- networks with known equivalents ----------------------------------------------------------


@st.composite
def embedded(draw):
    """A narrow network, and a wide one that computes the same: split, flipped, scaled and null."""
    name, bias = draw(st.sampled_from(list(ACTIVATIONS))), draw(st.booleans())
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


def test_it_unpacks_and_reads_as_a_sentence():
    found = merge(*network([(0.5, 1, 2), (-0.5, -1, -2), (2, 0.3, 1)]))
    model, params = found
    assert (model, params) == (found.model, found.params)
    assert repr(found) == str(found)
    assert str(found) == (
        "3 neurons (9 parameters) compute exactly the same function as 2 neurons (6 parameters): "
        "1 joined to an equal one or without effect. Outputs change by rounding only."
    )
    text = str(merge(found.wide, found.condensed, SPREAD))
    assert "exactly the same function as 2 neurons (6 parameters)" in text
    assert "Outputs at 2,020 inputs change by rounding only." in text
    alone = merge(*network([(1.0, 1, 2), (2, 0.3, 1)]))
    assert str(alone).startswith("2 neurons (6 parameters): none is equal to another")


@given(embedded())
def test_what_is_joined_is_exact_and_its_distance_is_that_of_the_parameters(pair):
    narrow, wide = pair
    found = merge(*wide)
    assert found.exact
    assert (found.joined, found.refitted) == (wide[0].m - narrow[0].m, 0)
    theta, there = (
        torch.cat([params[name].ravel() for name in wide[0].shapes()])
        for params in (wide[1], found.condensed)
    )
    expected = float((theta - there).norm() / theta.norm())
    assert found.distance == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu"])
def test_random_neurons_are_fitted_by_fewer_without_being_condensed(name):
    """The function of 40 random neurons is smooth: few are enough, and none is equal to another."""
    model = TwoLayer(1, 40, name)
    params = model.init(torch.Generator().manual_seed(0), 0.5)
    found = merge(model, params, ASYMMETRIC.data(20))
    assert found.model.m < 20
    assert not found.exact
    assert (found.joined, found.refitted) == (0, 40 - found.model.m)
    assert found.distance > 0.1
    c, text = found.comparison, str(found)
    share = 100 * c.difference / c.largest
    assert f"only similar (off by {share:.2g} %) to {found.model.m} neurons" in text
    assert "0 joined to an equal one" in text
    assert f"{found.refitted} replaced by a fit" in text
    for part in ("inputs differ by at most", "before polishing", "against the target:"):
        assert part in text


# --- with data: the same outputs at some inputs -------------------------------------------------


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"square"}))
@pytest.mark.parametrize("threshold", [1e-4, 1e-6, 1e-10])
def test_with_data_an_embedded_network_is_merged_to_itself_too(name, threshold):
    narrow = network([(1.5, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)], name)
    wide = [(0.75, 1.2, 2.5), (0.75, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)]
    wide += [(0.0, 3.0, 1.0), (2.0, -1.3, 0.2), (-2.0, -1.3, 0.2)]
    if activation(name).odd:
        wide[1] = (-0.75, -1.2, -2.5)
    found = merge(*network(wide, name), SPREAD, threshold)
    same((found.model, found.params), narrow)
    assert found.comparison.difference < 1e-14 * found.comparison.largest


def test_neurons_that_cancel_only_all_together_are_dropped():
    """A neuron, and a polynomial in x by five tanh whose sum is nearly nothing."""
    x = np.linspace(-1, 1, 200)
    weights = [0.1, 0.2, 0.3, 0.4, 0.5]
    columns = np.tanh(np.outer(x, weights))
    nearly = np.linalg.svd(columns)[2][-1]  # the combination with the least outputs
    assert np.abs(columns @ nearly).max() < 1e-7
    assert np.abs(columns * nearly).max(axis=0).min() > 1e-3
    wide = [(1.0, 3.0, 1.0), *[(10 * a, w, 0.0) for a, w in zip(nearly, weights, strict=True)]]
    data = teacher([1.0], [[3.0]], [1.0], inputs=EvenlySpaced(-1.0, 1.0)).data(20)
    found = merge(*network(wide), data, 1e-4)
    np.testing.assert_allclose(rows(found.model, found.params), [(1.0, 3.0, 1.0)], atol=1e-5)
    assert found.labels.tolist() == [0, -1, -1, -1, -1, -1]
    gone = found.dropped
    assert gone.together < 1e-6 < 1e-2 < gone.largest
    assert (gone.neurons, gone.groups, gone.of) == (5, 5, 6)


@given(
    st.sampled_from(list(ACTIVATIONS)),
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
    assert found.dropped.together == pytest.approx(expected, rel=1e-9)
    fresh = torch.linspace(-2.0, 3.0, 3571, dtype=torch.float64)[:, None]
    between = (outputs(model, params, fresh) - outputs(*found, fresh)).abs().max().item()
    assert between == pytest.approx(c.difference, rel=0.05)  # a bend can fall between two inputs


@pytest.mark.parametrize("name", ["relu", "tanh", "xtanh", "sigmoid"])
def test_of_a_group_each_neuron_is_at_the_nearest_that_stays(name):
    """Near as neurons are alike: on rays, up to sign, or in the plane."""
    random, act = np.random.default_rng(0), activation(name)
    weight, group = random.normal(size=(60, 2)), random.integers(0, 3, 60)
    chosen = np.concatenate([np.flatnonzero(group == one)[3:5] for one in (0, 1)])

    def far(i, k):
        one, other = weight[i], weight[chosen[k]]
        if act.homogeneous:
            return math.dist(one / math.hypot(*one), other / math.hypot(*other))
        turned = [1.0, -1.0] if act.odd or act.even else [1.0]
        return min(math.dist(one, sign * other) for sign in turned)

    found = _origins(Neurons(weight, np.ones(60), act), group, chosen)
    for i in range(60):
        there = [k for k in range(4) if group[chosen[k]] == group[i]]
        assert found[i] == min(there, key=lambda k, i=i: far(i, k), default=-1)


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
    assert found.dropped.neurons == found.dropped.groups == 0
    assert found.exact
    assert str(found).startswith("100 neurons (400 parameters): none is equal to another")


@pytest.mark.parametrize("width", [3000, 18_000])
def test_a_very_wide_network_is_searched_at_fewer_inputs(width):
    narrow = [(1.5, 1.2, 2.5), (-1.1, 1.7, -1.5), (0.8, -0.9, 1.9)]
    wide = np.array(narrow)[np.arange(width) % 3]
    wide[:, 0] *= 3 / width
    found = merge(*network(wide), SPREAD)
    same((found.model, found.params), network(narrow), 1e-10)
    assert found.comparison.inputs == 2020
    assert found.comparison.difference < 1e-12


# --- trained networks ----------------------------------------------------------------------------


def test_relu_networks_act_as_more_and_more_neurons():
    """The 1-d experiment of the talk: one orientation first, then three, then more."""
    problem = teacher(
        [-1.0, 1.0, -1.0, 1.0],
        [[1.0], [2.0], [1.5], [0.5]],
        [0.0, 0.6, -0.6, -0.4],
        inputs=EvenlySpaced(-1.0, 1.0),
        activation="relu",
    )
    experiment = Experiment(
        TwoLayer(1, 100, "relu"),
        problem,
        GradientDescent(0.1, steps=5000),
        n_samples=20,
        init_std=1e-4,
    )
    run, data = train(experiment), experiment.data()
    widths = []
    for step in (100, 1000, 3000, 5000):
        found = merge(experiment.model, run.at(run.index_at(step)), data)
        widths.append(found.model.m)
        assert found.comparison.difference <= 1e-2 * found.comparison.largest
    assert widths[:2] == [1, 1]
    assert widths == sorted(widths)
    assert 3 <= widths[-1] <= 5


# --- polishing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "xtanh", "x2tanh"])
def test_polishing_ends_at_the_least_squares_fit_of_scipy(name):
    narrow = network([(1.5, 3.0, 0.5), (-1.1, 1.9, -3.5)], name)
    x = torch.linspace(-4.0, 4.0, 60, dtype=torch.float64)[:, None]
    y = outputs(*narrow, x) + 0.05 * torch.randn(60, dtype=torch.float64)

    def residual(theta):
        return (outputs(*network(theta.reshape(-1, 3), name), x) - y).numpy()

    polished = polish(*narrow, x, y)
    start = rows(*narrow).ravel()
    exact = least_squares(residual, start, method="lm", xtol=1e-12, ftol=1e-12, gtol=1e-12)
    cost = 0.5 * np.square(residual(rows(narrow[0], polished))).sum()
    assert cost == pytest.approx(exact.cost, rel=1e-6)
    assert cost < 0.999 * 0.5 * np.square(residual(start)).sum()


@given(
    st.sampled_from(list(ACTIVATIONS)), st.integers(1, 2), st.integers(1, 6), st.integers(0, 1000)
)
def test_polishing_never_raises_the_sum_of_squares(name, d, m, seed):
    model, problem = TwoLayer(d, m, name), PLANE if d == 2 else ASYMMETRIC
    params, data = model.init(torch.Generator().manual_seed(seed), 1.0), problem.data(15)
    polished = polish(model, params, data.x, data.y)
    before, after = (
        (outputs(model, some, data.x) - data.y).square().sum() for some in (params, polished)
    )
    assert after <= before * (1 + 1e-12)


# --- bad input -----------------------------------------------------------------------------------

GOOD = TwoLayer(1, 2), TwoLayer(1, 2).init(torch.Generator().manual_seed(0), 1.0)


@pytest.mark.parametrize("threshold", [0.0, -1.0, 0.6, math.nan, "1e-2", None])
@pytest.mark.parametrize("data", [None, SPREAD], ids=["no data", "data"])
def test_a_threshold_out_of_range_is_refused(threshold, data):
    with pytest.raises(ValueError, match=r"threshold must be a number from 1e-10 to 0.5, but is"):
        merge(*GOOD, data, threshold)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": torch.ones(3)}, r"params\['a'\] must have shape \[2\], but has \[3\]"),
        ({"w": torch.full((2, 1), math.nan)}, r"params\['w'\] must be finite"),
        ({"c": torch.ones(2)}, "params must hold a, w, b, but hold a, w, b, c"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(change, message):
    model, params = GOOD
    for act in (lambda p: merge(model, p), lambda p: polish(model, p, SPREAD.x, SPREAD.y)):
        with pytest.raises(ValueError, match=message):
            act(params | change)


@pytest.mark.parametrize("name", ["plain formula", "deep", "convolution", "factorization"])
def test_other_families_are_refused(name):
    model = MODELS[name].model
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    with pytest.raises(ValueError, match=f"two-layer network .*{type(model).__name__}"):
        merge(model, params)
    with pytest.raises(ValueError, match="Only a two-layer network can be polished"):
        polish(model, params, SPREAD.x, SPREAD.y)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PLANE.data(5), "x and y must have shapes"),
        (dataclasses.replace(SPREAD, x=SPREAD.x / 0.0), "x must be finite"),
    ],
)
def test_data_that_do_not_fit_are_refused(data, said):
    with pytest.raises(ValueError, match="reads 1 finite coordinates, but"):
        merge(*GOOD, data)
    with pytest.raises(ValueError, match=said):
        polish(*GOOD, data.x, data.y)


def test_outputs_that_overflow_are_refused():
    model, params = network([(1.0, 1e200, 1.0), (1.0, 1.0, 1e200)], "relu")
    with pytest.raises(ValueError, match="overflow"):
        merge(model, params, SPREAD)
    assert merge(model, params).model.m == 2


def test_what_is_the_same_but_for_rounding_is_not_called_similar():
    model, data = TwoLayer(1, 2, "square"), teacher([1.0], [[1.0]]).data(20)
    for a in ([1.0, -0.25], [1.0, 1.0]):  # x^2 - (2 x)^2 / 4 = 0, and x^2 + (2 x)^2 = 5 x^2
        params = {"a": a, "w": [[1.0], [2.0]], "b": [0.0, 0.0]}
        params = {name: torch.tensor(leaf, dtype=torch.float64) for name, leaf in params.items()}
        told = str(merge(model, params, data))
        assert "have the outputs, but for rounding, of 1 neuron" in told
        assert "similar" not in told


def test_of_copies_it_is_not_said_that_they_are_not_condensed():
    """A hundred neurons at two places, which one neuron fits: exactly condensed all the same."""
    model, data = TwoLayer(1, 100), teacher([1.0], [[1.0]]).data(20)
    w = torch.tensor([[1.0]] * 50 + [[1.02]] * 50, dtype=torch.float64)
    params = {"a": torch.full((100,), 0.01).double(), "w": w, "b": torch.zeros(100).double()}
    found = merge(model, params, data)
    assert (found.joined, found.refitted) == (98, 1)
    assert "are only similar" in str(found)
    assert "condensed" not in str(found)
