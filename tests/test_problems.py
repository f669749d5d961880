"""Problems: targets, nested samples, separate streams, noise."""

import dataclasses
import math
import re

import numpy as np
import pytest
import torch
from cases import PROBLEMS, each
from hypothesis import given
from hypothesis import strategies as st

from condensekit import TwoLayer, teacher, three_tanh
from condensekit.problems import EvenlySpaced, Normal, TeacherProblem, Uniform, stream

NESTED = {name: case for name, case in PROBLEMS.items() if case.nested}
RANDOM = {name: case for name, case in NESTED.items() if not case.rows}
TEACHERS = {
    name: case
    for name, case in PROBLEMS.items()
    if isinstance(case.problem, TeacherProblem) and not case.noisy
}
NOISY = {name: case for name, case in PROBLEMS.items() if case.noisy}


# --- the published target ----------------------------------------------------------------------


def test_the_published_data():
    data = three_tanh().data(50)
    x = np.linspace(-15, 15, 50)
    np.testing.assert_allclose(data.x[:, 0], x, rtol=0, atol=1e-13)
    y = np.tanh(x + 7) + np.tanh(x) + np.tanh(x - 7)
    np.testing.assert_allclose(data.y, y, rtol=0, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_three_tanh_facts(k):
    problem = three_tanh(k)
    half = 8 + 7 * (k - 1) / 2
    data = problem.data(101)
    x, x_test = data.x[:, 0].numpy(), data.x_test[:, 0].numpy()
    np.testing.assert_allclose(x, np.linspace(-half, half, 101), atol=1e-13)
    np.testing.assert_allclose(x_test, np.linspace(-half, half, 2000), atol=1e-13)
    centres = [7 * (j - (k - 1) / 2) for j in range(k)]
    np.testing.assert_allclose(data.y, sum(np.tanh(x - c) for c in centres), atol=1e-12)
    np.testing.assert_allclose(data.y_test, sum(np.tanh(x_test - c) for c in centres), atol=1e-12)
    # One step of height 2 at each centre, and k neurons in the teacher.
    assert float(data.y[-1]) == pytest.approx(k, abs=1e-6)
    model, params = problem.teacher()
    assert model == TwoLayer(1, k)
    np.testing.assert_array_equal(-params["b"] / params["w"][:, 0], centres)


def test_bad_settings_of_three_tanh():
    for k in (0, 6, 2.5, "three"):
        with pytest.raises(ValueError, match=r"^target_width .*from 1 to 5, but is "):
            three_tanh(k)
    for noise in (-0.1, math.nan, 11.0):
        with pytest.raises(ValueError, match=r"^noise_std .*from 0 to 10, but is "):
            three_tanh(3, noise)


# --- laws --------------------------------------------------------------------------------------


@each("case", PROBLEMS)
@pytest.mark.parametrize("n", [1, 2, 70])
def test_shapes_and_precision(case, n):
    data = case.problem.data(n)
    tested = case.test_points or len(data.x_test)
    assert data.x.shape == (n, case.dim)
    assert data.y.shape == (n, *case.labels)
    assert data.x_test.shape == (tested, case.dim)
    assert data.y_test.shape == (tested, *case.labels)
    for tensor in (data.x, data.y, data.x_test, data.y_test):
        labels = tensor is data.y or tensor is data.y_test
        assert tensor.dtype == (torch.int64 if labels and case.classes else torch.float64)
        assert bool(tensor.isfinite().all())
        assert not tensor.requires_grad
    assert case.problem.inputs.dim == case.dim


@each("case", TEACHERS)
def test_labels_are_the_target_at_the_inputs(case):
    data = case.problem.data(20, seed=2)
    model, params = case.problem.teacher()
    for x, y in ((data.x, data.y), (data.x_test[:20], data.y_test[:20])):
        expected = torch.stack([model(params, point) for point in x])
        torch.testing.assert_close(y, expected, rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(y, case.problem.target(x), rtol=1e-12, atol=1e-13)


@each("case", PROBLEMS)
def test_one_seed_gives_one_set_of_samples(case):
    first, again = case.problem.data(9, seed=3), case.problem.data(9, seed=3)
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(again, field.name))


@each("case", RANDOM)
def test_another_seed_gives_other_inputs(case):
    first, other = case.problem.data(9, seed=3), case.problem.data(9, seed=4)
    assert not (first.x == other.x).any()
    assert not (first.x_test == other.x_test).any()


@each("case", NESTED)
@pytest.mark.parametrize("n", [1, 2, 62, 63, 64, 65, 127, 128, 129, 300])
def test_random_samples_are_nested(case, n):
    fewer, more = case.problem.data(n, seed=1), case.problem.data(n + 1, seed=1)
    assert torch.equal(fewer.x, more.x[:n])
    torch.testing.assert_close(fewer.y, more.y[:n], rtol=1e-13, atol=1e-14)
    assert not (more.x[n] == more.x[:n]).all(dim=1).any(), "a sample came twice"


@each("case", NOISY)
@pytest.mark.parametrize("n", [5, 64, 65])
def test_noise_is_nested_and_only_on_the_training_labels(case, n):
    clean = dataclasses.replace(case.problem, noise_std=0.0)

    def noise(n):
        noisy, quiet = case.problem.data(n, seed=1), clean.data(n, seed=1)
        assert torch.equal(noisy.x, quiet.x)
        assert torch.equal(noisy.y_test, quiet.y_test)
        return noisy.y - quiet.y

    torch.testing.assert_close(noise(n), noise(n + 1)[:n], rtol=0, atol=1e-12)


@each("case", NOISY)
def test_noise_has_its_standard_deviation_and_only_scales_with_it(case):
    n = 390 if case.rows else 1000
    clean = dataclasses.replace(case.problem, noise_std=0.0).data(n).y
    unit = (case.problem.data(n).y - clean) / case.problem.noise_std
    assert abs(float(unit.mean())) < 5 / n**0.5
    assert abs(float(unit.square().mean()) - 1) < 5 * (2 / n) ** 0.5
    louder = dataclasses.replace(case.problem, noise_std=3.0).data(n).y
    torch.testing.assert_close(louder, clean + 3.0 * unit, rtol=0, atol=1e-10)


@each("case", RANDOM)
def test_inputs_noise_and_test_inputs_come_from_separate_streams(case):
    n = min(1000, case.test_points)
    noisy = dataclasses.replace(case.problem, noise_std=1.0).data(n)
    clean = dataclasses.replace(case.problem, noise_std=0.0).data(n)
    columns = [*(noisy.y - clean.y).reshape(n, -1).T, *noisy.x.T, *noisy.x_test[:n].T]
    correlation = torch.corrcoef(torch.stack(columns)) - torch.eye(len(columns))
    assert float(correlation.abs().max()) < 5 / n**0.5


@each("case", {name: case for name, case in PROBLEMS.items() if case.test_points is None})
def test_what_is_not_trained_is_tested(case):
    few, many = (case.problem.data(n, seed=1) for n in (3, 90))
    assert len(few.x_test) == len(many.x_test) + 87
    tested = {tuple(row) for row in many.x_test.tolist()}
    assert not tested & {tuple(row) for row in many.x.tolist()}
    assert tested <= {tuple(row) for row in few.x_test.tolist()}


@each("case", {name: case for name, case in PROBLEMS.items() if case.test_points is not None})
def test_test_points_do_not_depend_on_the_number_of_samples(case):
    few, many = case.problem.data(3, seed=1), case.problem.data(90, seed=1)
    assert torch.equal(few.x_test, many.x_test)
    assert torch.equal(few.y_test, many.y_test)


@each("case", PROBLEMS)
def test_the_global_generator_is_left_alone(case):
    before = torch.get_rng_state()
    case.problem.data(5)
    assert torch.equal(torch.get_rng_state(), before)


@each("case", PROBLEMS)
@pytest.mark.parametrize("n", [0, -1])
def test_too_few_samples_are_refused(case, n):
    with pytest.raises(ValueError, match=rf"^n_samples must be .* from 1 to .*, but is {n}\.$"):
        case.problem.data(n)


@each("case", PROBLEMS)
def test_too_many_samples_are_refused(case):
    n = case.problem.max_samples + 1
    with pytest.raises(ValueError, match=rf"^n_samples .* from 1 to .*, but is {n}\.$"):
        case.problem.data(n)


@pytest.mark.parametrize("n", [2.5, "5"])
def test_samples_that_cannot_be_counted_are_refused(n):
    with pytest.raises(ValueError, match=r"^n_samples must be a whole number"):
        three_tanh().data(n)


def test_the_grid_of_three_tanh_has_up_to_a_thousand_points():
    assert len(three_tanh().data(1000).x) == 1000
    assert float(three_tanh().data(1).x[0, 0]) == -15.0


@each("case", PROBLEMS)
def test_problems_are_values(case):
    assert dataclasses.replace(case.problem) == case.problem
    assert hash(dataclasses.replace(case.problem)) == hash(case.problem)


# --- laws of inputs ----------------------------------------------------------------------------


def test_uniform_inputs_fill_their_interval_evenly():
    x = Uniform(2.0, 5.0, 2).sample(4000, stream(0, "inputs"))
    assert float(x.min()) >= 2.0
    assert float(x.max()) <= 5.0
    for column in x.T.numpy():
        counts, _ = np.histogram(column, bins=10, range=(2.0, 5.0))
        assert np.abs(counts - 400).max() < 5 * 400**0.5


def test_normal_inputs_are_standard():
    x = Normal(2).sample(4000, stream(0, "inputs"))
    assert float((x.T @ x / 4000 - torch.eye(2)).abs().max()) < 5 * (2 / 4000) ** 0.5
    assert float(x.mean(dim=0).abs().max()) < 5 / 4000**0.5


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.integers(2, 50))
def test_a_grid_is_evenly_spaced_and_has_both_ends(low, width, n):
    x = EvenlySpaced(low, low + width).sample(n, stream(0, "inputs"))[:, 0].numpy()
    np.testing.assert_allclose(x, np.linspace(low, low + width, n), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, -2.0), (math.nan, 1.0)])
