"""Heads of attention that coincide, mirror each other, or vanish, in whole or in part."""

import random
from collections.abc import Iterator

import torch

from condensekit import Attention
from condensekit.models import Params

KINDS = "part", "minus", "zero", "column", "head", "same", "against", "turned"


def attention_shapes(largest: int = 6) -> Iterator[Attention]:
    """All shapes with heads, d_head <= d_model <= `largest` and two to four tokens."""
    for d_model in range(1, largest + 1):
        for heads in range(1, d_model + 1):
            for d_head in range(1, d_model + 1):
                for tokens in (2, 3, 4):
                    yield Attention(tokens, d_model, heads, d_head)


def degenerate_heads(seed: int, model: Attention | None = None) -> tuple[Attention, Params]:
    """A model, drawn with `seed` if none is given, whose heads share parts of each other."""
    chosen = random.Random(seed)
    if model is None:
        d_model = chosen.randint(1, 4)
        sizes = chosen.randint(1, 4), d_model, chosen.randint(1, 4), chosen.randint(1, d_model)
        model = Attention(*sizes)
    generator = torch.Generator().manual_seed(seed)
    params = model.init(generator, 1.0)
    for leaf in params.values():
        if chosen.random() < 0.5:
            leaf.round_()
    parts = list(params)
    for _ in range(chosen.randint(1, 5)):
        i, j = (chosen.randrange(model.heads) for _ in range(2))
        one = params[chosen.choice(parts)]
        kind = chosen.choice(
            ["part", "minus", "zero", "column", "head", "same", "against", "turned"]
        )
        if kind in ("part", "minus"):
            one[i] = one[j] if kind == "part" else -one[j]
        elif kind == "zero":
            one[i] = 0.0
        elif kind == "column":
            one[i, :, 0] = chosen.choice([0.0, 1.0, 2.0]) * one[i, :, -1]
        elif kind == "head":
            for leaf in params.values():
                leaf[i] = leaf[j]
        elif kind == "turned":
            query = params["WQ"][j].clone()
            params["WQ"][i], params["WK"][i] = params["WK"][j].clone(), query
        else:
            params["WQ"][i] = params["WQ"][j]
            params["WK"][i] = params["WK"][j] if kind == "same" else -params["WK"][j]
    return model, params
