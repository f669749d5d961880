"""Orbits: an oracle for invariant sets that knows no symmetry."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from often import crossed

from condensekit import Deep, TwoLayer, exact_rank
from condensekit.exact import NoExactMethod
from condensekit.exact.field import FIELD_FUNCTIONS, Field, safe_prime, units_at_random
from condensekit.models import params
from condensekit.symmetry import (
    SETS,
    fixed_set,
    flat,
    named,
    orbit,
    permutation,
    sign_flip,
    strata,
    stratum_of,
    swap,
)
from condensekit.symmetry.orbits import _SLOPES, _bracket

KINDS = [*itertools.product(["tanh", "sigmoid"], [False, True], [1, 2])]


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize(("activation", "bias", "d"), KINDS)
def test_the_orbit_of_a_network_is_open_in_its_stratum(activation, bias, d, width):
    """k (d + 1) dimensions, or k (d + 2) with biases, for k blocks; no bracket is needed."""
    for stratum in strata(TwoLayer(d, width, activation, bias=bias)):
        found = orbit(stratum.model, stratum.generic(1))
        assert found.dimensions == (stratum.k * (d + 1 + bias),) and found.proven
        assert str(found.stratum) == str(stratum)


SAME = {"a": [2.0, 3.0], "w": [[0.5], [0.5]], "b": [0.1, 0.1]}
GROWTH = [
    ("generic", {}, (6,)),
    ("equal", {"a": [2.0, 2.0]} | {name: SAME[name] for name in "wb"}, (3,)),
    ("opposite", {"a": [2.0, -2.0], "w": [[0.5], [-0.5]], "b": [0.1, -0.1]}, (3,)),
    ("zero", {"a": [2.0, 0.0], "w": [[0.5], [0.0]], "b": [0.1, 0.0]}, (3,)),
    ("same inputs", SAME, (3, 5, 6)),
    ("silent", {"a": [2.0, 0.0]}, (4, 6)),
    ("cancelling", {"a": [2.0, -2.0]} | {name: SAME[name] for name in "wb"}, (3, 5, 5, 6)),
    ("idle", {"w": [[0.5], [0.0]], "b": [0.1, 0.0]}, (5, 5, 5, 6)),
]


@pytest.mark.parametrize(("name", "leaves", "dimensions"), GROWTH)
def test_brackets_tell_apart_what_is_not_kept(name, leaves, dimensions):
    model = TwoLayer(1, 2)
    drawn = {leaf: value.tolist() for leaf, value in model.init(seed=1).items()}
    at = params(model, **(drawn | leaves))
    found = orbit(model, at)
    assert found.dimensions == dimensions
    assert found.dimensions[0] == exact_rank(model, at)
    assert orbit(model, at, seed=5) == found


def test_an_orbit_may_rest_for_some_brackets_and_grow_after_all():
    """So a number that has stopped growing proves nothing; one that fills the stratum does."""
    model = TwoLayer(1, 1)
    flat_neuron = params(model, a=[0.0], w=[[0.0]], b=[1.0])
    assert orbit(model, flat_neuron).dimensions == (1, 2, 2, 2, 2, 3)
    few = orbit(model, flat_neuron, brackets=3)
    assert few.dimensions == (1, 2, 2, 2) and not few.proven
    assert (few.at_least, few.at_most) == (2, 3)
    assert "from 2 to 3 dimensions" in str(few) and "1, 2, 2, 2" in str(few)


def test_it_is_told_in_sentences():
    model = TwoLayer(1, 1)
    assert str(orbit(model, model.init(seed=0))) == (
        "The fields span 3 directions without a bracket. That is all of the stratum {0}: the orbit "
        "is open in it."
    )
    rest = str(orbit(model, params(model, a=[0.0], w=[[0.0]], b=[0.0])))
    assert rest.startswith("The fields span 0 directions without a bracket.")


@crossed(("kind", "name"), KINDS, [name for name in SETS if name != "balanced"])
def test_each_set_of_the_lab_is_kept_exactly_if_the_orbit_stays_in_it(kind, name):
    activation, bias, d = kind
    model = TwoLayer(d, 3, activation, bias=bias)
    candidate = SETS[name](model)
    found = orbit(model, candidate.place(model.init(seed=3)))
    assert found.proven
    assert candidate.tangent == (found.at_least <= candidate.space.dimension)


FAMILIES = {
    "all exchanges": lambda m: [swap(m, 0, 1), swap(m, 1, 2)],
    "a cycle": lambda m: permutation(m, [1, 2, 0]),
    "one exchange and a turn": lambda m: [swap(m, 0, 1), sign_flip(m, 2)],
    "two turns": lambda m: [sign_flip(m, 0), sign_flip(m, 1)],
    "nothing but zero": lambda m: [swap(m, 0, 1), swap(m, 1, 2), sign_flip(m, 0)],
}


@pytest.mark.parametrize(
    ("name", "k"), [*zip(FAMILIES, [1, 1, 1, 1, 0], strict=True)], ids=FAMILIES.keys()
)
def test_what_a_family_of_symmetries_fixes_is_kept_and_filled_by_orbits(name, k):
    """The fixed set of all of them, and the smallest one that holds its points."""
    model = TwoLayer(2, 3)
    fixed = fixed_set(FAMILIES[name](model))
    at = fixed.place(model.init(seed=1))
    found = orbit(model, at)
    assert fixed.tangent and found.proven
    assert found.at_least == fixed.space.dimension == k * 4


def test_a_family_is_of_one_model():
    for family in ([], [swap(TwoLayer(1, 2), 0, 1), swap(TwoLayer(1, 3), 0, 1)]):
        with pytest.raises(ValueError, match=f"these are of {len(family)} models"):
            fixed_set(family)


def test_what_rescaling_conserves_for_relu_is_not_conserved_for_tanh():
    model = TwoLayer(2, 2)
    candidate = SETS["balanced"](model)
    found = orbit(model, candidate.place(model.init(seed=3)))
    assert not candidate.tangent and found.at_least == model.n_parameters


@given(st.data())
def test_it_fills_the_stratum_wherever_it_starts(data):
    """Among them networks with equal, silent, cancelling and idle neurons, most of no stratum."""
    activation, bias, d = data.draw(st.sampled_from(KINDS))
    model = TwoLayer(d, data.draw(st.integers(1, 3)), activation, bias=bias)
    size = model.n_parameters
    theta = data.draw(st.lists(st.sampled_from([-2, -1, 0, 1, 2]), min_size=size, max_size=size))
    at = named(model, np.array(theta, dtype=float))
    found = orbit(model, at, brackets=4)
    assert found.dimensions[0] == exact_rank(model, at)
    assert [*found.dimensions] == sorted(found.dimensions)
    assert found.at_least <= found.at_most == stratum_of(model, at).dimension
    steep = (at["w"] != 0.0).any(dim=1).all()
    assert found.proven or not steep


@given(st.integers(0, 99))
def test_it_does_not_change_if_units_are_exchanged_or_turned(seed):
    model = TwoLayer(1, 3)
    at = named(model, np.round(flat(model, model.init(seed=seed))))
    turned = {name: -leaf.flip(0) for name, leaf in at.items()}
    assert orbit(model, turned, brackets=2).dimensions == orbit(model, at, brackets=2).dimensions


def _field(model, x):
    return torch.func.grad(lambda theta: model(_leaves(model, theta), x))


def _leaves(model, theta):
    sizes = [int(np.prod(shape)) for shape in model.shapes().values()]
    parts = theta.split(sizes)
    shapes = model.shapes().items()
    return {name: part.view(shape) for (name, shape), part in zip(shapes, parts, strict=True)}


@pytest.mark.parametrize("case", [case for case in GROWTH if case[0] != "idle"], ids=lambda c: c[0])
def test_brackets_are_those_of_automatic_differentiation(case):
    """The span of the same brackets, by autograd and singular values."""
    model = TwoLayer(1, 2)
    _, leaves, dimensions = case
    drawn = {leaf: value.tolist() for leaf, value in model.init(seed=1).items()}
    theta = torch.from_numpy(flat(model, params(model, **(drawn | leaves))))
    rows = []
    generator = torch.Generator().manual_seed(0)
    ranks = []
    for depth in range(min(len(dimensions), 3)):
        for _ in range(8):
            inputs = 2.0 * torch.randn(depth + 1, 1, generator=generator, dtype=torch.float64)
            field = _field(model, inputs[-1])
            for x in inputs[:-1]:
                field = _lie(_field(model, x), field)
            row = field(theta)
            rows.append(row / row.norm())
        values = torch.linalg.svdvals(torch.stack(rows))
        ranks.append(int((values > 1e-7 * values[0]).sum()))
    assert tuple(ranks) == dimensions[: len(ranks)]


def _lie(one, other):
    def bracket(theta):
        along = torch.func.jacrev(other)(theta) @ one(theta)
        return along - torch.func.jacrev(one)(theta) @ other(theta)

    return bracket


@pytest.mark.parametrize("activation", FIELD_FUNCTIONS)
def test_slopes_are_polynomials_in_values(activation):
    generator = np.random.default_rng(0)
    q = safe_prime(generator)
    field = Field(q, generator)
    units = units_at_random(field, np.array([[0.5, 0.1], [2.0, -1.0]]), 20, generator)
    value, slope = FIELD_FUNCTIONS[activation](field, units)
    np.testing.assert_array_equal(_SLOPES[activation](value) % q, slope)


def test_fields_of_one_input_commute_with_themselves_and_brackets_are_odd():
    """[X, Y] = -[Y, X]: exchanging the two inputs exchanges the names of the polynomials."""
    alpha, first, second = _bracket(_SLOPES["tanh"], 2, 101)
    a, t0, t1, square0, product, square1 = alpha.context().gens()
    swapped = [
        part.compose(a, t1, t0, square1, product, square0) for part in (alpha, first, second)
    ]
    assert swapped[0] == -alpha and swapped[1] == -second and swapped[2] == -first
    together = [
        part.compose(a, t0, t0, square0, square0, square0) for part in (alpha, first, second)
    ]
    assert together[0] == 0 and together[1] + together[2] == 0


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (TwoLayer(1, 2, "relu"), "TwoLayer with the activations tanh and sigmoid has one"),
        (TwoLayer(1, 2, "softplus"), "softplus"),
        (Deep(1, 2, 2), "no exact method for orbits"),
        (TwoLayer(1, 21), "has 63 parameters; orbits have an exact method up to 60"),
    ],
)
def test_others_are_refused(model, told):
    with pytest.raises(NoExactMethod, match=told):
        orbit(model, model.init(seed=0))
