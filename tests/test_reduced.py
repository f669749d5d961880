"""The narrow network inside the wide one: the same steps, the same rank."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE
from often import crossed

from condensekit import (
    Adam,
    Deep,
    Experiment,
    GradientDescent,
    GradientFlow,
    MatrixFactorization,
    TwoLayer,
    TwoLayerConv,
    evaluate,
    exact_rank,
    optimistic_sample_size,
    train,
)
from condensekit.derivatives import Landscape, autodiff, dense
from condensekit.embedding import null_embedding, splitting_embedding
from condensekit.symmetry import (
    Condensed,
    Stratum,
    coincidence,
    condensed,
    flat,
    reduce,
    stratum_of,
    unreduce,
)


def _stratum(activation, d=1, bias=True):
    """Blocks of 3, 2 and 1 neurons; for odd activations with signs, and a neuron that is zero."""
    model = TwoLayer(d, 7, activation, bias)
    if activation in ("tanh", "x2tanh"):
        return Stratum(model, (((0, 1), (2, -1), (5, 1)), ((1, 1), (4, -1)), ((6, 1),)), (3,))
    return Stratum(model, (((0, 1), (2, 1), (5, 1)), ((1, 1), (4, 1)), ((3, 1), (6, 1))))


def _drawn(model, seed=0, std=0.8):
    return model.init(torch.Generator().manual_seed(seed), std)


# --- the same motion ---------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "x2tanh"])
@pytest.mark.parametrize(("d", "bias"), [(1, True), (2, True), (2, False)])
def test_the_narrow_network_computes_the_same_and_keeps_lengths(activation, d, bias):
    stratum = _stratum(activation, d, bias)
    on = stratum.place(_drawn(stratum.model))
    narrow, params = condensed(stratum), reduce(stratum, on)
    assert narrow.n_parameters == stratum.dimension
    x = torch.randn(20, d, dtype=torch.float64)
    expected = evaluate(stratum.model, on, x)
    np.testing.assert_allclose(evaluate(narrow, params, x), expected, rtol=0, atol=1e-14)
    plain = torch.vmap(narrow, in_dims=(None, 0))(params, x)
    np.testing.assert_allclose(plain, expected, rtol=0, atol=1e-14)
    length = np.linalg.norm(flat(stratum.model, on))
    assert np.linalg.norm(flat(narrow, params)) == pytest.approx(length, rel=1e-14)
    back = unreduce(stratum, params)
    np.testing.assert_allclose(flat(stratum.model, back), flat(stratum.model, on), atol=1e-15)
    assert stratum.distance(back) < 1e-15


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_its_closed_forms_are_automatic_differentiation(activation):
    model = Condensed(2, (3, 1, 2), activation)
    x, y = torch.randn(2, 9, 2, dtype=torch.float64), torch.randn(2, 9, dtype=torch.float64)
    theta = np.random.default_rng(0).standard_normal((2, model.n_parameters))
    landscape = Landscape(model, theta, x, y)
    own = landscape.loss().copy()
    slopes = {name: torch.empty_like(leaf) for name, leaf in landscape.params.items()}
    np.testing.assert_allclose(own, autodiff(model, landscape.params, slopes, x, y)(), rtol=1e-13)
    np.testing.assert_allclose(landscape.gradient, flat(model, slopes), rtol=1e-12, atol=1e-14)
    hessian, plain = landscape.curvature(), dense(model, theta, landscape.params, x, y)
    hessian.update()
    plain.update()
    assert (hessian.lowest <= plain.lowest + 1e-12).all()
    vector = np.random.default_rng(1).standard_normal(theta.shape)
    np.testing.assert_allclose(hessian.product(vector), plain.product(vector), atol=1e-12)


@pytest.mark.parametrize("d", [0, 10_001])
def test_a_narrow_network_reads_as_many_inputs_as_a_wide_one(d):
    for made in (lambda: TwoLayer(d, 2), lambda: Condensed(d, (2,))):
        with pytest.raises(ValueError, match=f"d must be .* from 1 to 10,000, but is {d}"):
            made()


def test_both_networks_have_the_same_bound_for_the_lowest_eigenvalue():
    """Without it, an adaptive method would cap its steps differently."""
    stratum = _stratum("sigmoid", 2)
    on = stratum.place(_drawn(stratum.model))
    data = PLANE.data(20)
    found = []
    for model, params in ((stratum.model, on), (condensed(stratum), reduce(stratum, on))):
        theta = flat(model, params)[None]
        hessian = Landscape(model, theta, data.x[None], data.y[None]).curvature()
        hessian.update()
        found.append(float(hessian.lowest[0]))
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_both_networks_say_of_the_same_systems_that_they_are_positive_definite():
    """Across a block by eigenvalues: the bound would say no too early, and shorten its steps."""
    wide = TwoLayer(1, 5)
    stratum = Stratum(wide, (((0, 1), (1, 1)), ((2, 1), (3, -1)), ((4, 1),)))
    spared = 0
    for seed in range(20):
        on = stratum.place(wide.init(seed=seed, std=1.0))
        generator = torch.Generator("cpu").manual_seed(seed)
        x = torch.randn(1, 4, 1, generator=generator, dtype=torch.float64)
        y = torch.randn(1, 4, generator=generator, dtype=torch.float64)
        found = []
        for model, params in ((wide, on), (condensed(stratum), reduce(stratum, on))):
            hessian = Landscape(model, flat(model, params)[None], x, y).curvature()
            hessian.update()
            for shift in 10.0 ** np.arange(-1.0, 3.0, 0.25):
                hessian.factor(np.array([shift]))
                found.append(bool(hessian.definite()[0]))
                spared += found[-1] and -shift * float(hessian.lowest[0]) >= 1.0
        half = len(found) // 2
        assert found[:half] == found[half:]
    assert spared


FLOW = GradientFlow(t_end=100.0, stop_loss=0.0, max_steps=200)
SLOW = GradientFlow(rtol=1e-6, t_end=10.0, stop_loss=0.0, max_steps=200)


TRAINED = [
    *itertools.product(("tanh", "sigmoid", "relu"), (GradientDescent(0.05, steps=2_000), FLOW)),
    ("tanh", SLOW),
    ("sigmoid", SLOW),
]


@crossed(("trained", "data"), TRAINED, ["line", "plane"])
def test_wide_and_narrow_trajectories_coincide(trained, data):
    activation, optimizer = trained
    problem, d, n = {"line": (ASYMMETRIC, 1, 12), "plane": (PLANE, 2, 20)}[data]
    stratum = _stratum(activation, d)
    experiment = Experiment(stratum.model, problem, optimizer, n, init_std=0.8, seed=3)
    found = coincidence(experiment, stratum)
    np.testing.assert_array_equal(found.wide.step, found.narrow.step)
    np.testing.assert_allclose(found.narrow.time, found.wide.time, rtol=1e-10)
    np.testing.assert_allclose(found.narrow.loss, found.wide.loss, rtol=1e-10)
    np.testing.assert_allclose(found.narrow.test_loss, found.wide.test_loss, rtol=1e-10)
    assert found.largest < 1e-10
    assert found.wide.loss[-1] < 0.9 * found.wide.loss[0], "nothing moved"


def test_adam_sees_another_network():
    """It does not see lengths: in these variables its steps differ, and the report says so."""
    stratum = _stratum("tanh")
    experiment = Experiment(stratum.model, ASYMMETRIC, Adam(1e-2, steps=300), 12, init_std=0.8)
    found = coincidence(experiment, stratum)
    assert found.largest > 1e-2
    assert "27 parameters" not in str(found)
    assert str(found).startswith("3 blocks: 21 parameters move as 9; after 300 steps of Adam")


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_a_plain_narrow_network_moves_alike_with_rates_of_its_own(kind):
    """A = s a at s times the rate; w and b at 1 / s times, but for Adam at the same rate."""
    stratum = _stratum("tanh")
    adam = kind is torch.optim.Adam
    optimizer = Adam(1e-2, steps=200) if adam else GradientDescent(0.05, steps=200)
    experiment = Experiment(stratum.model, ASYMMETRIC, optimizer, 12, init_std=0.8, seed=3)
    on = stratum.place(experiment.init())
    wide = train(experiment, init=on).final
    heads, data = [block[0][0] for block in stratum.blocks], experiment.data()
    neurons, groups = [], []
    for head, s in zip(heads, stratum.sizes, strict=True):
        a = (s * on["a"][head]).clone().requires_grad_()
        w, b = (on[name][head].clone().requires_grad_() for name in ("w", "b"))
        neurons.append((a, w, b))
        # Adam adds eps to |gradient|, and the gradient by w is s times that of the wide network.
        into = {"lr": optimizer.lr, "eps": 1e-8 * s} if adam else {"lr": optimizer.lr / s}
        groups += [{"params": [a], "lr": optimizer.lr * s}, {"params": [w, b]} | into]
    steps = kind(groups)
    for _ in range(200):
        steps.zero_grad()
        outputs = sum(a * torch.tanh(data.x @ w + b) for a, w, b in neurons)
        (outputs - data.y).square().mean().backward()
        steps.step()
    for head, s, (a, w, b) in zip(heads, stratum.sizes, neurons, strict=True):
        found = [a.detach() / s, w.detach()[0], b.detach()]
        expected = [wide["a"][head], wide["w"][head, 0], wide["b"][head]]
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_for_relu_the_narrow_network_is_a_plain_one():
    model, sizes = TwoLayer(2, 3, "relu"), (4, 1, 2)
    params, x = _drawn(model), torch.randn(10, 2, dtype=torch.float64)
    np.testing.assert_allclose(
        evaluate(Condensed(2, sizes, "relu"), params, x), evaluate(model, params, x), atol=1e-14
    )


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: condensed(Stratum(Deep(1, 2, 1), (((0, 1), (1, 1)),))), "not for Deep"),
        (lambda: condensed(Stratum(TwoLayer(1, 2), (), (0, 1))), "nothing is left"),
        (lambda: Condensed(1, ()), r"above 0, but are \(\)"),
        (lambda: Condensed(1, (2, 0)), r"above 0, but are \(2, 0\)"),
        (
            lambda: coincidence(Experiment(TwoLayer(1, 3), ASYMMETRIC), _stratum("tanh")),
            "but the experiment trains TwoLayer",
        ),
    ],
)
def test_bad_input_is_answered(work, message):
    with pytest.raises(ValueError, match=message):
        work()


# --- embeddings --------------------------------------------------------------------------------

NARROW = {
    "line": TwoLayer(1, 2),
    "plane": TwoLayer(2, 2),
    "no bias": TwoLayer(2, 3, bias=False),
    "sigmoid": TwoLayer(1, 2, "sigmoid"),
    "convolution": TwoLayerConv(4, 2),
    "no sharing": TwoLayerConv(4, 2, sharing=False),
    "relu": TwoLayer(2, 2, "relu"),
    "even": TwoLayer(1, 2, "xtanh"),
}
EXACT = ("line", "plane", "no bias", "sigmoid", "convolution", "no sharing")


def _same_function(model, params, wide, embedded):
    x = torch.randn(20, model.input_dim, dtype=torch.float64)
    expected = evaluate(model, params, x)
    np.testing.assert_allclose(evaluate(wide, embedded, x), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", NARROW)
def test_embeddings_do_not_change_the_function(name):
    model = NARROW[name]
    params = _drawn(model)
    for width in (2 + (name == "no bias"), 5):
        _same_function(model, params, *null_embedding(model, params, width))
    ratios = [[0.3, 0.7], [2.0, -1.5, 0.5], [1.0]][: model.values()["width"]]
    _same_function(model, params, *splitting_embedding(model, params, ratios))


@pytest.mark.parametrize("name", ["line", "plane", "no bias", "convolution", "no sharing", "even"])
def test_copies_may_be_turned_round_where_the_activation_is_odd_or_even(name):
    model = NARROW[name]
    params = _drawn(model)
    ratios = [[0.25, 0.75], [0.5, 1.0, -0.5], [1.0]][: model.values()["width"]]
    signs = [[1, -1], [-1, 1, -1], [-1]][: model.values()["width"]]
    _same_function(model, params, *splitting_embedding(model, params, ratios, signs))


@pytest.mark.parametrize("name", EXACT)
def test_the_model_rank_of_an_embedded_network_is_that_of_the_narrow_one(name):
    """Theorem 4 of arXiv:2406.18035v1, proven case by case: wider is as sample efficient."""
    model = NARROW[name]
    params = _drawn(model)
    rank = exact_rank(model, params)
    # Powers of two, so that the shares of an output array are exactly proportional in floats.
    ratios = [[0.5, 0.5], [2.0, -1.0], [0.5, 0.25, 0.25]][: model.values()["width"]]
    assert exact_rank(*splitting_embedding(model, params, ratios)) == rank
    if name != "sigmoid":
        assert exact_rank(*null_embedding(model, params, 6)) == rank
        signs = [[1, -1], [-1, 1], [1, -1, 1]][: model.values()["width"]]
        assert exact_rank(*splitting_embedding(model, params, ratios, signs)) == rank


def test_a_wide_network_can_recover_what_a_narrow_one_can_from_as_few_samples():
    target = TwoLayer(2, 2)
    params = _drawn(target)
    size = optimistic_sample_size(target, target_width=2)
    assert exact_rank(target, params) == size == 8
    for width in (5, 20):
        wide, embedded = null_embedding(target, params, width)
        assert exact_rank(wide, embedded) == optimistic_sample_size(wide, target_width=2) == size


def test_a_zero_neuron_costs_a_rank_where_act_of_zero_is_not_zero():
    model = TwoLayer(1, 2, "sigmoid")
    params = _drawn(model)
    assert exact_rank(*null_embedding(model, params, 4)) == exact_rank(model, params) + 1


def test_other_ways_to_add_a_neuron_cost_ranks():
    """Ineffective (a = 0), constant (w = 0), and two that cancel: the rank does not stay."""
    model = TwoLayer(1, 2)
    params = _drawn(model)
    rank = exact_rank(model, params)
    added = {
        "a = 0": ([0.0], [0.9], [0.4]),
        "cancelling": ([0.5, -0.5], [0.9, 0.9], [0.4, 0.4]),
        "w = 0, b = 0, a != 0": ([0.7], [0.0], [0.0]),
    }
    for a, w, b in added.values():
        more = {
            "a": torch.cat([params["a"], torch.tensor(a, dtype=torch.float64)]),
            "w": torch.cat([params["w"], torch.tensor(w, dtype=torch.float64)[:, None]]),
            "b": torch.cat([params["b"], torch.tensor(b, dtype=torch.float64)]),
        }
        wide = model.replace(width=2 + len(a))
        _same_function(model, params, wide, more)
        assert exact_rank(wide, more) > rank


@pytest.mark.parametrize("name", ["line", "plane", "sigmoid", "relu"])
def test_equal_shares_land_on_a_stratum_and_unequal_ones_do_not(name):
    model = NARROW[name]
    params = _drawn(model)
    wide, embedded = splitting_embedding(model, params, [[0.5, 0.5], [0.25] * 4])
    assert stratum_of(wide, embedded).sizes == (2, 4)
    wide, embedded = splitting_embedding(model, params, [[0.3, 0.7], [1.0]])
    assert stratum_of(wide, embedded).k == 3


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda m, p: null_embedding(m, p, 1), "from 2 up, but is 1"),
        (lambda m, p: splitting_embedding(m, p, [[1.0]]), "each of the 2 neurons"),
        (lambda m, p: splitting_embedding(m, p, [[1.0], [0.5, 0.4]]), r"\[0\.5, 0\.4\]"),
        (lambda m, p: splitting_embedding(m, p, [[1.0], [1.0]], [[1], [2]]), "1 or -1"),
        (lambda m, p: splitting_embedding(m, p, [[1.0], [1.0]], [[1], [-1]]), "odd or even"),
        (lambda m, p: null_embedding(MatrixFactorization(2, 2, 2), p, 3), "not for Matrix"),
    ],
)
def test_embeddings_that_are_none_are_refused(work, message):
    model = TwoLayer(1, 2, "sigmoid")
    with pytest.raises(ValueError, match=message):
        work(model, _drawn(model))


def test_every_pair_of_blocks_can_be_the_narrow_network():
    """All strata of four neurons with two blocks: one motion each."""
    from condensekit.symmetry import strata

    flow = GradientFlow(t_end=5.0, stop_loss=0.0)
    experiment = Experiment(TwoLayer(1, 4), ASYMMETRIC, flow, 12, init_std=0.8, seed=1)
    two = [stratum for stratum in strata(experiment.model) if stratum.k == 2]
    for stratum in itertools.islice(two, 0, None, 12):
        assert coincidence(experiment, stratum).largest < 1e-10
    assert dataclasses.replace(two[0], model=experiment.model) == two[0]
