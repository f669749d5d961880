"""What may be permuted in attention: heads, d, d_model; what is invariant, and what equivariant."""

import dataclasses
from typing import ClassVar

import numpy as np
import torch
from cases import each
from often import crossed

from condensekit import (
    SGD,
    Adam,
    AdamW,
    Attention,
    Experiment,
    GradientDescent,
    GradientFlow,
    Transformer,
    evaluate,
)
from condensekit.problems import anchors, teacher_heads
from condensekit.symmetry import (
    SETS,
    drifts,
    equal,
    flat,
    layers,
    permutation,
    tangency,
    violation,
    zero,
)

MODEL = Attention(3, 2, 2, 2)
YES, NO = (True, True, True), (False, False, False)  # gradient descent, gradient flow, Adam
TABLE = {  #      heads, columns
    "equal": (YES, YES),
    "opposite": (YES, YES),
    "mirrored": (NO, NO),
    "zero": (YES, YES),
    "idle": (NO, NO),
    "proportional": (NO, (True, True, False)),
    "same inputs": (NO, NO),
    "balanced": (NO, (False, True, False)),
}
LAYERS = {"heads": (0, 0), "columns of W_Q and W_K": (1, 1), "columns of W_V and W_O": (4, 1)}
OPTIMIZERS = [
    GradientDescent(0.1, steps=60),
    GradientFlow(rtol=1e-4, t_end=10.0, stop_loss=0.0, max_steps=20),
    Adam(2e-2, steps=60),
]
DATA = {
    "one head": dataclasses.replace(teacher_heads(), tokens_in=3, columns_in=2),
    "two heads": dataclasses.replace(teacher_heads(2, 5), tokens_in=3, columns_in=2),
}


def _drawn(model, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64)
        for name, shape in model.shapes().items()
    }


def test_the_layers_have_the_names_of_the_slide():
    names = [layer.name for layer in layers(MODEL)]
    assert names[:3] == [
        "heads",
        "columns of W_Q and W_K of head 1",
        "columns of W_V and W_O of head 1",
    ]
    assert len(names) == 1 + 2 * MODEL.heads


@crossed(("problem", "where", "column"), DATA, LAYERS, range(3))
def test_the_table_of_invariant_sets(problem, where, column):
    """Two data sets, three optimizers; what theory says and what training does."""
    layer, row = where
    experiment = Experiment(MODEL, problem, OPTIMIZERS[column], 12, init_std=0.8, seed=3)
    for found in drifts(experiment, [SETS[name](MODEL, layer=layer) for name in TABLE]):
        name = found.candidate.name
        expected = TABLE[name][row][column]
        assert found.claim.invariant is expected, f"{name}: theory"
        assert found.stayed is expected, f"{name}: {found.largest}"
        if not expected:  # what a finite step loses of a conserved quantity is small
            assert found.largest > (1e-6 if name == "balanced" else 1e-3), name
        elif name != "balanced":
            assert found.largest < 1e-12, f"{name}: {found.largest}"


@each("where", LAYERS)
def test_the_table_holds_for_another_loss_and_for_mini_batches(where):
    """torch.optim.SGD, log cosh; every step sees its own random half of the samples."""
    layer, row = where
    data = DATA["two heads"].data(12, 1)
    for name in TABLE:
        candidate = SETS[name](MODEL, layer=layer)
        params = {n: leaf.requires_grad_() for n, leaf in candidate.place(_drawn(MODEL)).items()}
        steps, largest = torch.optim.SGD(params.values(), lr=0.05), 0.0
        for _ in range(50):
            chosen = torch.randperm(12)[:6]
            steps.zero_grad()
            apart = MODEL(params, data.x[chosen]) - data.y[chosen]
            torch.log(torch.cosh(apart)).mean().backward()
            steps.step()
            largest = max(largest, float(candidate.distances(flat(MODEL, params))))
        kept = TABLE[name][row][0]
        assert largest < 1e-12 if kept else largest > 1e-4, f"{name}: {largest}"


def test_permuting_d_model_is_an_equivariance_of_attention_and_no_invariance():
    """A(X P) = A(X) P for matrices whose rows are permuted alike; with X as it is, A changes."""
    params, order = _drawn(MODEL), [1, 0]
    x = torch.randn(20, 3, 2, dtype=torch.float64)
    moved = {name: leaf[:, order] for name, leaf in params.items()}
    before = evaluate(MODEL, params, x.flatten(1))
    after = evaluate(MODEL, moved, x[..., order].flatten(1))
    np.testing.assert_allclose(after, before[..., order], rtol=0, atol=1e-13)
    assert violation(MODEL, lambda params: {n: leaf[:, order] for n, leaf in params.items()}) > 0.1
    assert not any("d_model" in layer.name for layer in layers(MODEL))


# --- the Transformer ---------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Precise(Transformer):
    """In float64, in which rounding is told from drift."""

    dtype: ClassVar[torch.dtype] = torch.float64


SMALL = Precise(71, 3, 6, 2, 2, 4, 2)


def _where(model, name):
    return next(i for i, layer in enumerate(layers(model)) if layer.name == name)


UNITS = [
    "heads of layer 1",
    "columns of W_Q and W_K of head 2 of layer 2",
    "columns of W_V and W_O of head 1 of layer 1",
    "FFN neurons of layer 2",
    "coordinates of d_model",
]
RULES = {
    "descent": GradientDescent(0.05, steps=40),
    "SGD": SGD(0.02, momentum=0.9, batch_size=16, steps=40),
    "AdamW": AdamW(1e-2, weight_decay=0.1, warmup=5, batch_size=16, steps=40),
}


@crossed(("name", "optimizer"), UNITS, RULES)
def test_units_of_a_transformer_that_are_equal_stay_equal(name, optimizer):
    """With embedding and unembedding, permuting d_model is an invariance of the whole network."""
    layer = _where(SMALL, name)
    found = equal(SMALL, 0, 1, layer)
    x = anchors().data(20).x
    assert tangency(found, _drawn(SMALL), x) < 1e-13
    experiment = Experiment(SMALL, anchors(), optimizer, 40, init_std=0.4)
    apart = drifts(experiment, [found], [found.place(_drawn(SMALL, 2))])[0]
    assert apart.claim.invariant and apart.stayed
    assert apart.largest < 1e-11


def test_in_a_transformer_a_coordinate_of_zeros_does_not_stay():
    """The layer norm subtracts the mean of the others, and so gives it a value."""
    layer = _where(SMALL, "coordinates of d_model")
    found = zero(SMALL, 0, layer)
    assert not found.tangent
    assert tangency(found, _drawn(SMALL), anchors().data(20).x) > 1e-3
    order = [1, 2, 3, 4, 5, 0]
    moved = permutation(SMALL, order, layer)(_drawn(SMALL))
    assert not np.array_equal(flat(SMALL, moved), flat(SMALL, _drawn(SMALL)))
