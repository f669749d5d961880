"""SymmetryLab on units of attention: each model, kind of unit and set; narrow models of heads."""

import itertools

import numpy as np
import pytest
import torch
from cases import each
from often import crossed
from units import ATTENTION, TABLE, UNITS, settings

import condensekit as ck
from condensekit import symmetry as S  # noqa: N812  as in notebooks
from condensekit.derivatives import Landscape
from condensekit.labs import SymmetryLab
from condensekit.models import PreciseTransformer
from condensekit.symmetry.families import FAMILIES
from condensekit.symmetry.settings import start
from condensekit.symmetry.subspace import Subspace
from condensekit.training.storage import decode, encode
from condensekit.verdicts import escape_verdict


@pytest.mark.parametrize("name", ATTENTION)
def test_eigenvalues_across_are_those_of_the_loss_that_is_trained(name):
    """The Hessian of the problem's own loss, by torch, in coordinates across the set."""
    now = settings(name, "heads", "equal", width=2, n=5)
    one, found = now.experiment, now.set()
    model, data = one.model, one.data()
    theta, normal = S.flat(model, found.place(one.init())), found.space.normal()[::3]
    at, directions = torch.from_numpy(theta), torch.from_numpy(normal)
    shapes = model.shapes()
    sizes = [int(np.prod(shape)) for shape in shapes.values()]

    def along(t):
        parts = zip(shapes.items(), (at + t @ directions).split(sizes), strict=True)
        outputs = model({leaf: part.view(shape) for (leaf, shape), part in parts}, data.x)
        return one.problem.loss(outputs, data.y)

    zero = torch.zeros(len(directions), dtype=torch.float64)
    expected = torch.autograd.functional.hessian(along, zero).numpy()
    ground = Landscape(model, theta[None], data.x[None], data.y[None], one.problem.loss)
    products = normal @ ground.curvature().products(normal).T
    np.testing.assert_allclose(products, expected, atol=1e-10 * np.abs(expected).max())
    values = S.transverse(one, found, one.init())
    assert values.min() <= np.linalg.eigvalsh(expected).min() + 1e-9
    assert values.max() >= np.linalg.eigvalsh(expected).max() - 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_directions_across_are_orthonormal_and_all_there_are(seed):
    draw = np.random.default_rng(seed)
    size = 12
    equations = [
        (int(i), float(draw.choice([1.0, -1.0, 2.0])), int(j))
        for i, j in draw.integers(size, size=(6, 2))
    ]
    space = Subspace.where(size, equations, draw.integers(size, size=2).tolist())
    normal = space.normal()
    assert normal.shape == (size - space.dimension, size)
    np.testing.assert_allclose(normal @ normal.T, np.eye(len(normal)), atol=1e-14)
    on = space.project(draw.standard_normal((20, size)))
    assert np.abs(on @ normal.T).max() < 1e-13


# --- the narrow model of heads -----------------------------------------------------------------

WIDE = {
    "attention": (ck.Attention(6, 6, 5, 2), ck.problems.teacher_heads(3), 0.3),
    "transformer": (
        PreciseTransformer(d_model=6, heads=5, d_head=2, d_ff=4),
        ck.problems.anchors(),
        0.05,
    ),
}
BLOCKS = {
    "two blocks": ((((0, 1), (3, 1)), ((1, 1), (2, 1), (4, 1))), ()),
    "signs and a zero": ((((0, 1), (2, -1), (4, 1)), ((3, 1),)), (1,)),
    "none alike": ((((0, 1),), ((1, 1),), ((2, 1),), ((3, 1),), ((4, 1),)), ()),
}


@crossed(("wide", "blocks"), WIDE, BLOCKS)
def test_equal_heads_are_a_narrower_model_and_move_as_it_does(wide, blocks):
    model, problem, rate = wide
    stratum = S.Stratum(model, *blocks)
    one = ck.Experiment(model, problem, ck.GradientDescent(rate, steps=60), 10, 0.5, 3)
    found = S.coincidence(one, stratum)
    narrow, start = found.narrow.experiment.model, found.wide.at(0)
    assert narrow.n_parameters == stratum.dimension
    assert narrow.narrow.heads == stratum.k
    assert found.largest < 1e-12
    assert found.wide.loss[-1] < 0.98 * found.wide.loss[0]
    np.testing.assert_allclose(found.narrow.loss, found.wide.loss, rtol=1e-10)
    reduced, x = S.reduce(stratum, start), one.data().x
    np.testing.assert_allclose(
        ck.evaluate(narrow, reduced, x), ck.evaluate(model, start, x), atol=1e-13
    )
    back = S.unreduce(stratum, reduced)
    for name, leaf in start.items():
        np.testing.assert_allclose(back[name], leaf, atol=1e-15)
    lengths = [sum(float(leaf.square().sum()) for leaf in p.values()) for p in (start, reduced)]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-14)


