"""What exercises say of a few seeds, tried with others; and a kernel that an answer cannot hang."""

import dataclasses
import time

import nbformat
import numpy as np
import pytest
import test_exercises
import torch
from nbclient import NotebookClient

import condensekit as ck
from condensekit import exercises
from condensekit.exercises import first_rays, invariant_sets, left_out, own_network, scales
from condensekit.exercises import lines_and_functions as lines
from condensekit.exercises.keeping import PROGRESS
from condensekit.exercises.second_escape import OPENED

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(3, 10))
def test_a_target_that_is_turned_over_has_the_same_ray(seed):
    ray, sign = first_rays._strongest(seed, flipped=False)
    other, turned = first_rays._strongest(seed, flipped=True)
    assert other == pytest.approx(ray, abs=0.1)
    assert (sign, turned) == (1.0, -1.0)


@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize(
    ("std", "words"),
    [
        (1e-5, {"condensed"}),
        (1e-3, {"condensed"}),
        (0.1, {"stayed scattered"}),
        (0.3, {"stayed scattered", "diverged"}),
    ],
)
def test_a_network_of_ones_own_condenses_from_a_small_start(std, words, seed):
    assert own_network._own(own_network._draw(std, seed))[0] in words


def test_the_second_escape_of_other_seeds():
    flow = ck.GradientFlow(stop_loss=OPENED, rtol=1e-2)
    base = ck.Experiment(ck.TwoLayer(1, 50), ck.three_tanh(), flow, n_samples=50)
    runs = ck.train(
        [base.replace(init_std=std, seed=seed) for std in (1e-4, 1e-8) for seed in range(6, 14)]
    )
    sooner, later = np.array([run.time[-1] for run in runs]).reshape(2, 8)
    expected = exercises.second_escape().investigate().answer
    assert np.abs(np.log(later / sooner / expected)).max() < 0.5 * np.log(1.25)
    assert (later / sooner).min() > 2.5, "more than the logarithm"
    assert 14_000 < sooner.min() < sooner.max() < 19_000


def test_dropout_costs_copies_less_and_gathers_neurons_from_other_seeds():
    found = left_out.measured(range(3, 9))
    for one in found:
        for k, factor in one.factors.items():
            assert factor == pytest.approx(1.0 / k, rel=0.1)
        assert one.gaps[1] < 0.25 * one.gaps[0]
        assert one.groups[1] < 10.0 < 14.0 < one.groups[0]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_the_gap_of_dropout_is_its_closed_form(k):
    drawn = torch.Generator().manual_seed(k)
    params = {
        name: torch.randn(shape, generator=drawn, dtype=torch.float64)
        for name, shape in ck.TwoLayer(1, 6).shapes().items()
    }
    data = ck.three_tanh().data(14)
    part = params["a"] * torch.tanh(data.x @ params["w"].T + params["b"])
    data = dataclasses.replace(data, y=part.sum(dim=1))  # else the loss itself is most of the noise
    wanted = (
        left_out.LEFT_OUT / (1.0 - left_out.LEFT_OUT) * float(part.square().sum(dim=1).mean()) / k
    )
    assert left_out.gap(data, params, k) == pytest.approx(wanted, rel=0.1)


@pytest.mark.parametrize("gamma", [0.25, 0.75, 1.25, 2.5])
def test_slopes_that_the_exercise_takes_from_theory(gamma):
    found = ck.displacements(ck.records.REGIMES.replace(gamma=gamma), [300, 1_000, 3_000], seeds=3)
    assert found.slope == pytest.approx(scales._slope(gamma), abs=scales.WITHIN)


@pytest.mark.parametrize("seed", [0, 2, 6, 7])
def test_what_adam_breaks_with_other_seeds(seed):
    stayed = invariant_sets._stayed(seed)
    assert stayed["proportional", "gradient descent"]
    assert not stayed["balanced", "gradient descent"]
    assert stayed["equal", "Adam"]


def test_five_layers_wait_as_theory_says():
    five = ck.Experiment(ck.Deep(1, 3, 4, bias=False), ck.three_tanh(1), n_samples=10)
    time_of = ck.dynamics.origin_escape(five, scales._LAYERS[5]).time
    assert time_of[1] / time_of[0] == pytest.approx(1_000.0, rel=0.2)


@pytest.mark.parametrize("seed", range(3, 9))
def test_a_copied_minimum_of_other_seeds(seed):
    target = ck.teacher(a=[1.0, -0.5], w=[[0.7], [-1.9]], b=[0.3, 0.8])
    flow = ck.GradientFlow(stop_loss=0.0)
    one = ck.Experiment(ck.TwoLayer(1, 1), target, flow, n_samples=20, init_std=0.5, seed=seed)
    end = ck.train(one).final
    for m in (2, 4, 6):
        wide = ck.embedding.embed(one.model, end, m, "split")[1]
        signs = ck.dynamics.hessian_inertia(one.replace(width=m), wide).signs
        assert signs == (m - 1, m - 1, m + 2)


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda z: z**3, "several"),
        (lambda z: z - torch.sin(z), "several"),
        (lambda z: torch.tanh(z) ** 3, "several"),
        (lambda z: z**5, "several"),
        (lambda z: z * z.abs(), "several"),
        (torch.sin, "one line"),
        (torch.atan, "one line"),
        (lambda z: z + z**3, "one line"),
        (torch.relu, "not odd"),
        (lambda z: 0 * z, "nothing"),
    ],
)
def test_odd_activations(act, word):
    assert lines._lines(act)[0] == word


ENDLESS = """\
import time
from condensekit import exercises

def size(m, k, d, bias):
    while True:
        {body}

q = exercises.enough_samples()
began = time.monotonic()
print(q.predict(size))
print(q.check(size, anyway=True))
print(time.monotonic() - began < 30)
"""


@pytest.mark.parametrize("body", ["pass", "print('x' * 100)", "time.sleep(1000)"])
def test_a_kernel_lives_on_after_code_that_never_ends(body, tmp_path):
    cells = [ENDLESS.format(body=body), "print(6 * 7)"]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
    began = time.monotonic()
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert time.monotonic() - began < 120
    first, second = ("".join(out.text for out in cell.outputs) for cell in notebook.cells)
    why = "printed more than 2,000" if "print" in body else "did not come to its end within 5"
    assert first.count(why) == 2
    assert "Nothing is locked yet." in first
    assert "✗ Incorrect." in first
    assert first.endswith("True\n")
    assert second == "42\n"
    assert '"predicted"' not in (tmp_path / PROGRESS).read_text()


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", sorted(test_exercises.LONG))
def test_the_laws_of_questions_that_take_long(name):
    test_exercises.test_the_solution_runs_and_is_correct_and_so_is_the_expected_answer(name)
    test_exercises.test_predict_locks_then_the_measurement_is_shown(name)
    text = "such as `lambda z: z**3`"
    assert test_exercises.gives_away(exercises.QUESTIONS[name](), text)
