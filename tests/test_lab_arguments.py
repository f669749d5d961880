"""Wrong kinds of arguments for labs: each is answered by a ValueError, and nothing has changed."""

import json
import math
import os

import numpy as np
import pytest
import torch
from often import crossed

import condensekit as ck
from condensekit import three_tanh, tokens
from condensekit.labs import (
    AttentionLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    PhaseLab,
    RankLab,
    RecoveryLab,
    RegimeLab,
    SymmetryLab,
)
from condensekit.labs.targets import Targets

LABS = (
    RecoveryLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    AttentionLab,
    SymmetryLab,
    RankLab,
    PhaseLab,
    RegimeLab,
)
WRONG = (None, "x", b"x", [1], {}, [], math.nan, object(), three_tanh)
NO_SETTINGS = (*WRONG, True, -1, 0.5, math.inf, 10**400, three_tanh())


@pytest.fixture(scope="module", params=LABS, ids=lambda kind: kind.__name__)
def lab(request):
    lab = request.param()
    yield lab
    lab.close()


def refused(act):
    with pytest.raises(ValueError, match=r"(?s)^.{20,}[.)]$"):
        act()


@pytest.mark.slow
def test_what_is_no_step_or_no_settings_is_refused(lab):
    before = lab.state()
    for value in (*WRONG, math.inf):
        refused(lambda value=value: lab.go_to(value))
    for value in (*WRONG, 0, 2, 0.5, math.inf):
        refused(lambda value=value: lab.jump(value))
    for value in NO_SETTINGS:
        refused(lambda value=value: lab.choose(value))
        refused(lambda value=value: lab.restore(value))
    for value in ("x", [1]):
        refused(lambda value=value: type(lab)(value))
        refused(lambda value=value: type(lab).from_state(value))
    assert lab.state() == before


def test_what_no_control_can_hold_is_refused(lab):
    before = lab.state()
    for name in lab.controls:
        for value in (*WRONG, 10**400, -math.inf):
            refused(lambda name=name, value=value: setattr(lab, name, value))
        refused(lambda name=name: type(lab)(**{name: [1]}))
    for name in (*lab.looks, "nothing"):
        for value in (*WRONG, np.array([0, 1]), torch.tensor([0, 1])):
            refused(lambda name=name, value=value: lab.see(**{name: value}))
    for name, chosen in lab.looks.items():  # neither is the first half of what is refused kept
        for option in lab.form.looks[name].options:
            other = option[1] if isinstance(option, tuple) else option
            refused(lambda name=name, other=other: lab.see(**{name: other}, nothing=0))
        assert lab.looks[name] == chosen
    assert lab.state() == before


def test_a_lab_without_steps_says_so():
    for kind in (RankLab, PhaseLab):
        lab = kind()
        for act in (lab.play, lambda lab=lab: lab.go_to(3)):
            with pytest.raises(ValueError, match=f"{kind.__name__} has no steps"):
                act()
        assert lab.happened() == lab.story() == []
        lab.close()


CHANGES = [
    {"step": 1e300},
    {"step": 10**400},
    {"step": 0.5},
    {"step": True},
    {"step": "3"},
    {"step": None},
    {"until": 1e300},
    {"until": -1},
    {"until": [3]},
    {"view": [1]},
    {"view": "ab"},
    {"view": None},
    {"experiments": None},
    {"experiments": 3},
    {"experiments": [3]},
    {"experiments": [{}]},
    {"experiments": [{"is": "Experiment"}]},
    {"experiments": [{"is": "Experiment", "model": 3, "problem": 4}]},
    {"experiments": []},
]


@crossed(
    ("kind", "change"),
    {kind.__name__: kind for kind in (RecoveryLab, RankLab, PhaseLab, SymmetryLab)},
    {str(change): change for change in CHANGES},
)
def test_a_token_with_a_wrong_part_changes_nothing(kind, change):
    lab = kind()
    before = lab.state()
    refused(lambda: lab.restore(tokens.write_token(tokens.read_token(before) | change)))
    assert lab.state() == before
    lab.close()


