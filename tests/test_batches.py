"""Losses, mini-batches and scores: held against torch.optim on the same batches."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from oracles import batches, by_torch
from torch import nn

import condensekit as ck
from condensekit.losses import (
    accuracy,
    cross_entropy,
    mean_squared_error,
    relative_squared_error,
)
from condensekit.problems import mnist

PROBLEM = ck.teacher(a=[1.5, -0.4], w=[[0.7, -1.1], [1.9, 0.2]], b=[0.3, -0.6])
SMALL = ck.Experiment(ck.TwoLayer(2, 6), PROBLEM, ck.SGD(), n_samples=23, init_std=0.3, seed=2)

OPTIMIZERS = {
    "sgd": ck.SGD(0.02, momentum=0.0, batch_size=5, steps=300),
    "momentum": ck.SGD(0.02, momentum=0.9, batch_size=5, steps=300),
    "full batch": ck.SGD(0.02, momentum=0.9, steps=300),
    "all but one": ck.SGD(0.02, batch_size=22, steps=300),
    "larger than all": ck.SGD(0.02, batch_size=50, steps=300),
    "adamw": ck.AdamW(3e-3, weight_decay=0.1, warmup=20, clip=0.2, batch_size=5, steps=300),
    "adamw, full batch": ck.AdamW(3e-3, weight_decay=0.3, clip=1e6, steps=300),
}
each = pytest.mark.parametrize("optimizer", [*OPTIMIZERS.values()], ids=[*OPTIMIZERS])


def _outputs(model, params, x):
    return torch.tanh(x @ params["w"].T + params["b"]) @ params["a"]


@each
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_steps_are_those_of_torch_on_the_same_batches(optimizer):
    experiment = dataclasses.replace(SMALL, optimizer=optimizer)
    run = ck.train(experiment)
    losses, path = by_torch(experiment, _outputs)
    np.testing.assert_allclose(run.loss, losses[run.step], rtol=1e-9)
    for i, step in enumerate(run.step):
        for name, leaf in path[step].items():
            torch.testing.assert_close(run.params[name][i], leaf, rtol=0, atol=1e-9)
    assert run.loss[-1] < 0.5 * run.loss[0]
    np.testing.assert_array_equal(run.time, run.step)


@each
def test_a_run_alone_is_its_row_in_a_batch(optimizer):
    base = dataclasses.replace(SMALL, optimizer=dataclasses.replace(optimizer, steps=40))
    batch = [base, base.replace(seed=5), base.replace(lr=0.01, init_std=0.1)]
    for run, experiment in zip(ck.train(batch), batch, strict=True):
        alone = ck.train(experiment)
        np.testing.assert_allclose(run.loss, alone.loss, rtol=1e-9)


def test_every_sample_is_seen_once_in_an_epoch():
    """Where the gradient is linear in the samples, an epoch adds up to the full batch."""
    experiment = dataclasses.replace(SMALL, n_samples=20)
    seen = []
    for step, rows in zip(range(8), batches(experiment.replace(batch_size=5)), strict=False):
        seen.append(rows)
        if step % 4 == 3:
            assert sorted(torch.cat(seen[-4:]).tolist()) == [*range(20)]
    assert not torch.equal(torch.cat(seen[:4]), torch.cat(seen[4:]))


def test_rows_that_end_early_leave_the_others_alone():
    base = dataclasses.replace(SMALL, optimizer=ck.SGD(0.02, batch_size=5, steps=90))
    wild = base.replace(lr=90.0)
    runs = ck.train([base, wild, base.replace(seed=3)])
    assert runs[1].outcome is ck.Outcome.DIVERGED
    assert "learning rate lr = 90 is too large" in runs[1].message
    for run in (runs[0], runs[2]):
        np.testing.assert_allclose(run.loss, ck.train(run.experiment).loss, rtol=1e-9)


# --- losses and scores -------------------------------------------------------------------------


def test_losses_are_those_of_torch():
    outputs, labels = torch.randn(7, 4, dtype=torch.float64), torch.randint(4, (7,))
    expected = nn.CrossEntropyLoss()(outputs, labels)
    torch.testing.assert_close(cross_entropy(outputs, labels), expected, rtol=1e-14, atol=0)
    by_hand = -sum(
        math.log(math.exp(row[label]) / sum(map(math.exp, row)))
        for row, label in zip(outputs.tolist(), labels.tolist(), strict=True)
    )
    assert float(cross_entropy(outputs, labels)) == pytest.approx(by_hand / 7, rel=1e-12)
    targets = torch.randn(7, 4, dtype=torch.float64)
    assert torch.equal(mean_squared_error(outputs, targets), nn.MSELoss()(outputs, targets))
    assert float(relative_squared_error(3 * targets, targets)) == pytest.approx(4.0)
    assert float(relative_squared_error(0 * targets, targets)) == pytest.approx(1.0)


def test_accuracy_counts():
    outputs = torch.tensor([[0.0, 2.0, 1.0], [5.0, 2.0, 1.0], [0.0, 0.0, 0.1]])
    assert accuracy(outputs, torch.tensor([1, 1, 2])) == pytest.approx(2 / 3)
    assert accuracy(outputs[:1], torch.tensor([1])) == 1.0


DIGITS = ck.Experiment(
    ck.Conv(kernels=2, stride=6, fan_in=True),
    mnist(),
    ck.SGD(0.2, batch_size=16, steps=30),
    n_samples=60,
    init_std=0.5,
)


@pytest.fixture(scope="module")
def digits():
    return ck.train(DIGITS)


def test_a_record_of_digits_tells_the_truth(digits):
    data = DIGITS.data()
    for i in (0, len(digits) // 2, len(digits) - 1):
        params = {name: leaf.double() for name, leaf in digits.at(i).items()}
        for x, y, loss in (
            (data.x, data.y, digits.loss[i]),
            (data.x_test, data.y_test, digits.test_loss[i]),
        ):
            outputs = ck.evaluate(DIGITS.model, params, x)
            assert loss == pytest.approx(nn.functional.cross_entropy(outputs, y).item(), rel=1e-4)
        right = (outputs.argmax(1) == y).double().mean()
        assert digits.score("test accuracy")[i] == pytest.approx(float(right), abs=2e-3)
    assert digits.loss[-1] < digits.loss[0]
    with pytest.raises(ValueError, match="no score 'speed' here; known are: test accuracy"):
        digits.score("speed")
    with pytest.raises(ValueError, match="no score 'test accuracy' here; known are: none"):
        ck.train(SMALL.replace(steps=2)).score("test accuracy")


# --- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("leaves", [None, ["w", "b"], ["w"], []])
def test_a_file_keeps_scores_and_the_leaves_that_were_asked_for(digits, tmp_path, compact, leaves):
    path = digits.save(tmp_path / "digits.npz", compact=compact, leaves=leaves)
    back = ck.Run.load(path)
    assert back.experiment == DIGITS
    assert [*back.params] == ([*digits.params] if leaves is None else leaves)
    for name, leaf in back.params.items():
        assert leaf.dtype == torch.float32
        bound = 1e-3 * digits.params[name].flatten(1).abs().amax(1) if compact else torch.zeros(1)
        error = (leaf - digits.params[name]).flatten(1).abs().amax(1)
        assert bool((error <= bound).all())
    np.testing.assert_array_equal(
        back.score("test accuracy"), digits.score("test accuracy"), strict=True
    )
    for name in ("step", "time", "loss", "test_loss"):
        np.testing.assert_array_equal(getattr(back, name), getattr(digits, name))


def test_files_of_fewer_leaves_are_smaller(digits, tmp_path):
    whole = digits.save(tmp_path / "whole.npz").stat().st_size
    kernels = digits.save(tmp_path / "kernels.npz", leaves=["w", "b"]).stat().st_size
    assert kernels < whole / 2


def test_networks_that_differ_in_their_start_alone_move_as_one_batch():
    batch = [DIGITS.replace(steps=6), DIGITS.replace(steps=6, fan_in=False, init_std=1e-2)]
    assert max(len(snapshot.rows) for snapshot in ck.trajectory(batch)) == 2
    for run, experiment in zip(ck.train(batch), batch, strict=True):
        assert run.experiment == experiment
        np.testing.assert_allclose(run.loss, ck.train(experiment).loss, rtol=1e-6)
        assert torch.equal(run.at(0)["w"], experiment.init()["w"])


def test_several_runs_keep_each_its_own(digits, tmp_path):
    other = ck.train(DIGITS.replace(seed=1, steps=4))
    ck.Runs([digits, other]).save(tmp_path / "two.npz", leaves=["c"])
    back = ck.Runs.load(tmp_path / "two.npz")
    assert back.experiments == (DIGITS, other.experiment)
    for run, expected in zip(back, (digits, other), strict=True):
        assert torch.equal(run.params["c"], expected.params["c"])
        scored = run.score("test accuracy")
        np.testing.assert_array_equal(scored, expected.score("test accuracy"))
