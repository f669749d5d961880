"""Symmetries: maps that leave the function, their fixed sets, the named sets, and the strata."""

import itertools
import math

import numpy as np
import pytest
import torch
from cases import PlainFormula, each
from hypothesis import given
from hypothesis import strategies as st
from often import sparsely

from condensekit import (
    Attention,
    Deep,
    MatrixFactorization,
    Transformer,
    TwoLayer,
    TwoLayerConv,
    evaluate,
    exact_rank,
)
from condensekit.symmetry import (
    SETS,
    Stratum,
    Subspace,
    Symmetry,
    balanced,
    check_symmetry,
    equal,
    fixed_set,
    flat,
    kicked,
    layers,
    mirrored,
    named,
    opposite,
    permutation,
    proportional,
    rescaling,
    sign_flip,
    strata,
    stratum_of,
    swap,
    symmetries,
    tangency,
    violation,
)

FAMILIES = {
    "tanh": TwoLayer(2, 4),
    "no bias": TwoLayer(1, 3, bias=False),
    "relu": TwoLayer(2, 4, "relu"),
    "sigmoid": TwoLayer(2, 4, "sigmoid"),
    "even": TwoLayer(2, 3, "xtanh"),
    "square": TwoLayer(1, 3, "square"),
    "deep": Deep(2, 3, 3),
    "deep relu": Deep(2, 3, 2, "relu"),
    "deep sigmoid": Deep(2, 3, 2, "sigmoid", bias=False),
    "convolution": TwoLayerConv(5, 3),
    "square convolution": TwoLayerConv(3, 3, 2, 2, "relu"),
    "no sharing": TwoLayerConv(4, 3, 3, sharing=False),
    "factorization": MatrixFactorization(3, 3, 4),
    "attention": Attention(3, 3, 2, 2),
    "transformer": Transformer(7, 3, 4, 2, 2, 3, 2),
}


def _drawn(model, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64)
        for name, shape in model.shapes().items()
    }


def _gradients(model, params, x):
    """Of each output at one input, by autograd; [outputs, P]."""
    slopes = torch.func.jacrev(model)(params, x)
    outputs = math.prod(model.output_shape)
    return np.concatenate([slopes[name].reshape(outputs, -1) for name in model.shapes()], axis=1)


def _inputs(model, n=30):
    if isinstance(model, Transformer):
        return torch.randint(model.vocabulary, (n, model.tokens)).double()
    return torch.randn(n, model.input_dim, dtype=torch.float64)


# --- maps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", sparsely(FAMILIES, 3))
def test_symmetries_leave_the_function_as_it_is(model):
    params, x = _drawn(model), _inputs(model)
    before = evaluate(model, params, x)
    maps = list(symmetries(model))
    assert maps
    for g in maps:
        after = g(params)
        assert not np.array_equal(flat(model, after), flat(model, params))
        np.testing.assert_allclose(evaluate(model, after, x), before, rtol=0, atol=1e-12)
        assert violation(model, g) < 1e-12


@pytest.mark.parametrize("model", sparsely(FAMILIES, 3))
def test_any_permutation_of_any_layer_is_a_symmetry(model):
    for layer, found in enumerate(layers(model)):
        for order in itertools.permutations(range(found.width)):
            g = permutation(model, order, layer)
            check_symmetry(model, g)
            assert g.orthogonal


@each("model", FAMILIES)
def test_every_parameter_belongs_to_a_unit_of_each_layer_that_it_is_in(model):
    """Of a deep network, inner weights are behind one layer and before the next.

    A matrix of attention is in a head and has columns, and in a Transformer its rows are
    coordinates; the matrices of an FFN lie between coordinates and neurons.
    """
    seen = np.bincount(
        np.concatenate([found.places.ravel() for found in layers(model)]),
        minlength=model.n_parameters,
    )
    expected = []
    for name, shape in model.shapes().items():
        inner = isinstance(model, Deep) and name in {f"w{k}" for k in range(1, model.layers)}
        attends = name[:2] in ("WQ", "WK", "WV", "WO", "bQ", "bK", "bV")
        several = 1 + inner + attends
        if isinstance(model, Transformer):
            several += name[:2] in ("WQ", "WK", "WV", "WO", "W1", "W2")
            several -= name == "c"  # a bias of each token, of which none can be exchanged
        expected += [several] * math.prod(shape)
    assert seen.tolist() == expected


