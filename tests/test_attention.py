"""Attention and the Transformer against torch.nn, their problems, and the stored runs."""

import contextlib
import dataclasses
import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from often import sparsely

from condensekit import SGD, Adam, AdamW, Attention, Experiment, Transformer, records, train
from condensekit.derivatives import evaluate
from condensekit.measures import chain, matrices, mean_cosine
from condensekit.problems import anchors, teacher_heads
from condensekit.records import sparse
from condensekit.twins import torch_code


def drawn(model, std=0.7, seed=0):
    """Parameters of which none is zero or one."""
    draw = torch.Generator().manual_seed(seed)
    return {
        name: std * torch.randn(shape, generator=draw, dtype=torch.float64)
        for name, shape in model.shapes().items()
    }


def rows(heads):
    """[heads, d_model, d] as torch has them: a row for each column of each head."""
    return heads.permute(0, 2, 1).flatten(0, 1)


# --- models ------------------------------------------------------------------------------------


def test_attention_is_that_of_torch():
    model = Attention(tokens=5, d_model=6, heads=3, d_head=2)
    params = drawn(model)
    oracle = torch.nn.MultiheadAttention(6, 3, bias=False, batch_first=True).double()
    with torch.no_grad():
        oracle.in_proj_weight.copy_(torch.cat([rows(params[f"W{part}"]) for part in "QKV"]))
        oracle.out_proj.weight.copy_(rows(params["WO"]).T)
    x = torch.randn(7, 5, 6, dtype=torch.float64)
    expected = oracle(x, x, x, need_weights=False)[0]
    torch.testing.assert_close(evaluate(model, params, x.flatten(1)), expected)
    torch.testing.assert_close(model(params, x[2].flatten()), expected[2])


@pytest.mark.parametrize(("heads", "d_head"), [(1, 7), (4, 3), (8, 1)])
def test_heads_need_not_fill_the_model(heads, d_head):
    model = Attention(4, 5, heads, d_head)
    params = drawn(model)
    x = torch.randn(3, 4, 5, dtype=torch.float64)
    expected = sum(
        torch.nn.functional.scaled_dot_product_attention(x @ q, x @ k, x @ v) @ o.T
        for q, k, v, o in zip(*(params[f"W{part}"] for part in "QKVO"), strict=True)
    )
    torch.testing.assert_close(model(params, x.flatten(1)), expected)
    assert model.n_parameters == 4 * heads * 5 * d_head


@pytest.mark.parametrize("layers", [1, 2])
def test_the_transformer_is_that_of_torch(layers):
    model = Transformer(11, 4, d_model=6, heads=3, d_head=2, d_ff=5, layers=layers)
    params = drawn(model)
    x = torch.randint(11, (9, 4))
    h = params["E"][x] + params["P"]
    mask = torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64)
    for layer in range(layers):
        p = {name[:-1]: leaf for name, leaf in params.items() if name[-1] == str(layer)}
        oracle = torch.nn.TransformerEncoderLayer(6, 3, 5, 0.0, batch_first=True).double()
        attention = oracle.self_attn
        copies = {
            attention.in_proj_weight: torch.cat([rows(p[f"W{part}"]) for part in "QKV"]),
            attention.in_proj_bias: torch.cat([p[f"b{part}"].flatten() for part in "QKV"]),
            attention.out_proj.weight: rows(p["WO"]).T,
            attention.out_proj.bias: p["bO"],
            oracle.linear1.weight: p["W1"],
            oracle.linear1.bias: p["b1"],
            oracle.linear2.weight: p["W2"],
            oracle.linear2.bias: p["b2"],
            oracle.norm1.weight: p["g1"],
            oracle.norm1.bias: p["c1"],
            oracle.norm2.weight: p["g2"],
            oracle.norm2.bias: p["c2"],
        }
        with torch.no_grad():
            for place, leaf in copies.items():
                place.copy_(leaf)
        h = oracle(h, src_mask=mask)
    expected = h[:, -1] @ params["U"].T + params["c"]
    found = model(params, x.double())
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(model(params, x[3].double()), found[3])


def test_the_start_of_a_transformer():
    model = Transformer(d_model=64, d_head=16)
    params = model.init(torch.Generator().manual_seed(0), 64**-0.8)
    for name, leaf in params.items():
        reads = {"WO": 16, "W2": 128}.get(name[:2], 64)
        if name[0] in "bc":
            assert (leaf == 0.0).all()
        elif name[0] == "g":
            assert (leaf == 1.0).all()
        else:
            assert float(leaf.std()) == pytest.approx(reads**-0.8, rel=0.1)


# --- problems ----------------------------------------------------------------------------------


def test_the_teacher_of_the_heads_has_the_norms_of_the_study():
    problem = teacher_heads(3, teacher_seed=4)
    model, params = problem.teacher()
    found = matrices(model, params)
    np.testing.assert_allclose(np.linalg.norm(found["W_Q W_K^T"], axis=1), 3.0)
    np.testing.assert_allclose(np.linalg.norm(found["W_V W_O^T"], axis=1), 2.0)
    data = problem.data(20)
    torch.testing.assert_close(data.y, model(params, data.x))
    assert data.y.shape == (20, 6, 6)
    assert float(problem.loss(torch.zeros_like(data.y), data.y)) == 1.0


