"""Two-layer networks with known ranks: of all scales, with neurons that coincide, or nearly."""

import random

import torch

from condensekit import TwoLayer
from condensekit.models import Params

ACTIVATIONS = "tanh", "sigmoid", "relu"
CHANGES = "equal", "opposite", "multiple", "near", "parallel", "silent", "flat", "unbiased"


def any_network(seed: int) -> tuple[TwoLayer, Params]:
    """A network of up to six neurons in up to three dimensions, drawn with `seed`.

    The standard deviation is 1e-4 to 10; the numbers are float64 or float32. A third of the
    networks is drawn as it is; in the others some neurons are made equal, opposite, multiples of
    each other, nearly equal (by a share of 1e-17 to 0.1), parallel, silent (a = 0), flat (w = 0),
    or all lose their biases; or all numbers are rounded to a few values.
    """
    chosen = random.Random(seed)
    model = TwoLayer(
        chosen.choice((1, 1, 2, 3)),
        chosen.randint(1, 6),
        chosen.choice(ACTIVATIONS),
        bias=chosen.random() < 0.7,
    )
    generator = torch.Generator().manual_seed(seed)
    std = 10.0 ** chosen.uniform(-4.0, 1.0)
    params = model.init(generator, std)
    if chosen.random() < 0.15:
        params = {name: std * (2.0 * leaf / std).round() / 2.0 for name, leaf in params.items()}
    for _ in range(chosen.choice((0, 1, 1, 2, 3, 4)) if chosen.random() < 0.7 else 0):
        _change(chosen.choice(CHANGES), model, params, chosen)
    if chosen.random() < 0.5:
        params = {name: leaf.float() for name, leaf in params.items()}
    return model, params


def wide_network(seed: int) -> tuple[TwoLayer, Params]:
    """Six to twenty neurons, of which many may coincide or nearly do; scales from 0.1 to 10."""
    chosen = random.Random(seed)
    model = TwoLayer(
        chosen.choice((1, 1, 2, 3)),
        chosen.randint(6, 20),
        chosen.choice(ACTIVATIONS),
        bias=chosen.random() < 0.7,
    )
    params = model.init(torch.Generator().manual_seed(seed), 10.0 ** chosen.uniform(-1.0, 1.0))
    for _ in range(chosen.choice((0, 2, 5, 10, 20))):
        _change(chosen.choice(CHANGES), model, params, chosen)
    if chosen.random() < 0.5:
        params = {name: leaf.float() for name, leaf in params.items()}
    return model, params


def _change(kind: str, model: TwoLayer, params: Params, chosen: random.Random) -> None:
    i, j = (chosen.randrange(model.m) for _ in range(2))
    before = [params[name] for name in ("w", "b") if name in params]
    factor = {"equal": 1.0, "opposite": -1.0, "multiple": chosen.choice((2.0, -0.5, 3.0, 0.1))}
    if kind == "silent":
        params["a"][i] = 0.0
    elif kind == "flat":
        params["w"][i] = 0.0
    elif kind == "parallel":
        params["w"][i] = chosen.choice((1.0, -1.0, 2.0)) * params["w"][j]
    elif kind == "unbiased":
        if model.bias:
            params["b"].zero_()
    else:
        share = 10.0 ** chosen.uniform(-17.0, -1.0)
        for leaf in before:
            near = 1.0 + share * chosen.uniform(-1.0, 1.0)
            leaf[i] = factor.get(kind, near) * leaf[j]
