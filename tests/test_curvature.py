"""Hessians: the structured ones equal dense ones from automatic differentiation."""

import itertools

import numpy as np
import pytest
import torch
from cases import ACTIVATIONS, PlainFormula

from condensekit import TwoLayer
from condensekit.derivatives import Landscape, curvature

RUNS = 2


def _landscape(model, n, std=1.0):
    theta = std * torch.randn(RUNS, model.n_parameters, dtype=torch.float64).numpy()
    x = torch.randn(RUNS, n, model.input_dim, dtype=torch.float64)
    landscape = Landscape(model, theta, x, torch.randn(RUNS, n, dtype=torch.float64))
    landscape.loss()
    return landscape


def _oracle(landscape):
    """The Hessian of each run, by differentiating the one-line formula twice."""
    model = landscape.model
    found = []
    for row, x, y in zip(landscape.theta, landscape.x, landscape.y, strict=True):

        def loss(theta, x=x, y=y):
            params, start = {}, 0
            for name, shape in model.shapes().items():
                size = int(np.prod(shape))
                params[name] = theta[start : start + size].reshape(shape)
                start += size
            return (torch.vmap(model, in_dims=(None, 0))(params, x) - y).square().mean()

        found.append(torch.func.jacrev(torch.func.grad(loss))(torch.tensor(row)).numpy())
    return np.array(found)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize(("d", "bias"), [*itertools.product([1, 2, 4], [True, False])])
@pytest.mark.parametrize("n", [1, 7, 40])
def test_products_and_systems_are_those_of_the_dense_hessian(name, d, bias, n):
    landscape = _landscape(TwoLayer(d, 6, name, bias=bias), n)
    hessian, dense = landscape.curvature(), _oracle(landscape)
    hessian.update()
    vector = np.random.default_rng(0).normal(size=landscape.theta.shape)
    expected = np.einsum("rpq,rq->rp", dense, vector)
    np.testing.assert_allclose(hessian.product(vector), expected, rtol=1e-10, atol=1e-11)

    assert (hessian.lowest <= np.linalg.eigvalsh(dense)[:, 0] + 1e-12).all()
    assert (hessian.lowest <= 0.0).all()
    for share in (1e-3, 0.3, 0.9):
        shift = np.minimum(share / np.maximum(-hessian.lowest, 1e-12), 1e3)
        hessian.factor(shift)
        found = hessian.solve(vector)
        back = found + shift[:, None] * np.einsum("rpq,rq->rp", dense, found)
        np.testing.assert_allclose(back, vector, rtol=1e-8, atol=1e-9)


def test_a_steep_valley_is_solved_to_many_digits():
    """Late in training the shift is huge and the Hessian has 50 directions of 750."""
    landscape = _landscape(TwoLayer(1, 250), 50, std=0.1)
    hessian, dense = landscape.curvature(), _oracle(landscape)
    hessian.update()
    shift = 0.5 / -hessian.lowest
    hessian.factor(shift)
    vector = np.random.default_rng(0).normal(size=landscape.theta.shape)
    whole = np.eye(750) + shift[:, None, None] * dense
    expected = np.linalg.solve(whole, vector[:, :, None])[:, :, 0]
    np.testing.assert_allclose(hessian.solve(vector), expected, rtol=1e-7, atol=1e-9)


def test_any_other_model_has_the_dense_hessian():
    landscape = _landscape(PlainFormula(TwoLayer(2, 4)), 5)
    hessian, dense = landscape.curvature(), _oracle(landscape)
    hessian.update()
    vector = np.random.default_rng(0).normal(size=landscape.theta.shape)
    np.testing.assert_allclose(
        hessian.product(vector), np.einsum("rpq,rq->rp", dense, vector), rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(hessian.lowest, np.minimum(np.linalg.eigvalsh(dense)[:, 0], 0.0))
    assert type(hessian) is not type(_landscape(TwoLayer(2, 4), 5).curvature())


def test_a_hessian_that_is_too_large_is_refused():
    landscape = _landscape(PlainFormula(TwoLayer(1, 700)), 2)
    with pytest.raises(ValueError, match=r"2,100.*2,000|2,000.*2,100"):
        curvature(landscape.model, landscape.theta, landscape.params, landscape.x, landscape.y)
