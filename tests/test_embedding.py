"""Embedding keeps the function; whether it keeps the rank depends on how."""

import pytest
import torch

from condensekit import Deep, TwoLayer, TwoLayerConv, evaluate, exact_rank
from condensekit.derivatives import jacobian
from condensekit.embedding import EMBEDDINGS, embed, perturbed, splitting_embedding
from condensekit.exact import sample_size_bound

CASES = [(1, 3, True), (2, 2, False), (5, 3, True)]


def drawn(d, k, bias, activation="tanh"):
    model = TwoLayer(d, k, activation, bias)
    return model, model.init(torch.Generator().manual_seed(d + k), 1.0)


@pytest.mark.parametrize("how", EMBEDDINGS)
@pytest.mark.parametrize(("d", "k", "bias"), CASES)
@pytest.mark.parametrize("further", [0, 1, 4, 7])
def test_the_function_stays_the_same(how, d, k, bias, further):
    narrow, params = drawn(d, k, bias)
    wide, more = embed(narrow, params, k + further, how)
    assert wide == TwoLayer(d, k + further, bias=bias)
    x = torch.randn(30, d, dtype=torch.float64)
    torch.testing.assert_close(
        evaluate(wide, more, x), evaluate(narrow, params, x), rtol=1e-13, atol=1e-13
    )


@pytest.mark.parametrize("how", EMBEDDINGS)
@pytest.mark.parametrize("sharing", [True, False])
@pytest.mark.parametrize("further", [0, 1, 4])
def test_kernels_are_embedded_as_neurons_are(how, sharing, further):
    narrow = TwoLayerConv(5, 2, sharing=sharing)
    params = narrow.init(seed=1)
    wide, more = embed(narrow, params, 2 + further, how)
    assert wide == TwoLayerConv(5, 2 + further, sharing=sharing)
    x = torch.randn(30, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        evaluate(wide, more, x), evaluate(narrow, params, x), rtol=1e-13, atol=1e-13
    )


DEEP = [
    Deep(2, 3, 1),
    Deep(1, 2, 2, bias=False),
    Deep(2, 3, 3, output_bias=True),
    Deep(2, 2, 2, "xtanh"),
]


@pytest.mark.parametrize("how", EMBEDDINGS)
@pytest.mark.parametrize("narrow", DEEP, ids=str)
@pytest.mark.parametrize("further", [0, 1, 4, 7])
def test_all_layers_of_a_deep_network_are_embedded(how, narrow, further):
    params = narrow.init(seed=2)
    wide, more = embed(narrow, params, narrow.m + further, how)
    assert wide == narrow.replace(width=narrow.m + further)
    assert {name: tuple(leaf.shape) for name, leaf in more.items()} == wide.shapes()
    x = torch.randn(30, narrow.d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        evaluate(wide, more, x), evaluate(narrow, params, x), rtol=1e-12, atol=1e-12
    )


def test_a_deep_network_of_one_hidden_layer_is_a_two_layer_network():
    deep, flat = Deep(2, 3, 1), TwoLayer(2, 3)
    params = flat.init(seed=0)
    same = {"w0": params["w"], "b0": params["b"], "a": params["a"]}
    ratios, signs = [[0.5, 0.25, 0.25], [1.0], [2.0, -1.0]], [[1, -1, 1], [-1], [1, 1]]
    _, found = splitting_embedding(deep, same, ratios, signs)
    _, expected = splitting_embedding(flat, params, ratios, signs)
    for one, other in (("w0", "w"), ("b0", "b"), ("a", "a")):
        assert torch.equal(found[one], expected[other])


@pytest.mark.parametrize(
    ("narrow", "layer"),
    [(one, k) for one in [*DEEP, Deep(2, 3, 3, "sigmoid")] for k in range(one.layers)],
    ids=str,
)
def test_a_single_layer_is_split(narrow, layer):
    """Function and critical points stay, for any activation, and no other layer gains a neuron."""
    params = narrow.init(seed=2)
    ratios = [[0.25, 0.75], [1.5, -0.5, 0.0], [1.0]][: narrow.m]
    wide, more = splitting_embedding(narrow, params, ratios, layer=layer)
    assert {name: tuple(leaf.shape) for name, leaf in more.items()} == wide.shapes()
    x = torch.randn(40, narrow.d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        evaluate(wide, more, x), evaluate(narrow, params, x), rtol=1e-12, atol=1e-12
    )
    for k in range(narrow.layers):
        out = more[f"w{k + 1}"].T if k + 1 < narrow.layers else more["a"][:, None]
        acting = len(out) - int((out == 0.0).all(1).sum())
        assert acting == (sum(map(len, ratios)) - 1 if k == layer else narrow.m)
    _stays_critical(narrow, params, wide, more)


