"""The answers to *Try it yourself* of the notebook on theory and experiment, computed."""

import itertools

import numpy as np
import pytest
import torch
from test_samples import is_tree

import condensekit as ck
from condensekit.labs import FactorizationLab
from condensekit.measures import Allows, theory
from condensekit.problems import example_matrix

MODEL = ck.MatrixFactorization(4, 4, 4)
BASE = ck.Experiment(
    ck.TwoLayer(5, 30),
    ck.sliding_tanh(),
    ck.GradientFlow(stop_loss=1e-8, max_steps=1_000),
    n_samples=21,
    init_std=1e-10,
)


def said(widget):
    return str(getattr(widget, "value", ""))


def _trained(rank, order=None, **settings):
    problem = ck.matrix_completion(example_matrix(rank), order)
    flow = ck.GradientFlow(stop_loss=1e-16)
    base = ck.Experiment(MODEL, problem, flow, n_samples=1, init_std=1e-4)
    return ck.train(base.replace(**settings))


def test_1_of_rank_three_one_hidden_entry_more_makes_both_wrong():
    lab = FactorizationLab(target_rank=3, n_samples=15)
    (theory,) = (line.value for line in lab.form.column if "theory for rank" in said(line))
    assert "<b>15</b>" in theory
    order = lab.entered()[0].problem.order
    for hidden in order[:15]:
        seen = [entry for entry in order[:15] if entry != hidden]
        run = _trained(3, [*seen, hidden, 15], n_samples=14)
        error = (run.final["A"] @ run.final["B"]).numpy() - np.array(example_matrix(3))
        wrong = np.flatnonzero(np.abs(error.ravel()) > 0.1)
        assert wrong.tolist() == sorted([hidden, 15])
        if hidden == 0:
            assert np.abs(error.ravel()[[0, 15]]) == pytest.approx([6.0, 8.2], abs=0.05)


@pytest.mark.parametrize(
    ("std", "second", "error"),
    [(0.01, 0.0025, 6.6e-8), (0.1, 0.10, 9.3e-5), (0.3, 0.83, 5.2e-3), (1.0, 7.0, 0.32)],
)
def test_2_the_second_singular_value_stays_where_the_start_left_it(std, second, error):
    run = _trained(1, n_samples=7, init_std=std)
    verdict = ck.recovery(run)
    values = torch.linalg.svdvals(run.final["A"] @ run.final["B"])
    assert float(values[0]) == pytest.approx(15.0, abs=0.5)
    assert float(values[1]) == pytest.approx(second, rel=0.06)
    assert verdict.relative_error == pytest.approx(error, rel=0.06)
    assert verdict.reached is (std < 0.3)


def test_3_two_parts_without_an_empty_row_or_column():
    entries = [0, 1, 4, 5, 10, 11, 15]
    problem = ck.matrix_completion(example_matrix(1), entries)
    said = theory(ck.Experiment(MODEL, problem, n_samples=7))
    assert said.says is Allows.NOT_THESE
    assert str(said.samples) == "rank 6 of 7 on these samples"
    every = [*itertools.combinations(range(16), 7)]
    trees = {pattern for pattern in every if is_tree(pattern)}
    full = [
        pattern
        for pattern in every
        if {e // 4 for e in pattern} == {e % 4 for e in pattern} == {0, 1, 2, 3}
    ]
    assert (len(every), len(trees), len({*full} - trees)) == (11_440, 4_096, 1_680)


def test_4_a_larger_start_recovers_less_exactly():
    answers = {1e-10: [3.4e-7, 7.4e-7, 2.5e-7], 0.1: [1.1e-5, 1.7e-4, 1.8e-4]}
    for std, errors in answers.items():
        base = BASE.replace(n_samples=48, init_std=std)
        runs = ck.train([base.replace(seed=seed) for seed in range(3)])
        verdicts = [ck.recovery(run) for run in runs]
        assert all(verdict.reached for verdict in verdicts)
        found = [verdict.relative_error for verdict in verdicts]
        assert found == pytest.approx(errors, rel=0.3)


@pytest.mark.slow
def test_5_a_second_axis():
    found = ck.sweep(BASE, n_samples=[24, 30, 36], seed=range(3), width=[3, 30])
    assert found.reached.size == 18
    counts = found.reached.sum("seed").transpose("width", "n_samples").values
    assert counts.tolist() == [[1, 1, 2], [0, 0, 2]]
