"""Conv: its formula is that of torch.nn, and its closed form is the gradient of the formula."""

import itertools
import math

import numpy as np
import pytest
import torch
from cases import ACTIVATIONS, each
from torch import nn

import condensekit as ck
from condensekit.activations import activation
from condensekit.derivatives import autodiff, image, loss_and_gradient
from condensekit.losses import cross_entropy, mean_squared_error

SIZES = {
    "one pixel": {"side": 1, "size": 1, "stride": 1},
    "stride": {"side": 9, "size": 3, "stride": 2},
    "all of it": {"side": 6, "size": 6, "stride": 5},
    "pool": {"side": 9, "size": 2, "stride": 1, "pool": 4},
    "pool that leaves a rest": {"side": 9, "size": 3, "stride": 1, "pool": 3},
    "pool and stride": {"side": 12, "size": 3, "stride": 2, "pool": 2},
    "relu": {"side": 9, "size": 3, "activation": "relu"},
    "softplus": {"side": 8, "size": 3, "stride": 1, "pool": 4, "activation": "softplus"},
    "two layers": {"side": 14, "size": 3, "stride": 1, "layers": 2, "pool": 3},
    "two layers, stride": {"side": 15, "size": 3, "stride": 2, "layers": 2},
    "hidden": {"side": 9, "size": 3, "hidden": 7},
    "everything": {"side": 15, "size": 3, "stride": 2, "layers": 2, "pool": 2, "hidden": 4},
}


class Plain(nn.Module):
    """What one would write in torch."""

    def __init__(self, model, params):
        super().__init__()
        act = {"tanh": nn.Tanh, "relu": nn.ReLU, "softplus": nn.Softplus}[model.activation]
        k, s, channels, layers = model.kernels, model.size, 1, []
        for w, b in (("w", "b"), ("w2", "b2"))[: model.layers]:
            conv = nn.Conv2d(channels, k, s, model.stride)
            conv.weight.data, conv.bias.data = params[w].view(k, channels, s, s), params[b]
            layers += [conv, act()]
            channels = k
        layers += [nn.AvgPool2d(model.pool), nn.Flatten()]
        for weight, bias, last in (("u", "e", False), ("v", "c", True)):
            if weight in params:
                linear = nn.Linear(params[weight].shape[1], params[weight].shape[0])
                linear.weight.data, linear.bias.data = params[weight], params[bias]
                layers += [linear] if last else [linear, act()]
        self.net = nn.Sequential(*layers)
        self.side = model.side

    def forward(self, x):
        return self.net(x.view(-1, 1, self.side, self.side))


def _random(model, runs=(), dtype=torch.float64):
    return {n: 0.5 * torch.randn(*runs, *shape, dtype=dtype) for n, shape in model.shapes().items()}


def _model(sizes):
    return ck.Conv(kernels=3, classes=4, **sizes)


