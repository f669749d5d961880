"""FactorizationLab without a browser: entries, ranks, theory and the verdict on screen."""

import contextlib
import io
import re

import ipywidgets
import numpy as np
import pytest
from screen import story_of
from waiting import paused

import condensekit as ck
from condensekit import pictures
from condensekit.frames import shade
from condensekit.labs import FactorizationLab
from condensekit.problems import example_matrix
from condensekit.records import FACTORIZATION
from condensekit.widgets.entries import EntryGrid
from condensekit.widgets.small import Folded


def entries(lab):
    """The sixteen buttons of the target matrix."""
    (found,) = (one for one in lab.form.column if isinstance(one, EntryGrid))
    return found.buttons


def theory(lab):
    """The sentence under the number of entries."""
    (found,) = (one for one in lab.form.column if isinstance(one, ipywidgets.HTML))
    return found.value


def pressed(lab, text):
    """Press a button that is folded away, by its text."""
    (fold,) = (one for one in lab.form.column if isinstance(one, Folded))
    (found,) = (one for one in fold.children[1].children if getattr(one, "description", "") == text)
    found.click()


@pytest.fixture
def lab():
    lab = FactorizationLab()
    yield lab
    lab.stop()


def seen(lab):
    """The entries with a solid frame."""
    return {
        number for number, button in enumerate(entries(lab)) if "solid" in button.layout.border_top
    }


def cells(view):
    """Whether each cell of a picture is framed, and its text."""
    found = re.findall(r"border:(3px solid|1px dashed)[^>]*>([^<]*)<", view.table.value)
    return [edge == "3px solid" for edge, _ in found], [text for _, text in found]


def test_opens_on_the_fewest_entries_that_theory_allows_and_they_were_enough(lab):
    assert lab.result.experiment == FACTORIZATION
    assert lab.result.outcome is ck.Outcome.CONVERGED
    assert "✔ Allowed by theory" in lab.verdict.value
    assert "✔ Reached by training" in lab.verdict.value
    assert "has rank 2" in lab.verdict.value
    assert "7 · <b>12</b> · 15 · 16" in theory(lab)
    assert "here: allowed; rank 12 of 12 on these samples" in theory(lab)
    assert seen(lab) == {*FACTORIZATION.problem.order[:12]}


def test_the_recorded_run_is_what_training_gives_today(lab):
    then, now = lab.result, ck.train(FACTORIZATION)
    assert np.array_equal(then.step, now.step)
    while_it_grows = then.time < 20.0
    assert while_it_grows.sum() > 40
    np.testing.assert_allclose(then.loss[while_it_grows], now.loss[while_it_grows], rtol=1e-6)
    assert then.time[-1] == pytest.approx(now.time[-1], rel=0.1)
    assert now.test_loss[-1] == pytest.approx(then.test_loss[-1], rel=0.5)


