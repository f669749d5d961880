"""Model ranks: proven for any floats, equal to the theorem's count and to closed forms."""

import ast
import dataclasses
import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from condensekit import (
    Deep,
    MatrixFactorization,
    NoTheorem,
    TwoLayer,
    TwoLayerConv,
    exact_rank,
    optimistic_sample_size,
    rank_certificate,
)
from condensekit.embedding import embed
from condensekit.exact import (
    NoExactMethod,
    sample_size,
    sample_size_bound,
    structural_count,
    target_sample_size,
)
from condensekit.exact.field import Field, exponents, residues, safe_prime
from condensekit.exact.tangents import rational_rank, tangents


def tensors(**leaves):
    return {name: torch.tensor(leaf, dtype=torch.float64) for name, leaf in leaves.items()}


# --- two-layer networks: any structure ---------------------------------------------------------


def counted(activation, d, bias, neurons):
    """The rule of the theorem, written neuron by neuron; neurons are (a, w, b)."""
    classes, constant, linear = {}, False, False
    for a, weights, shift in neurons:
        w, b = [value + 0.0 for value in weights], shift + 0.0 if bias else 0.0
        if not any(w):
            linear |= a != 0
            if activation == "sigmoid":
                constant = True  # the output weight multiplies a number
            else:
                constant |= bias and (b != 0 or a != 0)
            continue
        sign = 1 if next(value for value in w if value) > 0 else -1
        found = classes.setdefault((*(sign * v + 0.0 for v in w), sign * b + 0.0), [set(), False])
        found[0].add(sign)
        found[1] |= a != 0
    if activation == "sigmoid":
        constant |= any(len(signs) == 2 for signs, _ in classes.values())
    return sum(1 + (d + bias) * used for _, used in classes.values()) + constant + d * linear


WEIGHTS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -0.3, 2.0**-60, 1e-7, 1e7]),
    st.floats(-3.0, 3.0),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def networks(draw):
    """Networks with neurons that coincide, cancel, or do nothing."""
    d, bias = draw(st.integers(1, 3)), draw(st.booleans())
    neuron = st.tuples(WEIGHTS, st.lists(WEIGHTS, min_size=d, max_size=d), WEIGHTS)
    neurons = draw(st.lists(neuron, min_size=1, max_size=4))
    for source, change in draw(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from("=-c0a")), max_size=4)
    ):
        a, w, b = neurons[source % len(neurons)]
        flipped = [-v for v in w]
        neurons.append(
            {
                "=": (2.5, w, b),
                "-": (0.7, flipped, -b),
                "c": (-a, w, b),
                "0": (a, [0.0] * d, b),
                "a": (0.0, w, b),
            }[change]
        )
    return draw(st.sampled_from(["tanh", "sigmoid"])), d, bias, neurons


def as_network(activation, d, bias, neurons):
    a, w, b = zip(*neurons, strict=True)
    params = tensors(a=list(a), w=[list(row) for row in w], b=list(b))
    model = TwoLayer(d, len(neurons), activation, bias)
    return model, {name: params[name] for name in model.shapes()}


@settings(max_examples=200)  # tests/slow has 2,000
@given(networks())
@example(("tanh", 1, False, [(1.0, [1.0], 0.0), (1.0, [2.0**-60], 0.0)]))
@example(("tanh", 1, True, [(1.0, [5e-324], 5e-324), (1.0, [1.7e308], -1.7e308)]))
def test_proven_and_counted_agree_for_any_floats(network):
    activation, d, bias, neurons = network
    model, params = as_network(activation, d, bias, neurons)
    certificate = rank_certificate(model, params)
    assert certificate.proven, str(certificate)
    expected = counted(activation, d, bias, neurons)
    assert exact_rank(model, params) == structural_count(model, params) == expected


