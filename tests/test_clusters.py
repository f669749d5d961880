"""Clusters of orientations: against a plain definition, and on the published experiments."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from often import crossed
from scipy.sparse.csgraph import connected_components

from condensekit import Adam, Experiment, GradientDescent, Outcome, Run, TwoLayer, train
from condensekit.measures import (
    DENSE,
    LINE,
    alignment,
    blocks,
    cluster_counts,
    cluster_labels,
    clusters,
    cosine_similarity,
    dead,
    effective_clusters,
    gathering,
    groups,
    initial_lines,
    mean_cosine,
    orientations,
    random_cosine,
)
from condensekit.measures.neighbours import cap_share
from condensekit.measures.neurons import component_list
from condensekit.problems import initial_condensation, relu_1d, three_tanh

INTERVAL = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)


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


def chance(angle, dim):
    """Share of random directions within an angle (radians) of one, by SciPy's beta function."""
    return 0.5 * scipy.special.betainc((dim - 1) / 2, 0.5, math.sin(angle) ** 2)


def plain_components(unit, gap, up_to_sign):
    """By the definition: join whoever is near and not by chance, until nothing changes."""
    m, dim = unit.shape
    cosine = unit @ unit.T
    cosine = np.abs(cosine) if up_to_sign else cosine
    angle = np.arccos(np.clip(cosine, -1, 1)) + np.diag(np.full(m, 9.0))
    gap = math.radians(gap)
    others = (m - 1) * (2 if up_to_sign else 1)
    reach = np.zeros(m)
    for n in (1, 2, 4, 8, 16, 32, 64):
        if n < DENSE * others * chance(gap, dim):
            too_many = n / DENSE / others
            longest = scipy.optimize.brentq(lambda r, c=too_many: chance(r, dim) - c, 0, gap)
        else:
            longest = gap
        reach[(angle <= longest + 1e-9).sum(axis=1) >= n] = longest
    reach[(angle <= gap + 1e-9).sum(axis=1) >= m // 2] = gap  # half of the others
    near = angle <= np.maximum(reach[:, None], reach) + 1e-9
    near |= np.eye(m, dtype=bool)
    labels = np.arange(m)
    for _ in unit:
        labels = np.array([labels[row].min() for row in near])
    return {frozenset(np.flatnonzero(labels == label)) for label in set(labels.tolist())}


def scattered_with_rays(seed, m, dim, rays):
    """Random directions, and some that lie close together."""
    generator = np.random.default_rng(seed)
    unit = generator.normal(size=(m, dim))
    for _ in range(rays):
        spread = generator.choice([1e-3, 1e-2, 0.1])
        ray = generator.normal(size=dim) + spread * generator.normal(size=(m // 2 + 1, dim))
        unit = np.concatenate([unit, ray * generator.choice([-1.0, 1.0], size=(len(ray), 1))])
    return unit / np.linalg.norm(unit, axis=1, keepdims=True)


# --- the definition ----------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.integers(0, 2),
    st.sampled_from([2.0, 11.0, 40.0]),
    st.booleans(),
)
@pytest.mark.parametrize("dim", [2, 4])
def test_clusters_are_connected_components(dim, seed, m, rays, gap, up_to_sign):
    unit = torch.from_numpy(scattered_with_rays(seed, m, dim, rays))
    model = TwoLayer(dim, len(unit), bias=False)
    params = {"a": torch.ones(len(unit)).double(), "w": unit}
    labels = cluster_labels(model, params, gap, active=0.0, up_to_sign=up_to_sign)
    found = {frozenset(np.flatnonzero(labels == label)) for label in set(labels.tolist())}
    assert found == plain_components(unit.numpy(), gap, up_to_sign)


@pytest.mark.parametrize("dim", [2, 3, 6, 26, 785])
@pytest.mark.parametrize("degrees", [0.01, 3.0, 25.0, 90.0])
def test_the_share_of_a_cap_is_the_incomplete_beta_function(dim, degrees):
    angle = math.radians(degrees)
    assert cap_share(angle, dim) == pytest.approx(chance(angle, dim), rel=1e-9, abs=1e-300)


# --- scattered neurons read as scattered ---------------------------------------------------------


def at_random(d, bias, m, seed):
    model = TwoLayer(d, m, "relu", bias=bias)
    return model, model.init(torch.Generator().manual_seed(seed), 1e-4)


@crossed(("m", "kind"), [50, 100, 400, 500, 700, 1_000, 5_000], [(1, True), (5, True), (5, False)])
def test_random_directions_are_scattered_at_any_width(m, kind):
    """A fixed gap of 3 degrees chained 100 of them into 43, 500 into 5 and 1,000 into 1."""
    d, bias = kind
    for seed in range(1 if m > 1_000 else 10):
        found = gathering(*at_random(d, bias, m, seed))
        assert found.scattered
        assert found.clusters > 0.8 * found.active
        assert found.alone > 0.65 * found.active
        assert "scattered" in str(found)


@given(st.integers(0, 10_000), st.integers(2, 7), st.booleans())
def test_for_few_neurons_of_the_plane_the_angle_alone_decides(seed, m, up_to_sign):
    net = at_random(1, True, m, seed)
    angle = np.degrees(np.arctan2(net[1]["b"].numpy(), net[1]["w"].numpy()[:, 0]))
    apart = np.abs((np.subtract.outer(angle, angle) + 180) % 360 - 180)
    apart = np.minimum(apart, 180 - apart) if up_to_sign else apart
    gap = 3.0 if not up_to_sign else 1.5
    near = (apart <= gap) & ~np.eye(m, dtype=bool)
    alone = int((~near.any(axis=1)).sum())
    assert gathering(*net, gap=gap, active=0.0, up_to_sign=up_to_sign).alone == alone


@pytest.mark.parametrize("m", [1, 2, 5, 7])
def test_of_few_neurons_nobody_can_say_that_they_are_scattered(m):
    found = gathering(*network(*at_angles(*[360.0 / m * i for i in range(m)])))
    assert (found.clusters, found.alone, found.scattered) == (m, m, False)
    plural = "s" * (m > 1)
    assert str(found) == f"{m} active neuron{plural} of {m} in {m} cluster{plural}."


def test_one_dimension_has_two_directions_on_which_chance_cannot_be_told_from_gathering():
    for m in (50, 1_000):
        found = gathering(*at_random(1, False, m, 0))
        assert (found.clusters, found.scattered) == (2, False)
        assert len(clusters(*at_random(1, False, m, 0), up_to_sign=True)) == 1


@pytest.mark.parametrize("m", [50, 400, 1_000])
@pytest.mark.parametrize("gathered", [0.5, 1.0])
def test_rays_are_counted_beside_scattered_neurons(m, gathered):
    """Three rays of 1 degree hold half of all neurons, or all of them."""
    generator = np.random.default_rng(m)
    k = int(gathered * m)
    rays = np.repeat([20.0, 140.0, 200.0], [k // 2, k // 4, k - k // 2 - k // 4])
    degrees = [*rays + generator.uniform(-0.5, 0.5, k), *generator.uniform(-180, 180, m - k)]
    net = network(*at_angles(*degrees))
    found = gathering(*net)
    sizes = [cluster.size for cluster in clusters(*net)]
    assert sum(size >= k // 5 for size in sizes) == 3
    assert found.alone > 0.7 * (m - k) or gathered == 1.0
    assert found.clusters <= 3 + m - k
    assert (found.clusters == 3) == (gathered == 1.0)
    assert not found.scattered


def test_dead_neurons_are_not_active():
    angles = at_angles(0.0, 90.0, 91.0, 180.0)
    net = network(*angles, (100.0, 0.0, -1.0))  # the strongest is dead on [-1, 1]
    assert cluster_labels(*net).tolist() == [2, 1, 1, 3, 0]
    assert cluster_labels(*net, x=INTERVAL).tolist() == [1, 0, 0, 2, -1]
    found = gathering(*net, x=INTERVAL)
    assert (found.width, found.active, found.dead, found.clusters, found.alone) == (5, 4, 1, 3, 2)
    assert str(found) == "4 active neurons of 5 (1 dead) in 3 clusters, 2 of them single neurons."
    assert effective_clusters(*net, x=INTERVAL) == pytest.approx(16 / 6)
    assert alignment(*net, x=INTERVAL) == pytest.approx(
        (1 + math.cos(math.radians(1)) + 2 * math.cos(math.radians(89))) / 6, rel=1e-9
    )


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
    assert effective_clusters(*net) == pytest.approx(2.3**2 / (4 + 0.09))
    assert alignment(*net) == pytest.approx(sum(math.cos(math.radians(t)) for t in (1, 77, 76)) / 3)


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
    assert effective_clusters(*net) == 0.0
    assert math.isnan(alignment(*net))
    assert str(gathering(*net)) == "No active neuron of 2."


@pytest.mark.parametrize(("d", "m"), [(1, 50), (1, 1_500), (2, 300), (5, 700)])
def test_the_mean_cosine_of_random_neurons_does_not_depend_on_the_width(d, m):
    """Of pairs of different neurons; with the diagonal it would rise by 1 / m. One definition."""
    model = TwoLayer(d, m)
    params = model.init(torch.Generator().manual_seed(m), 1.0)
    found = alignment(model, params, active=0.0)
    assert found == pytest.approx(random_cosine(d + 1), abs=0.03 if m < 100 else 0.015)
    assert found == pytest.approx(mean_cosine(orientations(model, params)))
    if m < 500:
        assert found == pytest.approx(blocks(model, params).mean)
        cosine = np.abs(cosine_similarity(model, params))
        assert found == pytest.approx(cosine[np.triu_indices(m, 1)].mean())


@given(st.integers(1, 12), st.integers(1, 5))
def test_k_equal_clusters_are_effectively_k(k, copies):
    degrees = [360.0 / k * i for i in range(k)] * copies
    assert effective_clusters(*network(*at_angles(*degrees))) == pytest.approx(k)


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


def test_a_dead_neuron_never_answers():
    net = network((1.0, 1.0, 0.0), (1.0, 1.0, -2.0), (1.0, 0.0, -1.0), (1.0, 1.0, -1.0))
    assert dead(*net, INTERVAL).tolist() == [False, True, True, True]
    assert not dead(TwoLayer(1, 4, "tanh"), net[1], INTERVAL).any()
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


@pytest.mark.slow
def test_clusters_multiply_as_in_the_talk(relu_runs):
    epochs = (100, 1_000, 5_000, 10_000, 100_000)
    counts = np.array(
        [cluster_counts(run)[[run.index_at(epoch) for epoch in epochs]] for run in relu_runs]
    )
    assert (counts[:, :2] == 1).all()
    assert np.abs(np.median(counts, axis=0) - [1, 1, 3, 4, 5]).max() <= 1
    x = RELU_1D.data().x
    for run in relu_runs:
        start, early, end = (
            gathering(RELU_1D.model, run.at(i), x=x) for i in (0, run.index_at(100), -1)
        )
        assert start.scattered
        assert start.clusters > 0.8 * start.active
        assert start.active + start.dead <= 100
        assert (early.clusters, early.alone, early.effective) == (1, 0, 1.0)
        assert not end.scattered
        assert end.alone <= 2
    assert (np.diff(np.median(counts, axis=0)) >= 0).all()


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_lines_are_counted_as_they_were_drawn():
    def lines(*degrees):
        angle = np.radians(np.resize(degrees, 40))
        turn = np.resize([1.0, -1.0, -1.0], 40)  # both ends of a line
        leaves = {"a": np.ones(40), "w": (turn * np.cos(angle))[:, None], "b": turn * np.sin(angle)}
        params = {name: torch.from_numpy(leaf)[None] for name, leaf in leaves.items()}
        experiment, one = Experiment(TwoLayer(1, 40), three_tanh()), np.ones(1)
        run = Run(experiment, np.zeros(1, int), one, one, one, params, Outcome.BUDGET)
        return initial_lines(run).count

    assert lines(30) == 1
    assert lines(30, 33, 28) == 1
    assert lines(179, 1, 178, 2) == 1, "179 and 1 degrees are neighbours"
    assert lines(30, 120) == 2
    assert lines(30, 75, 120, 165) == 4
    assert lines(*[50] * 39, 120) == 1, "a straggler is no line"
    assert lines(*np.linspace(30, 60, 40)) == 1, "a loose bunch is one: half of it is within LINE"
    assert lines(*np.linspace(0, 180, 40, endpoint=False)) == 0, "an even fan has no line"


@pytest.mark.parametrize(("name", "count"), [("tanh", 1), ("xtanh", 2)])
def test_the_lines_of_the_exercise_are_the_multiplicity(name, count):
    from condensekit.exercises.condensation import initial_stage

    for seed in range(3):
        lines = initial_lines(train(initial_stage(name, seed)))
        assert lines.count == count == model_multiplicity(TwoLayer(1, 1, name))
        assert lines.share > 0.9


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
        start = alignment(model, run.at(0))
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


def by_scipy(points, same, up_to_sign):
    """The components by all pairs, one after the other."""
    lengths = np.linalg.norm(points, axis=1)
    longer = np.maximum(lengths[:, None], lengths)
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    if up_to_sign:
        apart = np.minimum(apart, np.linalg.norm(points[:, None] + points, axis=2))
    clear = (np.abs(apart - same * longer) > 1e-6 * longer) | (longer == 0.0)
    clear |= np.eye(len(points), dtype=bool)
    labels = connected_components(apart <= same * longer)[1]
    components = [np.flatnonzero(labels == label) for label in dict.fromkeys(labels.tolist())]
    return [component.tolist() for component in components], bool(clear.all())


@given(
    st.integers(0, 2**31),
    st.integers(0, 40),
    st.integers(1, 4),
    st.sampled_from([0.01, 0.05, 0.3, 0.9, 1.0, 2.0]),
    st.booleans(),
    st.sampled_from(["scattered", "groups", "rays", "some zero", "many scales"]),
)
def test_components_are_those_of_all_pairs(seed, m, d, same, up_to_sign, kind):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(m, d))
    if kind == "groups":
        points = points[rng.integers(0, max(1, m // 6), m)] if m else points
        points = points + rng.normal(size=(m, d)) * 10.0 ** -rng.uniform(0, 4)
    elif kind == "rays":
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    elif kind == "some zero":
        points[rng.random(m) < 0.3] = 0.0
    elif kind == "many scales":
        points *= 10.0 ** rng.uniform(-6, 6, size=(m, 1))
    expected, clear = by_scipy(points, same, up_to_sign)
    assume(clear)
    found = component_list(points, same, up_to_sign)
    assert [component.tolist() for component in found] == expected


@settings(max_examples=30)
@given(
    st.sampled_from([1, 2, 4]),
    st.integers(1, 60),
    st.sampled_from([3.0, 40.0]),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
def test_the_numbers_of_a_cluster_are_those_of_its_members(dim, m, gap, up_to_sign, seed):
    model = TwoLayer(dim, m, "tanh" if up_to_sign else "relu")
    params = model.init(torch.Generator().manual_seed(seed), 1.0)
    params["a"][::5] = 0.0
    found = clusters(model, params, gap, up_to_sign=up_to_sign)
    labels = cluster_labels(model, params, gap, up_to_sign=up_to_sign)
    weight = np.column_stack([params["w"].numpy(), params["b"].numpy()])
    length = np.linalg.norm(weight, axis=1)
    size, unit = np.abs(params["a"].numpy()) * length, weight / length[:, None]
    assert len(found) == labels.max(initial=-1) + 1
    for number, cluster in enumerate(found):
        members = np.flatnonzero(labels == number)
        assert cluster.members.tolist() == members.tolist()
        assert cluster.amplitude == pytest.approx(size[members].sum(), rel=1e-12)
        assert cluster.share == pytest.approx(size[members].sum() / size[labels >= 0].sum())
        points = unit[members]
        if up_to_sign:
            points = points * np.where(points @ points[size[members].argmax()] < 0, -1, 1)[:, None]
        mean = size[members] @ points
        assert cluster.direction == pytest.approx(mean / np.linalg.norm(mean), abs=1e-12)


def test_labels_that_were_found_once_cannot_be_spoiled():
    model = TwoLayer(1, 20, "relu")
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    first = cluster_labels(model, params)
    kept = first.copy()
    first[:] = 7
    assert cluster_labels(model, params).tolist() == kept.tolist()


def test_the_samples_of_a_run_are_those_of_its_experiment_drawn_once():
    run = train(Experiment(TwoLayer(1, 5), relu_1d(), GradientDescent(0.01, steps=3), 7))
    assert run.data() is run.data()
    again = run.experiment.data()
    for name in ("x", "y", "x_test", "y_test"):
        assert torch.equal(getattr(run.data(), name), getattr(again, name))
