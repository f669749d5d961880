"""Dropout in training: other neurons in every step, and the whole network where it is measured."""

import numpy as np
import pytest
import torch
from cases import each

import condensekit as ck
from condensekit import SGD, Adam, AdamW, Experiment, ScaledTwoLayer
from condensekit.derivatives import Landscape
from condensekit.problems import stream

OPTIMIZERS = {
    "Adam": Adam(1e-2, 30),
    "SGD": SGD(0.05, 0.5, steps=30),
    "AdamW": AdamW(1e-2, warmup=3, steps=30),
}
TORCH = {
    "Adam": lambda leaves: torch.optim.Adam(leaves, lr=1e-2),
    "SGD": lambda leaves: torch.optim.SGD(leaves, lr=0.05, momentum=0.5),
}


def experiment(optimizer=OPTIMIZERS["Adam"], dropout=0.3, **knobs):
    model = ScaledTwoLayer(1, 8, "tanh", gamma=0.0, dropout=dropout)
    return Experiment(model, ck.three_tanh(1), optimizer, 6, init_std=0.5).replace(**knobs)


def masks(one, steps):
    """The masks that a seed draws, step after step."""
    draw = stream(one.seed, "dropout")
    shape = one.optimizer.batch_size or one.n_samples, one.model.m
    p = one.model.dropout
    for _ in range(steps):
        stays = torch.empty(shape, dtype=torch.float64).bernoulli_(1 - p, generator=draw)
        yield stays / (1 - p)


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
def test_steps_are_those_of_torch_with_the_same_neurons_left_out(name, dropout):
    one = experiment(OPTIMIZERS[name], dropout)
    data, leaves = one.data(), {n: p.clone().requires_grad_() for n, p in one.init().items()}
    optimizer = TORCH[name](leaves.values())
    for mask in masks(one, 30):
        optimizer.zero_grad()
        hidden = torch.tanh(data.x @ leaves["w"].T + leaves["b"]) * mask
        ((hidden @ leaves["a"] - data.y) ** 2).mean().backward()
        optimizer.step()
    run = ck.train(one)
    for name_, leaf in run.final.items():
        torch.testing.assert_close(leaf, leaves[name_].detach(), rtol=1e-9, atol=1e-12)


@each("optimizer", OPTIMIZERS)
def test_losses_are_those_of_the_whole_network(optimizer):
    run = ck.train(experiment(optimizer))
    data = run.experiment.data()
    for index in (0, 1, -1):
        outputs = ck.evaluate(run.experiment.model, run.at(index), data.x)
        expected = float(((outputs - data.y) ** 2).mean())
        assert run.loss[index] == pytest.approx(expected, rel=1e-12)


@each("optimizer", OPTIMIZERS)
def test_a_seed_is_reproduced_alone_and_among_others(optimizer):
    base = experiment(optimizer)
    again, alone = ck.train(base), ck.train(base)
    np.testing.assert_array_equal(again.loss, alone.loss)
    together = ck.train([base.replace(seed=s, steps=k) for s, k in ((1, 10), (0, 30), (2, 20))])
    np.testing.assert_allclose(together[1].loss, alone.loss, rtol=1e-12)
    assert not np.allclose(together[0].final["a"], alone.at_step(10)["a"])


def test_mini_batches_leave_out_neurons_too():
    one = experiment(SGD(0.05, batch_size=4, steps=20))
    first, second = ck.train(one), ck.train(one)
    np.testing.assert_array_equal(first.loss, second.loss)
    assert not np.array_equal(first.loss[1:], ck.train(one.replace(dropout=0.0)).loss[1:])


def test_no_dropout_is_the_two_layer_network():
    one = experiment(dropout=0.0)
    plain = Experiment(ck.TwoLayer(1, 8), one.problem, one.optimizer, 6, init_std=0.5)
    np.testing.assert_array_equal(ck.train(one).loss, ck.train(plain).loss)


@pytest.mark.parametrize("dropout", [0.1, 0.5])
def test_as_many_neurons_are_left_out_as_the_knob_says(dropout):
    one = experiment(dropout=dropout, width=200)
    theta = np.zeros((1, one.model.n_parameters))
    data = one.data()
    landscape = Landscape(one.model, theta, data.x[None], data.y[None])
    landscape.use_dropout(200, [stream(0, "dropout")])
    left, means = [], []
    for _ in range(100):
        landscape.next_batch()
        left.append(float((landscape.dropout.mask == 0).double().mean()))
        means.append(float(landscape.dropout.mask.mean()))
    error = (dropout * (1 - dropout) / (100 * 1200)) ** 0.5
    assert np.mean(left) == pytest.approx(dropout, abs=5 * error)
    assert np.mean(means) == pytest.approx(1.0, abs=5 * error / (1 - dropout))


@pytest.mark.parametrize("dropout", [1, 1.0, -0.1, float("nan"), "x"])
def test_shares_that_leave_nothing_or_are_none_are_refused(dropout):
    with pytest.raises(ValueError, match=r"dropout must be a number from 0 to 0\.95, but is"):
        experiment(dropout=dropout)


@pytest.mark.parametrize("optimizer", [ck.GradientFlow(), ck.GradientDescent()])
def test_optimizers_that_see_one_loss_refuse_it_in_a_sentence(optimizer):
    name = type(optimizer).__name__
    with pytest.raises(ValueError, match=rf"{name} does not take: use one of Adam, SGD, AdamW"):
        experiment(optimizer)
    experiment(optimizer, dropout=0.0)


def test_there_are_no_lines_in_plain_torch_and_a_sentence_says_so():
    with pytest.raises(ValueError, match="no lines in plain torch for dropout"):
        ck.twins.torch_code(ck.train(experiment()), -1)