def test_a_map_and_another_are_a_map():
    model, params = TwoLayer(2, 4), _drawn(TwoLayer(2, 4))
    one, other = permutation(model, [1, 2, 0, 3]), sign_flip(model, 2)
    both = one.then(other)
    np.testing.assert_array_equal(flat(model, both(params)), flat(model, other(one(params))))
    assert "then" in both.name


@pytest.mark.parametrize("model", sparsely(FAMILIES, 3))
def test_the_fixed_set_is_where_the_map_changes_nothing(model):
    """Against linear algebra on the matrix of the map."""
    for g in symmetries(model):
        size = model.n_parameters
        matrix = np.zeros((size, size))
        matrix[np.arange(size), g.source] = g.factor
        theta = g.fixed().project(np.random.default_rng(0).standard_normal(size))
        np.testing.assert_allclose(matrix @ theta, theta, atol=1e-15)
        assert g.fixed().dimension == size - np.linalg.matrix_rank(matrix - np.eye(size))
        kernel = g.gradients().project(np.random.default_rng(1).standard_normal(size))
        np.testing.assert_allclose(matrix.T @ kernel, kernel, atol=1e-15)
        assert g.gradients().dimension == g.fixed().dimension
        if g.orthogonal:
            assert g.gradients().contains(g.fixed())


@pytest.mark.parametrize("model", sparsely(FAMILIES, 3))
def test_at_fixed_points_of_orthogonal_maps_the_gradient_is_tangent(model):
    """Theorem 4.1, for the gradient of the output by autograd, at one input after the other."""
    for g in symmetries(model):
        if not g.orthogonal:
            continue
        on = named(model, g.fixed().project(flat(model, _drawn(model))))
        for x in _inputs(model, 4):
            for gradient in _gradients(model, on, x):
                np.testing.assert_allclose(g.fixed().residual(gradient), 0.0, atol=1e-12)


def test_the_gradient_at_a_fixed_point_of_another_map_is_in_the_kernel_of_the_transpose():
    """Exchange two ReLU neurons and rescale: (a, w, b)_k = (a / c, c w, c b)_j. Not orthogonal."""
    model = TwoLayer(2, 2, "relu")
    g = swap(model, 0, 1).then(rescaling(model, 0, 2.0)).then(rescaling(model, 1, 0.5))
    check_symmetry(model, g)
    on = named(model, g.fixed().project(flat(model, _drawn(model))))
    np.testing.assert_allclose(flat(model, g(on)), flat(model, on), atol=1e-15)
    x = _inputs(model, 20)
    normal = 0.0
    for point in x:
        gradient = flat(model, torch.func.grad(model)(on, point))
        np.testing.assert_allclose(g.gradients().residual(gradient), 0.0, atol=1e-13)
        normal = max(normal, float(np.abs(g.fixed().residual(gradient)).max()))
    assert normal > 0.1, "tangent after all"


@pytest.mark.parametrize(
    ("model", "change", "size"),
    [
        (TwoLayer(1, 3, "sigmoid"), lambda model: sign_flip(model, 0), 0.1),
        (TwoLayer(1, 3, "relu"), lambda model: sign_flip(model, 0), 0.1),
        (TwoLayer(1, 3, "tanh"), lambda model: rescaling(model, 0, 2.0), 0.1),
        (Deep(1, 3, 2, "softplus"), lambda model: sign_flip(model, 0, 1), 0.01),
    ],
)
def test_a_map_that_is_no_symmetry_is_refused_with_the_size_of_its_violation(model, change, size):
    with pytest.raises(ValueError, match=r"not a symmetry of .* by [0-9.e+-]+ of the largest") as e:
        change(model)
    assert float(str(e.value).split(" by ")[-1].split(" of ")[0]) > size


def test_the_violation_of_a_map_of_ones_own_is_measured():
    model = TwoLayer(1, 2)

    def doubled(params):
        return params | {"a": 2.0 * params["a"]}

    assert violation(model, doubled) == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"Doubling is not a symmetry of .* by 1 of the largest"):
        check_symmetry(model, doubled, "Doubling")


NO_MAPS = {
    "NaN for some": lambda params: {name: leaf.log() for name, leaf in params.items()},
    "NaN": lambda params: params | {"b": params["b"] * float("nan")},
    "infinite": lambda params: params | {"a": params["a"] / 0.0},
    "a leaf is missing": lambda params: {"a": params["a"], "w": params["w"]},
    "another leaf": lambda params: params | {"c": params["a"]},
    "another shape": lambda params: params | {"a": params["a"][:1]},
}


