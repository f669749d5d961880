"""The rank of the target's tangent functions on the samples, against parity, trees and digits."""

import dataclasses
import itertools
import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from condensekit import (
    Experiment,
    MatrixFactorization,
    TwoLayer,
    TwoLayerConv,
    evaluate,
    matrix_completion,
    sliding_tanh,
    teacher,
    three_tanh,
)
from condensekit.derivatives import jacobian
from condensekit.exact import (
    NoExactMethod,
    at_the_target,
    samples,
    target_sample_rank,
    target_sample_size,
)
from condensekit.measures import Allows, allowed, theory
from condensekit.models import Attention, Plane, ProductPlane
from condensekit.problems import PLANES, EvenlySpaced, example_matrix

# --- one input: parity ---------------------------------------------------------------------------


def _says(model, problem, n, seed=0):
    return theory(Experiment(model, problem, n_samples=n, seed=seed))


def _shifted(k, low, high, shift=0.0):
    """The target of `three_tanh`, moved, on another grid."""
    _, params = three_tanh(k).teacher()
    b = (params["b"] - shift).tolist()
    return teacher([1.0] * k, [[1.0]] * k, b, inputs=EvenlySpaced(low, high))


def _digits(problem, x, digits=80, bias=True):
    """Rank of the tangent functions on samples of one input, by elimination with many digits."""
    _, params = problem.teacher()
    biases = params.get("b", torch.zeros_like(params["a"])).tolist()
    neurons = [*zip(params["w"][:, 0].tolist(), biases, strict=True)]
    with mpmath.workdps(digits):
        rows = []
        for at in x[:, 0].tolist():
            values = [mpmath.tanh(mpmath.mpf(w) * at + b) for w, b in neurons]
            each = [(t, (1 - t * t) * at, 1 - t * t) for t in values]
            rows.append([e for three in each for e in (three if bias else three[:2])])
        rank = 0
        for column in range(len(rows[0])):
            pivot = max(range(rank, len(rows)), key=lambda i: abs(rows[i][column]), default=None)
            if pivot is None or abs(rows[pivot][column]) < mpmath.mpf(10) ** (-digits // 2):
                continue
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            for i in range(rank + 1, len(rows)):
                factor = rows[i][column] / rows[rank][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[rank], strict=True)]
            rank += 1
        return rank


