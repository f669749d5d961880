"""Derivatives: the closed forms equal automatic differentiation of the one-line formula."""

import itertools

import numpy as np
import pytest
import sympy
import torch
from cases import ACTIVATIONS, MODELS, PlainFormula, each
from often import crossed
from oracles import LOSSES, outputs

from condensekit import TwoLayer, derivatives, evaluate
from condensekit.activations import activation
from condensekit.derivatives import autodiff, loss_and_gradient
from condensekit.losses import mean_squared_error

NAMES = list(ACTIVATIONS)


def _batch(model, runs, n, std=1.0):
    """Parameters, a place for their gradient, inputs and labels of a batch."""
    params = {
        name: std * torch.randn(runs, *shape, dtype=torch.float64)
        for name, shape in model.shapes().items()
    }
    gradient = {name: torch.full_like(leaf, 7.0) for name, leaf in params.items()}
    x = torch.randn(runs, n, model.input_dim, dtype=torch.float64)
    return params, gradient, x, torch.randn(runs, n, dtype=torch.float64)


def _by_backward(model, params, x, y, loss_of=mean_squared_error):
    """Loss and gradient of each run with plain loops and `backward`."""
    losses, gradients = [], []
    for run in range(len(y)):
        leaves = {name: leaf[run].clone().requires_grad_() for name, leaf in params.items()}
        loss = LOSSES[loss_of](outputs(model, leaves, x[run]), y[run])
        loss.backward()
        losses.append(loss.item())
        gradients.append({name: leaf.grad for name, leaf in leaves.items()})
    stacked = {name: torch.stack([g[name] for g in gradients]) for name in params}
    return np.array(losses), stacked


def _assert_equal(losses, gradient, expected):
    np.testing.assert_allclose(losses, expected[0], rtol=1e-12)
    assert gradient.keys() == expected[1].keys()
    sizes = {name: float(leaf.abs().max()) for name, leaf in expected[1].items()}
    rounding = 1e-15 * max(sizes.values())  # of sums that cancel: scores do not feel a key's bias
    for name, leaf in expected[1].items():
        atol = 1e-12 * sizes[name] + rounding
        torch.testing.assert_close(gradient[name], leaf, rtol=1e-10, atol=atol)


@pytest.mark.parametrize("path", [loss_and_gradient, autodiff])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("d", "bias"), [*itertools.product([1, 2, 3, 4], [True, False])])
def test_loss_and_gradient_are_those_of_backward(path, name, d, bias):
    model = TwoLayer(d, 5, name, bias=bias)
    params, gradient, x, y = _batch(model, runs=2, n=3)
    losses = path(model, params, gradient, x, y)()
    _assert_equal(losses, gradient, _by_backward(model, params, x, y))


@each("case", MODELS)
@pytest.mark.parametrize("path", [loss_and_gradient, autodiff])
def test_every_model_has_the_gradient_of_backward(case, path):
    """On the inputs and labels of a problem, and with its loss."""
    params, gradient, *_ = _batch(case.model, runs=2, n=1, std=0.5)
    samples = [case.problem.data(4, seed) for seed in range(2)]
    x, y = (torch.stack([getattr(data, name) for data in samples]) for name in "xy")
    losses = path(case.model, params, gradient, x, y, case.problem.loss)()
    _assert_equal(losses, gradient, _by_backward(case.model, params, x, y, case.problem.loss))


@pytest.mark.parametrize("block", [1, 20, 40, 41, 99, 100, 101, 2**16])
def test_a_batch_in_several_blocks_is_the_same_batch(monkeypatch, block):
    monkeypatch.setattr(derivatives.gradients, "BLOCK", block)  # a run has 20 activations
    model = TwoLayer(2, 5)
    params, gradient, x, y = _batch(model, runs=5, n=4)
    losses = loss_and_gradient(model, params, gradient, x, y)()
    _assert_equal(losses, gradient, _by_backward(model, params, x, y))


@pytest.mark.parametrize("model", [TwoLayer(2, 4), PlainFormula(TwoLayer(2, 4))])
def test_it_is_bound_to_the_memory_of_the_parameters(model):
    params, gradient, x, y = _batch(model, runs=2, n=3)
    call = loss_and_gradient(model, params, gradient, x, y)
    call()
    for leaf in params.values():
        leaf.mul_(-0.5).add_(0.1)
    _assert_equal(call(), gradient, _by_backward(model, params, x, y))