@pytest.mark.parametrize("seed", range(20))
def test_neither_the_prime_nor_the_points_matter(seed):
    model = TwoLayer(2, 5)
    params = model.init(torch.Generator().manual_seed(seed), 10.0 ** (seed - 10))
    assert exact_rank(model, params, seed=seed) == 20


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_class_of_the_logistic_function_stands_for_its_own_sign(sign):
    """act(-z) is in the tangent space, not act(z); 1 is there only if both signs occur."""
    model = TwoLayer(1, 2, "sigmoid")
    params = tensors(a=[1.0, 0.0], w=[[sign], [sign]], b=[sign, sign])
    space = tangents(model, params)
    assert space.weight.tolist() == [[sign, sign]]
    assert exact_rank(model, params) == space.count == 3
    params["w"][1] *= -1.0
    params["b"][1] *= -1.0
    assert exact_rank(model, params) == tangents(model, params).count == 4


def test_four_hundred_where_floating_point_finds_few():
    model = TwoLayer(1, 200, bias=False)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    x = torch.linspace(-1.0, 1.0, 800, dtype=torch.float64)[:, None]
    jacobian = torch.vmap(torch.func.grad(model), in_dims=(None, 0))(params, x)
    columns = torch.cat([leaf.flatten(1) for leaf in jacobian.values()], dim=1)
    assert np.linalg.matrix_rank(columns.numpy()) < 40
    assert exact_rank(model, params) == 400


@pytest.mark.parametrize("how", ["null", "split", "sign-split"])
@pytest.mark.parametrize(("d", "m", "rank"), [(5, 300, 21), (1, 500, 9)])
def test_embedded_networks_keep_the_rank_of_the_narrow_one(d, m, rank, how):
    narrow = TwoLayer(d, 3)
    params = narrow.init(torch.Generator().manual_seed(1), 1.0)
    model, wide = embed(narrow, params, m, how)
    assert model.n_parameters == m * (d + 2)
    assert exact_rank(model, wide) == rank == optimistic_sample_size(model, target_width=3)


# --- polynomials and products of matrices ------------------------------------------------------


def test_a_polynomial_has_no_more_tangent_functions_than_monomials():
    for d, m in itertools.product([1, 2, 3], [1, 2, 3, 8]):
        model = TwoLayer(d, m, "square")
        params = model.init(torch.Generator().manual_seed(m), 1.0)
        monomials = (d + 1) * (d + 2) // 2
        # Symmetric matrices of size d + 1 and rank at most m.
        r = min(m, d + 1)
        assert exact_rank(model, params) == r * (d + 1) - r * (r - 1) // 2 <= monomials


@pytest.mark.parametrize("sizes", [(4, 4, 4), (3, 5, 4), (6, 4, 5), (2, 3, 2)])
def test_factorization_is_m_r_b_plus_n_r_a_minus_the_product(sizes):
    rows, inner, columns = sizes
    generator = np.random.default_rng(0)
    ranks = itertools.product(range(min(rows, inner) + 1), range(min(inner, columns) + 1))
    for most_a, most_b in ranks:
        a = generator.integers(-4, 5, (rows, most_a)) @ generator.integers(-4, 5, (most_a, inner))
        b = generator.integers(-4, 5, (inner, most_b)) @ generator.integers(
            -4, 5, (most_b, columns)
        )
        model, params = MatrixFactorization(*sizes), tensors(A=a.tolist(), B=b.tolist())
        r_a, r_b = (int(np.linalg.matrix_rank(leaf)) for leaf in (a, b))
        expected = rows * r_b + columns * r_a - r_a * r_b
        assert exact_rank(model, params) == structural_count(model, params) == expected


def test_four_by_four_needs_seven_twelve_fifteen_sixteen():
    model = MatrixFactorization(4, 4, 4)
    assert [optimistic_sample_size(model, target_width=r) for r in (1, 2, 3, 4)] == [7, 12, 15, 16]
    for r in (1, 2, 3, 4):  # at a factorization with both ranks r, the rank is the sample size
        half = np.eye(4) * (np.arange(4) < r)
        rank = exact_rank(model, tensors(A=half.tolist(), B=half.tolist()))
        assert rank == optimistic_sample_size(model, target_width=r)


# --- convolutions ------------------------------------------------------------------------------


