"""Condensation of matrices: effective rank and cosines, against closed forms and samples."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from condensekit import Attention, Transformer, TwoLayer
from condensekit.measures import effective_rank, matrices, mean_cosine, random_cosine


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6), st.integers(0, 99))
def test_effective_rank_is_the_exponential_of_the_entropy(values, seed):
    rng = np.random.default_rng(seed)
    k = len(values)
    left, right = (np.linalg.qr(rng.normal(size=(k + 2, k)))[0] for _ in range(2))
    matrix = left @ np.diag(values) @ right.T
    shares = np.array(values) / sum(values)
    expected = np.prod(shares ** (-shares))
    assert effective_rank(matrix) == pytest.approx(expected, rel=1e-6)
    assert effective_rank(-3e-5 * matrix.T) == pytest.approx(expected, rel=1e-6)
    assert 1.0 - 1e-9 <= effective_rank(matrix) <= k + 1e-6


def test_matrices_without_directions():
    assert effective_rank(np.zeros((3, 2))) == 0.0
    assert math.isnan(mean_cosine(np.zeros((3, 2))))
    assert math.isnan(mean_cosine(np.ones((1, 2))))


def test_cosines_ignore_sign_and_length_and_rows_of_zeros():
    assert mean_cosine(np.array([[1e-200, 0.0], [-3.0, 0.0], [0.0, 0.0]])) == 1.0
    assert mean_cosine(np.eye(4)) == 0.0
    assert mean_cosine(np.array([[1.0, 0.0], [1.0, 1.0]])) == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("dim", [1, 2, 6, 25, 64])
def test_the_random_level_is_what_random_rows_have(dim):
    rows = np.random.default_rng(dim).normal(size=(700, dim))
    # The standard error is that of about 700 independent pairs at least.
    assert mean_cosine(rows) == pytest.approx(random_cosine(dim), abs=4 / 700**0.5 * 0.4)


def test_the_random_level_of_the_plane_is_the_one_of_the_talk():
    assert random_cosine(2) == pytest.approx(2 / math.pi, rel=1e-12)
    with pytest.raises(ValueError, match=r"dim must be a whole number of at least 1, but is 0"):
        random_cosine(0)


def test_the_matrices_of_heads_are_their_products():
    model = Attention(3, 4, 5, 2)
    params = model.init(torch.Generator().manual_seed(1), 1.0)
    found = matrices(model, params)
    assert {name: matrix.shape for name, matrix in found.items()} == {
        "W_Q W_K^T": (5, 16),
        "W_V W_O^T": (5, 16),
    }
    product = params["WV"][3] @ params["WO"][3].T
    np.testing.assert_allclose(found["W_V W_O^T"][3].reshape(4, 4), product, atol=1e-15)


def test_the_matrices_of_a_transformer_have_a_row_for_each_unit():
    model = Transformer(11, 3, 8, 2, 3, 5, 2)
    params = model.init(torch.Generator().manual_seed(1), 0.1)
    found = matrices(model, params)
    assert found["embedding"].shape == found["unembedding"].shape == (11, 8)
    for layer in (1, 2):
        assert found[f"W_Q {layer}"].shape == (8, 6)
        assert found[f"FFN in {layer}"].shape == found[f"FFN out {layer}"].shape == (5, 8)
    np.testing.assert_allclose(found["W_K 2"][:, 3:], params["WK1"][1])


def test_other_families_are_refused():
    model = TwoLayer(1, 2)
    params = model.init(torch.Generator().manual_seed(1), 1.0)
    with pytest.raises(ValueError, match="TwoLayer has no named matrices"):
        matrices(model, params)