@pytest.mark.parametrize("matrix", [[1, 2], "x", None], ids=str)
def test_a_token_with_a_wrong_matrix_changes_nothing(matrix):
    lab = FactorizationLab()
    before = lab.state()
    state = tokens.read_token(before)
    state["experiments"][0]["problem"]["matrix"] = matrix
    refused(lambda: lab.restore(tokens.write_token(state)))
    assert lab.state() == before
    lab.close()


@pytest.mark.parametrize("source", ["nowhere.npz", "pipe", 5, "nowhere/"], ids=str)
def test_a_token_that_needs_files_of_others_changes_nothing(source, tmp_path, monkeypatch):
    """A pipe is not waited for."""
    monkeypatch.chdir(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe")
    digits = ck.Experiment(ck.Conv(kernels=2), ck.mnist(), ck.Adam(steps=1), n_samples=4)
    lab = KernelLab()
    before = lab.state()
    state = tokens.read_token(tokens.write_moment("KernelLab", [digits], 0, 0, {}))
    state["experiments"][0]["problem"]["source"] = source
    refused(lambda: lab.restore(tokens.write_token(state)))
    assert lab.state() == before
    lab.close()


def test_a_target_that_is_too_large_is_said_by_a_lab_which_then_takes_another():
    lab = CondensationLab(width=10, steps=20)
    (targets,) = (one for one in lab.form.column if isinstance(one, Targets))
    targets.kind.value = "formula"
    for text, works in [("1e300*x", False), ("x", True), ("-1e305*x^2", False), ("x/2", True)]:
        targets.text.value = text
        assert ("The loss overflows before the first step" in lab.status.value) is not works
        lab.run(live=False)
        assert ("The loss overflows before the first step" in lab.status.value) is not works
        assert ("Trained 20 steps" in lab.status.value) is works
    lab.close()


def test_a_token_asks_for_nothing_else_while_it_trains():
    lab = RecoveryLab(width=30, n_samples=50, steps=10_000_000)
    foreign = FactorizationLab()
    token = foreign.state().replace("FactorizationLab", "RecoveryLab")
    state = tokens.read_token(foreign.state()) | {"lab": "RecoveryLab"}
    lab.run()
    for other in (token, tokens.write_token(state), "nonsense"):
        refused(lambda other=other: lab.restore(other))
    assert lab._doing == "train"
    assert lab.stop_button.disabled is False
    lab.stop()
    foreign.close()
    lab.close()


def test_what_is_too_long_for_a_token_is_refused_when_it_is_written(monkeypatch):
    """Never is one written that would not be read."""
    lab = RecoveryLab(width=6, n_samples=8, steps=20)
    token = lab.state()
    size = len(json.dumps(tokens.read_token(token), separators=(",", ":")))
    monkeypatch.setattr(tokens, "_LONGEST", size)
    assert lab.state() == token
    lab.restore(token)
    monkeypatch.setattr(tokens, "_LONGEST", size - 1)
    with pytest.raises(ValueError, match=r"more than the .* of a token"):
        lab.state()
    with pytest.raises(ValueError, match="damaged"):
        lab.restore(token)
    monkeypatch.undo()
    lab.close()


@pytest.mark.slow
def test_a_lab_shows_the_pictures_that_are_asked_for():
    every = RecoveryLab(width=6, n_samples=8, steps=20)
    lab = RecoveryLab(width=6, n_samples=8, steps=20, show=["neurons", "loss"])
    for one in (every, lab):
        one.run(live=False)
    seen, front = [], [lab]
    while front:
        seen.append(front.pop())
        front += getattr(seen[-1], "children", ())
    assert [name for name, view in lab.views.items() if view in seen] == ["neurons", "loss"]
    for axis in ("x", "y"):
        mine, whole = (getattr(one.views["loss"].train, axis) for one in (lab, every))
        assert mine.tolist() == whole.tolist()
    assert lab.verdict.value == every.verdict.value
    assert len(lab.figure().axes) < len(every.figure().axes)
    for wrong in ("neurons", ["neuron"], [], 3, [1], [None]):
        with pytest.raises(ValueError, match="show"):
            RecoveryLab(show=wrong)
    every.close()
    lab.close()