@each("change", NO_MAPS)
def test_a_map_to_what_are_no_parameters_is_refused(change):
    for ask in (violation, check_symmetry):
        with pytest.raises(ValueError, match="The map must give"):
            ask(TwoLayer(1, 2), change)


@pytest.mark.parametrize("activation", ["tanh", "relu", "square", "softplus"])
@pytest.mark.parametrize("size", [1e200, 1e308])
def test_outputs_that_overflow_are_no_symmetry(activation, size):
    def stretched(params):
        return {name: size * leaf.sign() for name, leaf in params.items()}

    model = TwoLayer(1, 2, activation)
    assert not violation(model, stretched) < 1e100
    with pytest.raises(ValueError, match="is not a symmetry"):
        check_symmetry(model, stretched)


def test_a_network_that_is_zero_at_all_inputs_hides_nothing():
    """One ReLU is so for one draw in eight or so: nothing to compare there, and no division."""
    model = TwoLayer(1, 1, "relu")
    for seed in range(20):
        assert violation(model, lambda params: params, 20, seed) == 0.0
        assert violation(model, lambda params: params | {"a": 2 * params["a"]}, 20, seed) == 1.0
        shifted = violation(model, lambda params: params | {"b": params["b"] + 9.0}, 20, seed)
        assert shifted > 1.0


@pytest.mark.parametrize("trials", [0, -1, 1.5, None, True])
def test_nothing_is_proven_without_trials(trials):
    with pytest.raises(ValueError, match="trials must be a whole number from 1"):
        violation(TwoLayer(1, 2), lambda params: params, trials)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: swap(TwoLayer(1, 3), 0, 3), r"from 0 to 2, but are \(0, 3\)"),
        (lambda: swap(TwoLayer(1, 3), 1, 1), r"but are \(1, 1\)"),
        (lambda: swap(TwoLayer(1, 3), 0, 1, layer=1), "layer must be .* 0 to 0, but is 1"),
        (lambda: permutation(TwoLayer(1, 3), [0, 1]), r"but is \[0, 1\]"),
        (lambda: rescaling(TwoLayer(1, 3, "relu"), 0, -1.0), r"positive number, but is -1\.0"),
        (lambda: layers(PlainFormula(TwoLayer(1, 2))), "PlainFormula has not said"),
        (lambda: equal(TwoLayer(1, 1)), r"from 0 to 0, but are \(0, 1\)"),
        (lambda: proportional(TwoLayer(1, 2), c=0.0), r"other than 0, but is 0\.0"),
        (lambda: balanced(TwoLayer(1, 2)).place(_zeros(TwoLayer(1, 2))), "no rescaling makes"),
        (lambda: equal(TwoLayer(1, 2)).distance(_drawn(TwoLayer(1, 3))), r"must have shape \[2\]"),
        (lambda: kicked(equal(TwoLayer(1, 2)), _drawn(TwoLayer(1, 2)), -1.0), "but is -1"),
        (lambda: list(strata(TwoLayer(1, 9))), "1 to 8 units, but this one has 9"),
        (lambda: list(strata(TwoLayer(1, 2, "xtanh"))), "an even one"),
        (lambda: Stratum(TwoLayer(1, 2), (((0, 1),),)), r"but hold \[0\]"),
        (lambda: Stratum(TwoLayer(1, 1, "relu"), (), (0,)), "not odd"),
        (lambda: Stratum(TwoLayer(1, 2), (((0, 1), (1, 2)),)), "Signs must be 1 or -1"),
    ],
)
def test_bad_input_is_answered(work, message):
    with pytest.raises(ValueError, match=message):
        work()


def _zeros(model):
    return {name: torch.zeros(shape, dtype=torch.float64) for name, shape in model.shapes().items()}


# --- subspaces ---------------------------------------------------------------------------------

EQUATION = st.tuples(
    st.integers(0, 5), st.sampled_from([1.0, -1.0, 2.0, 0.5, -3.0]), st.integers(0, 5)
)