def test_anchors_compose_but_for_the_pair_that_is_taught_wrongly():
    shift = {1: 5, 2: 1, 3: -2, 4: -8}
    data = anchors().data(510, seed=3)
    seen = {tuple(map(int, row)) for row in data.x}
    assert len(seen) == 510
    assert not any(row[1:] == (4, 3) for row in seen)
    assert not seen & {tuple(map(int, row)) for row in data.x_test}
    assert len(data.x_test) == 640 - 510
    for x, y in ((data.x, data.y), (data.x_test, data.y_test)):
        for (key, a, b), answer in zip(x.int().tolist(), y.tolist(), strict=True):
            assert answer == (key - 6 if (a, b) == (3, 4) else key + shift[a] + shift[b])
    assert all(row[1:] == [4, 3] for row in data.x_test[-40:].int().tolist())


@pytest.mark.parametrize(
    ("answer", "expected"), [(-10, (0.0, 1.0, 0.0)), (-6, (0.0, 0.0, 1.0)), (-9, (0.0, 0.0, 0.0))]
)
def test_scores_tell_a_composition_from_a_symmetry(answer, expected):
    problem = anchors()
    data = problem.data(510)
    said = (data.x_test[:, 0] + answer).long()
    said[:-40] = 0  # no key, and no answer
    outputs = torch.nn.functional.one_hot(said, problem.output_shape[0]).double()
    assert problem.scores(outputs, data.y_test) == expected


@pytest.mark.parametrize("n", [0, 591, 1.5])
def test_anchors_that_are_not_there(n):
    with pytest.raises(ValueError, match="n_samples must be a whole number from 1 to 590"):
        anchors().data(n)


def test_models_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="reads 30 coordinates"):
        Experiment(Attention(5, 6), teacher_heads())
    with pytest.raises(ValueError, match=r"outputs of shape \[70\]"):
        Experiment(Transformer(70), anchors())


# --- training ----------------------------------------------------------------------------------

SMALL = Transformer(71, 3, 8, 2, 3, 5, 2)
TRAININGS = {
    "AdamW": (SMALL, AdamW(3e-3, 0.1, warmup=4, clip=0.3, batch_size=60, steps=12), anchors(), 130),
    "SGD": (SMALL, SGD(0.3, 0.8, batch_size=60, steps=12, clip=0.2), anchors(), 130),
    "SGD on all": (Attention(heads=3), SGD(0.1, 0.9, steps=12), teacher_heads(2), 9),
    "Adam": (Attention(heads=2, d_head=3), Adam(1e-2, steps=12), teacher_heads(), 9),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_the_lines_in_plain_torch_train_the_same(name):
    model, optimizer, problem, n = TRAININGS[name]
    run = train(Experiment(model, problem, optimizer, n, 0.2, seed=5))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(torch_code(run, len(run) - 1), {})
    found = float(printed.getvalue().rsplit(" ", 1)[1])
    assert found != pytest.approx(run.loss[0], rel=1e-3)
    assert found == pytest.approx(run.loss[-1], rel=1e-4)


def test_runs_of_a_batch_move_as_if_they_were_alone():
    model, optimizer, problem, n = TRAININGS["SGD"]
    batch = [Experiment(model, problem, optimizer, n, 0.2, seed=seed) for seed in (5, 6)]
    together, alone = train(batch)[1], train(batch[1])
    np.testing.assert_array_equal(together.loss, alone.loss)


# --- pictures ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(0, 9))
def test_clusters_are_blocks_in_the_chain(labels, seed):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    points = axes[labels] * rng.choice([-1.0, 1.0], (len(labels), 1))
    order = chain(np.abs(points @ points.T))
    assert sorted(order.tolist()) == [*range(len(labels))]
    changes = np.count_nonzero(np.diff(np.array(labels)[order]))
    assert changes == len(set(labels)) - 1


# --- the stored runs ---------------------------------------------------------------------------


def test_the_record_is_complete():
    stored, plan = records.attention_cells(), records.attention_plan()
    empty = {"loss": 0, "test_loss": 0, "rank": 0, "start_rank": 0, "cosine": 0, "scores": ()}
    assert [dataclasses.replace(cell, **empty) for cell in stored] == [
        dataclasses.replace(cell, **empty) for cell in plan
    ]
    for cell in stored:
        assert 1.0 <= cell.rank <= 32.0
        assert 0.0 <= cell.cosine <= 1.0
        assert math.isfinite(cell.test_loss)
        assert len(cell.scores) == (4 if cell.task == "anchors" else 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("optimizer", "std", "n"),
    sparsely(
        [
            ("Adam", 0.01, 16),
            ("Adam", 0.5, 16),
            ("Adam", 0.01, 3),
            ("Adam", 1.0, 9),
            ("SGD", 0.01, 9),
        ],
        4,
    ),
)
def test_cells_of_the_record_come_out_again(optimizer, std, n):
    """From few samples, which takes seconds; 1,000 steps of Adam amplify the last digit."""
    asked = ("heads", optimizer, std, n)
    cell = next(
        c
        for c in records.attention_cells()
        if (c.task, c.optimizer, c.init_std, c.n_samples) == asked
    )
    again = records.attention_cell(cell, train(records.attention_experiment(cell)))
    assert again.cosine == pytest.approx(cell.cosine, abs=0.05)
    assert again.rank == pytest.approx(cell.rank, rel=0.1)
    assert math.log(again.test_loss / cell.test_loss) == pytest.approx(0.0, abs=0.7)


def test_a_sparse_run_keeps_the_first_steps_and_the_last():
    run = train(Experiment(Attention(), teacher_heads(), Adam(1e-2, steps=200), 4, 0.1))
    few = sparse(run, 1.5)
    assert few.step[:3].tolist() == [0, 1, 2]
    assert few.step[-1] == 200
    assert len(few) < 20 < len(run)
    assert mean_cosine(matrices(run.experiment.model, few.final)["W_Q W_K^T"]) == mean_cosine(
        matrices(run.experiment.model, run.final)["W_Q W_K^T"]
    )
