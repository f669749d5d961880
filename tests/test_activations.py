"""Activations: the torch, the NumPy and the SymPy face show one function."""

import numpy as np
import pytest
import sympy
import torch
from cases import ACTIVATIONS, each
from mpmath import mp

from condensekit.activations import ACTIVATIONS as ACTUAL
from condensekit.activations import activation

WIDE = np.concatenate([np.linspace(-19.0, 19.0, 77), [-3e-3, 1e-9, 0.37]])  # with zero
TINY = np.array([1e-12, -1e-12, 3e-8, -2e-5])

SYMBOL = sympy.Symbol("x", real=True)


def _numpy(case, z):
    value, slope, bend = z.copy(), np.empty_like(z), np.empty_like(z)
    assert activation(case.name).fill(value, slope, bend) is None
    return value, slope, bend


def _torch(case, z):
    x = torch.tensor(z, requires_grad=True)
    value = activation(case.name).torch(x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x)
    return value.detach().numpy(), slope.detach().numpy(), bend.numpy()


def _sympy(case, z):
    """Value and two derivatives of the formula at 50 digits."""
    formula = activation(case.name).sympy(SYMBOL)
    wanted = [formula, formula.diff(SYMBOL), formula.diff(SYMBOL, 2)]
    if case.homogeneous:
        wanted[2] = sympy.Integer(0)  # of a kinked line, away from its kink
    with mp.workdps(50):
        found = [
            [float(f(mp.mpf(float(point)))) for point in z]
            for f in (sympy.lambdify(SYMBOL, g, "mpmath") for g in wanted)
        ]
    return np.array(found)


def test_every_activation_is_a_case():
    assert list(ACTUAL) == list(ACTIVATIONS)
    for name, act in ACTUAL.items():
        assert activation(name) is act
        assert act.name == name


@each("case", ACTIVATIONS)
@pytest.mark.parametrize("face", [_numpy, _torch, _sympy])
def test_value_is_the_textbook_formula(case, face):
    np.testing.assert_allclose(face(case, WIDE)[0], case.formula(WIDE), rtol=1e-13, atol=3e-16)


@each("case", ACTIVATIONS)
@pytest.mark.parametrize("face", [_numpy, _torch])
def test_slope_is_the_derivative_by_sympy(case, face):
    z = WIDE[WIDE != 0]  # the corner of ReLU has a test of its own
    np.testing.assert_allclose(face(case, z)[1], _sympy(case, z)[1], rtol=1e-12, atol=1e-15)


@each("case", ACTIVATIONS)
def test_bend_is_the_second_derivative_by_sympy(case):
    z = WIDE[WIDE != 0]
    np.testing.assert_allclose(_numpy(case, z)[2], _sympy(case, z)[2], rtol=1e-9, atol=1e-13)


def test_softplus_of_torch_is_exact_far_out():
    z = np.array([20.5, 25.0, 30.0])
    case = ACTIVATIONS["softplus"]
    np.testing.assert_allclose(_torch(case, z)[:2], _numpy(case, z)[:2], rtol=1e-13)


@each("case", ACTIVATIONS)
def test_numpy_face_works_far_out(case):
    z = np.array([-800.0, 800.0])
    value, slope, _ = _numpy(case, z)
    np.testing.assert_allclose(value, case.formula(z), atol=1e-300)
    assert np.isfinite(slope).all()


def test_relu_has_slope_zero_at_its_corner_as_in_torch():
    for face in (_numpy, _torch):
        value, slope = face(ACTIVATIONS["relu"], np.zeros(1))[:2]
        assert (value[0], slope[0]) == (0.0, 0.0)


@each("case", {name: case for name, case in ACTIVATIONS.items() if case.odd})
@pytest.mark.parametrize("face", [_numpy, _torch])
def test_odd_activations_are_accurate_near_zero(case, face):
    value, slope, _ = face(case, TINY)
    expected = _sympy(case, TINY)
    np.testing.assert_allclose(value, expected[0], rtol=1e-12)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-12)


@each("case", ACTIVATIONS)
def test_flag_odd_says_what_the_function_does(case):
    z = np.linspace(0.1, 3.0, 7)
    is_odd = np.allclose(case.formula(-z), -case.formula(z))
    assert activation(case.name).odd is case.odd is is_odd
    value, *_ = _numpy(case, np.concatenate([z, -z]))
    if case.odd:
        np.testing.assert_array_equal(value[:7], -value[7:])


@each("case", ACTIVATIONS)
def test_flag_homogeneous_says_what_the_function_does(case):
    z = np.linspace(-3.0, 3.0, 8)
    is_homogeneous = np.allclose(case.formula(4.0 * z), 4.0 * case.formula(z))
    assert activation(case.name).homogeneous is case.homogeneous is is_homogeneous
    if case.homogeneous:
        np.testing.assert_array_equal(_numpy(case, 4.0 * z)[0], 4.0 * _numpy(case, z)[0])


@each("case", ACTIVATIONS)
def test_multiplicity_is_the_order_of_the_first_derivative_at_zero(case):
    act = activation(case.name)
    if case.order is None:
        with pytest.raises(ValueError, match=case.name):
            act.multiplicity()
        return
    assert act.multiplicity() == case.order
    # The oracle: odd and even parts at small z grow like z to the power of that order.
    z = 1e-3
    bend = case.formula(np.array([2 * z, z])) - case.formula(np.zeros(2))
    assert np.log2(bend[0] / bend[1]) == pytest.approx(case.order, abs=0.02)


@each("case", ACTIVATIONS)
def test_fill_works_in_place_on_parts_of_an_array(case):
    z = np.random.default_rng(0).normal(size=(2, 3, 4))
    table, slope = z.copy(), np.full_like(z, 7.0)
    activation(case.name).fill(table[0], slope[0])
    np.testing.assert_allclose(table[0], case.formula(z[0]), rtol=1e-13)
    np.testing.assert_array_equal(table[1], z[1])
    assert (slope[1] == 7.0).all()


@pytest.mark.parametrize("name", ["sin", "", "Tanh", None, 3])
def test_unknown_activation_is_refused_with_the_known_names(name):
    with pytest.raises(ValueError, match=f"but is {name!r}") as caught:
        activation(name)
    assert all(known in str(caught.value) for known in ACTIVATIONS)
