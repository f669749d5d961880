"""RankLab without a browser: numbers, errors, and the lines that it prints."""

import re

import pytest
import torch

import condensekit as ck
from condensekit.embedding import EMBEDDINGS
from condensekit.labs import RankLab
from condensekit.subjects.ranks import EPSILONS


def typed(lab, name, text):
    lab.controls[name].text.value = text


@pytest.mark.parametrize("how", EMBEDDINGS)
def test_it_shows_what_the_library_computes(how):
    lab = RankLab(k=2, dim=2, m=8, how=how)
    narrow = ck.TwoLayer(2, 2)
    params = narrow.init(torch.Generator().manual_seed(0), 1.0)
    model, wide = ck.embedding.embed(narrow, params, 8, how, seed=1)
    assert lab.result.exact == ck.exact_rank(model, wide)
    assert lab.result.theorem == ck.optimistic_sample_size(narrow, target_width=2) == 8
    assert f"{lab.result.exact} of 32 parameters" in lab.verdict.value
    assert ("the number of the theorem" in lab.verdict.value) == (lab.result.exact == 8)
    assert len(lab.views["spectrum"].values.y) == 32
    assert lab.views["spectrum"].exact.x[0] == lab.result.exact + 0.5
    assert EMBEDDINGS[how] in lab.form.column[5].value


def test_the_published_network_in_one_look():
    lab = RankLab(k=3, dim=1, m=300)
    assert (lab.result.theorem, lab.result.exact, lab.result.report.rank) == (9, 9, 9)
    assert "9 of 900 parameters" in lab.verdict.value
    assert "condensekit-empty" in lab.views["curve"].figure._dom_classes


def test_a_perturbation_parts_the_numerical_rank_from_the_proven_one():
    lab = RankLab(m=20)
    assert lab.result.exact == lab.result.report.rank == 9
    typed(lab, "epsilon", "1e-14")
    assert lab.result.exact == 60
    assert lab.result.report.rank == 9
    assert "does not agree" in lab.verdict.value
    assert "frees all parameters" in lab.verdict.value
    assert "60 proven" in lab.views["spectrum"].caption.value
    numerical, exact, unperturbed, here = lab.views["curve"].lines
    assert here.visible
    assert exact.y.tolist() == [60.0] * len(EPSILONS)
    assert numerical.y[0] == 9
    assert unperturbed.y[0] == 9


def test_there_is_no_gap_at_this_tolerance_and_one_at_another():
    lab = RankLab(m=20, epsilon=1e-6, tolerance=1e-9)
    assert "no gap at this tolerance; the widest, of" in lab.verdict.value
    assert "is behind 9" in lab.verdict.value
    assert str(lab.result.report).endswith("the model rank is 60, proven.")


def test_a_perturbation_below_rounding_frees_nothing():
    lab = RankLab(m=7, how="cancelling", epsilon=1e-18)
    assert 9 < lab.result.exact == RankLab(m=7, how="cancelling").result.exact < 21
    assert "frees" not in lab.verdict.value


def test_dragging_the_handle_moves_the_tolerance_and_the_rank():
    lab = RankLab(m=20, how="cancelling")
    before = lab.result.report.rank
    lab.views["spectrum"].handle.y = [-2.0]
    assert lab.result.settings.tolerance == pytest.approx(1e-2)
    assert lab.controls["tolerance"].text.value == "0.01"
    assert lab.result.report.rank < before
    assert lab.views["spectrum"].tolerance.y[0] == pytest.approx(-2.0)
    lab.views["spectrum"].handle.y = [3.0]  # dragged out of the picture
    assert lab.result.settings.tolerance < 1.0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("k", "0", "neurons k must be a whole number from 1 to 20, but is 0"),
        ("k", "many", "neurons k must be a whole number"),
        ("m", "2", "The width m must be at least the k = 3 neurons, but is 2"),
        ("m", "2.5", "width m must be a whole number"),
        ("dim", "20", None),
        ("epsilon", "-1", "perturbation ε must be a number from 0 to 1, but is -1"),
        ("tolerance", "0", "tolerance must be a number"),
        ("tolerance", "nan", "tolerance must be a number"),
    ],
)
def test_bad_entries_are_answered_and_change_nothing(name, text, said):
    lab = RankLab(m=20)
    settings, verdict = lab.result.settings, lab.verdict.value
    if said is None:  # allowed by itself, but too large for this lab together with a wide network
        typed(lab, "m", "300")
        settings, verdict = lab.result.settings, lab.verdict.value
        said = "at most 900 parameters"
    typed(lab, name, text)
    assert said in lab.status.value
    assert lab.result.settings == settings
    assert lab.verdict.value == verdict
    lab.reset_button.click()
    assert lab.result.settings == lab.default
    assert "✖" not in lab.status.value


