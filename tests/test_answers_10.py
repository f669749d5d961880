"""What notebook 10 says under *Go on*, folded: each number computed."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.exercises.condensation import initial_stage
from condensekit.exercises.plateaus import alignments, relative_errors
from condensekit.exercises.rank import NEURONS
from condensekit.measures import initial_lines
from condensekit.problems import formula

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "10-exercises.ipynb"
FEW = ck.Experiment(
    ck.TwoLayer(1, 100),
    ck.three_tanh(),
    ck.GradientFlow(stop_loss=1e-5, rtol=1e-2),
    n_samples=14,
)
BASE = ck.Experiment(
    ck.TwoLayer(1, 50),
    ck.three_tanh(),
    ck.GradientFlow(stop_loss=1e-4),
    n_samples=50,
    init_std=1e-4,
)
ONE = 0.10902275  # best of one neuron


def test_each_go_on_has_a_fold():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    asked = [cell.source for cell in cells if cell.source.startswith("*Go on:*")]
    assert len(asked) == 7
    assert all(text.count("<details><summary>What we found") == 1 for text in asked)


@pytest.mark.parametrize(("std", "error", "cosine"), [(0.03, 0.007, 0.78), (0.1, 0.33, 0.68)])
def test_1_where_the_difference_begins(std, error, cosine):
    runs = ck.train([FEW.replace(init_std=std, seed=seed) for seed in range(3)])
    assert np.median([run.test_loss[-1] for run in runs]) == pytest.approx(error, rel=0.15)
    assert np.median([alignments(run).max() for run in runs]) == pytest.approx(cosine, abs=0.03)


def test_1_with_50_samples_there_is_none():
    for run in ck.train([FEW.replace(n_samples=50, init_std=std) for std in (1e-3, 0.5)]):
        assert run.test_loss[-1] < 1.2e-5


@pytest.mark.slow
def test_2_three_lines_are_allowed_and_two_are_used():
    assert ck.activations.activation("x2tanh").multiplicity() == 3
    for seed in range(3):
        first = initial_stage("x2tanh", seed)
        assert initial_lines(ck.train(first)).count == 2
        for text in ("x", "sin(3*x)", "abs(x)", "x**3", "exp(x)", "cos(4*x)"):
            other = ck.Experiment(first.model, formula(text), first.optimizer, 40, 0.005, seed)
            assert initial_lines(ck.train(other)).count == 2, text


def order(run):
    aligned, steps = alignments(run), np.arange(len(run))
    gathered = int(np.argmax(aligned > 0.95))
    happened = {
        "gather": gathered,
        "halve": int(np.argmax(run.loss < 0.5 * run.loss[0])),
        "one neuron": int(np.argmax(run.loss < ONE)),
        "spread": int(np.argmax((aligned < 0.9) & (steps > gathered))),
        "recover": int(np.argmax(relative_errors(run) < 1e-3)),
    }
    return sorted(happened, key=lambda name: happened[name]), aligned.max()


@pytest.mark.slow
def test_3_the_order_of_other_starts():
    usual = ["gather", "halve", "one neuron", "spread", "recover"]
    for other in ({"seed": 0}, {"seed": 4}, {"seed": 1, "init_std": 1e-3}):
        assert order(ck.train(BASE.replace(**other)))[0] == usual
    larger = order(ck.train(BASE.replace(seed=1, init_std=1e-2)))[0]
    assert larger == ["halve", "gather", "one neuron", "spread", "recover"]
    for std in (0.03, 0.1):
        assert order(ck.train(BASE.replace(seed=1, init_std=std)))[1] < 0.95
    adam = ck.Adam(1e-3, steps=40_000, stop_loss=1e-4)
    run = ck.train(ck.Experiment(BASE.model, BASE.problem, adam, 50, 1e-4, seed=1))
    assert order(run)[0] == ["gather", "spread", "halve", "one neuron", "recover"]


def lowest(act, labels, k):
    x = BASE.data().x.numpy()
    losses = []
    for scale in np.geomspace(0.003, 1.0, 60):
        hidden = act(x * scale * np.arange(1, k + 1))
        fitted = hidden @ np.linalg.lstsq(hidden, labels)[0]
        losses.append(float(np.square(fitted - labels).mean()))
    return min(losses)


def test_4_a_common_bias_and_a_sigmoid():
    even = np.abs(BASE.data().y.numpy())
    assert lowest(lambda z: np.tanh(z + 1.0), even, 8) == pytest.approx(0.05, abs=0.01)
    assert even.var() == pytest.approx(0.98, abs=0.005)
    assert lowest(np.tanh, even, 8) == pytest.approx(np.square(even).mean())
    assert lowest(lambda z: 1.0 / (1.0 + np.exp(-z)), even, 8) == pytest.approx(even.var())


def test_5_adam_does_not_pay_for_a_smaller_start():
    for std in (1e-6, 1e-12):
        for seed in range(3):
            adam = ck.Adam(1e-3, steps=60)
            run = ck.train(ck.Experiment(BASE.model, BASE.problem, adam, 50, std, seed=seed))
            assert run.step[np.argmax(run.loss < 0.5 * run.loss[0])] in (42, 43)


def test_6_sixteen_neurons():
    sizes = [ck.optimistic_sample_size(ck.TwoLayer(1, 500), target_width=k) for k in (16, 17)]
    assert sizes == [48, 51]


def test_7_a_small_output_counts():
    a, w, b = torch.tensor((*NEURONS[:3], (0.001, *NEURONS[3][1:])), dtype=torch.float64).T
    params = {"a": a.clone(), "w": w[:, None].clone(), "b": b.clone()}
    report = ck.model_rank(ck.TwoLayer(1, 4), params)
    assert report.rank == 9
    assert report.spectrum[8] == pytest.approx(0.001, rel=0.2)
