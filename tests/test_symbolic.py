"""SymPy: the model's own formula, its tangent functions, and a rank with a proof.

Oracles: the one-line formula of the models and its autograd, the counting rule (here, in words of
its own), singular values at 60 digits, and a determinant that is taken again from the certificate.
"""

import copy
import dataclasses
import itertools
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from cases import ACTIVATIONS, MODELS, each
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from often import sparsely

from condensekit import TwoLayer
from condensekit.models import Model
from condensekit.symbolic import (
    LARGEST_EXPONENT,
    Unproven,
    confirm,
    generic_point,
    inputs,
    parameters,
    symbolic_rank,
    sympy_formula,
    tangent_functions,
    taylor_determinant,
)

RATIONAL = ["tanh", "sigmoid", "xtanh", "x2tanh"]

NETWORKS = {
    f"{name}, d={d}{', bias' if bias else ''}": TwoLayer(d, 3, name, bias)
    for name, d, bias in itertools.product(ACTIVATIONS, (1, 2), (True, False))
}


def _flat(leaves):
    return [entry for leaf in leaves.values() for entry in leaf.ravel()]


def _network(*neurons, activation="tanh", bias=True):
    """A network of neurons (a, w, b), where w is a tuple and b is left out without biases."""
    params = {"a": [a for a, *_ in neurons], "w": [list(w) for _, w, *_ in neurons]}
    if bias:
        params["b"] = [b for *_, b in neurons]
    return TwoLayer(len(neurons[0][1]), len(neurons), activation, bias), params


def _rank(*neurons, activation="tanh", bias=True):
    return symbolic_rank(*_network(*neurons, activation=activation, bias=bias)).rank


# --- the formula -------------------------------------------------------------------------------


