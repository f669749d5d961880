"""Presets: moments of the talk, and a lecturer's own."""

import inspect
import os

import pytest
from often import sparsely
from waiting import side_by_side

import condensekit as ck
from condensekit import labs, presets
from condensekit.labs import FactorizationLab, RankLab, RecoveryLab
from condensekit.labs.lab import Lab
from condensekit.measures import theory
from condensekit.models import regime
from condensekit.presets import TALK

QUICK = {"width": 5, "n_samples": 4, "steps": 3, "optimizer": ck.GradientDescent()}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def opened():
    """Every lab, made once."""
    known = {}
    yield lambda name: known.setdefault(name, getattr(labs, name)())
    for lab in known.values():
        lab.close()


def listed(lab):
    (box,) = (box for pick, box in lab.form._picks if pick.label == "preset")
    return box


def of_talk(lab, name):
    (one,) = (one for one in TALK if (one.lab, one.name) == (lab, name))
    return getattr(labs, lab).table.turn(None, one.knobs)


@pytest.mark.parametrize("one", sparsely({f"{one.lab}: {one.name}": one for one in TALK}, 2))
def test_a_preset_asks_before_anything_is_answered(one, opened):
    lab = opened(one.lab)
    listed(lab).value = "—"
    listed(lab).value = one.name
    assert one.ask.endswith("?") and one.ask in lab.status.value and one.source
    assert listed(lab).value == one.name
    assert lab.entered() == of_talk(one.lab, one.name)
    if lab.runs():
        assert lab.timeline.slider.value == 0
        assert "not trained" in lab.verdict.value or lab.runs()[0].step[0] == 0


def test_every_lab_has_some_and_their_names_are_one_each():
    kinds = {name for name, kind in inspect.getmembers(labs, inspect.isclass)} - {"Lab"}
    assert {one.lab for one in TALK} == kinds
    assert len({(one.lab, one.name) for one in TALK}) == len(TALK)


def test_what_the_questions_say_of_the_settings_is_so():
    nine, ten, twice, one = (
        of_talk("RecoveryLab", name)[0]
        for name in (
            "as many samples as numbers",
            "one sample more",
            "twice as many samples",
            "a target of one neuron",
        )
    )
    size = theory(nine).size
    assert (nine.n_samples, ten.n_samples, twice.n_samples) == (size, size + 1, 2 * size)
    assert [theory(some).allowed for some in (nine, ten, twice, one)] == [False, True, True, True]
    assert one.n_samples == 6 and theory(one).size == 3
    first, ten = (of_talk("CondensationLab", n)[0] for n in ("small and large", "ten neurons"))
    assert first.model.m == 10 * ten.model.m
    many, few = (of_talk("KernelLab", n)[0] for n in ("small start", "fewer digits"))
    assert many.n_samples == 10 * few.n_samples
    enough, fewer = (
        of_talk("FactorizationLab", n)[0]
        for n in ("rank 2, enough entries", "rank 2, one entry fewer")
    )
    assert enough.n_samples == fewer.n_samples + 1
    for name in ("condensed", "critical", "linear"):
        model = of_talk("RegimeLab", name)[0].model
        assert regime(model.gamma, model.gamma_prime) == name


def test_by_a_line():
    lab = FactorizationLab.preset("rank 1")
    assert (lab.target_rank, lab.n_samples, listed(lab).value) == (1, 7, "rank 1")
    lab.n_samples = 8
    assert listed(lab).value == "—"
    listed(lab).value = "rank 2, enough entries"
    assert (lab.target_rank, lab.n_samples) == (2, 12)
    listed(lab).value = "—"
    assert (lab.target_rank, lab.n_samples) == (2, 12)
    lab.close()


def test_one_that_there_is_not():
    with pytest.raises(ValueError, match="RankLab has no preset 'nothing'; there are neurons spl"):
        RankLab.preset("nothing")
    lab = RankLab(k=2)
    with pytest.raises(ValueError, match="no preset"):
        lab.show_preset("nothing")
    assert lab.k == 2
    lab.close()


