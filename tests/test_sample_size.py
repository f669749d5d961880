"""Optimistic sample sizes: k (d + 1), k (d + 2) with bias, and the rank of a Jacobian."""

import itertools

import numpy as np
import pytest
import torch
from cases import ACTIVATIONS, MODELS

from condensekit import NoTheorem, TwoLayer, optimistic_sample_size

OTHERS = [name for name in ACTIVATIONS if name != "tanh"]


def test_the_published_target_needs_nine_samples():
    assert optimistic_sample_size(TwoLayer(1, 500), target_width=3) == 9
    assert optimistic_sample_size(TwoLayer(5, 300), target_width=3) == 21


@pytest.mark.parametrize("d", [1, 2, 5, 784])
@pytest.mark.parametrize("k", [1, 2, 3, 7])
@pytest.mark.parametrize("m", [7, 8, 500, 20_000])
def test_the_formula_does_not_know_the_width(d, k, m):
    assert optimistic_sample_size(TwoLayer(d, m, bias=False), target_width=k) == k * (d + 1)
    assert optimistic_sample_size(TwoLayer(d, m), target_width=k) == k * (d + 2)


@pytest.mark.parametrize("k", [0, -1, 6, 2.0, 2.5, True, "3", None, float("nan")])
def test_a_target_width_that_makes_no_sense_is_refused(k):
    with pytest.raises(ValueError, match="whole number from 1 to 5") as caught:
        optimistic_sample_size(TwoLayer(1, 5), target_width=k)
    assert not isinstance(caught.value, NoTheorem)
    assert str(caught.value).endswith(f"but is {k!r}.")


def test_a_target_width_may_be_a_whole_number_of_numpy():
    assert optimistic_sample_size(TwoLayer(1, 500), target_width=np.int64(3)) == 9


@pytest.mark.parametrize("name", OTHERS)
def test_other_activations_have_no_theorem_here(name):
    with pytest.raises(NoTheorem, match=f"No theorem here: the activation is {name}"):
        optimistic_sample_size(TwoLayer(1, 5, name), target_width=2)


def test_other_models_have_no_theorem_here():
    with pytest.raises(NoTheorem, match="No theorem here: PlainFormula"):
        optimistic_sample_size(MODELS["plain formula"].model, target_width=1)
    assert issubclass(NoTheorem, ValueError)


# --- the oracle: rank of the tangent space at the target, in floating point --------------------


def _embedded(narrow, params, copies, generator):
    """The same function in a wider network: each neuron split into copies, some flipped."""
    wide = {name: [] for name in params}
    for j in range(narrow.m):
        shares = torch.rand(copies, generator=generator, dtype=torch.float64) + 0.2
        shares = shares / shares.sum() * params["a"][j]
        for i, share in enumerate(shares):
            sign = -1.0 if i % 2 else 1.0
            wide["a"].append(sign * share)
            for name in params.keys() - {"a"}:
                wide[name].append(sign * params[name][j])
    model = TwoLayer(narrow.d, narrow.m * copies, bias=narrow.bias)
    return model, {name: torch.stack(leaf) for name, leaf in wide.items()}


def _rank(model, params, generator):
    """Rank of the Jacobian at many inputs; fails where floating point cannot tell it."""
    x = 1.5 * torch.randn(400, model.d, generator=generator, dtype=torch.float64)
    jacobian = torch.vmap(torch.func.grad(model), in_dims=(None, 0))(params, x)
    columns = torch.cat([leaf.flatten(1) for leaf in jacobian.values()], dim=1)
    spectrum = torch.linalg.svdvals(columns / columns.norm(dim=0))
    relative = (spectrum / spectrum[0]).numpy()
    rank = int((relative > 1e-9).sum())
    assert relative[rank - 1] > 1e-5, "no clear gap: a poor case, not a wrong rank"
    assert rank == len(relative) or relative[rank] < 1e-13
    return rank


@pytest.mark.parametrize(
    ("d", "k", "bias"), [*itertools.product([2, 3, 4], [1, 2, 3], [True, False])]
)
def test_the_formula_is_the_rank_at_the_target_however_it_is_embedded(d, k, bias):
    generator = torch.Generator().manual_seed(10 * d + k)
    narrow = TwoLayer(d, k, bias=bias)
    params = narrow.init(generator, 1.0)
    x = torch.randn(5, d, generator=generator, dtype=torch.float64)
    for copies in (1, 3):
        model, wide = _embedded(narrow, params, copies, generator)
        same = [
            torch.vmap(f, in_dims=(None, 0))(p, x) for f, p in ((narrow, params), (model, wide))
        ]
        torch.testing.assert_close(*same)
        expected = optimistic_sample_size(model, target_width=k)
        assert _rank(model, wide, generator) == expected
    generic = model.init(generator, 1.0)
    assert _rank(model, generic, generator) > expected, "the target is nothing special"
