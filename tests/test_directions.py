"""Kernels of nearly one direction as one: exact where they are of one, and seen on digits."""

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit import records
from condensekit.measures import merge_directions

SHAPES = {
    "fully connected": ck.Conv(4, kernels=12, size=4, stride=1, classes=3, activation="relu"),
    "positions": ck.Conv(6, kernels=12, size=3, stride=1, pool=2, classes=3, activation="relu"),
    "hidden": ck.Conv(5, kernels=12, size=3, stride=2, hidden=4, classes=3, activation="relu"),
}


def copied(model, seed=0):
    """Four directions, each in three kernels of different lengths."""
    params = model.init(seed=seed)
    generator = torch.Generator().manual_seed(seed)
    params["b"] = torch.randn(12, generator=generator)
    for name in ("w", "b"):
        first = params[name][:4]
        params[name] = torch.cat([first, 3.0 * first, 0.25 * first])
    return params


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_kernels_of_one_direction_are_joined_exactly(name, seed):
    model = SHAPES[name]
    params = copied(model, seed)
    merged = merge_directions(model, params, cosine=1.0 - 1e-6)
    assert merged.model == model.replace(width=4)
    assert {*zip(merged.labels, np.tile(range(4), 3), strict=True)} == {
        (merged.labels[one], one) for one in range(4)
    }
    x = torch.rand(40, model.input_dim, generator=torch.Generator().manual_seed(1))
    wide, narrow = (
        ck.evaluate(*network, x) for network in ((model, params), (merged.model, merged.params))
    )
    torch.testing.assert_close(narrow, wide, rtol=1e-4, atol=1e-4)
    assert merged.agreement(x) == 1.0


@pytest.mark.parametrize("cosine", [-0.5, 0.3, 0.6, 0.9])
def test_groups_are_founded_by_the_strongest(cosine):
    """One kernel after the other, by loops: the founder stays as it is, weak ones are left out."""
    model = ck.Conv(2, kernels=40, size=2, stride=1, classes=3, activation="relu")
    params = model.init(seed=2)
    params["v"][:, 7] = 1e-6
    merged = merge_directions(model, params, cosine)
    w, v = params["w"].double(), params["v"].double()
    length = w.norm(dim=1)
    strength, expected, founders = length * v.norm(dim=0), [-1] * 40, []
    for j in strength.argsort(descending=True).tolist():
        if expected[j] == -1 and strength[j] > 0.01 * strength.max():
            for k in range(40):
                near = w[k] @ w[j] / length[k] / length[j] >= cosine
                if expected[k] == -1 and strength[k] > 0.01 * strength.max() and (near or k == j):
                    expected[k] = len(founders)
            founders.append(j)
    assert merged.labels.tolist() == expected
    assert expected[7] == -1
    assert torch.equal(merged.params["w"], params["w"][founders])
    for group, j in enumerate(founders):
        members = [k for k in range(40) if expected[k] == group]
        by_hand = sum(v[:, k] * length[k] / length[j] for k in members)
        torch.testing.assert_close(merged.params["v"][:, group].double(), by_hand)


def test_what_disagrees_is_counted():
    """Two opposite directions, merged by force: the second class is never seen again."""
    model = ck.Conv(2, kernels=2, size=2, stride=1, classes=2, activation="relu")
    params = {
        "w": torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 0.9, 0.0, 0.0]]),
        "b": torch.zeros(2),
        "v": torch.eye(2),
        "c": torch.tensor([1e-3, 0.0]),
    }
    merged = merge_directions(model, params, cosine=-1.0)
    x = torch.tensor([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 1.0, 0, 0], [0, 0, 0, 0]])
    assert merged.model.kernels == 1
    assert merged.agreement(x) == 0.5


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (ck.Conv(4, 3, 2, layers=2, classes=3, activation="relu"), "in a Conv with one"),
        (ck.Conv(4, 3, 2, classes=3), "a homogeneous activation"),
        (ck.TwoLayer(2, 3, "relu"), "not in TwoLayer"),
    ],
)
def test_other_networks_are_refused(model, says):
    with pytest.raises(ValueError, match=says):
        merge_directions(model, model.init(seed=0))


@pytest.mark.parametrize("name", ["cosine", "active"])
def test_thresholds_are_checked(name):
    model = SHAPES["fully connected"]
    with pytest.raises(ValueError, match=f"{name} must be .*1.5"):
        merge_directions(model, model.init(seed=0), **{name: 1.5})


@pytest.mark.slow
@pytest.mark.parametrize(("std", "lowest", "most"), [(1e-6, 1, 2), (0.05, 60, 60)])
def test_few_directions_tell_digits_as_the_whole_network_does(std, lowest, most):
    """On the first plateau a small network has one direction; one that starts large has all."""
    model = ck.Conv(28, kernels=60, size=28, stride=1, activation="relu")
    problem, adam = ck.mnist(one_hot=True), ck.Adam(lr=1e-4, steps=100)
    run = ck.train(ck.Experiment(model, problem, adam, n_samples=200, init_std=std))

    def seen(model, params, data):
        merged = merge_directions(model, params)
        assert len(merged.params["w"]) == merged.model.kernels == 1 + merged.labels.max()
        return merged.model.kernels, merged.agreement(data.x_test)

    groups, agreement = ck.along(run, seen).T
    assert groups[0] == 60
    assert lowest <= groups.min() <= most
    assert agreement.min() > 0.95


def test_the_recorded_digits_say_what_is_said_of_them():
    """One group and one answer on the plateau; then more and more groups, that agree nearly."""
    start, plateau, *later = records.MERGED_DIGITS
    assert (start.groups, plateau.groups, plateau.agreement) == (400, 1, 1.0)
    assert plateau.accuracy < 0.11
    assert [row.groups for row in later] == sorted(row.groups for row in later)
    near = min(later, key=lambda row: abs(row.groups - records.PRINTED_GROUPS))
    assert 0.87 < near.agreement < 0.93 < records.PRINTED_AGREEMENT
    enough = [row.groups for row in later[1:] if row.agreement >= records.PRINTED_AGREEMENT]
    assert min(enough) > 2 * records.PRINTED_GROUPS


def test_a_row_of_the_record_is_what_merging_says():
    few = records.DIGITS.replace(width=12, n_samples=50, steps=20, init_std=1e-5, lr=1e-3)
    run = ck.train(few)
    row = records.merged_digits(run, -1)
    merged = merge_directions(few.model, run.at(-1))
    assert (row.step, row.groups) == (20, merged.model.kernels)
    assert row.agreement == merged.agreement(few.data().x_test)
    assert (row.loss, row.accuracy) == (run.loss[-1], run.scores["test accuracy"][-1])