def test_the_pictures_show_the_matrix_its_error_and_what_was_observed(lab):
    target = np.array(example_matrix(2))
    for index in (0, len(lab.result) // 2, len(lab.result) - 1):
        lab._show(index)
        params = lab.result.at(index)
        product = (params["A"] @ params["B"]).numpy()
        for view, values in (
            (lab.views["product"], product),
            (lab.views["error"], product - target),
        ):
            framed, texts = cells(view)
            assert {i for i, one in enumerate(framed) if one} == seen(lab)
            numbers = [0.0 if text == "≈ 0" else float(text.replace("−", "-")) for text in texts]
            np.testing.assert_allclose(numbers, values.ravel(), atol=5.1e-3)
    (_, goal), *curves = pictures.singular(lab.result, len(lab.result) - 1).curves
    expected = np.linalg.svd(target, compute_uv=False)
    np.testing.assert_allclose([y[-1] for _, y in curves], expected, atol=1e-4)
    np.testing.assert_allclose(goal, np.repeat(expected[:2, None], 2, axis=1), atol=1e-12)
    drawn, *lines = lab.views["singular"].lines
    np.testing.assert_allclose(drawn.y, goal)
    np.testing.assert_allclose([line.y[-1] for line in lines], expected, atol=1e-4)


def test_the_singular_values_rise_one_after_another(lab):
    counts = pictures.rank_counts(lab.result)
    assert counts[0] == 0
    assert counts[-1] == 2
    assert set(np.diff(counts)) == {0, 1}
    assert [event.text for event in lab.happened() if event.kind == "split"][-1].startswith(
        "1 to 2"
    )


def test_a_click_on_an_entry_shows_or_hides_it(lab):
    entries(lab)[15].click()
    assert seen(lab) == {*FACTORIZATION.problem.order[:12], 15}
    assert lab.controls["n_samples"].text.value == "13"
    assert "Not trained yet" in lab.status.value
    entries(lab)[0].click()
    entries(lab)[15].click()
    assert seen(lab) == {*FACTORIZATION.problem.order[1:12]}
    data = lab.entered()[0].data()
    target = np.array(example_matrix(2)).ravel()
    assert sorted(data.y.tolist()) == sorted(target[sorted(seen(lab))].tolist())
    pressed(lab, "Order of crosses")
    assert seen(lab) == {*FACTORIZATION.problem.order[:11]}


def test_the_sentence_under_the_entries_is_about_these_very_entries():
    """Two rows are never seen: enough in number, but not these."""
    problem = ck.matrix_completion(example_matrix(1), [*range(8), *range(8, 16)])
    lab = FactorizationLab(problem=problem, n_samples=6)
    assert "here: too few samples" in theory(lab)
    lab.controls["n_samples"].text.value = "8"
    said = "enough in number, but not these samples; rank 5 of 7 on these samples"
    assert said in theory(lab)
    entries(lab)[8].click()
    assert "rank 6 of 7" in theory(lab)
    entries(lab)[12].click()
    assert "here: allowed; rank 7 of 7 on these samples" in theory(lab)


def test_entries_stay_as_they_are_while_it_trains():
    lab = FactorizationLab(n_samples=11, max_steps=100_000, stop_loss=0.0)
    assert not any(button.disabled for button in entries(lab))
    lab.run()
    lab.pause()  # where it was not held, a flow of 90 steps was over before a busy machine looked
    paused(lab)
    assert all(button.disabled for button in entries(lab))
    lab.stop()
    assert not any(button.disabled for button in entries(lab))


def test_the_last_entry_cannot_be_hidden(lab):
    lab.controls["n_samples"].text.value = "1"
    entries(lab)[0].click()
    assert "At least one entry must be seen" in lab.status.value
    assert seen(lab) == {0}


@pytest.mark.parametrize("text", ["0", "17", "many", "2.5"])
def test_entries_that_are_not_there_are_explained(lab, text):
    lab.controls["n_samples"].text.value = text
    assert "✖" in lab.status.value
    assert "entries seen n must be a whole number from 1 to 16" in lab.status.value
    lab.controls["n_samples"].text.value = "12"
    assert "✖" not in lab.status.value
    assert lab.result.experiment == FACTORIZATION


@pytest.mark.parametrize(("rank", "size"), [(1, 7), (3, 15)])
def test_another_rank_needs_another_number_of_entries(lab, rank, size):
    lab.controls["target_rank"].text.value = str(rank)
    assert f"<b>{size}</b>" in theory(lab)
    for n in (size - 1, size):
        lab.controls["n_samples"].text.value = str(n)
        lab.run(live=False)
        verdict = ck.recovery(lab.result)
        assert verdict.allowed is verdict.reached is (n == size)
        assert ("✔ Reached" in lab.verdict.value) is (n == size)
    lab.controls["target_rank"].text.value = "5"
    assert "target rank r must be a whole number from 1 to 4, but is 5" in lab.status.value


def test_the_code_of_the_lab_gives_what_is_on_screen(lab, capsys):
    exec(lab.code(), {})
    assert capsys.readouterr().out.strip().startswith("Allowed by theory: 12 samples >= 12")
    lab._show(40)
    lab.folds.selected_index = 0
    assert "singular values" in story_of(lab)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(lab.torch_code(), {})
    found = float(printed.getvalue().rsplit(" ", 1)[1])
    assert found == pytest.approx(lab.result.loss[40], rel=0.02)


def test_a_token_brings_back_the_order_of_the_entries(lab):
    entries(lab)[15].click()
    lab.run(live=False)
    again = FactorizationLab.from_state(lab.state())
    assert again.result.experiment == lab.result.experiment
    assert seen(again) == seen(lab)
    assert again.verdict.value == lab.verdict.value
    assert again.last.experiment == FACTORIZATION, "what was there before is drawn beside it"
    assert again.views["loss"].last.visible


def test_reset_goes_back_to_the_start(lab):
    lab.controls["target_rank"].text.value = "4"
    entries(lab)[3].click()
    lab.reset()
    assert lab.entered() == (FACTORIZATION,)
    assert lab.controls["target_rank"].text.value == "2"
    assert seen(lab) == {*FACTORIZATION.problem.order[:12]}


def test_a_matrix_of_ones_own_and_what_is_refused():
    problem = ck.matrix_completion(np.outer((1, 2, 2, 2), (1, 2, 2, 2)))
    lab = FactorizationLab(problem=problem, n_samples=7)
    assert "<b>7</b>" in theory(lab)
    lab.run(live=False)
    assert "✔ Allowed by theory" in lab.verdict.value
    assert "✘ Not reached by training" in lab.verdict.value
    with pytest.raises(ValueError, match="reads 8 coordinates"):
        FactorizationLab(problem=ck.matrix_completion(np.eye(3)), n_samples=3)
    with pytest.raises(ValueError, match="rank must be a whole number from 1 to 4, but is 7"):
        FactorizationLab(target_rank=7)
    with pytest.raises(ValueError, match="no knob 'depth'"):
        FactorizationLab(depth=2)


@pytest.mark.parametrize(
    ("value", "ground", "text"),
    [
        (0.0, "#ffffff", "#000000"),
        (2.0, "#0072b2", "#ffffff"),
        (-2.0, "#d55e00", "#000000"),
        (-9.0, "#d55e00", "#000000"),
        (float("nan"), "#ffffff", "#000000"),
    ],
)
def test_shades(value, ground, text):
    assert shade(value, 2.0) == (ground, text)


def test_the_line_under_the_entries_speaks_of_the_network_on_screen():
    """A product of inner width 2 cannot have rank 3, whatever is seen."""
    lab = FactorizationLab(target_rank=3, n_samples=15)
    assert "here: allowed; rank 15 of 15" in theory(lab)
    lab.controls["width"].set(2)
    lab.entry_changed()
    assert "here: too narrow" in theory(lab)
    lab.run(live=False)
    assert "Not allowed:</b> A product of inner width 2 cannot have rank 3" in lab.verdict.value


def test_one_sample_is_no_samples():
    lab = FactorizationLab(target_rank=1, n_samples=1)
    assert str(ck.measures.theory(lab.entered()[0]).reason).startswith("1 sample < 7")
