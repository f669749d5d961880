"""The numbers in the answers to *Try it yourself* of notebook 05."""

import dataclasses
from pathlib import Path

import nbformat
import numpy as np
import pytest
from cases import PUBLISHED

import condensekit as ck
from condensekit import GradientFlow, train
from condensekit.derivatives import evaluate
from condensekit.dynamics import events, plateaus
from condensekit.labs import RecoveryLab

FLOW = dataclasses.replace(PUBLISHED, optimizer=GradientFlow())
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "05-recovery.ipynb"


def mean_cosine(run, index):
    cosine = np.abs(ck.measures.cosine_similarity(run.experiment.model, run.at(index)))
    return float(cosine[~np.eye(len(cosine), dtype=bool)].mean())


def test_every_question_has_an_answer_that_is_folded():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    asked = next(cell.source for cell in cells if "## Try it yourself" in cell.source)
    (told,) = (cell.source for cell in cells if "<summary>Answer to 1" in cell.source)
    for number in range(1, 6):
        assert f"\n{number}. " in asked
        assert f"<details><summary>Answer to {number}</summary>\n\n" in told
    assert told.count("</details>") == 5


def test_answer_1_eight_samples():
    run = train(FLOW.replace(n_samples=8))
    data = run.experiment.data()
    off = (evaluate(FLOW.model, run.final, data.x_test) - data.y_test).abs()
    assert run.loss[-1] <= 1e-10
    assert run.test_loss[-1] == pytest.approx(0.068, abs=1e-3)
    assert float(off.max()) == pytest.approx(0.7, abs=0.05)
    assert abs(float(data.x_test[off.argmax(), 0])) == pytest.approx(8.0, abs=0.2)
    outer = data.x[:, 0].abs()
    assert float(outer[outer < 8].max()) == pytest.approx(6.4, abs=0.05)
    assert float(outer[outer > 8].min()) == pytest.approx(10.7, abs=0.05)
    assert mean_cosine(run, -1) == pytest.approx(0.85, abs=0.02)
    assert ck.measures.alignment(FLOW.model, run.final) == pytest.approx(0.75, abs=0.02)


@pytest.mark.slow
def test_answer_2_larger_variances():
    told = {1e-4: 1.00, 3e-3: 0.97, 1e-2: 0.84, 0.1: 0.70, 0.5: 0.64}
    runs = train([FLOW.replace(init_std=std, stop_loss=1e-3) for std in told])
    for run, largest in zip(runs, told.values(), strict=True):
        found = max(mean_cosine(run, i) for i in range(0, len(run), 6))
        assert found == pytest.approx(largest, abs=0.015)
        assert mean_cosine(run, 0) == pytest.approx(2.0 / np.pi, abs=0.01)


@pytest.mark.slow
def test_answer_3_five_neurons():
    run = train(FLOW.replace(target_width=5, stop_loss=0.115))
    assert ck.recovery(run).optimistic_sample_size == 15
    assert any(event.text.startswith("Plateau at 0.134 from") for event in events(run))
    long = plateaus(run)[1]
    assert long.kind == "undecided"
    assert long.critical.width == 1
    assert long.critical.level == pytest.approx(0.1285, abs=1e-4)
    assert long.critical.distance == pytest.approx(0.19, abs=0.03)
    assert run.time[-1] == pytest.approx(3.3e5, rel=0.02)


def test_answer_4_a_rate_that_is_too_large():
    run = train(dataclasses.replace(PUBLISHED, optimizer=ck.GradientDescent(0.1, steps=20_000)))
    assert run.outcome is ck.Outcome.DIVERGED
    assert run.message.startswith("The loss overflowed at step 84: the learning rate lr = 0.1 is")
    lab = RecoveryLab(optimizer=ck.GradientDescent(0.1, steps=20_000))
    assert "η = 0.1 is too large for this start" in lab.form.offers[0][1].text.value
    assert "η = 0.025" in lab.form.offers[0][1].button.description
    start = train(FLOW.replace(max_steps=1))
    assert ck.dynamics.sharpness(start)[0] == pytest.approx(39, abs=0.5)


def test_answer_5_is_printed_in_the_notebook():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (told,) = (cell.source for cell in cells if "<summary>Answer to 1" in cell.source)
    printed = " ".join(
        str(output.get("text", ""))
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert "loss between 0.06 and 0.07 from step 2,759 to 3,776" in printed
    assert "from step 2,759 to step 3,776" in told
