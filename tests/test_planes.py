"""The smallest pair of models: a plane needs 3 samples, with a product of parameters at times 2."""

import itertools

import numpy as np
import pytest
import torch
from often import sparsely

from condensekit import (
    Experiment,
    GradientDescent,
    GradientFlow,
    MatrixFactorization,
    NoTheorem,
    Plane,
    ProductPlane,
    exact_rank,
    rank_certificate,
    recovery,
    train,
)
from condensekit.exact import target_sample_size
from condensekit.problems import PLANES, Uniform, plane

PUBLISHED = {
    "1": 2,
    "x1": 2,
    "1 + x1": 2,
    "x2": 3,
    "1 + x2": 3,
    "x1 + x2": 3,
    "1 + x1 + x2": 3,
}
"""Samples that f_NL needs (arXiv:2307.08921, Figure 1); f_L needs 3 for each."""


def test_the_formulas():
    x = torch.tensor([0.3, -0.7], dtype=torch.float64)
    t = torch.tensor([2.0, 3.0, 5.0, 7.0], dtype=torch.float64)
    assert float(Plane()({"t": t[:3]}, x)) == pytest.approx(2 + 3 * 0.3 - 5 * 0.7)
    assert float(ProductPlane()({"t": t}, x)) == pytest.approx(2 + 3 * 0.3 - 35 * 0.7)


def test_the_seven_targets():
    assert [str(problem) for problem in PLANES] == [*PUBLISHED]
    for problem in PLANES:
        data = problem.data(5)
        c0, c1, c2 = problem.coefficients
        np.testing.assert_allclose(data.y, c0 + c1 * data.x[:, 0] + c2 * data.x[:, 1], atol=1e-15)
        assert problem.inputs == Uniform(-1.0, 1.0, 2)


@pytest.mark.parametrize("bad", [float("nan"), "1", None])
def test_a_coefficient_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"coefficient must be a number"):
        plane(1.0, bad, 0.0)


@pytest.mark.parametrize("problem", PLANES, ids=str)
def test_theory_asks_for_as_many_samples_as_published(problem):
    sizes = [target_sample_size(model, *problem.teacher()) for model in (Plane(), ProductPlane())]
    assert [found.size for found in sizes] == [3, PUBLISHED[str(problem)]]
    for found in sizes:
        functions = ", ".join(["1", "x_1", "x_2"][: found.size])
        assert found.formula == rf"\dim \{{{functions}\}} = {found.size}"


@pytest.mark.parametrize("t", [*itertools.product((0.0, 1e-300, -2.5), repeat=4)])
def test_the_rank_is_that_of_the_tangent_functions(t):
    """By hand: 1 and x1 always, x2 wherever one factor of the product is not zero."""
    params = {"t": torch.tensor(t, dtype=torch.float64)}
    assert exact_rank(ProductPlane(), params) == 2 + (t[2] != 0.0 or t[3] != 0.0)
    assert exact_rank(Plane(), {"t": params["t"][:3]}) == 3
    certificate = rank_certificate(ProductPlane(), params)
    assert certificate.proven and certificate.n_parameters == 4


def test_the_size_is_the_least_rank_of_all_parameters_that_are_the_target():
    draw = np.random.default_rng(0)
    for problem in PLANES:
        c0, c1, c2 = problem.coefficients
        ranks = set()
        for scale in [0.0, *draw.normal(size=20)]:
            pairs = [(scale, c2 / scale)] if scale else []
            pairs += [(0.0, scale), (scale, 0.0)] if c2 == 0.0 else []
            for pair in pairs:
                t = torch.tensor([c0, c1, *pair], dtype=torch.float64)
                ranks.add(exact_rank(ProductPlane(), {"t": t}))
        assert min(ranks) == target_sample_size(ProductPlane(), *problem.teacher()).size


def test_a_target_that_is_no_plane_has_no_theorem():
    other = MatrixFactorization(1, 1, 1)
    params = {name: torch.ones(1, 1, dtype=torch.float64) for name in "AB"}
    for model in (Plane(), ProductPlane()):
        with pytest.raises(NoTheorem, match="not a network of this family"):
            target_sample_size(model, other, params)


@pytest.mark.slow
@pytest.mark.parametrize("model", sparsely({"f_NL": ProductPlane(), "f_L": Plane()}, 2))
def test_training_needs_as_many_samples_as_theory_allows(model):
    """Gradient flow from standard deviation 1e-7; the worst of three seeds."""
    flow, seeds = GradientFlow(stop_loss=1e-12), range(3)
    runs = train(
        [
            Experiment(model, problem, flow, n_samples=n, init_std=1e-7, seed=seed)
            for problem in PLANES
            for n in (1, 2, 3)
            for seed in seeds
        ]
    )
    verdicts = [recovery(run) for run in runs]
    for i, problem in enumerate(PLANES):
        for n in (1, 2, 3):
            found = verdicts[9 * i + 3 * (n - 1) :][:3]
            needed = 3 if model == Plane() else PUBLISHED[str(problem)]
            assert {verdict.optimistic_sample_size for verdict in found} == {needed}
            assert all(verdict.reached for verdict in found) is (n >= needed)


@pytest.mark.slow
def test_descent_as_published_recovers_one_plus_x1_from_two_samples():
    """Learning rate 0.05, standard deviation 1e-3 and less; the error falls with it (Figure 3a)."""
    descent = GradientDescent(0.05, steps=20_000, stop_loss=1e-12)
    runs = train(
        [
            Experiment(ProductPlane(), plane(1, 1, 0), descent, 2, std, seed=1)
            for std in (1e-1, 1e-2, 1e-3)
        ]
    )
    errors = [run.test_loss[-1] for run in runs]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-8
    verdict = recovery(runs[-1])
    assert (verdict.groups, verdict.width) == (2, 4)
    assert "Of 4 parameters 2 are above" in str(verdict)