@pytest.mark.parametrize("bad", [{"k": 0}, {"m": 2}, {"how": "thin"}, {"epsilon": 2.0}])
def test_it_cannot_be_built_from_bad_settings(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} must be"):
        RankLab(**bad)


@pytest.mark.parametrize("how", EMBEDDINGS)
def test_the_derivation_agrees_with_the_proof(how):
    lab = RankLab(k=2, dim=1, m=6, how=how)
    assert lab.folds.more["Derivation, by SymPy"].value == "", (
        "SymPy is asked only when somebody looks"
    )
    lab.folds.selected_index = 0
    symbolic, field = re.search(
        r"The model rank is (\d+) .*In the finite field: (\d+)",
        lab.folds.more["Derivation, by SymPy"].value,
    ).groups()
    assert symbolic == field
    assert r"\frac{\partial f}{\partial a_{1}}" in lab.folds.more["Derivation, by SymPy"].value


def test_a_derivation_that_nobody_could_read_is_not_made():
    lab = RankLab(k=4)
    lab.folds.selected_index = 0
    assert "up to 3" in lab.folds.more["Derivation, by SymPy"].value


@pytest.mark.parametrize("epsilon", [0.0, 1e-9])
def test_the_lines_compute_what_is_on_screen(epsilon, capsys):
    lab = RankLab(k=2, m=7, how="sign-split", epsilon=epsilon, draw=3)
    exec(compile(lab.code(), "lab", "exec"), {})
    report, certificate, size = capsys.readouterr().out.splitlines()
    assert report == str(lab.result.report)
    assert certificate.startswith(f"Rank {lab.result.exact} of 21 parameters, proven")
    assert int(size) == lab.result.theorem


def test_a_token_brings_back_what_was_on_screen():
    lab = RankLab(k=2, dim=3, m=9, how="silent", epsilon=1e-9, tolerance=1e-7, draw=4)
    again = RankLab.from_state(lab.state())
    assert again.result.settings == lab.result.settings
    assert again.verdict.value == lab.verdict.value
    assert again.controls["epsilon"].text.value == "1e-09"
    other = RankLab(m=12)
    other.folds.token.value = lab.state()  # put into the box by hand
    other.folds.restore_button.click()
    assert other.player.join(30)
    assert other.result.settings == lab.result.settings


@pytest.mark.parametrize("token", ["", "ck1-00-xyz", RankLab(m=5).state()[:-3]])
def test_damaged_tokens_are_refused(token):
    lab = RankLab(m=12)
    settings = lab.result.settings
    with pytest.raises(ValueError, match="token"):
        lab.restore(token)
    lab.folds.token.value = token
    lab.folds.restore_button.click()
    assert "token" in lab.status.value
    assert lab.result.settings == settings


@pytest.mark.parametrize(
    ("settings", "exact", "why"),
    [
        ({"how": "cancelling"}, 48, "bring ways to move of their own"),
        ({"how": "split", "epsilon": 1e-16}, 66, "in others it is lost in their rounding"),
        ({"how": "split", "epsilon": 1e-12}, 90, "no two neurons are exactly equal any more"),
    ],
)
def test_why_the_proven_rank_is_above_the_theorem(settings, exact, why):
    """Of 27 cancelling neurons one is zero and 13 are second of their pair: not each can move."""
    lab = RankLab(**settings)
    assert lab.result.exact == exact
    assert why in lab.verdict.value


def test_an_idle_reason_is_true_of_the_parameters_on_screen():
    """At a perturbation of 1e-16 some copies are still equal, as their weights did not move."""
    narrow = ck.TwoLayer(1, 3)
    start = narrow.init(torch.Generator().manual_seed(0), 1.0)
    model, params = ck.embedding.embed(narrow, start, 30, "split", seed=1)
    moved = ck.embedding.perturbed(params, 1e-16, seed=2)
    pairs = torch.stack([moved["w"][:, 0], moved["b"]], dim=1)
    assert 3 < len(torch.unique(pairs, dim=0)) < model.m
