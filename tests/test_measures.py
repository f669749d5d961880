"""Measures: closed forms, groups of equal neurons, and a verdict that keeps two things apart."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from cases import MODELS, PLANE, each
from hypothesis import given
from hypothesis import strategies as st

from condensekit import (
    Adam,
    Experiment,
    MatrixFactorization,
    Outcome,
    Run,
    TwoLayer,
    matrix_completion,
    recovery,
    teacher,
    three_tanh,
    train,
)
from condensekit.measures import (
    Allows,
    amplitudes,
    cosine_similarity,
    groups,
    neurons,
    orientations,
    target_square,
)
from condensekit.models import Transformer
from condensekit.problems import EvenlySpaced, Problem, Uniform, anchors

TWO_LAYER = {name: case for name, case in MODELS.items() if isinstance(case.model, TwoLayer)}


def _network(*weights, activation="tanh"):
    """A network with one input from triples (a, w, b)."""
    a, w, b = torch.tensor(np.array(weights), dtype=torch.float64).T
    params = {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}
    return TwoLayer(1, len(weights), activation), params


def _at_angles(*degrees, length=1.0, output=1.0):
    angles = np.radians(degrees)
    return [(output, length * math.cos(t), length * math.sin(t)) for t in angles]


def _groups(*weights, activation="tanh", **thresholds):
    return groups(*_network(*weights, activation=activation), **thresholds).tolist()


# --- orientation, amplitude, cosine ------------------------------------------------------------


def test_orientation_amplitude_and_cosine_in_the_plane():
    degrees = [0.0, 30.0, 135.0, -90.0, 179.0]
    model, params = _network(*_at_angles(*degrees, length=3.0, output=-2.0))
    unit = orientations(model, params)
    np.testing.assert_allclose(np.degrees(np.arctan2(unit[:, 1], unit[:, 0])), degrees)
    np.testing.assert_allclose(amplitudes(model, params), 6.0)
    between = np.radians(np.subtract.outer(degrees, degrees))
    np.testing.assert_allclose(cosine_similarity(model, params), np.cos(between), atol=1e-15)


@each("case", TWO_LAYER)
def test_orientation_amplitude_and_cosine_neuron_by_neuron(case):
    model = case.model
    params = model.init(torch.Generator().manual_seed(0), 0.7)
    found = neurons(model, params)
    unit, size = orientations(model, params), amplitudes(model, params)
    for j in range(min(model.m, 10)):
        weight = [*params["w"][j].tolist(), *([params["b"][j].item()] if model.bias else [])]
        length = math.hypot(*weight)
        assert found.weight[j].tolist() == weight
        np.testing.assert_allclose(unit[j], np.array(weight) / length, rtol=1e-13)
        assert size[j] == pytest.approx(abs(params["a"][j].item()) * length)
    cosine = cosine_similarity(model, params)
    assert cosine.shape == (model.m, model.m)
    np.testing.assert_array_equal(cosine, cosine.T)
    np.testing.assert_allclose(np.diag(cosine), 1.0)
    assert np.abs(cosine).max() <= 1.0
    for i in range(min(model.m, 4)):
        np.testing.assert_allclose(cosine[i], unit @ unit[i], atol=1e-14)


@each("case", TWO_LAYER)
@pytest.mark.parametrize("scale", [1e-200, 1e-14, 1e10])
def test_directions_do_not_depend_on_the_scale(case, scale):
    params = case.model.init(torch.Generator().manual_seed(0), 1.0)
    scaled = {name: scale * leaf for name, leaf in params.items()}
    for measure in (orientations, cosine_similarity):
        expected = measure(case.model, params)
        np.testing.assert_allclose(measure(case.model, scaled), expected, rtol=1e-9, atol=1e-12)


def test_a_neuron_without_weight_has_no_direction():
    model, params = _network((1, 0, 0), (1, 3, 4))
    assert orientations(model, params).tolist() == [[0, 0], [0.6, 0.8]]
    np.testing.assert_allclose(cosine_similarity(model, params), [[0, 0], [0, 1]])
    assert amplitudes(model, params).tolist() == [0, 5]


def test_random_directions_of_the_plane_have_mean_cosine_two_over_pi():
    model = TwoLayer(1, 2000)
    cosine = cosine_similarity(model, model.init(torch.Generator().manual_seed(0), 1e-9))
    off_diagonal = np.abs(cosine[~np.eye(2000, dtype=bool)])
    assert off_diagonal.mean() == pytest.approx(2 / math.pi, abs=0.01)


def test_a_model_without_neurons_is_refused():
    model = MODELS["plain formula"].model
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    for measure in (neurons, orientations, amplitudes, cosine_similarity, groups):
        with pytest.raises(ValueError, match="PlainFormula has no hidden neurons"):
            measure(model, params)


# --- groups ------------------------------------------------------------------------------------

SPLIT = [(0.5, 1.0, 0.5), (0.3, 1.01, 0.49), (0.2, 0.99, 0.5)]
FLIPPED = [(0.5, 1.0, 0.5), (-0.5, -1.0, -0.5)]
STRETCHED = [(1.0, 1.0, 0.5), (0.5, 2.0, 1.0), (0.1, 10.0, 5.0)]


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus", "xtanh", "x2tanh"])
def test_a_neuron_that_was_split_is_one_group(activation):
    assert _groups(*SPLIT, activation=activation) == [0, 0, 0]


@pytest.mark.parametrize(
    ("activation", "count"), [("tanh", 1), ("x2tanh", 1), ("sigmoid", 2), ("softplus", 2)]
)
def test_a_flipped_neuron_is_the_same_only_where_the_activation_is_odd(activation, count):
    assert len({*_groups(*FLIPPED, activation=activation)}) == count


def test_opposite_relu_neurons_are_two():
    assert len({*_groups(*FLIPPED, activation="relu")}) == 2


def test_flipped_neurons_of_an_even_activation_are_the_same():
    assert _groups((0.5, 1.0, 0.5), (0.5, -1.0, -0.5), activation="xtanh") == [0, 0]


@pytest.mark.parametrize(("activation", "count"), [("relu", 1), ("tanh", 3), ("sigmoid", 3)])
def test_neurons_of_one_angle_are_the_same_only_for_relu(activation, count):
    assert len({*_groups(*STRETCHED, activation=activation)}) == count


def test_relu_neurons_count_by_direction_alone():
    angles = _at_angles(10, 12, 40, 190)
    scaled = [(a / k, k * w, k * b) for k, (a, w, b) in zip((1, 50, 0.02, 7), angles, strict=True)]
    assert len({*_groups(*scaled, activation="relu")}) == 3
    assert _groups(*scaled[:2], activation="relu") == [0, 0]


def test_inactive_neurons_belong_to_no_group():
    weights = [(1.0, 1.0, 0.0), (0.0, 1.0, 0.0), (1e-3, 1.0, 2.0), (1.0, 1e-3, 0.0)]
    assert _groups(*weights) == [0, -1, -1, -1]
    labels = _groups(*weights, active=1e-4)
    assert labels[1] == -1
    assert sorted(labels) == [-1, 0, 1, 2]


def test_the_share_of_the_largest_decides_who_is_active():
    weights = [(10.0, 1.0, 0.0), (0.11, 3.0, 0.0), (0.09, 0.0, 1.0)]
    assert _groups(*weights) == [0, 1, -1]  # 0.33, and 0.09 of 10
    assert _groups(*weights, active=0.05) == [0, -1, -1]
    assert _groups(*weights, active=1e-3) == [0, 1, 2]


def test_the_relative_distance_decides_who_is_the_same():
    pair = [(1.0, 1.0, 0.0), (1.0, 1.0, 0.2)]  # 0.2 apart; the larger is 1.0198 long
    assert _groups(*pair) == [1, 0]
    assert _groups(*pair, same=0.195) == [1, 0]
    assert _groups(*pair, same=0.197) == [0, 0]
    assert _groups(*[(a, 1e-5 * w, 1e-5 * b) for a, w, b in pair], same=0.197) == [0, 0]


def test_a_chain_of_neighbours_is_one_group():
    chain = [(1.0, 1.0, 0.08 * i) for i in range(12)]
    assert _groups(*chain) == [0] * 12
    del chain[6]
    assert len({*_groups(*chain)}) == 2


def test_the_group_with_the_most_output_comes_first():
    one, two, three = (1.0, 1.0, 0.0), (1.5, 0.0, 1.0), (4.0, -1.0, 2.0)
    assert _groups(one, two, three) == [2, 1, 0]
    assert _groups(one, two, one, one) == [0, 1, 0, 0]


def test_groups_of_a_network_that_is_zero():
    assert _groups((0.0, 0.0, 0.0), (0.0, 1.0, 1.0)) == [-1, -1]
    assert _groups((2.0, 1.0, 1.0)) == [0]


CENTRES = ((1.0, 0.0), (0.0, 2.0), (3.0, 3.0), (-2.0, 1.0))  # far apart, also up to sign
NEURON = st.tuples(
    st.integers(0, 3),
    st.floats(0.2, 1.0),
    st.sampled_from([-1.0, 1.0]),
    st.floats(-0.01, 0.01),
    st.floats(-0.01, 0.01),
)


def _partition(labels):
    return {frozenset(np.flatnonzero(labels == g).tolist()) for g in set(labels.tolist())}


@given(st.lists(NEURON, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_groups_are_the_centres_whatever_the_order_and_the_signs(choices, random):
    weights = np.array([(a, CENTRES[c][0] + dw, CENTRES[c][1] + db) for c, a, _, dw, db in choices])
    signs = np.array([choice[2] for choice in choices])[:, None]
    centre = np.array([choice[0] for choice in choices])
    order = list(range(len(choices)))
    random.shuffle(order)
    expected = _partition(centre)
    for variant in (weights, signs * weights, 1e-6 * weights, 1e-100 * weights):
        labels = groups(*_network(*variant))
        assert _partition(labels) == expected
        assert sorted(set(labels.tolist())) == list(range(len(expected)))
        mixed = groups(*_network(*variant[order]))
        size = np.abs(variant[:, 0]) * np.hypot(variant[:, 1], variant[:, 2])
        totals = [size[labels == g].sum() for g in range(len(expected))]
        assert (np.diff(totals) <= 1e-9 * totals[0]).all(), "not sorted by output"
        assert _partition(mixed) == _partition(labels[order])


def test_groups_do_not_depend_on_the_scale_even_at_1e_200():
    assert _groups(*[(1e-200 * a, 1e-200 * w, 1e-200 * b) for a, w, b in SPLIT]) == [0, 0, 0]


def test_groups_without_biases_and_in_more_dimensions():
    params = {
        "a": torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64),
        "w": torch.tensor([[1.0, 2, 3], [-1, -2, -3], [3, 2, 1]], dtype=torch.float64),
    }
    assert groups(TwoLayer(3, 3, bias=False), params).tolist() == [0, 0, 1]
    assert len({*groups(TwoLayer(3, 3, "sigmoid", bias=False), params).tolist()}) == 3


# --- the verdict -------------------------------------------------------------------------------


def _ended(model, problem, n, test_error=1e-4, params=None):
    """A run that nobody trained: two recorded steps, the last with this test error."""
    experiment = Experiment(model, problem, Adam(1e-3, 100), n_samples=n)
    start = params or experiment.init()
    return Run(
        experiment,
        np.array([0, 100]),
        np.array([0.0, 100.0]),
        np.array([5.0, 0.1]),
        np.array([5.0, test_error]),
        {name: torch.stack([0.5 * leaf, leaf]) for name, leaf in start.items()},
        Outcome.BUDGET,
    )


@pytest.mark.parametrize(("n", "allowed"), [(8, False), (9, False), (10, True), (50, True)])
@pytest.mark.parametrize(
    ("share", "reached"), [(9.9e-4, True), (1e-3, False), (0.1, False), (math.nan, False)]
)
def test_allowed_by_theory_and_reached_by_training_are_kept_apart(n, allowed, share, reached):
    """The share is of the mean square of the target on the test points."""
    error = share * float(three_tanh().data(n).y_test.square().mean())
    verdict = recovery(_ended(TwoLayer(1, 500), three_tanh(), n, error))
    assert verdict.allowed is allowed
    assert verdict.reached is reached
    assert verdict.optimistic_sample_size == 9
    assert (verdict.n_samples, verdict.width, verdict.n_parameters) == (n, 500, 1500)
    assert verdict.moment == "step 100"
    assert verdict.test_error == pytest.approx(error, nan_ok=True)
    text = str(verdict)
    assert text.startswith("Allowed by theory: " if allowed else "Not allowed to first order: ")
    assert ("rank 8 of 9 on these samples" in text) is (n == 9)
    assert verdict.relative_error == pytest.approx(share, nan_ok=True)
    assert ("Not reached by training: " if not reached else "Reached by training: ") in text
    assert f"{n} samples {'>=' if n >= 9 else '<'} 9" in text
    assert "500 neurons (1,500 parameters)" in text


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("m", [5, 12, 500])
def test_the_boundary_is_three_samples_for_each_neuron_of_the_target(k, m):
    """One more on a symmetric grid where there is a neuron in the middle, see test_samples."""
    size = 3 * k + k % 2
    for n, allowed in ((size - 1, False), (size, True)):
        assert recovery(_ended(TwoLayer(1, m), three_tanh(k), n)).allowed is allowed


def test_the_boundary_for_a_teacher_without_biases_in_the_plane():
    problem = teacher([1.0, 2.0], [[1.0, 0.0], [1.0, 1.0]])
    for bias, size in ((False, 6), (True, 8)):
        for n in (size - 1, size):
            verdict = recovery(_ended(TwoLayer(2, 10, bias=bias), problem, n))
            assert verdict.optimistic_sample_size == size
            assert verdict.allowed is (n >= size)


@dataclasses.dataclass(frozen=True)
class Parabola(Problem):
    """A target that is not a network."""

    noise_std = 0.0

    @property
    def inputs(self):
        return EvenlySpaced(-1.0, 1.0)

    def target(self, x):
        return x[:, 0] ** 2


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (TwoLayer(1, 10, "relu"), three_tanh()),
        (TwoLayer(1, 10, "sigmoid"), teacher([1.0], [[1.0]], activation="sigmoid")),
        (TwoLayer(1, 10), teacher([1.0], [[1.0]], activation="relu")),
        (TwoLayer(2, 10, bias=False), PLANE),
        (TwoLayer(1, 10), Parabola()),
    ],
)
@pytest.mark.parametrize("reached", [True, False])
def test_where_there_is_no_theorem_training_is_judged_all_the_same(model, problem, reached):
    verdict = recovery(_ended(model, problem, 10, 1e-4 if reached else 1.0))
    assert verdict.allowed is None
    assert verdict.optimistic_sample_size is None
    assert verdict.reached is reached
    assert "no theorem here" in str(verdict)
    assert "llowed" not in str(verdict)


def test_a_student_that_is_narrower_than_its_target_cannot_recover_it():
    verdict = recovery(_ended(TwoLayer(1, 2), three_tanh(), 1000))
    assert verdict.allowed is False
    assert verdict.optimistic_sample_size is None
    assert "2 neurons cannot be equal to the 3" in str(verdict)
    assert str(verdict).startswith("Not allowed: ")
    assert recovery(_ended(TwoLayer(1, 3), three_tanh(), 10)).allowed is True


@pytest.mark.parametrize(
    ("a", "w", "b"),
    [
        ([1.0, 1.0], [[1.0], [1.0]], [0.5, 0.5]),  # twice the same
        ([1.0, -0.5], [[1.0], [-1.0]], [0.5, -0.5]),  # the same up to sign
        ([1.0, 0.0], [[1.0], [2.0]], [0.5, 0.5]),  # one without output
        ([1.0, 1.0, -1.0], [[1.0], [2.0], [2.0]], [0.5, 1.0, 1.0]),  # two that cancel
    ],
)
def test_the_target_width_of_the_theorem_is_the_intrinsic_one(a, w, b):
    assert recovery(_ended(TwoLayer(1, 10), teacher(a, w, b), 3)).optimistic_sample_size == 3
    assert recovery(_ended(TwoLayer(1, 1), teacher(a, w, b), 3)).allowed is True


def test_a_target_whose_biases_are_zero_needs_no_bias():
    for n, allowed in ((1, False), (2, False), (3, False), (4, True)):  # mirrored samples say one
        verdict = recovery(_ended(TwoLayer(1, 10, bias=False), three_tanh(1), n))
        assert (verdict.optimistic_sample_size, verdict.allowed) == (2, allowed)


def test_the_verdict_counts_groups_at_the_step_that_it_judges():
    model, params = _network(*SPLIT, (1.0, -3.0, 1.0), (1e-9, 1.0, 9.0))
    run = _ended(model, three_tanh(1), 5, params=params)
    assert recovery(run).groups == 2
    assert "5 neurons (15 parameters) act as 2, but are not condensed" in str(recovery(run))


def test_a_step_and_a_threshold_can_be_chosen():
    run = _ended(TwoLayer(1, 10), three_tanh(), 50, test_error=0.02)
    assert recovery(run).threshold == 1e-3
    assert recovery(run).reached is False
    assert recovery(run, threshold=0.05).reached is True
    assert recovery(run, threshold=0.05).sharp is False
    assert recovery(run, threshold=0.05, sharp=0.04).sharp is True
    first = recovery(run, threshold=0.05, index=0)
    assert (first.moment, first.test_error, first.reached) == ("step 0", 5.0, False)


@pytest.mark.parametrize("threshold", [0, -1.0, math.nan])
def test_a_threshold_that_makes_no_sense_is_refused(threshold):
    run = _ended(TwoLayer(1, 10), three_tanh(), 50)
    with pytest.raises(ValueError, match=rf"threshold must be .*but is {threshold!r}"):
        recovery(run, threshold=threshold)
    with pytest.raises(ValueError, match=rf"sharp must be .*but is {threshold!r}"):
        recovery(run, sharp=threshold)


# --- what the verdict cannot say ----------------------------------------------------------------


def test_a_tiny_target_is_not_reached_before_anybody_trains():
    """The absolute error of an untrained network is 4e-5 here: as large as the target."""
    model, problem = TwoLayer(1, 10), teacher([0.01], [[1.0]], [0.3], inputs=Uniform(-1.0, 1.0))
    experiment = Experiment(model, problem, Adam(1e-3, 1), n_samples=2, init_std=1e-6)
    run = train(experiment)
    assert run.test_loss[0] < 1e-4
    verdict = recovery(run, index=0)
    assert verdict.relative_error == pytest.approx(1.0, abs=1e-3)
    assert (verdict.allowed, verdict.reached) == (False, False)


def test_beside_a_target_of_zero_no_error_is_small():
    verdict = recovery(_ended(TwoLayer(1, 10), teacher([0.0], [[1.0]]), 5, test_error=1e-9))
    assert (verdict.allowed, verdict.reached, verdict.sharp) == (None, None, None)
    assert verdict.relative_error is None
    assert "target is zero at all test points" in str(verdict)
    assert "eached by training" not in str(verdict)
    zero = matrix_completion(np.zeros((4, 4)))
    assert recovery(_ended(MatrixFactorization(), zero, 7)).reached is None


def test_equal_labels_cannot_tell_the_target_from_a_constant():
    ones = matrix_completion(np.ones((4, 4)))
    verdict = recovery(_ended(MatrixFactorization(), ones, 7))
    assert verdict.allowed is True  # the rank on these entries is full, whatever their values
    assert "All labels are equal" in str(verdict)
    assert "All labels are equal" not in str(recovery(_ended(TwoLayer(1, 9), three_tanh(), 10)))


def test_of_labels_with_noise_theory_says_nothing_but_that_too_few_are_too_few():
    for n, says in ((8, Allows.TOO_FEW), (9, Allows.NOT_THESE), (10, Allows.NOISY)):
        verdict = recovery(_ended(TwoLayer(1, 9), three_tanh(noise_std=0.1), n, 1e-9))
        assert verdict.theory.says is says
        assert verdict.allowed is (None if says is Allows.NOISY else False)
        assert verdict.reached is True
        assert "The labels have noise" in str(verdict)
    assert "noise of standard deviation 0.1" in verdict.reason
    assert "rank 9 of 9 on these samples" in verdict.reason


def test_a_loss_that_is_no_squared_error_is_no_share_of_a_target():
    assert target_square(Experiment(Transformer(), anchors(), n_samples=510)) is None


def test_groups_that_are_remembered_are_those_of_the_weights_and_nobody_can_spoil_them():
    model = TwoLayer(1, 3)
    params = {
        "a": torch.ones(3, dtype=torch.float64),
        "w": torch.tensor([[1.0], [1.0], [-2.0]], dtype=torch.float64),
        "b": torch.zeros(3, dtype=torch.float64),
    }
    found = groups(model, params)
    assert sorted(found.tolist()) == [0, 0, 1]
    found[:] = 7
    assert sorted(groups(model, params).tolist()) == [0, 0, 1]
    assert sorted(groups(TwoLayer(1, 3, "relu"), params).tolist()) == [0, 0, 1]
    assert sorted(groups(model, params, same=0.9).tolist()) == [0, 0, 0]
    params["w"][1] = 5.0  # in place: the same tensors
    assert sorted(groups(model, params).tolist()) == [0, 1, 2]
    params["a"][2] = 1e-6
    assert sorted(groups(model, params).tolist()) == [-1, 0, 1]