def numerical(model, params, n=200):
    """Rank by singular values, where they have a clear gap."""
    x = 1.5 * torch.randn(n, model.input_dim, dtype=torch.float64)
    jacobian = torch.vmap(torch.func.grad(model), in_dims=(None, 0))(params, x)
    columns = torch.cat([leaf.flatten(1) for leaf in jacobian.values()], dim=1)
    values = torch.linalg.svdvals(columns / columns.norm(dim=0).clamp(min=1e-300))
    rank = int((values > 1e-10 * values[0]).sum())
    assert rank == 0 or values[rank - 1] > 1e-6 * values[0], "no clear gap: a poor case"
    return rank


CONVOLUTIONS = [
    TwoLayerConv(5, 2),
    TwoLayerConv(5, 2, bias=False),
    TwoLayerConv(5, 2, sharing=False),
    TwoLayerConv(4, 2, 2, bias=False, sharing=False),
    TwoLayerConv(4, 2, 3, 2),
    TwoLayerConv(3, 1, 2, 2, bias=False, sharing=False),
]


@pytest.mark.parametrize("model", CONVOLUTIONS, ids=str)
def test_convolutions_have_the_sizes_of_the_theorem(model):
    params = model.init(torch.Generator().manual_seed(3), 1.0)
    k, size = model.kernels, optimistic_sample_size(model, target_width=model.kernels)
    assert exact_rank(model, params) == numerical(model, params) == size
    assert structural_count(model, params) == size
    # Three kernels more, equal up to sign or without output, change nothing.
    wide = TwoLayerConv(
        model.side, k + 2, model.size, model.dims, bias=model.bias, sharing=model.sharing
    )
    more = {
        name: torch.cat([leaf, -leaf[:1], leaf[:1] * (1.0 if name != "a" else 0.0)])
        for name, leaf in params.items()
    }
    more["a"][[0, k]] /= 2.0
    assert exact_rank(wide, more) == numerical(wide, more) == structural_count(wide, more) == size


def test_published_sizes_of_convolutions():
    for sharing, size in ((True, 7), (False, 15)):
        for width in (1, 3, 10, 34, 100):
            model = TwoLayerConv(5, width, sharing=sharing)
            assert optimistic_sample_size(model, target_width=1) == size
    assert TwoLayerConv(5, 100).n_parameters == 700
    assert TwoLayerConv(5, 100, sharing=False).n_parameters == 1_500
    big = [TwoLayerConv(28, 1, 3, 2, bias=False, sharing=sharing) for sharing in (True, False)]
    assert [optimistic_sample_size(model, target_width=1) for model in big] == [685, 6_760]
    full = TwoLayer(28**2, 26**2, bias=False)
    assert optimistic_sample_size(full, target_width=26**2) == 530_660


def test_kernels_that_are_not_shared_are_counted_as_they_lie_in_the_input():
    """[0, 1] at the first position and [1, 0] at the second are one neuron: 1 + 3 + 1, not 8."""
    model = TwoLayerConv(3, 1, 2, sharing=False)
    params = tensors(a=[[1.0, 2.0]], w=[[[0.0, 1.0], [1.0, 0.0]]], b=[[0.5, 0.5]])
    assert exact_rank(model, params) == numerical(model, params) == 5
    assert structural_count(model, params) == 5
    params["a"][0, 1] = 0.0
    assert exact_rank(model, params) == structural_count(model, params) == 4


@pytest.mark.parametrize("bias", [True, False])
def test_kernels_that_are_not_shared_are_counted_right_wherever_they_coincide(bias):
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        model = TwoLayerConv(4, 2, 2, bias=bias, sharing=False)
        params = {
            name: torch.randint(-1, 3, shape, generator=generator).double()
            for name, shape in model.shapes().items()
        }
        if bool((params["w"] != 0.0).any(dim=-1).all()):
            assert structural_count(model, params) == exact_rank(model, params)


def test_a_kernel_without_input_adds_its_outputs_exactly():
    """Its bias moves the sum of its outputs times act'(0), whether floats see the sum or not."""
    model = TwoLayerConv(4, 1, 2, bias=True)
    zero = tensors(a=[[1e20, 1.0, -1e20]], w=[[0.0, 0.0]], b=[0.0])
    assert exact_rank(model, zero) == 3
    zero["a"][0, 1] = 0.0
    assert exact_rank(model, zero) == 2