def test_an_empty_grid_is_refused(low, high):
    with pytest.raises(ValueError, match="low < high"):
        EvenlySpaced(low, high)


@pytest.mark.parametrize(
    ("law", "arguments", "says"),
    [
        (Uniform, (1.0, -1.0), "Inputs need an interval with low < high, but have [1.0, -1.0]."),
        (Uniform, (0.0, math.nan), "Inputs need an interval with low < high, but have [0.0, nan]."),
        (Uniform, (0.0, 1.0, 0), "d must be a whole number from 1 to 10,000, but is 0."),
        (Uniform, (0.0, 1.0, 2.5), "d must be a whole number from 1 to 10,000, but is 2.5."),
        (Normal, (0,), "d must be a whole number from 1 to 10,000, but is 0."),
        (Normal, (2.0,), "d must be a whole number from 1 to 10,000, but is 2.0."),
        (
            EvenlySpaced,
            (-math.inf, math.inf),
            "Inputs need an interval with low < high, but have [-inf, inf].",
        ),
    ],
)
def test_bad_laws_of_inputs_are_refused(law, arguments, says):
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        law(*arguments)


def test_streams_differ_by_seed_and_by_purpose():
    draws = [
        torch.rand(4, generator=stream(seed, purpose)).tolist()
        for seed in (0, 1, 2**31 - 1)
        for purpose in ("inputs", "noise", "test", "weights")
    ]
    assert len({tuple(draw) for draw in draws}) == len(draws)
    assert torch.rand(4, generator=stream(0, "inputs")).tolist() == draws[0]