def test_a_layer_that_is_split_alone_keeps_the_rank_too():
    narrow = Deep(2, 2, 2)
    params = narrow.init(seed=2)
    for layer in range(2):
        wide = splitting_embedding(narrow, params, [[0.5, 0.5], [2.0, -1.0]], layer=layer)
        assert _rank(*wide) == _rank(narrow, params) == narrow.n_parameters


@pytest.mark.parametrize("layer", [-1, 2, 0.5, True])
def test_there_must_be_such_a_layer(layer):
    narrow = Deep(2, 2, 2)
    with pytest.raises(ValueError, match="layer must be a whole number"):
        splitting_embedding(narrow, narrow.init(seed=2), [[1.0], [1.0]], layer=layer)


def _rank(model, params):
    """Of tangent functions at many points, to a gap of ten digits or more."""
    x = torch.randn(150, model.d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(1.5 * jacobian(model, params, x))
    rank = int((values > 1e-11 * values[0]).sum())
    assert values[rank - 1] > 1e-9 * values[0]
    return rank


@pytest.mark.parametrize("how", ["null", "split", "sign-split"])
@pytest.mark.parametrize(
    "narrow", [Deep(2, 2, 2), Deep(3, 2, 2, bias=False), Deep(2, 2, 2, output_bias=True)], ids=str
)
def test_deep_embeddings_keep_the_rank_which_is_at_most_that_of_the_theorem(how, narrow):
    """The theorem's bound is all parameters of the narrow network, and here it is reached."""
    params = narrow.init(seed=2)
    wide, more = embed(narrow, params, narrow.m + 3, how)
    bound = sample_size_bound(wide, [narrow.m] * narrow.layers)
    assert bound == narrow.n_parameters
    assert _rank(wide, more) == _rank(narrow, params) == bound
    assert _rank(wide, perturbed(more, 0.3)) > bound


def _stays_critical(narrow, params, wide, more):
    """Where residuals make the narrow network critical, the wide one is critical, too."""
    x = torch.randn(40, narrow.d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    small, large = jacobian(narrow, params, x), jacobian(wide, more, x)
    # Residuals for which the narrow network is critical: those across its tangent functions.
    residual = torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    basis = torch.linalg.svd(small, full_matrices=False).U
    residual -= basis @ (basis.T @ residual)
    assert float(residual.norm()) > 1.0
    assert float((small.T @ residual).abs().max()) < 1e-12 * float(small.abs().max()) * 40
    assert float((large.T @ residual).abs().max()) < 1e-11 * float(large.abs().max()) * 40


@pytest.mark.parametrize("how", ["null", "split", "sign-split"])
@pytest.mark.parametrize("narrow", DEEP, ids=str)
def test_what_is_zero_of_a_gradient_stays_zero(how, narrow):
    """Each entry of the wide gradient is a share of entries of the narrow one: 0 if these are."""
    params = narrow.init(seed=2)
    wide, more = embed(narrow, params, narrow.m + 4, how)
    _stays_critical(narrow, params, wide, more)


@pytest.mark.parametrize(("d", "k", "bias"), CASES)
def test_the_rank_grows_with_useless_neurons_and_not_with_copies(d, k, bias):
    narrow, params = drawn(d, k, bias)
    per_neuron = d + 1 + bias
    rank = {how: exact_rank(*embed(narrow, params, k + 6, how)) for how in EMBEDDINGS}
    assert rank == {
        "null": k * per_neuron,
        "split": k * per_neuron,
        "sign-split": k * per_neuron,
        "silent": k * per_neuron + 6,  # the output weight of each could act
        "cancelling": (k + 3) * per_neuron,
    }


@pytest.mark.parametrize("epsilon", [1e-12, 1e-3])
def test_a_perturbation_however_small_frees_all_parameters(epsilon):
    narrow, params = drawn(1, 3, True)
    wide, more = embed(narrow, params, 8, "split")
    moved = perturbed(more, epsilon)
    for name, leaf in more.items():
        assert 0 < float((moved[name] - leaf).abs().max()) < 5 * epsilon
    assert exact_rank(wide, moved) == 24
    assert exact_rank(wide, perturbed(more, 0.0)) == 9


@pytest.mark.parametrize(
    ("width", "how", "activation", "said"),
    [
        (2, "split", "tanh", "width must be a whole number from 3 up, but is 2"),
        (9, "thin", "tanh", "how must be one of null, split, .*, but is 'thin'"),
        (9, "sign-split", "sigmoid", "needs an odd or even activation, but sigmoid is neither"),
    ],
)
def test_what_cannot_be_embedded_is_refused(width, how, activation, said):
    narrow, params = drawn(1, 3, True, activation)
    with pytest.raises(ValueError, match=said):
        embed(narrow, params, width, how)