def _by_parity(k, n):
    """A neuron in the middle has 2 odd functions and 1 even one, two others have 3 and 3."""
    odd, even = 3 * (k // 2) + 2 * (k % 2), 3 * (k // 2) + k % 2
    return min(n // 2, odd) + min(n - n // 2, even)


@pytest.mark.parametrize("k", range(1, 6))
def test_on_the_symmetric_grid_odd_and_even_functions_have_ranks_of_their_own(k):
    for n in range(3 * k - 1, 3 * k + 3):
        said = _says(TwoLayer(1, 500), three_tanh(k), n)
        rank = _by_parity(k, n)
        assert rank == _digits(three_tanh(k), three_tanh(k).data(n).x)
        assert said.allowed is (rank == 3 * k)
        if n < 3 * k:
            assert said.says is Allows.TOO_FEW
        else:
            assert said.says is (Allows.YES if rank == 3 * k else Allows.NOT_THESE)
            assert (said.samples.at_least, said.samples.at_most) == (rank, rank)
            assert f"rank {rank} of {3 * k} on these samples" in said.reason


def test_nine_samples_of_the_published_target_are_enough_in_number_but_not_these():
    said = _says(TwoLayer(1, 500), three_tanh(), 9)
    assert (said.size, said.samples.at_most, said.allowed) == (9, 8, False)


@pytest.mark.parametrize("k", range(1, 6))
def test_on_an_asymmetric_grid_as_many_as_theory_asks_for_are_enough(k):
    half = 8.0 + 3.5 * (k - 1)
    problem = _shifted(k, -half, half + 1.0)
    for n in range(3 * k - 1, 3 * k + 3):
        said = _says(TwoLayer(1, 500), problem, n)
        assert said.allowed is (n >= 3 * k)
        assert _digits(problem, problem.data(n).x) == min(n, 3 * k)


def test_samples_that_are_proven_to_be_enough_may_be_so_barely():
    """Four neurons and twelve samples: full rank, and a singular value of 2e-12."""
    barely = _says(TwoLayer(1, 500), three_tanh(4), 12)
    assert barely.allowed
    assert "rank 12 of 12 on these samples, but barely: of one direction they see 2·10⁻¹²" in str(
        barely.reason
    )
    assert "barely" not in _says(TwoLayer(1, 500), three_tanh(4), 50).reason
    assert "barely" not in _says(TwoLayer(5, 500), sliding_tanh(), 21).reason


def test_a_mirror_may_stand_anywhere():
    """Samples and target moved by 2, or by what is no whole number of any bit."""
    for shift in (2.0, 0.1):
        problem = _shifted(3, -15.0 + shift, 15.0 + shift, shift)
        exact = _digits(problem, problem.data(9).x)
        said = _says(TwoLayer(1, 10), problem, 9)
        assert said.samples.at_least == exact
        assert said.allowed is (exact == 9)
        assert exact == (8 if shift == 2.0 else 9), "rounding of 0.1 breaks the mirror"


WHOLE = st.integers(-6, 6).map(lambda value: value / 2)
NEURONS = st.sets(st.tuples(st.sampled_from([0.5, 1.0, 1.5, 2.0]), WHOLE), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(NEURONS, st.sets(WHOLE, min_size=1), st.booleans(), st.booleans(), st.booleans())
def test_of_any_neurons_and_samples_the_rank_is_that_of_200_digits(
    neurons, points, bias, mirrored_neurons, mirrored_points
):
    if mirrored_neurons:
        neurons = neurons | {(w, -b) for w, b in neurons}
    if mirrored_points:
        points = points | {-x for x in points}
    w, b = zip(*sorted(neurons if bias else {(w, 0.0) for w, _ in neurons}), strict=True)
    problem = teacher([1.0] * len(w), [[v] for v in w], b)
    x = torch.tensor([*points], dtype=torch.float64)[:, None]
    found = _rank(TwoLayer(1, 10, bias=bias), problem, x)
    assert found.at_least == found.at_most == _digits(problem, x, digits=200, bias=bias)


@pytest.mark.parametrize("half", [8.0, 11.5, 15.0, 18.5, 22.0])
def test_a_grid_is_symmetric_to_the_last_bit(half):
    for n in range(1, 400):
        x = EvenlySpaced(-half, half).sample(n, torch.Generator())[:, 0]
        assert torch.equal(x, -x.flip(0)) or n == 1


def test_a_sweep_asks_once_for_all_widths_and_starts():
    allowed._on_samples.cache_clear()
    base = Experiment(TwoLayer(1, 500), three_tanh(), n_samples=13)
    for width, std in itertools.product((3, 30, 300), (1e-3, 1.0)):
        assert theory(base.replace(width=width, init_std=std)).allowed
    assert allowed._on_samples.cache_info().misses == 1


def test_a_thousand_samples_need_no_more_rows_than_the_rank(monkeypatch):
    asked = []
    inner = samples._tangents
    monkeypatch.setattr(
        samples, "_tangents", lambda *all_of: asked.append(len(all_of[2])) or inner(*all_of)
    )
    problem = three_tanh(5)
    x = problem.data(1_000).x
    assert target_sample_rank(TwoLayer(1, 500), *problem.teacher(), x, 15).enough
    assert asked == [15]


# --- more inputs, convolutions -------------------------------------------------------------------

FAMILIES = {
    "full": TwoLayer(5, 30),
    "full without bias": TwoLayer(5, 30, bias=False),
    "shared": TwoLayerConv(5, 10),
    "shared without bias": TwoLayerConv(5, 10, bias=False),
    "unshared": TwoLayerConv(5, 10, sharing=False),
    "unshared without bias": TwoLayerConv(5, 10, bias=False, sharing=False),
}


def _rank(model, problem, x):
    size = target_sample_size(model, *problem.teacher()).size
    return target_sample_rank(model, *problem.teacher(), x, size)


@pytest.mark.parametrize("name", FAMILIES)
def test_random_samples_have_the_rank_that_the_jacobian_shows(name):
    model, problem = FAMILIES[name], sliding_tanh()
    narrow, params = at_the_target(model, *problem.teacher())
    x = problem.data(40).x
    torch.testing.assert_close(evaluate(narrow, params, x), problem.data(40).y)
    size = target_sample_size(model, *problem.teacher()).size
    for n in (1, size - 1, size, 40):
        found = _rank(model, problem, x[:n])
        seen = np.linalg.matrix_rank(jacobian(narrow, params, x[:n]).numpy(), tol=1e-9)
        assert found.at_least == found.at_most == seen == min(n, size)
        assert _says(model, problem, n).allowed is (n >= size)


@pytest.mark.parametrize("bias", [0.0, 0.7])
@pytest.mark.parametrize("family", ["full", "shared", "unshared"])
def test_two_kernels_of_which_one_is_missing_at_a_position(family, bias):
    first, second = [0.6, 0.8, 1.0], [1.0, -0.5, 0.25]
    places = [(first, 0), (first, 2), (second, 0), (second, 1), (second, 2)]
    w = [[0.0] * p + kernel + [0.0] * (2 - p) for kernel, p in places]
    problem = teacher([1.0, 2.0, -1.0, 0.5, 3.0], w, [bias] * 5)
    model = FAMILIES[family]
    narrow, params = at_the_target(model, *problem.teacher())
    data = problem.data(60)
    torch.testing.assert_close(evaluate(narrow, params, data.x), data.y)
    found = _rank(model, problem, data.x)
    seen = np.linalg.matrix_rank(jacobian(narrow, params, data.x).numpy(), tol=1e-9)
    assert found.at_least == found.rank == seen


@pytest.mark.parametrize("name", [name for name in FAMILIES if "without" in name])
def test_without_biases_a_mirrored_sample_says_nothing_new(name):
    model, problem = FAMILIES[name], sliding_tanh()
    x = problem.data(12).x
    both = torch.cat([x, -x, torch.zeros(1, 5, dtype=torch.float64)])
    found, once = _rank(model, problem, both), _rank(model, problem, x)
    assert found == dataclasses.replace(once, at_most=found.at_most)
    assert found.at_most == found.at_least


def test_a_mirror_at_zero_is_found_where_the_samples_lie_to_one_side():
    """Without biases: three pairs tell three things, as all functions are odd, and one more tells
    one more."""
    problem = teacher([1.0, -2.0], [[1.0, 0.5, 2.0], [0.3, -1.0, 1.0]])
    x = problem.data(3).x
    both = torch.cat([x, -x, torch.tensor([[50.0, 40.0, 30.0]], dtype=torch.float64)])
    found = _rank(TwoLayer(3, 9, bias=False), problem, both)
    assert (found.at_least, found.at_most, found.rank) == (4, 4, 8)


@pytest.mark.parametrize("last", [0.25, -0.25])
def test_a_kernel_is_at_the_position_that_sees_all_of_its_weights(last):
    """A weight below zero is one: else the kernel would seem to be one position further left."""
    problem = teacher([1.0], [[0.0, 1.0, 0.5, last, 0.0]])
    data = problem.data(20)
    for sharing in (False, True):
        narrow, params = at_the_target(TwoLayerConv(5, 3, sharing=sharing), *problem.teacher())
        torch.testing.assert_close(evaluate(narrow, params, data.x), data.y)


def test_a_kernel_that_is_missing_at_a_position_has_no_tangent_functions_there():
    places = [[0.6, 0.8, 1.0, 0.0, 0.0], [0.0, 0.6, 0.8, 1.0, 0.0]]
    problem = teacher([1.0, 2.0], places)
    model = TwoLayerConv(5, 3, sharing=False)
    narrow, params = at_the_target(model, *problem.teacher())
    torch.testing.assert_close(evaluate(narrow, params, problem.data(9).x), problem.data(9).y)
    assert _rank(model, problem, problem.data(30).x).at_least == 2 * 5


@pytest.mark.parametrize("bias", [True, False])
def test_samples_of_a_plane_say_nothing_of_what_is_across(bias):
    """Two neurons see x_3 = 0 only: each loses one tangent function, and is proven to."""
    problem = teacher([1.0, -2.0], [[1.0, 0.5, 2.0], [0.3, -1.0, 1.0]])
    x = problem.data(40).x
    x[:, 2] = 0.0
    found = _rank(TwoLayer(3, 9, bias=bias), problem, x)
    assert (found.at_least, found.at_most, found.rank) == (6 + 2 * bias, 6 + 2 * bias, 8 + 2 * bias)
    assert found.enough is False


def test_the_same_sample_again_counts_once():
    problem = teacher([1.0], [[1.0, 0.5]], [0.3])
    x = problem.data(3).x.repeat(5, 1)
    found = _rank(TwoLayer(2, 9), problem, x)
    assert (found.at_least, found.at_most, found.enough) == (3, 3, False)


def test_neurons_that_are_equal_on_the_samples_count_once():
    problem = teacher([1.0, 1.0], [[1.0, 0.5], [1.0, 2.0]], [0.3, 0.3])
    x = problem.data(30).x
    x[:, 1] = 0.0
    found = _rank(TwoLayer(2, 9), problem, x)
    assert (found.at_least, found.at_most) == (3, 3)


def test_what_is_not_proven_is_not_claimed():
    """Samples of a plane, of which no bound for convolutions speaks."""
    problem = sliding_tanh()

    @dataclasses.dataclass(frozen=True)
    class Flat(type(problem)):
        def data(self, n_samples, seed=0):
            found = super().data(n_samples, seed)
            found.x[:, 0] = 0.0
            return dataclasses.replace(found, y=self.target(found.x))

    flat = Flat(**{field.name: getattr(problem, field.name) for field in dataclasses.fields(Flat)})
    said = _says(TwoLayerConv(5, 10, sharing=False), flat, 30)
    assert (said.says, said.allowed) == (Allows.UNDECIDED, None)
    assert said.head == "Theory cannot tell"
    assert "rank on these samples from 14 to 15 of 15" in said.reason
    assert _says(TwoLayer(5, 10), flat, 30).says is Allows.NOT_THESE


def test_other_models_and_large_targets_have_no_method(monkeypatch):
    x, one = torch.zeros(3, 4), TwoLayer(1, 1)
    for ask in (target_sample_rank, at_the_target):
        with pytest.raises(NoExactMethod, match="Attention"):
            ask(Attention(), one, one.init(seed=0), *([x, 3] if ask is target_sample_rank else []))
    allowed._on_samples.cache_clear()
    monkeypatch.setattr(samples, "MOST_TANGENTS", 8)
    said = _says(TwoLayer(1, 77), three_tanh(), 50)
    assert said.allowed is None
    assert "up to 8, not for 9" in said.reason


# --- matrices ------------------------------------------------------------------------------------


def is_tree(entries, rows=4, columns=4):
    """Whether entries (i, j), as edges of K_{4,4}, join all rows and columns without a cycle."""
    home = [*range(rows + columns)]

    def find(place):
        while home[place] != place:
            place = home[place]
        return place

    for entry in entries:
        one, other = find(entry // columns), find(rows + entry % columns)
        if one == other:
            return False
        home[one] = other
    return len({find(place) for place in range(rows + columns)}) == 1


def is_allowed(matrix, entries):
    problem = matrix_completion(matrix, entries)
    return _says(MatrixFactorization(), problem, len(entries)).allowed


def test_seven_entries_determine_a_matrix_of_rank_one_if_they_are_a_spanning_tree():
    every = list(itertools.combinations(range(16), 7))
    assert len(every) == 11_440
    chosen = np.random.default_rng(0).choice(len(every), 100, replace=False)
    for pattern in (every[k] for k in chosen):
        assert is_allowed(example_matrix(1), pattern) is is_tree(pattern)


def test_two_rows_that_are_never_seen():
    for rank, size in ((1, 7), (2, 12)):
        seen = range(8) if rank == 1 else [*range(8), 8, 9, 10, 11]
        problem = matrix_completion(example_matrix(rank), list(seen))
        said = _says(MatrixFactorization(), problem, len(problem.order))
        assert (said.size, said.says) == (size, Allows.NOT_THESE)
        assert said.samples.at_least == said.samples.at_most < size


@pytest.mark.parametrize("shape", [(3, 5), (5, 4)])
def test_of_any_shape_the_rank_is_that_of_the_jacobian_at_a_factorization(shape):
    draw = np.random.default_rng(shape[0])
    for rank, n in itertools.product((1, 2, 3), (6, 9, 11, 14)):
        a, b = draw.integers(1, 9, (shape[0], rank)), draw.integers(1, 9, (rank, shape[1]))
        problem = matrix_completion(a @ b, draw.permutation(math.prod(shape)).tolist())
        model = MatrixFactorization(shape[0], 6, shape[1])
        narrow = MatrixFactorization(shape[0], rank, shape[1])
        params = {"A": torch.tensor(a, dtype=float), "B": torch.tensor(b, dtype=float)}
        x = problem.data(n).x
        found = _rank(model, problem, x)
        seen = np.linalg.matrix_rank(jacobian(narrow, params, x).numpy(), tol=1e-9)
        assert found.at_least == found.at_most == seen


def test_entries_need_not_be_unit_vectors():
    model = MatrixFactorization(3, 3, 3)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    x = torch.randn(20, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert target_sample_rank(model, model, params, x, 9).at_least == 9


def test_what_no_field_has_shown_of_matrices_is_told_by_rational_numbers(monkeypatch):
    problem = matrix_completion(example_matrix(1), range(16))
    monkeypatch.setattr(samples, "FIELDS", 0)
    found = _rank(MatrixFactorization(), problem, problem.data(16).x)
    assert (found.at_least, found.at_most) == (7, 7)
    found = _rank(TwoLayer(1, 9), three_tanh(), three_tanh().data(20).x)
    assert (found.at_least, found.at_most, found.enough) == (0, 9, None)


# --- planes --------------------------------------------------------------------------------------


def test_planes_on_samples_of_a_line():
    x = torch.linspace(-1.0, 1.0, 9, dtype=torch.float64)[:, None].repeat(1, 2)
    for target, model in itertools.product(PLANES, (Plane(), ProductPlane())):
        found = _rank(model, target, x)
        assert found.at_least == found.at_most == 2
        assert found.enough is (found.rank == 2)
        for n in (1, 2, 3):
            assert _says(model, target, n).allowed is (n >= found.rank)