# --- teachers ----------------------------------------------------------------------------------


def test_a_teacher_computes_what_is_written():
    problem = teacher([2.0, -1.0], [[1.0, 0.5], [0.0, 3.0]], [0.0, 0.25], inputs=Normal(2))
    x = torch.randn(7, 2, dtype=torch.float64)
    u, v = x.numpy().T
    expected = 2.0 * np.tanh(u + 0.5 * v) - np.tanh(3.0 * v + 0.25)
    np.testing.assert_allclose(problem.target(x), expected, rtol=1e-13)


def test_a_teacher_without_biases_is_a_network_without_biases():
    for b in (None, [0.0, 0.0]):
        model, params = teacher([1.0, 2.0], [[1.0], [2.0]], b).teacher()
        assert model == TwoLayer(1, 2, bias=False)
        assert params.keys() == {"a", "w"}


def test_a_teacher_takes_arrays_and_is_equal_to_one_from_lists():
    a, w, b = np.ones(2), np.arange(4.0).reshape(2, 2), np.array([1, 2])
    assert teacher(a, w, b) == teacher([1, 1], [[0, 1], [2, 3]], [1, 2])
    assert hash(teacher(a, w, b)) == hash(teacher([1, 1], [[0, 1], [2, 3]], [1, 2]))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([], []), {}, "must have shapes"),
        (([1.0], [1.0]), {}, "must have shapes"),
        (([1.0, 2.0], [[1.0]]), {}, "must have shapes"),
        (([1.0], [[1.0]], [1.0, 2.0]), {}, "must have shapes"),
        (([1.0, 2.0], [[1.0], [1.0, 2.0]]), {}, "shape"),
        (([math.nan], [[1.0]]), {}, "finite"),
        (([1.0], [[math.inf]]), {}, "finite"),
        (([1.0], [[1.0, 2.0]]), {"inputs": EvenlySpaced(-1.0, 1.0)}, "1 coordinate, but w has 2"),
        (([1.0], [[1.0]]), {"activation": "sin"}, "activation must be .*but is 'sin'"),
        (([1.0], [[1.0]]), {"noise_std": -1.0}, "noise_std must be .*but is -1.0"),
    ],
)
def test_a_teacher_that_makes_no_sense_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        teacher(*arguments, **options)
