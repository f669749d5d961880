"""Models: a formula for one input, shapes, and a draw."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from cases import ACTIVATIONS, MODELS, PlainFormula, each

from condensekit import TwoLayer
from condensekit.activations import activation
from condensekit.models import Deep, MatrixFactorization, TwoLayerConv

TWO_LAYER = {
    name: case for name, case in MODELS.items() if isinstance(case.model, (TwoLayer, PlainFormula))
}


def _network(model, seed=0, std=1.0):
    return model.init(torch.Generator().manual_seed(seed), std)


def _layers(model):
    return model.hidden if isinstance(model, PlainFormula) else model


def _sum_over_neurons(model, params, x):
    """f(x) = sum_j a_j act(w_j . x + b_j), one product at a time."""
    model = _layers(model)
    act = ACTIVATIONS[model.activation].formula
    total = 0.0
    for j in range(model.m):
        z = sum(float(params["w"][j, i]) * float(x[i]) for i in range(model.d))
        if model.bias:
            z += float(params["b"][j])
        total += float(params["a"][j]) * float(act(np.array(z)))
    return total


@each("case", TWO_LAYER)
def test_formula_is_the_sum_over_neurons(case):
    params = _network(case.model)
    for x in torch.randn(4, case.model.input_dim, dtype=torch.float64):
        value = case.model(params, x)
        assert value.shape == ()
        assert float(value) == pytest.approx(_sum_over_neurons(case.model, params, x), rel=1e-11)


@pytest.mark.parametrize(
    ("dims", "bias", "sharing"), [*itertools.product([1, 2], [True, False], [True, False])]
)
def test_convolution_slides_its_kernels(dims, bias, sharing):
    model = TwoLayerConv(4, 2, 3, dims, "sigmoid", bias, sharing)
    params, act = _network(model), ACTIVATIONS["sigmoid"].formula
    x = torch.randn(4**dims, dtype=torch.float64)
    image, total = x.reshape([4] * dims).numpy(), 0.0
    for k in range(2):
        for p, corner in enumerate(np.ndindex(*[2] * dims)):
            patch = image[tuple(slice(i, i + 3) for i in corner)].ravel()
            own = (k,) if sharing else (k, p)
            z = float(np.dot(params["w"][own].numpy(), patch))
            z += float(params["b"][own]) if bias else 0.0
            total += float(params["a"][k, p]) * float(act(np.array(z)))
    assert float(model(params, x)) == pytest.approx(total, rel=1e-11)


def test_a_kernel_larger_than_its_inputs_is_refused():
    with pytest.raises(
        ValueError, match=r"^size must be a whole number from 1 to side = 2, but is 3"
    ):
        TwoLayerConv(2, 1, 3)


def test_factorization_gives_the_entries_of_the_product():
    model = MatrixFactorization(3, 2, 4)
    params = _network(model)
    product = params["A"].numpy() @ params["B"].numpy()
    for i, j in np.ndindex(3, 4):
        x = torch.zeros(7, dtype=torch.float64)
        x[i] = x[3 + j] = 1.0
        assert float(model(params, x)) == pytest.approx(product[i, j], rel=1e-13)


@pytest.mark.parametrize("bias", [True, False])
def test_deep_networks_are_layers_of_layers(bias):
    model = Deep(3, 4, 3, "softplus", bias)
    params, x = _network(model), torch.randn(3, dtype=torch.float64)
    layers = []
    for layer, width in enumerate([3, 4, 4]):
        linear = torch.nn.Linear(width, 4, bias=bias).double()
        linear.weight.data = params[f"w{layer}"]
        if bias:
            linear.bias.data = params[f"b{layer}"]
        layers += [linear, torch.nn.Softplus()]
    with torch.no_grad():
        expected = float(params["a"] @ torch.nn.Sequential(*layers)(x))
    assert float(model(params, x)) == pytest.approx(expected, rel=1e-12)


@each("case", MODELS)
def test_shapes_and_number_of_parameters(case):
    params = _network(case.model)
    assert {name: tuple(leaf.shape) for name, leaf in params.items()} == case.model.shapes()
    assert case.model.n_parameters == case.n_parameters
    assert sum(leaf.numel() for leaf in params.values()) == case.n_parameters
    assert {leaf.dtype for leaf in params.values()} == {case.model.dtype}


@each("case", {name: case for name, case in MODELS.items() if case.unit_draw})
def test_changing_the_std_only_rescales_the_draw(case):
    unit = _network(case.model, seed=5)
    for std in (1e-14, 0.3, 10.0):
        for name, leaf in _network(case.model, seed=5, std=std).items():
            rtol = 0 if leaf.dtype == torch.float64 else 1e-6  # a draw is rounded once
            torch.testing.assert_close(leaf, std * unit[name], rtol=rtol, atol=0)


@each("case", MODELS)
def test_the_generator_alone_decides_the_draw(case):
    first = _network(case.model, seed=1)
    torch.randn(3)  # the global generator has no part in it
    again, other = _network(case.model, seed=1), _network(case.model, seed=2)
    for name, leaf in first.items():
        assert torch.equal(leaf, again[name])
        if case.unit_draw or not bool((leaf == leaf.flatten()[0]).all()):  # but for constants
            assert not torch.equal(leaf, other[name])


def test_the_draw_is_a_standard_normal():
    params = _network(TwoLayer(3, 20_000), std=0.5)
    for leaf in params.values():
        z = leaf.flatten().numpy() / 0.5
        error = 5 / len(z) ** 0.5  # five standard errors
        assert abs(z.mean()) < error
        assert abs((z**2).mean() - 1) < error * 2**0.5
        assert abs((z**4).mean() - 3) < error * 96**0.5
    a, b = params["a"].numpy(), params["b"].numpy()
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / len(a) ** 0.5


@each("case", TWO_LAYER)
def test_biases_are_there_where_they_are_asked_for(case):
    assert ("b" in _network(case.model)) is _layers(case.model).bias


@each("case", TWO_LAYER)
def test_the_order_of_the_neurons_does_not_matter(case):
    params, x = _network(case.model), torch.randn(case.model.input_dim, dtype=torch.float64)
    order = torch.randperm(len(params["a"]))
    mixed = {name: leaf[order] for name, leaf in params.items()}
    assert float(case.model(mixed, x)) == pytest.approx(float(case.model(params, x)), rel=1e-12)


@each("case", TWO_LAYER)
def test_flipping_all_signs_keeps_the_function_exactly_where_the_activation_is_odd(case):
    params, x = _network(case.model), torch.randn(case.model.input_dim, dtype=torch.float64)
    flipped = {name: -leaf for name, leaf in params.items()}
    same = float(case.model(flipped, x)) == pytest.approx(float(case.model(params, x)), rel=1e-12)
    assert same is activation(_layers(case.model).activation).odd


@each("case", MODELS)
def test_models_are_values(case):
    assert dataclasses.replace(case.model) == case.model
    assert hash(dataclasses.replace(case.model)) == hash(case.model)
    assert len({model.model for model in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((1, 0), "width"),
        ((1, -5), "width"),
        ((1, 2.5), "width"),
        ((1, "many"), "width"),
        ((1, 40_001), "width"),
        ((0, 5), "d"),
        ((1, 5, "sin"), "activation"),
        ((1, 5, "tanh", 1), "bias"),
    ],
)
def test_bad_input_is_refused_with_value_and_range(arguments, name):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, but is ") as caught:
        TwoLayer(*arguments)
    bad = next(a for a, good in itertools.zip_longest(arguments, (1, 5, "tanh")) if a != good)
    assert str(caught.value).endswith(f"but is {bad!r}.")
