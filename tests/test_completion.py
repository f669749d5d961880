"""Matrix completion: entries in their order, closed forms, and the transitions of the paper."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from often import crossed

from condensekit import (
    Experiment,
    GradientDescent,
    GradientFlow,
    MatrixFactorization,
    Outcome,
    Run,
    evaluate,
    exact_rank,
    matrix_completion,
    recovery,
    train,
)
from condensekit.derivatives import Landscape, autodiff, dense
from condensekit.derivatives.landscape import leaves
from condensekit.exact import NoTheorem, TooNarrow, target_sample_size
from condensekit.measures import Allows
from condensekit.problems import crosses, example_matrix

PUBLISHED_ORDER = (0, 1, 2, 3, 4, 8, 12, 5, 6, 7, 9, 13, 10, 11, 14, 15)
FLOW = GradientFlow(stop_loss=1e-16)


def _size(rank, rows=4, columns=4):
    """Parameters of a matrix of this rank: the dimension of the manifold of such matrices."""
    return rank * (rows + columns - rank)


def _experiment(matrix, n, std=1e-4, seed=0, inner=4, order=None):
    rows, columns = np.shape(matrix)
    problem = matrix_completion(matrix, order)
    model = MatrixFactorization(rows, inner, columns)
    return Experiment(model, problem, FLOW, n_samples=n, init_std=std, seed=seed)


# --- the problem -------------------------------------------------------------------------------

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5))


@given(SHAPES, st.randoms(use_true_random=False))
def test_the_samples_are_the_first_entries_of_the_order(shape, random):
    matrix = np.arange(1.0, 1.0 + shape[0] * shape[1]).reshape(shape)
    order = [*range(matrix.size)]
    random.shuffle(order)
    problem = matrix_completion(matrix, order)
    for n in range(1, matrix.size + 1):
        data = problem.data(n, seed=random.randrange(9))
        assert data.y.tolist() == matrix.ravel()[order[:n]].tolist()
        rows, columns = np.unravel_index(order[:n], shape)
        assert data.x[:, : shape[0]].numpy().argmax(axis=1).tolist() == rows.tolist()
        assert data.x[:, shape[0] :].numpy().argmax(axis=1).tolist() == columns.tolist()
        assert (data.x.sum(dim=1) == 2.0).all()
        assert torch.equal(data.y_test.reshape(shape), torch.from_numpy(matrix))
    with pytest.raises(ValueError, match=rf"from 1 to {matrix.size}, but is {matrix.size + 1}"):
        problem.data(matrix.size + 1)


def test_the_default_order_is_that_of_the_lab_manual():
    assert crosses(4, 4) == PUBLISHED_ORDER
    assert matrix_completion(np.eye(4)).order == PUBLISHED_ORDER


@given(SHAPES)
def test_crosses_are_all_entries_and_r_of_them_hold_as_many_as_rank_r_needs(shape):
    order = crosses(*shape)
    assert sorted(order) == [*range(shape[0] * shape[1])]
    for r in range(1, min(shape) + 1):
        first = {divmod(entry, shape[1]) for entry in order[: _size(r, *shape)]}
        assert first == {p for p in np.ndindex(*shape) if min(p) < r}


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_the_examples_have_their_rank_and_corners_that_determine_the_rest(rank):
    matrix = np.array(example_matrix(rank))
    assert matrix.shape == (4, 4)
    assert np.linalg.matrix_rank(matrix) == rank
    corner, right, below = matrix[:rank, :rank], matrix[:rank, rank:], matrix[rank:, :rank]
    rest = below @ np.linalg.solve(corner, right)
    np.testing.assert_allclose(rest, matrix[rank:, rank:], atol=1e-12)
    with pytest.raises(ValueError, match="rank must be a whole number from 1 to 4, but is 0"):
        example_matrix(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0],), r"must be a matrix of finite numbers, but has shape \[2\]\."),
        (([[]],), "must be a matrix"),
        (([[1.0, np.nan]],), "holds NaN"),
        (([[1.0, 2.0]], [0, 0]), r"from 0 to 1, at least one, but is \[0, 0\]"),
        (([[1.0, 2.0]], [0, 2]), "from 0 to 1"),
        (([[1.0, 2.0]], [-1]), "from 0 to 1"),
        (([[1.0, 2.0]], []), "at least one"),
        (([[1.0, 2.0]], [0.5]), "different whole numbers"),
    ],
)
def test_bad_matrices_and_orders_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        matrix_completion(*arguments)


def test_a_model_of_another_shape_is_refused_even_if_it_reads_as_many_coordinates():
    problem = matrix_completion(np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"shape \[4, 4\], but that of the problem has .*\[3, 5\]"):
        Experiment(MatrixFactorization(4, 4, 4), problem, n_samples=3)
    with pytest.raises(ValueError, match=r"reads 6 coordinates, but .* have 8"):
        Experiment(MatrixFactorization(3, 3, 3), problem, n_samples=3)


def test_runs_can_be_saved_with_their_problem(tmp_path):
    run = train(_experiment(example_matrix(1), 7))
    again = Run.load(run.save(tmp_path / "run.npz"))
    assert again.experiment == run.experiment
    assert hash(again.experiment) == hash(run.experiment)


# --- closed forms against automatic differentiation --------------------------------------------


@settings(max_examples=6)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 99))
def test_gradient_hessian_and_outputs_are_those_of_the_formula(rows, inner, columns, seed):
    """At any inputs (u, v), not only at unit vectors."""
    model, draw = MatrixFactorization(rows, inner, columns), np.random.default_rng(seed)
    theta = draw.normal(size=(2, model.n_parameters))
    x = torch.from_numpy(draw.normal(size=(2, 3, model.input_dim)))
    y = torch.from_numpy(draw.normal(size=(2, 3)))
    landscape = Landscape(model, theta, x, y)
    expected = leaves(model, np.zeros_like(theta))
    loss = autodiff(model, landscape.params, expected, x, y)()
    np.testing.assert_allclose(landscape.loss(), loss, rtol=1e-12)
    for name, leaf in leaves(model, landscape.gradient).items():
        torch.testing.assert_close(leaf, expected[name], rtol=1e-11, atol=1e-12)
    closed, oracle = landscape.curvature(), dense(model, theta, landscape.params, x, y)
    closed.update()
    oracle.update()
    vector = draw.normal(size=theta.shape)
    np.testing.assert_allclose(closed.product(vector), oracle.product(vector), atol=1e-11)
    np.testing.assert_allclose(closed.lowest, oracle.lowest, atol=1e-11)
    each = [{name: leaf[r] for name, leaf in landscape.params.items()} for r in range(2)]
    one = [[model(params, u) for u in inputs] for params, inputs in zip(each, x, strict=True)]
    outputs = torch.stack([torch.stack(row) for row in one])
    torch.testing.assert_close(evaluate(model, landscape.params, x), outputs)


# --- theory ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rank", "published"), [(1, 7), (2, 12), (3, 15), (4, 16)])
def test_theory_allows_recovery_from_the_published_number_of_entries(rank, published):
    for n in range(1, 17):
        verdict = recovery(_untrained(_experiment(example_matrix(rank), n)))
        assert verdict.optimistic_sample_size == published == _size(rank)
        assert verdict.allowed is (n >= published)
        assert verdict.width == 4


def _untrained(experiment):
    one = np.array([0.0])
    params = {name: leaf[None] for name, leaf in experiment.init().items()}
    return Run(experiment, np.array([0]), one, one + 1, one + 1, params, Outcome.BUDGET)


@pytest.mark.parametrize(("rows", "inner", "columns"), [*itertools.product([2, 4], [2, 5], [3, 4])])
def test_the_size_is_the_model_rank_at_the_target_in_any_shape(rows, inner, columns):
    draw = np.random.default_rng(rows + 10 * inner + 100 * columns)
    for rank in range(1, min(rows, inner, columns) + 1):
        a, b = np.zeros((rows, inner)), np.zeros((inner, columns))
        a[:, :rank] = draw.integers(1, 50, (rows, rank))
        b[:rank] = draw.integers(1, 50, (rank, columns))
        model = MatrixFactorization(rows, inner, columns)
        params = {"A": torch.from_numpy(a), "B": torch.from_numpy(b)}
        found = target_sample_size(model, *matrix_completion(a @ b).teacher())
        assert found.size == exact_rank(model, params) == _size(rank, rows, columns)
        assert found == target_sample_size(model, model, params)


def test_targets_of_which_theory_says_nothing_or_no():
    model = MatrixFactorization(4, 2, 4)
    with pytest.raises(TooNarrow, match="inner width 2 cannot have rank 3"):
        target_sample_size(model, *matrix_completion(example_matrix(3)).teacher())
    verdict = recovery(_untrained(_experiment(example_matrix(3), 16, inner=2)))
    assert verdict.allowed is False
    assert verdict.optimistic_sample_size is None
    with pytest.raises(NoTheorem, match="the target is zero"):
        target_sample_size(model, *matrix_completion(np.zeros((4, 4))).teacher())
    with pytest.raises(NoTheorem, match="not a network of this family"):
        target_sample_size(model, *matrix_completion(np.ones((4, 5))).teacher())


# --- training ----------------------------------------------------------------------------------


PUBLISHED = {1: 7, 2: 12, 3: 15, 4: 16}
"""Entries that a matrix of a rank needs."""
STARTS = {1e-4: 16, 1e-7: 1}
"""Standard deviations, and how many entries fewer are tried."""


@crossed(("rank", "std"), [*PUBLISHED], [*STARTS])
def test_the_flow_finds_the_matrix_from_exactly_as_many_entries_as_theory_allows(rank, std):
    """One list of runs that see all numbers of entries, so that their shapes differ."""
    published, most_below = PUBLISHED[rank], STARTS[std]
    first = max(1, published - most_below)
    last = 16 if most_below > 1 else published
    runs = train([_experiment(example_matrix(rank), n, std) for n in range(first, last + 1)])
    assert set(runs.outcome) == {Outcome.CONVERGED}
    errors = np.array([run.test_loss[-1] for run in runs])
    before, at = errors[: published - first], errors[published - first :]
    assert before.min() > 1e-3
    assert at.max() < 1e-8
    assert before[-1] > 1e6 * at[0]  # the criterion of a relative drop
    for run in runs:
        verdict = recovery(run)
        assert verdict.reached is verdict.allowed is (verdict.n_samples >= published)
    verdict = recovery(runs[published - first])
    assert (verdict.groups, verdict.width) == (rank, 4)
    assert f"has rank {rank}" in str(verdict)


def test_a_run_alone_equals_its_row_in_a_batch():
    several = [_experiment(example_matrix(2), 12, seed=seed) for seed in range(3)]
    batch, alone = train(several)[1], train(several[1])
    np.testing.assert_allclose(batch.loss[:40], alone.loss[:40], rtol=1e-9)
    assert batch.outcome is alone.outcome


def test_what_theory_allows_need_not_be_reached_a_small_corner():
    """7 entries determine the matrix; the flow gets there only as its start goes to zero."""
    matrix = np.outer((1, 2, 2, 2), (1, 2, 2, 2))
    runs = train([_experiment(matrix, 7, std) for std in (1e-4, 1e-7, 1e-10, 1e-13)])
    errors = np.array([run.test_loss[-1] for run in runs])
    assert (errors[1:] < errors[:-1]).all()
    assert errors[0] > 1.0 and errors[-1] < 1e-2
    assert all(recovery(run).allowed for run in runs)


def test_entries_that_leave_a_row_unseen_are_never_enough():
    order = [entry for entry in range(16) if entry // 4 != 2]
    run = train(_experiment(example_matrix(1), 12, order=order))
    product = (run.final["A"] @ run.final["B"]).numpy()
    verdict = recovery(run)
    assert verdict.theory.says is Allows.NOT_THESE  # enough for almost all inputs, not for these
    assert str(verdict.theory.samples) == "rank 6 of 7 on these samples"
    assert (verdict.allowed, verdict.reached) == (False, False)
    np.testing.assert_allclose(product[2], 0.0, atol=1e-3)


def test_gradient_descent_as_published_has_the_same_transition():
    """Learning rate 0.05 (Zhang et al., arXiv:2307.08921, Figure 2), one seed."""
    descent = GradientDescent(0.05, steps=20_000, stop_loss=1e-12)
    several = [_experiment(example_matrix(1), n) for n in (6, 7)]
    runs = train([dataclasses.replace(e, optimizer=descent) for e in several])
    assert runs[0].test_loss[-1] > 0.1
    assert runs[1].test_loss[-1] < 1e-7