def test_kernels_that_coincide_after_a_shift_are_counted_too_often():
    """The theorem's formula is for kernels in general position; the proof needs no such excuse."""
    model = TwoLayerConv(4, 2, 3, bias=False)
    shifted = tensors(a=[[1.0, 2.0], [0.5, -1.5]], w=[[1.0, 2.0, 0.0], [0.0, 1.0, 2.0]])
    assert structural_count(model, shifted) == 10
    assert exact_rank(model, shifted) == numerical(model, shifted) < 10


def test_a_kernel_that_is_zero_has_a_rank_but_no_theorem():
    model = TwoLayerConv(4, 2, 3)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    params["w"][1] = 0.0
    assert exact_rank(model, params) == numerical(model, params)
    with pytest.raises(NoTheorem, match="a kernel is zero"):
        structural_count(model, params)


def test_convolutions_with_the_logistic_function():
    model = TwoLayerConv(4, 2, 2, activation="sigmoid")
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    opposite = {name: torch.cat([leaf[:1], -leaf[:1]]) for name, leaf in params.items()}
    for point in (params, opposite):
        assert exact_rank(model, point) == numerical(model, point)


# --- sample sizes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "k"),
    [
        (TwoLayer(3, 9), 4),
        (TwoLayer(3, 9, bias=False), 4),
        (TwoLayerConv(5, 9), 2),
        (TwoLayerConv(4, 9, 2, 2, sharing=False), 2),
        (MatrixFactorization(3, 4, 5), 2),
    ],
    ids=str,
)
def test_the_formula_ends_in_the_size_and_has_a_source(model, k):
    found = sample_size(model, target_width=k)
    assert found.size == optimistic_sample_size(model, target_width=k)
    assert found.formula.endswith(f"= {found.size}")
    product = found.formula.split("=")[-2].replace(r"\cdot", "*").replace("^", "**").strip()
    for left, right in (("(", " * ("), (") ", ") * ")):
        product = product.replace(left, right)
    assert _value(product) == found.size
    assert "arXiv" in found.source


def _value(text):
    """Sums, products and powers of whole numbers, by Python's own grammar."""

    def walk(node):
        if isinstance(node, ast.Constant):
            return Fraction(node.value)
        left, right = walk(node.left), walk(node.right)
        kind = type(node.op).__name__
        return {"Add": left + right, "Sub": left - right, "Mult": left * right}.get(
            kind, left**right if kind == "Pow" else None
        )

    return walk(ast.parse(text.strip(), mode="eval").body)


def test_output_weights_of_one_neuron_are_added_exactly():
    """In floats 1e20 + 1 - 1e20 is 0, and the neuron would be none."""
    target = TwoLayer(1, 4)
    params = tensors(
        a=[1e20, 1.0, -1e20, 1.0], w=[[1.0], [1.0], [1.0], [2.0]], b=[0.0, 0.0, 0.0, 1.0]
    )
    assert target_sample_size(TwoLayer(1, 9), target, params).size == 6
    params["w"][1], params["a"][1] = -params["w"][0], 0.0
    assert target_sample_size(TwoLayer(1, 9), target, params).size == 3


def test_deep_networks_need_at_most_the_parameters_of_the_target():
    for bias in (True, False):
        narrow = Deep(3, 4, 2, bias=bias)
        assert sample_size_bound(Deep(3, 50, 2, bias=bias), [4, 4]) == narrow.n_parameters
    assert sample_size_bound(Deep(5, 100, 3, bias=False), [3, 2, 4]) == 15 + 6 + 8 + 4
    with pytest.raises(ValueError, match="must hold 2 numbers"):
        sample_size_bound(Deep(3, 5, 2), [4])
    with pytest.raises(ValueError, match="from 1 to 5, but is 6"):
        sample_size_bound(Deep(3, 5, 2), [4, 6])
    with pytest.raises(NoTheorem, match="TwoLayer"):
        sample_size_bound(TwoLayer(1, 5), [4])


# --- bad input ---------------------------------------------------------------------------------


