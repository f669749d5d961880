"""exact_rank of attention: a proof for every shape, and for thousands of degenerate draws."""

import pytest
import torch
from heads import attention_shapes, degenerate_heads

from condensekit import rank_certificate


@pytest.mark.parametrize("model", list(attention_shapes()), ids=str)
def test_every_shape_is_proven_at_a_random_and_at_a_degenerate_point(model):
    d, k = model.d_model, model.d_head
    generic = rank_certificate(model, model.init(torch.Generator().manual_seed(0), 1.0))
    assert generic.proven, str(generic)
    assert generic.at_most == 2 * model.heads * (2 * d * k - k * k)
    certificate = rank_certificate(*degenerate_heads(0, model))
    assert certificate.proven, str(certificate)


@pytest.mark.parametrize("block", range(20))
def test_heads_that_share_their_parts_are_proven(block):
    for seed in range(100 * block, 100 * block + 100):
        certificate = rank_certificate(*degenerate_heads(seed))
        assert certificate.proven, f"{seed}: {certificate}"