@each("sizes", SIZES)
def test_the_formula_is_that_of_torch_nn(sizes):
    model = _model(sizes)
    params, x = _random(model), torch.randn(5, model.input_dim, dtype=torch.float64)
    with torch.no_grad():
        expected = Plain(model, params)(x)
    for one, output in zip(x, expected, strict=True):
        torch.testing.assert_close(model(params, one), output, rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(ck.evaluate(model, params, x), expected, rtol=1e-11, atol=1e-12)


@each("sizes", SIZES)
@pytest.mark.parametrize("cached", [1, 100, 2**18])
def test_a_batch_of_networks_is_evaluated_each_for_itself(sizes, cached, monkeypatch):
    monkeypatch.setattr(image, "CACHED", cached)
    model = _model(sizes)
    for runs in ((1,), (2, 3)):
        params = _random(model, runs)
        x = torch.randn(5, model.input_dim, dtype=torch.float64)
        found = ck.evaluate(model, params, x)
        own = ck.evaluate(model, params, x.expand(*runs, 5, -1)) if len(runs) == 1 else found
        assert found.shape == (*runs, 5, 4)
        for index in itertools.product(*map(range, runs)):
            one = {name: leaf[index] for name, leaf in params.items()}
            expected = Plain(model, one)(x).detach()
            torch.testing.assert_close(found[index], expected, rtol=1e-11, atol=1e-12)
            torch.testing.assert_close(own[index], expected, rtol=1e-11, atol=1e-12)


@each("sizes", SIZES)
@pytest.mark.parametrize("loss", [cross_entropy, mean_squared_error])
@pytest.mark.parametrize("cached", [1, 100, 2**18])
def test_the_gradient_is_that_of_backward_through_torch_nn(sizes, loss, cached, monkeypatch):
    monkeypatch.setattr(image, "CACHED", cached)  # blocks of one image, of some, of all
    model, runs, n = _model(sizes), 2, 5
    params = _random(model, (runs,))
    gradient = {name: torch.full_like(leaf, 7.0) for name, leaf in params.items()}
    x = torch.randn(runs, n, model.input_dim, dtype=torch.float64)
    labels = torch.randint(4, (runs, n))
    y = labels if loss is cross_entropy else torch.randn(runs, n, 4, dtype=torch.float64)
    losses = loss_and_gradient(model, params, gradient, x, y, loss)()
    other = {name: torch.empty_like(leaf) for name, leaf in params.items()}
    by_formula = autodiff(model, params, other, x, y, loss)()
    np.testing.assert_allclose(losses, by_formula, rtol=1e-12)
    for run in range(runs):
        plain = Plain(model, {name: leaf[run].clone() for name, leaf in params.items()})
        value = loss(plain(x[run]), y[run])
        value.backward()
        assert losses[run] == pytest.approx(value.item(), rel=1e-12)
        for name, expected in zip(model.shapes(), plain.parameters(), strict=True):
            slope = expected.grad.view(gradient[name][run].shape)
            torch.testing.assert_close(gradient[name][run], slope, rtol=1e-9, atol=1e-12)
            torch.testing.assert_close(other[name][run], slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_is_a_sum_over_positions_one_product_at_a_time(name):
    model = ck.Conv(side=5, kernels=2, size=2, stride=1, pool=2, classes=2, activation=name)
    params, x = _random(model), torch.randn(25, dtype=torch.float64)
    pixel, act = x.view(5, 5), ACTIVATIONS[name].formula
    hidden = np.zeros((2, 2, 2))
    for k, i, j in np.ndindex(2, 4, 4):
        z = float(params["b"][k])
        for a, b in np.ndindex(2, 2):
            z += float(params["w"][k, 2 * a + b] * pixel[i + a, j + b])
        hidden[k, i // 2, j // 2] += float(act(np.array(z))) / 4
    expected = params["v"].numpy() @ hidden.ravel() + params["c"].numpy()
    np.testing.assert_allclose(model(params, x).numpy(), expected, rtol=1e-11)


@each("sizes", SIZES)
@pytest.mark.parametrize("fan_in", [False, True])
def test_shapes_and_the_draw(sizes, fan_in):
    model = ck.Conv(kernels=3, classes=4, fan_in=fan_in, **sizes)
    params = model.init(torch.Generator().manual_seed(1), 0.3)
    again = model.init(torch.Generator().manual_seed(1), 0.6)
    assert {name: tuple(leaf.shape) for name, leaf in params.items()} == model.shapes()
    assert sum(leaf.numel() for leaf in params.values()) == model.n_parameters
    for name, leaf in params.items():
        assert leaf.dtype == torch.float32
        assert (leaf.ndim == 1) == bool((leaf == 0).all()), "biases are zero, and they alone"
        torch.testing.assert_close(again[name], 2 * leaf)


@pytest.mark.parametrize(("fan_in", "std"), [(False, 0.3), (True, 3**-0.5)])
def test_the_scale_of_the_draw(fan_in, std):
    model = ck.Conv(kernels=300, size=9, pool=4, hidden=200, fan_in=fan_in)
    for name, leaf in model.init(torch.Generator().manual_seed(0), std).items():
        if leaf.ndim == 2:
            expected = std / math.sqrt(leaf.shape[1]) if fan_in else std
            error = 5 / (2 * leaf.numel()) ** 0.5  # five standard errors
            assert float(leaf.std()) == pytest.approx(expected, rel=error), name
    default = float(nn.Conv2d(1, 300, 9).weight.detach().std())
    assert default == pytest.approx((3 * 81) ** -0.5, rel=0.03), "of PyTorch, with fan_in"


def test_small_networks_of_an_odd_activation_are_odd_in_their_weights():
    model = ck.Conv(side=9, kernels=3, size=3)
    params = model.init(torch.Generator().manual_seed(0), 0.5)
    x = torch.rand(4, 81)
    flipped = params | {"w": -params["w"]}
    assert activation(model.activation).odd
    torch.testing.assert_close(ck.evaluate(model, flipped, x), -ck.evaluate(model, params, x))


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"size": 29}, "size must be a whole number from 1 to 28, .* but is 29"),
        ({"size": 13, "stride": 1, "layers": 2, "side": 20}, "from 1 to 8, .* but is 13"),
        ({"pool": 13}, "pool must be a whole number from 1 to 12, .* but is 13"),
        ({"layers": 3}, "layers must be a whole number from 1 to 2, but is 3"),
        ({"kernels": 0}, "width must be a whole number from 1 to 1,000, but is 0"),
        ({"activation": "sin"}, "activation must be one of"),
        ({"fan_in": 1}, "fan_in must be True or False, but is 1"),
    ],
)
def test_bad_input_is_refused_with_value_and_range(sizes, says):
    with pytest.raises(ValueError, match=says):
        ck.Conv(**sizes)