def test_a_relu_network_has_a_proof_and_no_theorem():
    model = TwoLayer(1, 3, "relu")
    params = model.init(torch.Generator().manual_seed(11), 1.0)
    assert exact_rank(model, params) == 6
    with pytest.raises(NoTheorem, match="the activation is relu"):
        structural_count(model, params)


@pytest.mark.parametrize("name", ["softplus", "xtanh", "x2tanh"])
def test_activations_without_an_exact_method_name_those_that_have_one(name):
    model = TwoLayer(1, 3, name)
    with pytest.raises(NoExactMethod, match=f"{name} has no exact method; tanh, sigmoid"):
        exact_rank(model, model.init(torch.Generator(), 1.0))
    with pytest.raises(NoTheorem, match=f"the activation is {name}"):
        structural_count(model, model.init(torch.Generator(), 1.0))


def test_models_without_an_exact_method_name_those_that_have_one():
    model = Deep(1, 3)
    with pytest.raises(NoExactMethod, match="Deep has no exact method; TwoLayer"):
        exact_rank(model, model.init(torch.Generator(), 1.0))
    with pytest.raises(NoTheorem, match="Deep has no count"):
        structural_count(model, model.init(torch.Generator(), 1.0))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match=r"params\['w'\] must be finite"):
        exact_rank(TwoLayer(1, 1), tensors(a=[1.0], w=[[value]], b=[0.0]))


def test_parameters_that_do_not_fit_are_refused():
    model = TwoLayer(1, 2)
    with pytest.raises(ValueError, match="params must hold a, w, b, but hold a, w"):
        exact_rank(model, tensors(a=[1.0, 2.0], w=[[1.0], [2.0]]))
    with pytest.raises(
        ValueError, match=r"params\['w'\] must have shape \[2, 1\], but has \[2, 2\]"
    ):
        exact_rank(model, tensors(a=[1.0, 2.0], w=[[1.0, 0.0], [2.0, 0.0]], b=[0.0, 0.0]))


# --- arithmetic --------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_floats_are_exact_in_the_field_and_as_exponents(values):
    q = safe_prime(np.random.default_rng(len(values)))
    exact = [Fraction(value) for value in values]
    scaled = [int(value * 2**1_200) for value in exact]
    assert exponents(np.array(values), q).tolist() == [value % (q - 1) for value in scaled]
    expected = [value.numerator * pow(value.denominator, -1, q) % q for value in exact]
    assert residues(np.array(values), q).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_the_field_does_its_sums(seed):
    generator = np.random.default_rng(seed)
    q = safe_prime(generator)
    field = Field(q, generator)
    root = int(field.power(np.array([1]))[0])
    exponent = generator.integers(q - 1, size=(3, 7))
    assert field.power(exponent).tolist() == [
        [pow(root, e, q) for e in row] for row in exponent.tolist()
    ]
    values = generator.integers(1, q, size=(5, 9))
    assert (values * field.inverse(values) % q == 1).all()
    one, other = generator.integers(q, size=(2, 3)), generator.integers(q, size=(3, 4))
    product = [
        [sum(a * b for a, b in zip(row, column, strict=True)) % q for column in other.T.tolist()]
        for row in one.tolist()
    ]
    assert field.product(one, other).tolist() == product
    tall = generator.integers(q, size=(6, 2))
    assert field.rank(field.product(tall, generator.integers(q, size=(2, 5)))) == 2


@given(st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=1, max_size=4))
def test_ranks_over_the_rationals_are_those_of_whole_numbers(rows):
    matrix = np.array(rows, dtype=float)
    scale = 2.0 ** np.arange(-40.0, -40.0 + len(rows))[:, None]
    assert rational_rank(matrix * scale) == np.linalg.matrix_rank(matrix)


def test_a_certificate_reads_as_a_sentence():
    model = TwoLayer(1, 2)
    certificate = rank_certificate(model, tensors(a=[1.0, 1.0], w=[[1.0], [2.0]], b=[0.0, 0.0]))
    assert str(certificate).startswith("Rank 6 of 6 parameters, proven")

    open_ = dataclasses.replace(certificate, at_least=5)
    assert not open_.proven
    assert str(open_).startswith(
        "Rank from 5 to 6 of 6 parameters: the count is 6, and 5 is certified"
    )
