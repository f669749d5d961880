"""The target of three tanh in R^5 in three families: counts, verdicts, kernels, the stored runs."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from condensekit import (
    GradientFlow,
    Outcome,
    Run,
    TwoLayer,
    TwoLayerConv,
    exact_rank,
    records,
    recovery,
    sliding_tanh,
    teacher,
    train,
)
from condensekit.exact import NoTheorem, TooNarrow, target_sample_size
from condensekit.experiments import Experiment
from condensekit.measures import groups, neurons

FAMILIES = {
    "full": (lambda n: TwoLayer(5, 3 * n), 21),
    "shared": (lambda n: TwoLayerConv(5, n), 7),
    "unshared": (lambda n: TwoLayerConv(5, n, sharing=False), 15),
}
KERNEL = [0.6, 0.8, 1.0]


def _tensors(**leaves):
    return {name: torch.tensor(leaf, dtype=torch.float64) for name, leaf in leaves.items()}


def test_the_target_is_three_tanh():
    data = sliding_tanh().data(50)
    x = data.x.numpy()
    y = sum(np.tanh(0.6 * x[:, s] + 0.8 * x[:, s + 1] + x[:, s + 2]) for s in range(3))
    np.testing.assert_allclose(data.y, y, atol=1e-13)
    assert data.x.shape == (50, 5)


@pytest.mark.parametrize(("side", "kernel"), [(2, KERNEL), (5, []), (1, [1.0, 2.0])])
def test_a_kernel_that_does_not_fit_is_refused(side, kernel):
    with pytest.raises(ValueError, match=rf"from 1 to side = {side} entries"):
        sliding_tanh(side, kernel)


@pytest.mark.parametrize("side", [0, -1, 2.5, "wide", None])
def test_a_side_is_a_whole_number(side):
    with pytest.raises(ValueError, match="side must be a whole number from 1"):
        sliding_tanh(side, [1.0])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("width", [1, 10, 100])
def test_theory_asks_for_the_published_numbers_at_every_width(family, width):
    model, size = FAMILIES[family]
    verdict = recovery(_untrained(model(width), sliding_tanh(), size))
    assert (verdict.optimistic_sample_size, verdict.allowed) == (size, True)
    assert recovery(_untrained(model(width), sliding_tanh(), size - 1)).allowed is False
    assert verdict.n_parameters == {"full": 21, "shared": 7, "unshared": 15}[family] * width


def _untrained(model, problem, n):
    experiment, one = Experiment(model, problem, n_samples=n), np.array([0.0])
    params = {name: leaf[None] for name, leaf in experiment.init().items()}
    return Run(experiment, np.array([0]), one, one + 1, one + 1, params, Outcome.BUDGET)


@pytest.mark.parametrize("sharing", [True, False])
@pytest.mark.parametrize("bias", [0.0, 0.7])
def test_the_size_is_the_proven_rank_at_the_target(sharing, bias):
    """Two kernels, in every family that can express them, and for a teacher of any family."""
    first, second = np.array(KERNEL), np.array([1.0, -0.5, 0.25])
    places = [(first, 0), (first, 1), (first, 2), (second, 0), (second, 1), (second, 2)]
    w = [[0.0] * p + kernel.tolist() + [0.0] * (2 - p) for kernel, p in places]
    wide = teacher([1.0, 2.0, -1.0, 0.5, 0.5, 3.0], w, [bias] * 6)
    model = TwoLayerConv(5, 2, bias=bool(bias), sharing=sharing)
    kernels = [first.tolist(), second.tolist()]
    weights = {"a": [[1.0, 2.0, -1.0], [0.5, 0.5, 3.0]]}
    weights["w"] = kernels if sharing else [[kernel] * 3 for kernel in kernels]
    if bias:
        weights["b"] = [bias] * 2 if sharing else [[bias] * 3] * 2
    params = _tensors(**weights)
    found = target_sample_size(model, *wide.teacher())
    assert found.size == exact_rank(model, params)
    assert found == target_sample_size(model, model, params)
    full, copy = wide.teacher()
    assert target_sample_size(full, model, params).size == exact_rank(full, copy)


def test_outputs_that_are_zero_need_no_samples_without_sharing():
    problem = teacher([1.0, 1.0], [[*KERNEL, 0.0, 0.0], [0.0, *KERNEL, 0.0]])
    model = TwoLayerConv(5, 1, bias=False, sharing=False)
    params = _tensors(a=[[1.0, 1.0, 0.0]], w=[[KERNEL, KERNEL, [0.0] * 3]])
    found = target_sample_size(model, *problem.teacher())
    assert found.size == exact_rank(model, params) == 8
    assert str(found.size) in found.formula


FOREIGN = "the target is not a network of this family"


@pytest.mark.parametrize(
    ("model", "problem", "error", "says"),
    [
        (TwoLayerConv(5, 3), teacher([1.0], [[0.0, 1, 0, 0, 0]]), NoTheorem, FOREIGN),  # 3 homes
        (TwoLayerConv(5, 3), teacher([1.0], [[1.0, 0, 0, 0, 1]]), NoTheorem, FOREIGN),  # none
        (
            TwoLayerConv(5, 3, bias=False),
            teacher([1.0], [[1.0, 0.5, 1, 0, 0]], [1.0]),
            NoTheorem,
            FOREIGN,
        ),
        (
            TwoLayerConv(5, 3, activation="relu"),
            sliding_tanh(),
            NoTheorem,
            "the activation is relu",
        ),
        (
            TwoLayerConv(5, 1),
            teacher([1, 1], [[1, 2, 3, 0, 0], [0, 3, 2, 1, 0]]),
            TooNarrow,
            "1 kernels? cannot be equal to the 2 of the target",
        ),
        (TwoLayerConv(4, 3), sliding_tanh(), NoTheorem, FOREIGN),
        (
            TwoLayer(5, 2),
            sliding_tanh(),
            TooNarrow,
            "2 neurons cannot be equal to the 3 of the target",
        ),
    ],
)
def test_targets_of_which_theory_says_nothing_or_no(model, problem, error, says):
    with pytest.raises(error, match=says):
        target_sample_size(model, *problem.teacher())


# --- kernels as neurons ------------------------------------------------------------------------


def test_kernels_that_are_equal_up_to_sign_are_one_group():
    model = TwoLayerConv(5, 3)
    w = [KERNEL, [-v for v in KERNEL], [1.0, -0.5, 0.25]]
    params = _tensors(a=[[1.0, 1, 1], [2, 0, 0], [0.5, 0.5, 0]], w=w, b=[0.1, -0.1, 0.1])
    assert groups(model, params).tolist() == [0, 0, 1]
    assert neurons(model, params).weight.shape == (3, 4)
    np.testing.assert_allclose(neurons(model, params).output, [3**0.5, 2.0, 0.5**0.5])


def test_kernels_that_do_not_share_are_different_at_different_positions():
    model = TwoLayerConv(5, 1, sharing=False)
    params = _tensors(a=[[1.0, 2.0, 3.0]], w=[[KERNEL] * 3], b=[[0.1] * 3])
    assert groups(model, params).tolist() == [2, 1, 0]
    unit = neurons(model, params)
    value = unit.output @ np.tanh(unit.weight[:, :5] @ np.arange(5.0) + unit.weight[:, 5])
    expected = model(params, torch.arange(5, dtype=torch.float64))
    assert float(expected) == pytest.approx(value)


def test_a_trained_kernel_is_counted_and_recovered():
    """One kernel, 7 parameters and 10 samples: as many neurons in R^5 would need 21."""
    experiment = Experiment(
        TwoLayerConv(5, 1),
        sliding_tanh(),
        GradientFlow(stop_loss=1e-10, max_steps=500),
        n_samples=10,
        init_std=1e-6,
    )
    verdict = recovery(train(experiment))
    assert verdict.allowed
    assert verdict.reached
    assert "1 kernel (7 parameters) in 1 group of equal kernels." in str(verdict)


# --- the stored runs ---------------------------------------------------------------------------


def test_the_record_is_complete():
    def key(cell):
        return dataclasses.replace(cell, test_error=0.0, steps=0, outcome="")

    stored = records.sliding_tanh_cells()
    assert [key(cell) for cell in stored] == [key(cell) for cell in records.sliding_tanh_plan()]
    for cell in stored:
        assert math.isnan(cell.test_error) is (cell.outcome == Outcome.DIVERGED)
        assert cell.steps > 0
        assert cell.outcome != Outcome.RUNNING


@pytest.mark.parametrize(("width", "lr"), [(3, records.FLOW), (30, records.FLOW), (3, 0.5)])
def test_cells_of_the_record_come_out_again(width, lr):
    """Those that converged: after 20,000 large steps, machines need not agree."""
    cell = next(
        cell
        for cell in records.sliding_tanh_cells()
        if (cell.width, cell.lr, cell.outcome) == (width, lr, "converged") and cell.n_samples >= 26
    )
    run = train(records.sliding_tanh_experiment(cell))
    assert run.outcome == cell.outcome
    assert run.test_loss[-1] == pytest.approx(cell.test_error, rel=0.3)


def test_first_recovery_is_the_fewest_samples_for_each_seed_at_the_best_rate():
    cell = records.SlidingTanhCell("full", 3, 0.5, 20, 0, 1e-4)
    cells = [
        cell,
        dataclasses.replace(cell, n_samples=19, test_error=math.nan),
        dataclasses.replace(cell, n_samples=18, lr=0.4, test_error=9e-4),
        dataclasses.replace(cell, n_samples=40, seed=2, test_error=1e-3),
    ]
    assert records.first_recovery(cells) == {0: 18, 2: None}
    assert records.first_recovery(cells, threshold=2e-3) == {0: 18, 2: 40}
    assert records.first_recovery(cells, threshold=1e-3 / 2) == {0: 20, 2: None}
