"""Theorem 4.1 in symbols: what SymPy proves is what theory says, for every activation."""

import pytest
import sympy

from condensekit import Deep, TwoLayer
from condensekit.activations import ACTIVATIONS
from condensekit.symmetry import (
    SETS,
    Symmetry,
    check_linear,
    proportional,
    prove,
    rescaling,
    swap,
    symmetries,
    transpose_example,
)

SIZES = [(1, 1, True), (2, 1, True), (2, 2, False), (3, 2, True)]  # m, d, bias


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("m", "d", "bias"), SIZES)
def test_every_symmetry_is_proven(activation, m, d, bias):
    for g in symmetries(TwoLayer(d, m, activation, bias)):
        found = prove(g)
        assert found.holds is True, str(found)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("m", "d", "bias"), SIZES[1:])
def test_every_set_is_proven_or_refuted_as_theory_says(activation, m, d, bias):
    model = TwoLayer(d, m, activation, bias)
    for make in SETS.values():
        found = prove(make(model))
        assert found.holds is make(model).tangent, str(found)


def test_any_ratio_is_proven_for_relu_and_only_signs_for_tanh():
    for c, relu, tanh in ((1.0, True, True), (-1.0, False, True), (1 / 3, True, False)):
        assert prove(proportional(TwoLayer(1, 2, "relu"), c=c)).holds is relu
        assert prove(proportional(TwoLayer(1, 2), c=c)).holds is tanh
        assert proportional(TwoLayer(1, 2, "relu"), c=c).tangent is relu
        assert proportional(TwoLayer(1, 2), c=c).tangent is tanh


def test_a_map_that_is_no_symmetry_is_refuted():
    model = TwoLayer(1, 2, "sigmoid")
    flip = swap(model, 0, 1)
    wrong = Symmetry(model, "turns all signs", flip.source, -flip.factor)
    found = prove(wrong)
    assert found.holds is False
    assert found.value > 1e-3
    assert str(found).startswith("Refuted: the map that turns all signs leaves F as it is")


def test_a_map_that_is_not_orthogonal_has_its_gradient_in_the_kernel_of_the_transpose():
    model = TwoLayer(2, 2, "relu")
    g = swap(model, 0, 1).then(rescaling(model, 0, 3.0)).then(rescaling(model, 1, 1 / 3))
    assert not g.orthogonal
    assert prove(g).holds is True


def test_the_transpose_matters():
    """Sigmoid with output bias: a symmetry whose fixed set {a = w = b = 0} is left at once."""
    found = transpose_example()
    assert found.symmetry.holds is True
    assert found.in_kernel.holds is True
    assert found.tangent.holds is False
    assert found.automatic is False
    half = sympy.Rational(1, 2)
    assert [list(vector) for vector in found.fixed] == [[0, 0, 0, 1]]
    assert [list(vector) for vector in found.kernel] == [[half, 0, 0, 1]]
    assert list(found.gradient) == [half, 0, 0, 1]


def test_subtracting_one_half_repairs_it():
    found = transpose_example(shifted=True)
    assert found.symmetry.holds and found.in_kernel.holds and found.tangent.holds
    assert found.automatic is True


def test_any_formula_and_any_matrix_can_be_checked():
    a, b, x = sympy.symbols("a b x", real=True)
    rotation = sympy.Matrix([[0, -1], [1, 0]])
    found = check_linear((a**2 + b**2) * x, [a, b], rotation)
    assert found.symmetry.holds and found.tangent.holds and found.automatic
    assert found.fixed == []
    assert check_linear(a * x, [a, b], rotation).symmetry.holds is False
    with pytest.raises(ValueError, match=r"shape \[2, 2\], .* but has shape \[3, 3\]"):
        check_linear(a * x, [a, b], sympy.eye(3))


@pytest.mark.parametrize("model", [TwoLayer(1, 4), TwoLayer(3, 2), Deep(1, 2, 1)])
def test_what_is_too_large_or_of_another_family_is_refused(model):
    with pytest.raises(ValueError, match="at most 3 neurons and 2 inputs, not for"):
        prove(swap(model, 0, 1))
    with pytest.raises(ValueError, match="nothing to prove about 3"):
        prove(3)


def test_what_is_left_undecided_says_so():
    """A remainder that is zero only where nobody drew a point, and that SymPy does not simplify."""
    from condensekit.symmetry.proofs import all_zero

    u = sympy.Symbol("u", real=True)
    tiny = sympy.Float("1e-30", 50) * sympy.sin(u)
    found = all_zero("this is zero", [tiny])
    assert found.holds is None
    assert str(found).startswith("Not decided: this is zero. SymPy could not simplify")