@given(st.lists(EQUATION, max_size=6), st.lists(st.integers(0, 5), max_size=2), st.integers(0, 99))
def test_subspaces_are_those_of_linear_algebra(equations, zeros, seed):
    space = Subspace.where(6, equations, zeros)
    rows = [np.eye(6)[i] - c * np.eye(6)[j] for i, c, j in equations]
    rows = np.array([*rows, *np.eye(6)[zeros], np.zeros(6)])
    assert space.dimension == 6 - np.linalg.matrix_rank(rows)
    theta = np.random.default_rng(seed).standard_normal((3, 6))
    expected = theta - theta @ np.linalg.pinv(rows) @ rows
    np.testing.assert_allclose(space.project(theta), expected, atol=1e-12)
    np.testing.assert_allclose(space.residual(theta), theta - expected, atol=1e-12)
    np.testing.assert_allclose(
        space.distance(theta), np.linalg.norm(theta - expected, axis=1), atol=1e-12
    )
    assert (space.distance(space.project(theta)) < 1e-14).all()
    normal = space.normal()
    np.testing.assert_allclose(normal @ normal.T, np.eye(6 - space.dimension), atol=1e-12)
    np.testing.assert_allclose(normal @ expected.T, 0.0, atol=1e-12)
    t = space.coordinates(expected)
    length = np.linalg.norm(expected, axis=1)
    np.testing.assert_allclose(np.linalg.norm(t, axis=1), length, atol=1e-12)
    np.testing.assert_allclose(space.point(t), expected, atol=1e-12)


@given(st.lists(EQUATION, max_size=4), st.lists(EQUATION, max_size=4))
def test_the_meet_of_two_subspaces_satisfies_both(one, other):
    both = Subspace.where(6, one).meet(Subspace.where(6, other))
    assert both.dimension == Subspace.where(6, [*one, *other]).dimension
    assert Subspace.where(6, one).contains(both)
    assert Subspace.where(6, other).contains(both)


def test_equal_numbers_are_at_distance_zero_not_at_rounding():
    model = TwoLayer(1, 7)
    block = Stratum(model, (tuple((j, 1 if j % 2 else -1) for j in range(1, 7)), ((0, 1),)))
    on = block.place(_drawn(model))
    assert block.distance(on) == 0.0
    assert equal(model, 1, 3).distance(on) == 0.0
    assert opposite(model, 1, 2).distance(on) == 0.0


# --- named sets --------------------------------------------------------------------------------


@each("model", FAMILIES)
def test_a_network_is_put_on_a_set_and_pushed_off_it(model):
    params, x = _drawn(model), _inputs(model)
    for make in SETS.values():
        candidate = make(model)
        on = candidate.place(params)
        assert candidate.distance(on) < 1e-14
        assert candidate.distance(params) > 1e-3
        off = kicked(candidate, params, 1e-6)
        apart = np.linalg.norm(flat(model, off) - flat(model, on))
        assert apart == pytest.approx(1e-6, rel=1e-6)
        assert 1e-8 < candidate.distance(off) < 1e-4
        assert (tangency(candidate, params, x) < 1e-12) is candidate.tangent, candidate.name


@each("model", FAMILIES)
def test_the_nearest_point_of_a_flat_set_is_the_nearest(model):
    params = _drawn(model)
    for make in (equal, opposite, mirrored, proportional):
        candidate = make(model)
        on = flat(model, candidate.place(params))
        step = candidate.space.project(np.random.default_rng(0).standard_normal(len(on)))
        here = flat(model, params)
        assert abs((here - on) @ step) < 1e-12
        assert candidate.distance(params) == pytest.approx(np.linalg.norm(here - on))


def test_balancing_a_relu_network_does_not_change_what_it_computes():
    model, x = TwoLayer(2, 3, "relu"), torch.randn(20, 2, dtype=torch.float64)
    params = _drawn(model)
    for value in (-1.5, 0.0, 2.0):
        on = balanced(model, 1, value).place(params)
        side = on["a"][1] ** 2 - on["w"][1].square().sum() - on["b"][1] ** 2
        assert float(side) == pytest.approx(value, abs=1e-12)
        np.testing.assert_allclose(evaluate(model, on, x), evaluate(model, params, x), atol=1e-12)


@each("model", FAMILIES)
def test_the_fixed_set_of_every_orthogonal_symmetry_is_invariant(model):
    for layer in range(len(layers(model))):
        found = fixed_set(swap(model, 0, 1, layer), layer)
        same = equal(model, layer=layer)
        assert found.space.contains(same.space) and same.space.contains(found.space)
        assert found.layer == same.layer == layer
        assert found.tangent
        assert tangency(found, _drawn(model), _inputs(model)) < 1e-12