@each("model", NETWORKS)
def test_the_formula_is_the_one_line_formula_of_the_model(model):
    f = sympy.lambdify([*_flat(parameters(model)), *inputs(model)], sympy_formula(model), "numpy")
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        params = model.init(generator, 1.0)
        x = torch.randn(model.d, generator=generator, dtype=torch.float64)
        found = f(*_flat({name: leaf.numpy() for name, leaf in params.items()}), *x.numpy())
        assert found == pytest.approx(model(params, x).item(), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("model", sparsely(NETWORKS, 3))
def test_tangent_functions_are_the_gradient_by_autograd(model):
    params = model.init(torch.Generator().manual_seed(1), 1.0)
    points = torch.randn(4, model.d, generator=torch.Generator().manual_seed(2)).double()
    gradient = torch.vmap(torch.func.grad(model), in_dims=(None, 0))(params, points)
    expected = torch.cat([leaf.flatten(1) for leaf in gradient.values()], dim=1).numpy()
    symbols = [*_flat(parameters(model)), *inputs(model)]
    numbers = _flat({name: leaf.numpy() for name, leaf in params.items()})
    generic, special = tangent_functions(model), tangent_functions(model, params)
    assert list(generic.parameters) == list(special.parameters) == symbols[: model.n_parameters]
    for x, row in zip(points.numpy(), expected, strict=True):
        at = sympy.lambdify(symbols, generic.functions, "numpy")(*numbers, *x)
        np.testing.assert_allclose(at, row, rtol=1e-11, atol=1e-14)
        at = sympy.lambdify(list(inputs(model)), special.functions, "numpy")(*x)
        np.testing.assert_allclose(at, row, rtol=1e-11, atol=1e-14)


def test_symbols_have_the_names_of_the_lecture():
    assert [str(s) for s in inputs(TwoLayer(1, 2))] == ["x"]
    assert [str(s) for s in inputs(TwoLayer(3, 2))] == ["x_1", "x_2", "x_3"]
    assert [str(s) for s in _flat(parameters(TwoLayer(1, 2)))] == [
        *("a_1", "a_2", "w_1", "w_2", "b_1", "b_2")
    ]
    named = parameters(TwoLayer(2, 11, bias=False))
    assert {name: leaf.shape for name, leaf in named.items()} == {"a": (11,), "w": (11, 2)}
    assert (str(named["a"][10]), str(named["w"][10, 1])) == ("a_11", "w_11,2")
    assert len(set(_flat(named))) == 33
    assert str(sympy_formula(TwoLayer(2, 1))) == "a_1*tanh(b_1 + w_11*x_1 + w_12*x_2)"


def test_tangent_functions_stand_beside_their_parameters():
    found = tangent_functions(TwoLayer(1, 1), {"a": [2], "w": [[1]], "b": [0]})
    assert str(found).splitlines() == [
        "df/da_1 = tanh(x)",
        "df/dw_1 = 2*x*(1 - tanh(x)**2)",
        "df/db_1 = 2 - 2*tanh(x)**2",
    ]
    latex = found._repr_latex_()
    assert latex.startswith(r"$\begin{aligned}\frac{\partial f}{\partial a_{1}} &= \tanh{")
    assert latex.count(r"\\") == 2


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("zero", [False, True])
def test_a_rank_is_pickled_copied_and_derived_wherever_it_is(activation, zero):
    model = TwoLayer(2, 2, activation)
    params = generic_point(model)
    if zero:
        params = {name: np.zeros(shape) for name, shape in model.shapes().items()}
    found = symbolic_rank(model, params)
    for same in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert same == found
        assert same.latex() == found.latex()
        assert str(same) == str(found)


def test_floats_are_taken_exactly_and_text_as_it_reads():
    model = TwoLayer(1, 1, bias=False)

    def factor(value):
        function = tangent_functions(model, {"a": [value], "w": [[1]]}).functions[1]
        return function.coeff(inputs(model)[0]).subs(inputs(model)[0], 0)

    assert factor(0.1) == sympy.Rational(*(0.1).as_integer_ratio()) != sympy.Rational(1, 10)
    for tenth in ("0.1", "1/10", Fraction(1, 10), sympy.Rational(1, 10)):
        assert factor(tenth) == sympy.Rational(1, 10)
    assert factor(2) == factor(np.int64(2)) == factor(2.0) == 2


def test_tensors_arrays_and_lists_give_the_same():
    model = TwoLayer(2, 2)
    params = generic_point(model)
    expected = tangent_functions(model, params)
    for kind in (torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.float):
        same = {name: kind(leaf) for name, leaf in params.items()}
        assert tangent_functions(model, same) == expected


# --- the rank ----------------------------------------------------------------------------------

BASE = (1, (1, 2), 1)
DEGENERATE = {
    # d = 2 with bias: neurons (a, w, b), and the rank by science alone
    "one neuron": ([BASE], 4),
    "two neurons": ([BASE, (2, (1, -2), 1)], 8),
    "same w, other bias": ([BASE, (2, (1, 2), -1)], 8),
    "twice the weight": ([BASE, (1, (2, 4), 2)], 8),
    "split": ([BASE, (-3, (1, 2), 1)], 4),
    "split and flipped": ([BASE, ("1/3", (-1, -2), -1)], 4),
    "cancelling": ([BASE, (-1, (1, 2), 1)], 4),
    "no output": ([BASE, (0, (2, 1), 0)], 5),
    "no output, same neuron": ([BASE, (0, (-1, -2), -1)], 4),
    "constant without output": ([BASE, (0, (0, 0), 1)], 5),
    "constant": ([BASE, (1, (0, 0), 1)], 7),
    "constant and another": ([BASE, (1, (0, 0), 1), (1, (0, 0), -2)], 7),
    "no input weight, no bias": ([BASE, (1, (0, 0), 0)], 7),
    "nothing": ([BASE, (0, (0, 0), 0)], 4),
    "only nothing": ([(0, (0, 0), 0)], 0),
    "negative zero": ([(1.0, (0.5, -0.0), -0.0), (1.0, (-0.5, 0.0), 0.0)], 4),
}


@each("case", DEGENERATE)
def test_degenerate_points_of_tanh(case):
    neurons, rank = case
    assert _rank(*neurons) == rank == _counted(neurons)


@pytest.mark.parametrize(
    ("neurons", "rank"),
    [
        ([(1, (1,)), (1, (2,))], 4),  # Remark 2 of the theorem's paper: generic 4
        ([(1, (1,)), (1, (-1,))], 2),  # and at most 2 where w_2 = +-w_1
        ([(1, (1,)), (0, (2,))], 3),
        ([(1, (1,)), (1, (0,))], 3),
        ([(1, (1,)), (0, (0,))], 2),
        ([(1, (0,))], 1),
        ([(0, (0,))], 0),
    ],
)
def test_degenerate_points_of_tanh_without_bias(neurons, rank):
    assert _rank(*neurons, bias=False) == rank == _counted(neurons, bias=False)


def test_a_sigmoid_and_its_mirror_image_make_the_constant():
    pair = [(1, (1,), 1), (1, (-1,), -1)]
    assert _rank(*pair, activation="sigmoid") == 4
    assert _rank(*pair, activation="tanh") == 3
    assert _rank(*pair, (1, (0,), 2), activation="sigmoid") == 5  # its constant is not new
    assert _rank(pair[0], (1, (0,), 2), activation="sigmoid") == 5


def _counted(neurons, activation="tanh", bias=True):
    """The rank by counting: neurons up to sign, and the constants that those with w = 0 make.

    A neuron with w != 0 gives its activation, and if its output weight, or that of a neuron which
    is the same up to sign, is not zero, also its slope times 1 (bias) and times each input.
    """
    inner = activation in ("xtanh", "x2tanh")  # their slope is 0 at 0
    classes, constant, linear = {}, False, False
    d = len(neurons[0][1])
    for neuron in neurons:
        output, weights, shift = neuron if bias else (*neuron, 0)
        a, w, b = Fraction(output), tuple(map(Fraction, weights)), Fraction(shift)
        if any(w):
            flipped = (*(-v for v in w), -b)
            key = max((*w, b), flipped)
            classes.setdefault(key, set()).add(((*w, b) == key, a != 0))
        else:
            value, slope = b != 0 or activation == "sigmoid", a != 0 and (b != 0 or not inner)
            constant |= value or (bias and slope)
            linear |= slope
    if activation == "sigmoid":  # s(z) + s(-z) = 1
        constant |= any(len({sign for sign, _ in each}) == 2 for each in classes.values())
    slopes = sum(any(effective for _, effective in each) for each in classes.values())
    return len(classes) + slopes * (d + bias) + constant + d * linear


FEW = st.sampled_from([-2, -1, "-1/2", 0, "1/2", 1, 2])


@st.composite
def structures(draw):
    d, bias = draw(st.sampled_from([1, 2])), draw(st.booleans())
    neuron = st.tuples(FEW, st.tuples(*[FEW] * d), *[FEW] * bias)
    neurons = draw(st.lists(neuron, min_size=1, max_size=3))
    return neurons, draw(st.sampled_from(RATIONAL)), bias


@pytest.mark.slow
@settings(max_examples=80)
@given(structures())
def test_the_rank_is_the_count_at_random_coincidences(structure):
    neurons, activation, bias = structure
    assert _rank(*neurons, activation=activation, bias=bias) == _counted(*structure)


@settings(max_examples=15)
@given(structures(), st.permutations(range(3)), st.sampled_from([-1, 1]))
def test_the_rank_does_not_know_the_order_nor_a_shift_of_the_output(structure, order, sign):
    neurons, activation, bias = structure
    rank = _rank(*neurons, activation=activation, bias=bias)
    mixed = [neurons[i] for i in order if i < len(neurons)]
    scaled = [(sign * 3 * Fraction(a), *rest) for a, *rest in mixed]
    assert _rank(*scaled, activation=activation, bias=bias) == rank


def _numerical_rank(neurons, activation, bias):
    """Singular values at 60 digits; fails where they leave no clear gap."""
    value = {
        "tanh": mp.tanh,
        "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
        "xtanh": lambda z: z * mp.tanh(z),
        "x2tanh": lambda z: z**2 * mp.tanh(z),
    }[activation]
    d, draw = len(neurons[0][1]), np.random.default_rng(0)

    def row(x):
        outputs, weights, biases = [], [], []
        for neuron in neurons:
            a, w, b = neuron if bias else (*neuron, 0)
            z = sum((_real(v) * xi for v, xi in zip(w, x, strict=True)), _real(b))
            slope = _real(a) * mp.diff(value, z)
            outputs.append(value(z))
            weights += [slope * xi for xi in x]
            biases += [slope] * bias
        return outputs + weights + biases

    with mp.workdps(60):
        rows = [row([mp.mpf(v) for v in draw.normal(size=d)]) for _ in range(20)]
        spectrum = list(mp.svd_r(mp.matrix(rows), compute_uv=False))
        relative = [float(s / spectrum[0]) for s in spectrum]
    rank = sum(s > 1e-15 for s in relative)
    assert all(s < 1e-25 for s in relative[rank:])
    return rank


def _real(value):
    exact = Fraction(value)
    return mp.mpf(exact.numerator) / exact.denominator


@pytest.mark.parametrize("activation", RATIONAL)
@pytest.mark.parametrize("bias", [True, False])
def test_the_rank_is_that_of_singular_values_at_60_digits(activation, bias):
    structure = [
        *((1, (1, "1/2"), 1), ("1/2", (-1, "-1/2"), -1), (0, (2, 1), "1/2")),
        *((2, (0, 0), 2), (-1, (1, -1), "1/2")),
    ]
    neurons = structure if bias else [neuron[:2] for neuron in structure]
    rank = _rank(*neurons, activation=activation, bias=bias)
    assert rank == _numerical_rank(neurons, activation, bias) == _counted(neurons, activation, bias)


# --- the proof ---------------------------------------------------------------------------------

PROOFS = {
    f"{name}, {'bias' if bias else 'no bias'}": (name, bias)
    for name, bias in itertools.product(RATIONAL, (True, False))
}
NEURONS = [(1, (1, "1/2"), 1), (-2, (-1, "-1/2"), -1), (3, (0, 0), "1/3"), (-1, (0, 0), -2)]


@pytest.mark.slow
@each("case", PROOFS)
def test_the_proof_can_be_checked_again(case):
    activation, bias = case
    neurons = NEURONS if bias else [neuron[:2] for neuron in NEURONS]
    model, params = _network(*neurons, activation=activation, bias=bias)
    found = symbolic_rank(model, params)
    by = found.substitution

    # From below: the determinant at the points, which share one beta.
    index = {symbol: i for i, symbol in enumerate(found.tangents.parameters)}
    basis = [by.functions[index[symbol]].as_expr() for symbol in found.basis]
    minor = sympy.Matrix([[h.subs(point) for h in basis] for point in found.points])
    assert minor.shape == (found.rank, found.rank)
    assert minor.det() == found.determinant != 0
    assert (
        len({dict(point).get(sympy.Symbol("beta", positive=True)) for point in found.points}) == 1
    )

    # The substitution only rewrites the functions.
    for function, rational in zip(found.tangents.functions, by.rational(), strict=True):
        assert _vanishes(function - rational.subs(by.units), model)

    # From above: each relation, in the tangent functions themselves.
    functions = dict(zip(found.tangents.parameters, found.tangents.functions, strict=True))
    assert found.rank + len(found.relations) == found.n_parameters == model.n_parameters
    for relation in found.relations:
        total = sum(c * functions[symbol] for c, symbol in relation.terms)
        assert {symbol for _, symbol in relation.terms} <= {*found.basis}
        assert relation.parameter not in found.basis
        assert _vanishes(functions[relation.parameter] - total, model)


def _vanishes(function, model):
    """Whether it is 0 at a few inputs, to 40 digits."""
    f = sympy.lambdify(list(inputs(model)), function, "mpmath")
    with mp.workdps(40):
        return all(abs(f(mp.mpf(x), mp.mpf(y))) < 1e-35 for x, y in ((0.3, -0.7), (-1.9, 0.2)))


def test_the_rank_reads_as_a_sentence():
    full = symbolic_rank(*_network((1, (1,), 1)))
    assert str(full) == (
        "The model rank is 3 of 3 parameters, proven: a 3 x 3 determinant of exact values of "
        "tangent functions is not 0."
    )
    split = symbolic_rank(*_network((2, (1,), 1), (1, (-1,), -1), (0, (1,), 1)))
    assert str(split) == (
        "The model rank is 3 of 9 parameters, proven: a 3 x 3 determinant of exact values of "
        "tangent functions is not 0, and for every x, df/da_2 = -df/da_1; df/da_3 = df/da_1; "
        "df/dw_2 = (1/2) df/dw_1; 3 more."
    )
    nothing = symbolic_rank(*_network((0, (0,)), bias=False))
    expected = "The model rank is 0 of 2 parameters, proven: for every x, df/da_1 = 0; df/dw_1 = 0."
    assert str(nothing) == expected


def test_the_derivation_is_latex():
    found = symbolic_rank(*_network((1, ("1/2",), "1/3"), (2, ("1/2",), "1/3")))
    lines = found._repr_latex_().split(r" \\ ")
    assert lines[0] == r"$\begin{aligned}u &= e^{x}"
    assert lines[1] == r"\beta &= e^{\frac{2}{3}}"
    assert lines[2] == r"\frac{\partial f}{\partial a_{1}} &= \frac{\beta u - 1}{\beta u + 1}"
    assert lines[-2].endswith(r"&= 2 \frac{\partial f}{\partial b_{1}}")
    assert lines[-1] == r"r &= 6 - 3 = 3\end{aligned}$"


def test_relations_with_several_terms_keep_their_signs():
    pair = [(1, (1,)), (1, (-1,)), (0, (0,))]
    relation = symbolic_rank(*_network(*pair, activation="sigmoid", bias=False)).relations[0]
    assert str(relation) == "df/da_3 = (1/2) df/da_1 + (1/2) df/da_2"
    mixed = dataclasses.replace(
        relation, terms=((sympy.Integer(-1), relation.terms[0][1]), (-sympy.E, relation.parameter))
    )
    assert str(mixed) == "df/da_3 = -df/da_1 - (E) df/da_3"
    assert r" - \left(e\right) \frac{\partial f}{\partial a_{3}}" in mixed.latex()


# --- the theorem -------------------------------------------------------------------------------


@pytest.mark.parametrize("copies", [1, 2])
def test_the_theorem_is_confirmed_up_to_three_neurons_in_three_dimensions(copies):
    rows = confirm(copies=copies)
    assert len(rows) == 18
    for row in rows:
        k, d, bias = row.target_width, row.d, row.bias
        assert row.rank == row.theorem == k * (d + 1 + bias)
        assert (row.width, row.n_parameters) == (k * copies, copies * k * (d + 1 + bias))


def test_splitting_keeps_the_function():
    from condensekit.symbolic.theorem import _split

    for copies in (1, 2, 3):
        narrow, wide = TwoLayer(2, 2), TwoLayer(2, 2 * copies)
        params = generic_point(narrow)
        x = torch.tensor([0.3, -1.2], dtype=torch.float64)
        assert wide(_split(params, copies), x).item() == pytest.approx(narrow(params, x).item())


@each("model", NETWORKS)
def test_the_generic_point_is_exact_and_has_full_rank(model):
    params = generic_point(model)
    assert {name: tuple(leaf.shape) for name, leaf in params.items()} == model.shapes()
    assert all(leaf.dtype == torch.float64 for leaf in params.values())
    if model.activation in RATIONAL:
        assert symbolic_rank(model, params).rank == model.n_parameters


def _conditions(model):
    """prod a_j prod (w_i^2 - w_j^2)^4, the conditions of the theorem."""
    symbols = parameters(model)
    a, w = symbols["a"], symbols["w"][:, 0]
    pairs = itertools.combinations(w, 2)
    return sympy.prod(a) * sympy.prod((one**2 - two**2) ** 4 for one, two in pairs), w


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize(("activation", "power"), [("tanh", 3), ("xtanh", 5), ("x2tanh", 7)])
def test_the_taylor_determinant_is_the_conditions_of_the_theorem(k, activation, power):
    model = TwoLayer(1, k, activation, bias=False)
    conditions, w = _conditions(model)
    ratio = sympy.cancel(taylor_determinant(model) / (conditions * sympy.prod(w) ** power))
    assert ratio.is_Rational and ratio != 0


@settings(max_examples=15)
@given(st.sampled_from(RATIONAL), st.lists(st.tuples(FEW, FEW), min_size=1, max_size=2))
def test_where_the_taylor_determinant_is_not_zero_the_rank_is_full(activation, neurons):
    model, params = _network(*((a, (w,)) for a, w in neurons), activation=activation, bias=False)
    symbols = parameters(model)
    point = dict(zip(symbols["a"], params["a"], strict=True))
    point |= dict(zip(symbols["w"][:, 0], (w for (w,) in params["w"]), strict=True))
    determinant = taylor_determinant(model).subs(point)
    full = symbolic_rank(model, params).rank == model.n_parameters
    assert full or determinant == 0
    if activation != "sigmoid":  # their Taylor coefficients say all
        assert full == (determinant != 0)


def test_the_taylor_determinant_speaks_of_softplus_too():
    determinant = taylor_determinant(TwoLayer(1, 2, "softplus", bias=False))
    assert determinant != 0


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(("activation", "why"), [("relu", r"Max\(0"), ("softplus", r"log\(exp")])
def test_activations_without_a_method_are_refused(activation, why):
    message = rf"which {why}.* is not\. .* are tanh, sigmoid, xtanh, x2tanh, square;"
    with pytest.raises(ValueError, match=message):
        _rank((1, (1,), 0), activation=activation)


def test_other_models_have_no_formula():
    for act in (sympy_formula, tangent_functions):
        with pytest.raises(ValueError, match="PlainFormula has no formula in SymPy"):
            act(MODELS["plain formula"].model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": [1]}, r"params\['a'\] must have shape \[2\], but has \[1\]"),
        ({"w": [1, 2]}, r"params\['w'\] must have shape \[2, 1\], but has \[2\]"),
        ({"a": [1, float("nan")]}, r"params\['a'\] must hold finite numbers .* but holds nan"),
        ({"a": [1, float("inf")]}, r"params\['a'\] must hold finite numbers .* but holds inf"),
        ({"a": [1, "one"]}, r"params\['a'\] must hold finite numbers .* but holds 'one'"),
        ({"a": [1, "1/0"]}, r"params\['a'\] must hold finite numbers .* but holds '1/0'"),
        ({"a": [1, None]}, r"params\['a'\] must hold finite numbers .* but holds None"),
        ({"c": [1, 2]}, "parameters of .* are a, w, b, but a, w, b, c are given"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(change, message):
    model, params = _network((1, (1,), 0), (1, (2,), 0))
    for act in (tangent_functions, symbolic_rank):
        with pytest.raises(ValueError, match=message):
            act(model, params | change)


def test_long_floats_are_refused_with_a_way_out():
    with pytest.raises(ValueError, match=r"at most 1,000 is allowed.* \"0.6\" or \"3/5\""):
        _rank((1, (0.1,), 0), (1, (1,), 0))
    assert _rank((1, ("0.1",), 0), (1, (1,), 0)) == 6
    edge = Fraction(1, LARGEST_EXPONENT)
    assert _rank((1, (1,)), (1, (edge,)), bias=False) == 4
    with pytest.raises(ValueError, match="one is 1001 times the greatest"):
        _rank((1, (1 + edge,)), (1, (edge,)), bias=False)


@pytest.mark.parametrize(
    "model",
    [
        TwoLayer(2, 1, bias=False),
        TwoLayer(1, 4, bias=False),
        TwoLayer(1, 1),
        TwoLayer(1, 1, "relu", bias=False),
    ],
)
def test_the_taylor_determinant_is_refused_beyond_its_range(model):
    with pytest.raises(ValueError, match=r"one input, 1 to 3 neurons, no bias .*TwoLayer"):
        taylor_determinant(model)


@pytest.mark.parametrize("copies", [0, 1.5, True])
def test_a_number_of_copies_that_makes_no_sense_is_refused(copies):
    with pytest.raises(ValueError, match="copies must be a whole number from 1 to 100"):
        confirm((1,), (1,), copies)


@dataclasses.dataclass(frozen=True)
class Growth(Model):
    """f(x) = act(b_1 + x) + act(b_2 + x) with a formula of its own."""

    input_dim = 1

    def shapes(self):
        return {"b": (2,)}

    def __call__(self, params, x):
        return torch.exp(params["b"] + x).sum()


@sympy_formula.register
def _growth(model: Growth) -> sympy.Expr:
    (x,) = inputs(model)
    return sum(sympy.exp(b + x) for b in parameters(model)["b"])


def test_a_rank_that_is_not_proven_is_an_error():
    assert symbolic_rank(Growth(), {"b": [1, 1]}).rank == 1
    message = "at least 1, but relations with rational coefficients .* do not hold for every x"
    with pytest.raises(Unproven, match=message):  # the coefficient is e
        symbolic_rank(Growth(), {"b": [1, 2]})


@dataclasses.dataclass(frozen=True)
class Bent(Growth):
    """f(x) = exp(b_1 x^2) + b_2."""


@sympy_formula.register
def _bent(model: Bent) -> sympy.Expr:
    (x,) = inputs(model)
    one, two = parameters(model)["b"]
    return sympy.exp(one * x**2) + two


def test_exponentials_of_other_functions_are_refused():
    with pytest.raises(ValueError, match=r"exponentials of linear functions, not exp\(x\*\*2\)"):
        symbolic_rank(Bent(), {"b": [1, 1]})


@dataclasses.dataclass(frozen=True)
class Hidden(Growth):
    """f(x) = (tanh b_1 - (e^(2 b_1) - 1) / (e^(2 b_1) + 1)) b_2 x, which is 0."""


@sympy_formula.register
def _hidden(model: Hidden) -> sympy.Expr:
    (x,) = inputs(model)
    one, two = parameters(model)["b"]
    power = sympy.exp(2 * one)
    return (sympy.tanh(one) - (power - 1) / (power + 1)) * two * x


def test_a_constant_factor_that_is_zero_in_disguise_is_seen():
    found = symbolic_rank(Hidden(), {"b": [1, 1]})
    assert found.tangents.functions[1] != 0
    assert (found.rank, len(found.relations)) == (0, 2)