def test_a_block_of_heads_is_one_head_with_all_their_output():
    """In plain variables: (Q, K, V, s O) of a usual narrow Attention is the same function."""
    model = ck.Attention(6, 6, 4, 2)
    stratum = S.Stratum(model, (((0, 1), (1, 1), (2, 1)), ((3, 1),)))
    on = stratum.generic(5)
    plain = {name: leaf[[0, 3]].clone() for name, leaf in on.items()}
    plain["WO"] *= torch.tensor([3.0, 1.0], dtype=torch.float64)[:, None, None]
    x = ck.problems.teacher_heads().data(7).x
    np.testing.assert_allclose(
        ck.evaluate(model.replace(heads=2), plain, x),
        ck.evaluate(S.condensed(stratum), S.reduce(stratum, on), x),
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: S.CondensedHeads(ck.TwoLayer(), (1,)), "narrow must be an Attention or a Tr"),
        (lambda: S.CondensedHeads(ck.Attention(heads=2), (1,)), r"2 whole .* but are \(1,\)"),
        (lambda: S.CondensedHeads(ck.Attention(heads=1), (0,)), r"1 whole .* but are \(0,\)"),
        (
            lambda: S.condensed(S.Stratum(ck.Attention(heads=1), (((0, 1), (1, 1)),), layer=1)),
            "not for Attention and its columns of W_Q and W_K of head 1",
        ),
        (
            lambda: S.condensed(S.Stratum(ck.Transformer(heads=2, layers=2), (((0, 1), (1, 1)),))),
            "not for Transformer and its heads of layer 1",
        ),
        (lambda: S.condensed(S.Stratum(ck.Attention(heads=1), (), (0,))), "All heads .* zero"),
    ],
)
def test_where_there_is_no_narrow_model_a_sentence_says_so(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- settings and the lab ----------------------------------------------------------------------


@each("where", UNITS)
def test_settings_are_written_and_read(where):
    name, unit = where
    for optimizer, width in itertools.product(FAMILIES[name].optimizers, (2, 5, 8)):
        now = settings(name, unit, "equal", optimizer, width)
        assert now.unit == unit
        assert decode(encode(now)) == now
        assert now.chosen() == {
            "model": name,
            "activation": "tanh",
            "optimizer": optimizer,
            "width": width,
            "n_samples": 8,
            "seed": 4,
            "unit": unit,
        }
        assert S.layer_of(now.experiment.model, now.layer - 1).width == width


@pytest.mark.slow
def test_each_control_changes_what_is_trained_or_said():
    lab = SymmetryLab(model="small Transformer", width=4, n_samples=8)
    before = lab.entered(), lab.verdict.value, lab.form.column[4].value
    for name, value in (
        ("model", "attention heads"),
        ("candidate", "zero"),
        ("layer", "coordinates"),
        ("layer", "FFN neurons"),
        ("optimizer", "Adam"),
        ("width", 5),
        ("n_samples", 9),
        ("kick", 1e-3),
        ("seed", 5),
    ):
        lab.put(**{name: value})
        assert "✖" not in lab.status.value
        assert lab.entered() != before[0], name
        if name in ("candidate", "layer"):
            assert lab.form.column[4].value != before[2] or name == "layer"
            assert lab.verdict.value != before[1]
        lab.reset()
    assert lab.entered() == before[0]
    lab.close()


@pytest.mark.slow
def test_lists_offer_what_the_model_has():
    lab = SymmetryLab()
    lists = {name: lab.controls[name] for name in ("layer", "optimizer")}
    assert lists["layer"].options == ("1", "2")
    for name, family in FAMILIES.items():
        lab.controls["model"].value = name
        assert "✖" not in lab.status.value
        assert lab.entered().chosen()["model"] == name
        assert lists["optimizer"].options == (*family.optimizers,)
        if not family.activated:
            assert lists["layer"].options == (*family.units,)
        assert (lab.controls["activation"].layout.display == "none") is not family.activated
    lab.controls["optimizer"].value = "AdamW"
    lab.controls["model"].value = "one hidden layer"
    assert lists["optimizer"].value == "AdamW", "what the model has, too, stays"
    assert lists["layer"].value == "1"
    lab.close()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"activation": "relu"}, "activation is no setting of the model 'attention heads'"),
        ({"layer": 1}, "layer must be heads or columns of W_Q, W_K or .*, but is 1"),
        ({"layer": "coordinates"}, "layer must be heads or .* is coordinates"),
        ({"optimizer": "GradientFlow"}, "the gradient flow takes minutes: a Hessian at each step"),
        ({"optimizer": "Lion"}, "optimizer must be one of GradientDescent, .* 'Lion'.$"),
        ({"width": 9}, "width must be a whole number from 2 to 8, but is 9"),
        ({"candidate": "fixed by a rescaling"}, "is not a symmetry of Attention"),
    ],
)
def test_what_attention_does_not_have_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        SymmetryLab(model="attention heads", **wrong)


def test_the_model_of_the_lab_is_that_of_attention_lab():
    assert settings("attention heads", "heads", width=8).experiment.model == (
        ck.labs.AttentionLab().entered()[0].model
    )


@pytest.mark.slow
def test_sentences_speak_of_the_unit():
    opened = escape_verdict(start(settings("attention heads", "heads", width=3)))
    assert opened[0][1].startswith("Exchanging equal heads is a symmetry")
    assert opened[-1] == ("144 parameters", "move as 96 there.")
    for name, unit in UNITS.values():
        for candidate in TABLE[unit]:
            now = settings(name, unit, candidate, width=3)
            found = now.set()
            told = f"{found.reason} {found.formula}"
            if unit != "FFN neurons":
                assert "neuron" not in told and "activation" not in told, told
                assert "(a, w, b)" not in told, told