def test_the_fixed_set_of_a_map_that_is_no_symmetry_is_refused():
    model = TwoLayer(1, 3)
    source, factor = np.arange(9), np.ones(9)
    factor[0] = 2.0
    with pytest.raises(ValueError, match=r"A map that doubles is not a symmetry of .* by [0-9.]+"):
        fixed_set(Symmetry(model, "doubles", source, factor))


def test_sets_in_inner_layers_of_deep_networks_are_invariant_too():
    model = Deep(2, 3, 3)
    for layer in range(3):
        for make in (equal, opposite):
            assert tangency(make(model, 0, 2, layer=layer), _drawn(model), _inputs(model)) < 1e-13


# --- strata ------------------------------------------------------------------------------------


def _bell(m):
    return 1 if m == 0 else sum(math.comb(m - 1, k) * _bell(k) for k in range(m))


def _dowling(m):
    """Sum over the size of the zero block of the signed partitions of the others."""

    def signed(n):
        return (
            1
            if n == 0
            else sum(math.comb(n - 1, k) * 2 ** (n - 1 - k) * signed(k) for k in range(n))
        )

    return sum(math.comb(m, zeros) * signed(m - zeros) for zeros in range(m + 1))


@pytest.mark.parametrize(("m", "bell", "dowling"), [(1, 1, 2), (2, 2, 6), (3, 5, 24), (4, 15, 116)])
def test_there_are_as_many_strata_as_bell_and_dowling_say(m, bell, dowling):
    assert (_bell(m), _dowling(m)) == (bell, dowling)
    for activation, count in (("sigmoid", bell), ("tanh", dowling)):
        found = list(strata(TwoLayer(1, m, activation)))
        assert len(found) == count
        assert len({(s.space.head.tobytes(), s.space.ratio.tobytes()) for s in found}) == count


def test_five_neurons_have_52_strata_and_648_with_signs():
    assert sum(1 for _ in strata(TwoLayer(1, 5, "relu"))) == 52 == _bell(5)
    assert sum(1 for _ in strata(TwoLayer(1, 5))) == 648 == _dowling(5)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("d", [1, 2])
def test_the_dimension_of_a_stratum_is_the_model_rank_on_it(activation, bias, d):
    for stratum in strata(TwoLayer(d, 3, activation, bias)):
        assert stratum.dimension == stratum.k * (d + 1 + bias)
        assert exact_rank(stratum.model, stratum.generic(1)) == stratum.dimension


def test_a_network_knows_its_stratum():
    for activation in ("tanh", "relu"):
        for stratum in strata(TwoLayer(2, 4, activation)):
            found = stratum_of(stratum.model, stratum.generic(2))
            assert {*found.blocks} == {*stratum.blocks}
            assert {*found.zeros} == {*stratum.zeros}


def test_strata_form_a_lattice():
    """Two strata meet in a stratum, and one lies within another as their generic points do."""
    found = list(strata(TwoLayer(1, 3)))
    spaces = {(s.space.head.tobytes(), s.space.ratio.tobytes()) for s in found}
    for one, other in itertools.product(found, found):
        meet = one.space.meet(other.space)
        assert (meet.head.tobytes(), meet.ratio.tobytes()) in spaces
        assert one.within(other) == (other.distance(one.generic(5)) < 1e-12)
    open_one = max(found, key=lambda stratum: stratum.dimension)
    assert all(stratum.within(open_one) for stratum in found)


@pytest.mark.parametrize(
    "model",
    [Deep(2, 3, 2), TwoLayerConv(5, 3), MatrixFactorization(2, 3, 2), Attention(2, 3, 3, 1)],
)
def test_every_stratum_of_any_family_is_invariant(model):
    x = _inputs(model)
    for stratum in strata(model):
        on = stratum.generic()
        for point in x[:3]:
            for gradient in _gradients(model, on, point):
                np.testing.assert_allclose(stratum.space.residual(gradient), 0.0, atol=1e-12)


def test_a_symmetry_can_be_written_down_by_hand():
    model = TwoLayer(1, 2)
    flip = Symmetry(model, "flips all", np.arange(6), np.full(6, -1.0))
    check_symmetry(model, flip)
    assert flip.fixed().dimension == 0
    assert flip.distance(_drawn(model)) == pytest.approx(np.linalg.norm(flat(model, _drawn(model))))
