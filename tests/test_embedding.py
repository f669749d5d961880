"""Embedding keeps the function; whether it keeps the rank depends on how."""

import pytest
import torch

from condensekit import TwoLayer, TwoLayerConv, evaluate, exact_rank
from condensekit.embedding import EMBEDDINGS, embed, perturbed

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
