"""AttentionLab without a browser: two tasks, matrices, the verdict, and what it says of Adam."""

import html
import re
from importlib import resources
from pathlib import Path

import ipywidgets
import numpy as np
import pytest

from condensekit import Outcome, train
from condensekit.labs import AttentionLab
from condensekit.measures import (
    LESS,
    MOSTLY,
    RowGathering,
    alone,
    effective_rank,
    matrices,
    mean_cosine,
    random_cosine,
)
from condensekit.records import ANCHORS, HEADS, recorded_run
from condensekit.verdicts.attention import rows_verdict

QUICK = {"heads": 3, "n_samples": 8, "steps": 30}


@pytest.fixture
def lab():
    lab = AttentionLab()
    yield lab
    lab.stop()


def picked(lab, label):
    """The list of a label, of places to go to."""
    (found,) = (box for box in lab.form.column if getattr(box, "description", "") == label)
    return found


def said(lab):
    return html.unescape(re.sub("<[^>]+>", "", lab.verdict.value))


def scale(lab):
    """The line under the variance."""
    (found,) = (one for one in lab.form.column if isinstance(one, ipywidgets.HTML))
    return found.value


def rank_of(run, name, index=-1):
    return effective_rank(matrices(run.experiment.model, run.at(index))[name])


def test_opens_on_a_stored_run_in_which_the_heads_became_one(lab):
    assert lab.result.experiment == HEADS["heads, σ = 0.01"]
    assert lab.result.outcome is Outcome.BUDGET
    assert "✔ Condensed: W_Q W_Kᵀ" in said(lab)
    assert f"random {random_cosine(36):.2f}" in said(lab)
    assert lab.views["pair"].images[1].visible


def test_the_stored_runs_are_what_training_gives_today():
    experiment = HEADS["heads, σ = 0.01, 16 samples"]
    then, now = recorded_run(experiment), train(experiment.replace(steps=150))
    both = len(now) - 1
    np.testing.assert_array_equal(then.step[:both], now.step[:both])
    np.testing.assert_allclose(then.loss[:both], now.loss[:both], rtol=1e-6)
    anchor = ANCHORS["anchors, γ = 0.8, SGD"]
    then, now = recorded_run(anchor), train(anchor.replace(steps=20))
    for step in (1, 5, then.step[then.index_at(19)]):
        assert then.loss[then.index_at(step)] == pytest.approx(
            now.loss[now.index_at(step)], rel=1e-4
        )


def test_the_stored_runs_are_small():
    folder = resources.files("condensekit.records") / "recorded"
    for name in ("heads.npz", "anchors-0.npz", "anchors-1.npz", "anchors-2.npz"):
        with resources.as_file(folder / name) as path:
            assert 50_000 < path.stat().st_size < 2_000_000


def test_the_verdict_is_computed_for_every_stored_run(lab):
    for name, experiment in (HEADS | ANCHORS).items():
        picked(lab, "stored run").value = name
        assert lab.result.experiment == experiment
        run, chosen = lab.result, lab.form.looks["matrix"].value
        rank = rank_of(run, chosen)
        assert f"effective rank {rank:.1f} of {rank_of(run, chosen, 0):.1f}" in said(lab)
        for key, values in run.scores.items():
            assert f"{key} {values[-1]:.2f}" in said(lab)


def test_what_another_optimizer_made_of_the_start_is_said_of_its_end(lab):
    for step in (0, int(lab.result.step[-1])):
        lab.go_to(step)
        assert "SGD from the same start, at its end: " in said(lab)


def test_what_adam_does_is_told_apart(lab):
    picked(lab, "stored run").value = "anchors, γ = 0.8"
    both = "W_Q 1 condenses with AdamW and not with SGD, whose held-out accuracy is no lower."
    assert both in said(lab)
    picked(lab, "stored run").value = "anchors, γ = 0.8, SGD"
    assert both in said(lab)
    picked(lab, "stored run").value = "anchors, γ = 0.5"
    assert "condenses with" not in said(lab), "nothing has condensed there"


