"""Clusters of orientations: against a plain definition, and on the published experiments."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from condensekit import Adam, Experiment, GradientDescent, TwoLayer, train
from condensekit.measures import (
    LINE,
    alignment,
    cluster_counts,
    cluster_labels,
    clusters,
    cosine_similarity,
    dead,
    effective_neurons,
    groups,
    initial_lines,
    orientations,
)
from condensekit.problems import initial_condensation, relu_1d


def network(*weights, activation="relu"):
    """A network with one input from triples (a, w, b)."""
    a, w, b = torch.tensor(np.array(weights), dtype=torch.float64).T
    params = {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}
    return TwoLayer(1, len(weights), activation), params


def at_angles(*degrees, length=1.0, output=1.0):
    return [
        (output, length * math.cos(math.radians(t)), length * math.sin(math.radians(t)))
        for t in degrees
    ]


def plain_components(unit, gap, up_to_sign):
    """Connected components by the definition: join whatever is near, until nothing changes."""
    cosine = unit @ unit.T
    cosine = np.abs(cosine) if up_to_sign else cosine
    near = np.degrees(np.arccos(np.clip(cosine, -1, 1))) <= gap
    labels = np.arange(len(unit))
    for _ in unit:
        labels = np.array([labels[row].min() for row in near])
    return {frozenset(np.flatnonzero(labels == label)) for label in set(labels.tolist())}


# --- the definition ----------------------------------------------------------------------------


@given(
    st.integers(0, 10_000), st.integers(1, 25), st.sampled_from([2.0, 11.0, 40.0]), st.booleans()
)
@pytest.mark.parametrize("d", [1, 3])
def test_clusters_are_connected_components(d, seed, m, gap, up_to_sign):
    model = TwoLayer(d, m)
    params = model.init(torch.Generator().manual_seed(seed), 1.0)
    labels = cluster_labels(model, params, gap, active=0.0, up_to_sign=up_to_sign)
    found = {frozenset(np.flatnonzero(labels == label)) for label in set(labels.tolist())}
    assert found == plain_components(orientations(model, params), gap, up_to_sign)


def test_a_cluster_may_lie_across_the_cut_of_the_circle():
    net = network(*at_angles(179.0, -179.0, 0.0, 1.0, -1.0))
    assert cluster_labels(*net).tolist() == [1, 1, 0, 0, 0]
    assert cluster_labels(*net, up_to_sign=True).tolist() == [0] * 5
    assert clusters(*net)[1].angle == pytest.approx(180.0)


def test_the_thresholds_are_where_they_are_said_to_be():
    net = network(*at_angles(0.0, 2.99, 5.98, 9.0))
    assert cluster_labels(*net).tolist() == [0, 0, 0, 1]
    assert cluster_labels(*net, gap=3.1).tolist() == [0, 0, 0, 0]
    weak = [*at_angles(0.0, 90.0), (1.01e-3, 0.0, -1.0), (0.99e-3, -1.0, 0.0)]
    assert cluster_labels(*network(*weak)).tolist() == [0, 1, 2, -1]


def test_a_cluster_says_where_it_is_and_how_strong():
    net = network((2.0, 3.0, 0.0), (-1.0, 0.0, 4.0), (1.0, 0.0, 2.0))
    strong, weak = clusters(*net)
    assert (strong.size, weak.size) == (1, 2) or (strong.size, weak.size) == (2, 1)
    assert {c.size: c.amplitude for c in (strong, weak)} == pytest.approx({1: 6.0, 2: 6.0})
    assert {c.size: round(c.angle, 9) for c in (strong, weak)} == {1: 0.0, 2: 90.0}
    assert strong.share == weak.share == pytest.approx(0.5)


@given(st.floats(-120.0, 120.0))
def test_clusters_do_not_depend_on_the_scale(exponent):
    weights = np.array([*at_angles(0.0, 1.0), *at_angles(77.0, output=-0.3)])
    weights[:, 1:] *= 10.0**exponent
    net = network(*weights)
    assert cluster_labels(*net).tolist() == [0, 0, 1]
    assert [c.share for c in clusters(*net)] == pytest.approx([2 / 2.3, 0.3 / 2.3])
    assert effective_neurons(*net) == pytest.approx(2.3**2 / (4 + 0.09))
    assert alignment(*net) == pytest.approx(
        (3 + 2 * (math.cos(math.radians(1)) + sum(math.cos(math.radians(t)) for t in (77, 76)))) / 9
    )


def test_one_orientation_is_not_one_function_for_tanh():
    weights = [(1.0, 1.0, 0.5), (1.0, 3.0, 1.5), (-1.0, -1.0, -0.5)]
    tanh, relu = network(*weights, activation="tanh"), network(*weights)
    assert cluster_labels(*tanh, up_to_sign=True).tolist() == [0, 0, 0]
    assert len(set(groups(*tanh).tolist())) == 2
    assert len(set(groups(*relu).tolist())) == len(set(cluster_labels(*relu).tolist())) == 2


def test_a_network_of_zeros_has_no_cluster():
    net = network((0.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    assert cluster_labels(*net).tolist() == [-1, -1]
    assert clusters(*net) == []
    assert effective_neurons(*net) == alignment(*net) == 0.0


@given(st.integers(1, 12), st.integers(1, 5))
def test_k_equal_clusters_act_as_k_neurons(k, copies):
    degrees = [360.0 / k * i for i in range(k)] * copies
    assert effective_neurons(*network(*at_angles(*degrees))) == pytest.approx(k)


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({"gap": 0.0}, ["gap", "0 to 90", "0.0"]),
        ({"gap": 91.0}, ["gap", "91"]),
        ({"gap": math.nan}, ["gap", "nan"]),
        ({"active": -0.1}, ["active", "-0.1"]),
        ({"active": 1.0}, ["active", "1.0"]),
        ({"active": math.nan}, ["active", "nan"]),
    ],
)
def test_thresholds_out_of_range_are_refused(thresholds, words):
    net = network(*at_angles(0.0, 10.0))
    for measure in (cluster_labels, clusters):
        with pytest.raises(ValueError) as error:
            measure(*net, **thresholds)
        for word in words:
            assert word in str(error.value)


# --- dead neurons ------------------------------------------------------------------------------

INTERVAL = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)


def test_a_dead_neuron_never_answers():
    net = network((1.0, 1.0, 0.0), (1.0, 1.0, -2.0), (1.0, 0.0, -1.0), (1.0, 1.0, -1.0))
    assert dead(*net, INTERVAL).tolist() == [False, True, True, True]
    assert not dead(network(*at_angles(0, 90, 270), activation="tanh")[0], net[1], INTERVAL).any()
    with pytest.raises(ValueError, match=r"shape \[n, d\]"):
        dead(*net, torch.zeros(3))


def test_dead_neurons_never_move():
    experiment = Experiment(
        TwoLayer(1, 50, "relu"), relu_1d(), GradientDescent(0.1, 200), n_samples=20, init_std=0.1
    )
    run = train(experiment)
    static = dead(experiment.model, run.at(0), experiment.data().x)
    assert 0 < static.sum() < 25
    for leaf in run.params.values():
        assert torch.equal(leaf[0][static], leaf[-1][static])
        assert (leaf[0][~static] != leaf[-1][~static]).all()


# --- what was published ------------------------------------------------------------------------

RELU_1D = Experiment(
    TwoLayer(1, 100, "relu"),
    relu_1d(),
    GradientDescent(0.1, steps=100_000),
    n_samples=20,
    init_std=1e-4,
)


@pytest.fixture(scope="module")
def relu_runs():
    return train([RELU_1D.replace(seed=seed) for seed in range(5)])


def test_clusters_multiply_as_in_the_talk(relu_runs):
    counts = np.array(
        [
            [cluster_counts(run)[run.index_at(e)] for e in (100, 1_000, 5_000, 10_000, 100_000)]
            for run in relu_runs
        ]
    )
    assert np.abs(np.median(counts, axis=0) - [1, 1, 3, 4, 5]).max() <= 1
    assert (np.diff(np.median(counts, axis=0)) >= 0).all()


@pytest.mark.parametrize(
    ("epoch", "degrees"),
    [
        (100, [45]),
        (5_000, [20, 136, 160]),
        (10_000, [20, 139, 158, -160]),
        (100_000, [20.5, 138.6, 158.2, 180, -165]),
    ],
)
def test_main_angles_are_those_of_the_talk(relu_runs, epoch, degrees):
    """Each is met within 5 degrees by a strong cluster, in most seeds."""
    met = []
    for run in relu_runs:
        at = run.at(run.index_at(epoch))
        angles = [c.angle for c in clusters(RELU_1D.model, at) if c.share > 0.02]
        apart = np.abs((np.subtract.outer(degrees, angles) + 180) % 360 - 180)
        met.append(apart.min(axis=1) <= 5.0)
    assert (np.mean(met, axis=0) >= 0.6).all(), met


def test_a_quarter_of_the_neurons_is_dead_from_the_start(relu_runs):
    """A neuron is dead on [-1, 1] if b < -|w|, a quarter turn: the "static" points of the talk."""
    share = [dead(RELU_1D.model, run.at(0), INTERVAL).mean() for run in relu_runs]
    assert np.mean(share) == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 500))
    run = relu_runs[0]
    assert (
        dead(RELU_1D.model, run.final, INTERVAL) >= dead(RELU_1D.model, run.at(0), INTERVAL)
    ).all()


def test_small_initialization_aligns_and_large_does_not(relu_runs):
    for run in relu_runs:
        index = run.index_at(100)
        assert alignment(RELU_1D.model, run.at(0)) == pytest.approx(2 / math.pi, abs=0.02)
        assert alignment(RELU_1D.model, run.at(index)) > 0.999
    lazy = RELU_1D.replace(init_std=1.0, lr=1e-3, steps=5_000)
    for run in train([lazy.replace(seed=seed) for seed in range(3)]):
        assert run.loss[-1] < 0.01 * run.loss[0], "it has learned"
        assert alignment(lazy.model, run.final) == pytest.approx(2 / math.pi, abs=0.05)
        assert cluster_counts(run)[-1] > 20


def test_tanh_starts_on_one_line():
    base = Experiment(
        TwoLayer(5, 50),
        initial_condensation(),
        Adam(1e-3, steps=100),
        n_samples=80,
        init_std=0.005,
    )
    for run in train([base.replace(seed=seed) for seed in range(5)]):
        model = base.model
        start = np.abs(cosine_similarity(model, run.at(0))).mean()
        lines = initial_lines(run)
        assert start < 0.4
        assert lines.count == 1 == model_multiplicity(model)
        assert lines.share > 0.95
        assert lines.alignment > 0.94
        assert run.loss[lines.index] > 0.7 * run.loss[0]
        assert cluster_labels(model, run.final, LINE, 1e-2, up_to_sign=True).max() <= 1


def model_multiplicity(model):
    from condensekit.activations import activation

    return activation(model.activation).multiplicity()
