"""What the first paragraph of the README says of two starts (five seeds: `tests/slow`)."""

import re
from pathlib import Path

import pytest

from condensekit import (
    Experiment,
    GradientFlow,
    TwoLayer,
    exercises,
    recovery,
    three_tanh,
    train,
)
from condensekit.derivatives.curvature import MOST_DENSE
from condensekit.labs import RecoveryLab

BASE = Experiment(TwoLayer(1, 500), three_tanh(), GradientFlow(), 50)
TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_large_start_finds_the_function_from_50_samples_and_does_not_condense():
    verdict = recovery(train(BASE.replace(init_std=0.5)))
    assert verdict.sharp
    assert verdict.simplicity.condensed is False


def test_from_14_samples_the_small_start_comes_nearer_and_neither_recovers():
    small, large = (train(BASE.replace(n_samples=14, init_std=std)) for std in (500**-1.5, 0.5))
    assert max(small.loss[-1], large.loss[-1]) < 1e-9
    assert large.test_loss[-1] > 50.0 * small.test_loss[-1]
    assert not recovery(small).reached
    assert not recovery(large).reached


def _lines(word):
    """The one block of Python in which a word stands."""
    (lines,) = [
        code for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if word in code
    ]
    return lines


@pytest.mark.slow
def test_the_lines_that_open_labs_on_a_run_and_on_a_sweep_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    *before, last = _lines("PhaseLab").strip().splitlines()
    known = {}
    exec("\n".join([_lines("ck.dynamics.events"), *before, f"phase = {last}"]), known)
    assert known["lab"].result.experiment.model.m == known["lab"].width == 50
    assert (tmp_path / "lab.svg").stat().st_size > 10_000
    assert known["phase"].result.cells.done == 6


def test_the_lines_that_go_to_a_moment_and_keep_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {"RecoveryLab": RecoveryLab, "lab": RecoveryLab(width=5)}
    exec(_lines("presets.keep"), known)
    mine = known["lab"].presets[-1]
    assert mine.name == "what happens after the plateau?"
    assert RecoveryLab.preset(mine.name).width == 5


def test_the_lines_with_weights_and_data_of_ones_own_run():
    known = {}
    exec(_lines("along"), known)
    assert known["sizes"].shape == known["run"].step.shape
    assert known["sizes"][0] == float(known["by_hand"]["w"].norm())
    assert known["early"].keys() == known["at_random"].keys()
    assert len(known["prices"].scaled) == 2


@pytest.mark.slow
def test_the_gradient_flow_of_a_module_is_as_it_says(capsys):
    known = {}
    exec(_lines("FromModule"), known)
    run, model = known["run"], known["mine"]
    assert f"These {model.n_parameters} parameters" in TEXT
    assert str(run.outcome) == "converged" and run.loss[-1] <= 1e-10
    assert run.step[-1] < 200 and run.time[-1] > 1e6
    assert run.time[-1] / 0.01 > 1e8
    assert f"Up to {MOST_DENSE:,} parameters" in TEXT
    assert capsys.readouterr().out.startswith("converged ")


def test_the_number_of_exercises():
    assert f"exercises](notebooks/10-exercises.ipynb), {len(exercises.QUESTIONS)} in all" in TEXT