def test_one_head_has_nothing_to_compare():
    lab = AttentionLab(heads=1, n_samples=8, steps=5)
    lab.run(live=False)
    assert "Nothing to compare: W_Q W_Kᵀ has effective rank 1.0 of 1.0" in said(lab)
    assert "nan" not in said(lab)


def test_rows_of_one_number_have_no_direction():
    lab = AttentionLab(task="anchors", d_model=8, d_ff=4, d_head=1, n_samples=20, steps=100)
    assert "Nothing to compare: W_Q 1 has effective rank 1.0 of 1.0" in said(lab)


def test_one_long_row_is_no_alignment():
    """With SGD, and little to fit, one head grows and the others stay where they were."""
    lab = AttentionLab(init_std=0.01, n_samples=9, seed=1)
    picked(lab, "optimizer").value = "SGD"
    lab.run(live=False)
    measured = lab._moment(0).along["levels"][-1, 0]
    assert measured[0] < 0.6 * lab._moment(0).along["levels"][0, 0, 0]
    assert measured[1] < 0.5
    assert "◐ Low rank, but few rows are aligned:" in said(lab)


def test_a_loss_that_has_risen_is_named():
    """SGD at its learning rate, from a start with standard deviation 1."""
    lab = AttentionLab(init_std=1.0, n_samples=8)
    picked(lab, "optimizer").value = "SGD"
    lab.controls["steps"].text.value = "100"
    lab.run(live=False)
    assert lab.result.loss[-1] > 10 * lab.result.loss[0]
    assert said(lab).startswith("⚠ Not trained well: The loss is")
    assert "ondensed" not in said(lab)
    lab._show(0)
    assert "nothing is learned" not in said(lab)


def test_the_pictures_show_what_the_measures_say(lab):
    answers = {"heads": "|cos| to the teacher", "anchors": "Accuracy"}
    for name in ("heads, σ = 1", "anchors, γ = 0.8"):
        picked(lab, "stored run").value = name
        run, chosen = lab.result, lab.form.looks["matrix"].value
        index = len(run) // 2
        lab._show(index)
        expected = [
            mean_cosine(matrices(run.experiment.model, run.at(i))[chosen]) for i in range(len(run))
        ]
        np.testing.assert_allclose(lab.views["cosines"].lines[0].y, expected)
        columns = matrices(run.experiment.model, run.final)[chosen].shape[1]
        np.testing.assert_allclose(lab.views["cosines"].lines[1].y, random_cosine(columns))
        place = [name for _, name in lab.form.looks["matrix"].options].index(chosen)
        np.testing.assert_allclose(
            lab.views["ranks"].lines[place].y[index], rank_of(run, chosen, index)
        )
        titles = [lab.views[one].caption.title for one in ("ranks", "answers")]
        assert titles == ["Effective rank", answers[name.split(",")[0]]]
        assert "^T" not in lab.views["ranks"].caption.value
    np.testing.assert_allclose(
        lab.views["answers"].lines[1].y, lab.result.score("(4, 3) inferential")
    )


def test_another_matrix_and_more_layers(lab):
    picked(lab, "stored run").value = "anchors, γ = 0.8"
    lab.form.looks["matrix"].value = "FFN in 1"
    assert "FFN in 1 has effective rank" in said(lab)
    lab.controls["layers"].text.value = "2"
    assert "Not trained yet" in lab.status.value
    assert ("W_Q 2", "W_Q 2") in lab.form.looks["matrix"].options
    assert lab.form.looks["matrix"].value == "FFN in 1"
    lab.form.looks["matrix"].value = "W_V 2"
    assert "W_V 2 has effective rank" in said(lab)


def test_a_run_of_ones_own_its_code_and_its_token(capsys):
    lab = AttentionLab(**QUICK)
    assert "Not trained yet" in lab.status.value
    lab.run(live=False)
    assert lab.result.outcome is Outcome.BUDGET
    lab.form.looks["matrix"].value = "W_V W_O^T"
    lab.folds.selected_index = 1
    assert "torch.optim.Adam" in lab.folds.torch_lines.value
    exec(lab.code(), {})
    printed = float(capsys.readouterr().out)
    assert printed == pytest.approx(rank_of(lab.result, "W_V W_O^T"), abs=0.006)
    again = AttentionLab.from_state(lab.state())
    assert again.result.experiment == lab.result.experiment
    assert again.verdict.value == lab.verdict.value
    again.reset()
    assert again.entered()[0] == HEADS["heads, σ = 0.01"]