def test_runs_of_a_batch_do_not_mix():
    model = TwoLayer(1, 4)
    params, gradient, x, y = _batch(model, runs=3, n=5)
    call = loss_and_gradient(model, params, gradient, x, y)
    before = call().copy(), {name: leaf.clone() for name, leaf in gradient.items()}
    params["w"][1] = torch.nan
    with np.errstate(invalid="ignore"):
        after = call()
    assert np.isnan(after[1])
    for run in (0, 2):
        assert after[run] == before[0][run]
        assert all(torch.equal(gradient[name][run], before[1][name][run]) for name in gradient)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_of_a_tiny_network_by_sympy(name):
    model = TwoLayer(1, 2, name)
    values = {"a": [0.7, -1.3], "w": [[0.9], [-0.4]], "b": [0.2, -0.6]}
    x, y = [-0.8, 0.3, 1.7], [0.5, -0.1, 0.9]
    params = {key: torch.tensor([leaf], dtype=torch.float64) for key, leaf in values.items()}
    gradient = {key: torch.empty_like(leaf) for key, leaf in params.items()}
    inputs = torch.tensor([x], dtype=torch.float64)[..., None]
    labels = torch.tensor([y], dtype=torch.float64)
    (loss,) = loss_and_gradient(model, params, gradient, inputs, labels)()

    a, w, b = (sympy.symbols(f"{key}:2", real=True) for key in "awb")
    act = activation(name).sympy
    network = [sum(a[j] * act(w[j] * point + b[j]) for j in range(2)) for point in x]
    formula = sum((f - target) ** 2 for f, target in zip(network, y, strict=True)) / 3
    flat = np.concatenate([np.ravel(values[key]) for key in "awb"])
    symbols = (*a, *w, *b)
    at = dict(zip(symbols, flat, strict=True))
    assert loss == pytest.approx(float(formula.subs(at)), rel=1e-13)
    expected = [float(formula.diff(symbol).subs(at)) for symbol in symbols]
    found = np.concatenate([gradient[key].numpy().ravel() for key in "awb"])
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# --- evaluate ----------------------------------------------------------------------------------


@crossed(("case", "batch", "block"), MODELS, [(), (1,), (3,), (2, 3)], [1, 12, 2**16])
def test_evaluate_is_the_formula_at_every_input(monkeypatch, case, batch, block):
    monkeypatch.setattr(derivatives.gradients, "BLOCK", block)
    model = case.model
    params = {
        name: torch.randn((*batch, *shape), dtype=torch.float64)
        for name, shape in model.shapes().items()
    }
    x = case.problem.data(5).x
    found = evaluate(model, params, x)
    assert found.shape == (*batch, 5, *model.output_shape)
    for index in itertools.product(*map(range, batch)):
        one = {name: leaf[index] for name, leaf in params.items()}
        expected = torch.stack([model(one, point) for point in x])
        torch.testing.assert_close(found[index], expected, rtol=1e-11, atol=1e-12)


def test_evaluate_leaves_parameters_and_inputs_alone():
    model = TwoLayer(2, 3)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    before = {name: leaf.clone() for name, leaf in params.items()}
    x = torch.randn(4, 2, dtype=torch.float64)
    copy = x.clone()
    evaluate(model, params, x)
    assert torch.equal(x, copy)
    assert all(torch.equal(params[name], before[name]) for name in params)


def test_evaluate_takes_parameters_that_record_gradients():
    model = TwoLayer(1, 3)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)[:, None].requires_grad_()
    recording = {name: leaf.clone().requires_grad_() for name, leaf in params.items()}
    found = evaluate(model, recording, x)
    assert not found.requires_grad
    torch.testing.assert_close(found, evaluate(model, params, x.detach()), rtol=0, atol=0)


# --- Jacobians ---------------------------------------------------------------------------------


def _rows_by_backward(model, params, x):
    """Row by row with `backward`, parameters in the order of the model."""
    rows = []
    for point in x:
        leaves = {name: leaf.clone().requires_grad_() for name, leaf in params.items()}
        model(leaves, point).backward()
        rows.append(torch.cat([leaves[name].grad.flatten() for name in model.shapes()]))
    return torch.stack(rows)


@pytest.mark.parametrize("path", [derivatives.jacobian, derivatives.autodiff_jacobian])
@each(
    "case", {name: case for name, case in MODELS.items() if case.scalar and case.n_parameters < 100}
)
def test_jacobians_are_those_of_backward(case, path):
    params = case.model.init(torch.Generator().manual_seed(1), 1.0)
    x = torch.randn(5, case.model.input_dim, dtype=torch.float64)
    found, expected = path(case.model, params, x), _rows_by_backward(case.model, params, x)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-13)


def test_a_jacobian_longer_than_a_block_is_that_of_its_parts():
    model = TwoLayer(2, 500)
    params = model.init(torch.Generator().manual_seed(1), 1.0)
    x = torch.randn(300, 2, dtype=torch.float64)
    whole = derivatives.jacobian(model, params, x)
    parts = [derivatives.jacobian(model, params, row[None]) for row in x]
    torch.testing.assert_close(whole, torch.cat(parts), rtol=1e-13, atol=1e-15)
