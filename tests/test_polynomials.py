"""Exact ranks of networks with polynomials: secant varieties, and polynomials of several terms."""

import math

import numpy as np
import pytest
import sympy
import torch

from condensekit import TwoLayer, exact_rank
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.derivatives import jacobian
from condensekit.exact import NoExactMethod


@pytest.fixture(autouse=True)
def as_before():
    """What a test registers is gone after it."""
    before = dict(ACTIVATIONS)
    yield
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


def _power(p):
    """z^p as an activation of one's own."""
    return Activation(
        "power",
        lambda z: z**p,
        sympy=lambda x: x**p,
        odd=p % 2 == 1,
        even=p % 2 == 0,
        degree=p,
    )


EXCEPTIONS = {(4, 3, 5), (4, 4, 9), (4, 5, 14), (3, 5, 7)}
"""(p, d, k) of Alexander and Hirschowitz, besides p = 2, 2 <= k <= d - 1."""


@pytest.mark.parametrize(("p", "d"), [(2, 5), (3, 2), (3, 4), (3, 5), (4, 2), (4, 3), (4, 4)])
def test_sums_of_powers_have_the_dimensions_of_alexander_and_hirschowitz(p, d):
    """Generic, all k until forms of degree p are filled: one less for exceptions."""
    forms = math.comb(d + p - 1, p)
    for k in range(1, forms // d + 3):
        model = TwoLayer(d, k, _power(p), bias=False)
        generic = min(k * d, forms)
        if p == 2:
            generic = min(k, d) * d - math.comb(min(k, d), 2)
        expected = generic - ((p, d, k) in EXCEPTIONS)
        assert exact_rank(model, _whole(model, seed=k)) == expected


@pytest.mark.slow
def test_the_fourth_powers_of_fourteen_forms_in_five_variables():
    """The largest exception: 70 would be all forms."""
    for k, rank in ((13, 65), (14, 69), (15, 70)):
        model = TwoLayer(5, k, _power(4), bias=False)
        assert exact_rank(model, _whole(model, seed=k)) == rank


@pytest.mark.parametrize(("p", "d", "k"), [(3, 4, 7), (4, 2, 5), (3, 2, 3), (2, 3, 3)])
def test_a_bias_is_one_more_coordinate_of_a_form(p, d, k):
    with_bias, without = (
        TwoLayer(d, k, _power(p)),
        TwoLayer(d + 1, k, _power(p), bias=False),
    )
    params = _whole(without, seed=3)
    same = {"a": params["a"], "w": params["w"][:, :d], "b": params["w"][:, d]}
    assert exact_rank(with_bias, same) == exact_rank(without, params)


def test_a_power_is_homogeneous_so_that_one_direction_of_a_neuron_is_another():
    """d f / da and w . d f / dw are proportional: k (d + 1) parameters, rank at most k d."""
    model = TwoLayer(3, 2, _power(3), bias=False)
    params = _whole(model, seed=0)
    assert (exact_rank(model, params), model.n_parameters) == (6, 8)
    assert exact_rank(model, {**params, "a": torch.zeros(2, dtype=float)}) == 2
    assert exact_rank(model, {**params, "w": params["w"][[0, 0]]}) == 3


POLYNOMIALS = {
    "x**3 + x": (lambda x: x**3 + x, 3),
    "x**2/2 - 1/3": (lambda x: sympy.Rational(1, 2) * x**2 - sympy.Rational(1, 3), 2),
    "0.1 x**4 + x": (lambda x: 0.1 * x**4 + x, 4),
    "-x**3/4": (lambda x: -(x**3) / 4, 3),
    "2 x + 1": (lambda x: 2 * x + 1, 1),
}


@pytest.mark.parametrize("name", POLYNOMIALS)
@pytest.mark.parametrize(("d", "k", "bias"), [(1, 2, True), (2, 3, False), (1, 3, False)])
def test_a_polynomial_of_several_terms_is_no_power(name, d, k, bias):
    """Against singular values of its tangent functions by autograd."""
    formula, degree = POLYNOMIALS[name]
    face = sympy.lambdify(symbol := sympy.Symbol("x"), formula(symbol), "math")
    act = Activation("own", lambda z: face(z) + 0.0 * z, sympy=formula, degree=degree)
    model = TwoLayer(d, k, act, bias=bias)
    params = _whole(model, seed=1)
    probes = torch.randn(60, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    values = np.linalg.svd(jacobian(model, params, probes).numpy(), compute_uv=False)
    assert exact_rank(model, params) == int((values > 1e-9 * values[0]).sum())


def test_polynomials_whose_coefficients_are_not_known_are_refused():
    at = {name: torch.ones(shape, dtype=float) for name, shape in TwoLayer(1, 1).shapes().items()}
    for act, told in [
        (Activation("own", lambda z: z**2, degree=2), "has no exact method without a formula"),
        (Activation("own", lambda z: z**2, sympy=lambda x: x**2 + x, degree=2), "another function"),
        (Activation("own", lambda z: z**2, sympy=sympy.tanh, degree=2), "no polynomial"),
        (
            Activation("own", lambda z: 2**0.5 * z, sympy=lambda x: sympy.sqrt(2) * x, degree=1),
            "no polynomial with rational coefficients",
        ),
    ]:
        with pytest.raises(NoExactMethod, match=told):
            exact_rank(TwoLayer(1, 1, act), at)


@pytest.mark.parametrize(
    ("function", "degree"), [(torch.sin, 3), (lambda z: z**3, 2), (torch.relu, 1)]
)
def test_a_degree_that_is_wrong_is_refused(function, degree):
    with pytest.raises(ValueError, match=f"said to be a polynomial of degree {degree}"):
        Activation("own", function, degree=degree)


def _whole(model, seed):
    """Whole numbers from -9 to 9, none of them zero, as weights."""
    generator = np.random.default_rng(seed)
    return {
        name: torch.from_numpy(
            generator.integers(1, 10, shape) * generator.choice([-1.0, 1.0], shape)
        )
        for name, shape in model.shapes().items()
    }