def test_a_lecturers_own_comes_back_where_it_was_left(folder):
    lab = RecoveryLab(**QUICK)
    lab.run(live=False)
    lab.go_to(2)
    one = presets.keep("after two steps?", lab.state())
    assert (one.lab, one.name) == ("RecoveryLab", "after two steps?")
    assert (folder / "condensekit-presets.txt").read_text().startswith("after two steps?\tck2-")

    other = RecoveryLab.preset("after two steps?")
    assert other.result.experiment == lab.result.experiment
    assert other.timeline.slider.value == lab.timeline.slider.value
    assert listed(other).value == "after two steps?"
    lab.close(), other.close()


@pytest.mark.parametrize("name", ["RecoveryLab", "RankLab"])
def test_a_lab_opens_on_none(name):
    """So that the first one can be chosen."""
    lab = getattr(labs, name)()
    assert listed(lab).value == "—"
    lab.close()


def test_while_it_trains_another_preset_can_be_chosen():
    lab = RecoveryLab(**(QUICK | {"steps": 1_000_000}))
    lab.run()
    listed(lab).value = "small start"
    assert lab.player.join(30)
    assert lab.result.experiment == of_talk("RecoveryLab", "small start")[0]
    assert "In how many groups" in lab.status.value
    lab.close()


def test_the_same_name_again_replaces_and_hides(folder):
    tokens = []
    for k in (2, 3):
        lab = RankLab(k=k)
        tokens.append(lab.state())
        lab.close()
    for token in tokens:
        presets.keep("neurons split", token)
    assert len((folder / presets.FILE).read_text().splitlines()) == 1
    lab = RankLab.preset("neurons split")
    assert lab.k == 3
    assert [one.name for one in lab.presets].count("neurons split") == 1
    presets.forget("RankLab", "neurons split")
    assert [one.name for one in lab.presets].count("neurons split") == 1, "the one of the talk"
    with pytest.raises(ValueError, match=r"No preset 'neurons split' of RankLab is kept in"):
        presets.forget("RankLab", "neurons split")
    lab.close()


def test_lines_that_cannot_be_read_stay_and_harm_nobody(folder):
    lab = RankLab(k=2)
    file = folder / presets.FILE
    file.write_bytes(b"damaged\tck2-AAAA\n\xff\xfe\n\nonly a name\n")
    presets.keep("mine", lab.state())
    assert [one.name for one in lab.presets][-1] == "mine"
    assert [line.split("\t")[0] for line in file.read_text("utf-8").splitlines()] == [
        "damaged",
        "\ufffd\ufffd",
        "only a name",
        "mine",
    ]
    lab.close()


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "a\ttab", "x" * 61])
def test_names_that_are_none(folder, name):
    lab = RankLab(k=2)
    with pytest.raises(ValueError, match=r"A name is one line of 1 to 60 letters, but this is"):
        presets.keep(name, lab.state())
    assert not (folder / presets.FILE).exists()
    lab.close()


@pytest.mark.parametrize("token", ["", "ck2-AAAA", "nothing"])
def test_tokens_that_are_none(folder, token):
    with pytest.raises(ValueError, match="token"):
        presets.keep("mine", token)
    assert not (folder / presets.FILE).exists()


def test_labs_of_a_reader_have_the_list_too():
    class Mine(Lab):
        table = RankLab.table

    lab = Mine()
    assert lab.presets == () and listed(lab).options == ("—",)
    lab.close()


def _keeps_and_forgets(token, whose):
    for number in range(20):
        presets.keep(f"{whose} {number}", token)
        if number % 2:
            presets.forget("RecoveryLab", f"{whose} {number - 1}")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_two_notebooks_that_keep_presets_at_once_lose_none(opened):
    token = opened("RecoveryLab").state()
    side_by_side(_keeps_and_forgets, (token, "a"), (token, "b"))
    names = {one.name for one in presets.kept.kept("RecoveryLab")}
    assert names == {f"{whose} {number}" for whose in ("a", "b") for number in range(1, 20, 2)}