def test_the_optimizer_is_changed_and_nothing_else(lab):
    assert picked(lab, "stored run").value == "heads, σ = 0.01"
    lab.controls["n_samples"].text.value = "20"
    assert picked(lab, "stored run").value == ""
    before = lab.entered()[0]
    picked(lab, "optimizer").value = "SGD"
    after = lab.entered()[0]
    assert type(after.optimizer).__name__ == "SGD"
    assert (after.n_samples, after.init_std, after.model) == (20, before.init_std, before.model)
    assert lab.controls["weight_decay"].layout.display == "none"
    picked(lab, "optimizer").value = "Adam"
    assert lab.entered()[0] == before


def test_the_scale_is_given_as_variance_std_and_gamma(lab):
    picked(lab, "stored run").value = "anchors, γ = 0.5"
    assert lab.controls["init_std"].text.value == "0.01562"
    assert "std σ = 0.12, γ = 0.50" in scale(lab)
    lab.controls["init_std"].text.value = "0.0001"
    assert lab.entered()[0].init_std == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("n_samples", "591", "samples n must be a whole number from 1 to 590, but is 591"),
        ("heads", "0", "heads H must be a whole number from 1 to 64, but is 0"),
        ("init_std", "-1", "variance σ² must be a number from"),
    ],
)
def test_what_cannot_be_is_explained(lab, name, text, message):
    picked(lab, "task").value = "anchor functions"
    shown = lab.result.experiment
    lab.controls[name].text.value = text
    assert "✖" in lab.status.value
    assert message in lab.status.value
    assert lab.result.experiment == shown


def test_what_is_no_attention_is_refused():
    with pytest.raises(ValueError, match="task must be one of heads, anchors, but is 'words'"):
        AttentionLab(task="words")
    with pytest.raises(ValueError, match=r"task must be one of heads, anchors, but is array\("):
        AttentionLab(task=np.ones(2))
    with pytest.raises(ValueError, match="no knob 'depth'"):
        AttentionLab(depth=2)


@pytest.mark.parametrize(
    ("cosine", "rows", "head"),
    [(0.99, 2, "✔ Condensed:"), (0.9, 2, "◐ Partly"), (0.1, 2, "○ Not"), (0.99, 8, "✔ Condensed:")],
)
def test_two_rows_condense_as_eight_do(cosine, rows, head):
    """Of two aligned rows the effective rank is 1 of 2: a half of it is never lost."""
    gram = (1.0 - cosine) * np.eye(rows) + cosine
    rank = effective_rank(np.linalg.cholesky(gram))
    said, told = rows_verdict("W", RowGathering(rank, float(rows), cosine, 0.13))
    assert said.startswith(head)
    assert f"mean |cos| {cosine:.2f}" in told


@pytest.mark.parametrize(
    ("ranks", "scores", "which"),
    [
        (((1.2, 8.0), (7.9, 8.0)), (0.90, 0.92), 0),
        (((7.9, 8.0), (1.2, 8.0)), (0.92, 0.90), 1),
        (((1.2, 8.0), (7.9, 8.0)), (0.90, 0.86), 0),
        (((1.2, 8.0), (7.9, 8.0)), (0.90, 0.80), None),
        (((1.2, 8.0), (4.0, 8.0)), (0.90, 0.92), None),
        (((1.2, 8.0), (1.3, 8.0)), (0.90, 0.92), None),
        (((7.9, 8.0), (7.9, 8.0)), (0.90, 0.92), None),
    ],
)
def test_one_condenses_alone_only_if_the_other_keeps_its_rank_and_answers_as_well(
    ranks, scores, which
):
    assert alone(ranks, scores) == which


def test_the_notebook_says_when_a_matrix_is_called_condensed():
    text = (Path(__file__).parents[1] / "notebooks" / "04-transformer.ipynb").read_text("utf-8")
    assert f"less than {100 * LESS:.0f} % is left" in text
    assert f'rows is above\\n",\n    "{MOSTLY}.' in text
