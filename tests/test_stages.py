"""Two stages of a Transformer: yes, no, and not to be told; events, and the lab's sentence."""

import functools
import html
import re

import numpy as np
import pytest

from condensekit import SGD, Experiment, TwoLayer, three_tanh, train
from condensekit.dynamics import stages
from condensekit.dynamics.stages import FIRST_STAGE, SECOND_STAGE
from condensekit.labs import AttentionLab
from condensekit.measures import STAYS, matrices
from condensekit.records import ANCHORS, anchor_experiment, recorded_run
from condensekit.tables import ATTENTION_TABLE
from condensekit.verdicts.attention import stages_verdict

ALL = FIRST_STAGE + SECOND_STAGE
STORED = {name: recorded_run(one) for name, one in ANCHORS.items()}


@functools.cache
def brief(layers=1, **knobs):
    steps = {"steps": 20, "n_samples": 50, "d_model": 16, "d_head": 8, "d_ff": 16}
    return train(anchor_experiment(0.1, sgd=True).replace(layers=layers, **steps | knobs))


def drawn(run, onsets, layer=0, back=()):
    """Effective ranks of a run in which matrices fall below the threshold at given steps."""
    names = [*matrices(run.experiment.model, run.at(0))]
    ranks = np.full((len(run), len(names)), 9.0)
    for name, at in onsets.items():
        if at is not None:
            ranks[at:, names.index(f"{name} {layer + 1}")] = 1.0 + STAYS * 8.0
    for name, at in back:
        ranks[at, names.index(f"{name} {layer + 1}")] = 8.9
    return ranks


FOUR = dict.fromkeys(FIRST_STAGE, 4)
CASES = [
    ({**FOUR, "W_Q": 6, "W_K": 5}, True),
    ({"W_V": 1, "W_O": 2, "FFN in": 3, "FFN out": 4, "W_Q": 5, "W_K": 5}, True),
    ({**FOUR, "W_Q": 6, "W_K": None}, None),
    ({**FOUR, "W_Q": None, "W_K": None}, None),
    (dict.fromkeys(ALL), None),
    ({**FOUR, "W_Q": 4, "W_K": 9}, False),
    ({**FOUR, "W_Q": 3, "W_K": None}, False),
    ({**FOUR, "W_O": None, "W_Q": 6, "W_K": 6}, False),
    ({**FOUR, "W_O": None, "W_Q": None, "W_K": None}, None),
    ({**dict.fromkeys(FIRST_STAGE), "W_Q": 2, "W_K": 3}, False),
]


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(("onset", "two"), CASES)
def test_yes_no_and_not_to_be_told(onset, two, layer):
    run = brief(layers=2)
    found = stages(run, layer, drawn(run, onset, layer))
    assert found.onset == onset
    assert found.two is two
    assert stages(run, 1 - layer, drawn(run, onset, layer)).two is None
    head, text = stages_verdict(run, found)
    assert head[0] == {True: "✔", False: "✘", None: "○"}[two]
    for name, at in onset.items():
        assert name in text or all(at is None for at in onset.values())
        assert at is None or f"from {run.moment(at)}" in text
    marks = found.events(run)
    assert [mark.index for mark in marks] == sorted({at for at in onset.values() if at is not None})
    assert all(mark.kind == "condense" and mark.time == run.time[mark.index] for mark in marks)
    said = " ".join(mark.text for mark in marks)
    for name, at in onset.items():
        assert (f"{name} {layer + 1}" in said) is (at is not None)


def test_what_comes_back_has_not_begun():
    run, onset = brief(), {**FOUR, "W_Q": 6, "W_K": 6}
    assert stages(run, 0, drawn(run, onset, back=[("W_V", 7)])).onset["W_V"] == 8
    assert stages(run, 0, drawn(run, onset, back=[("W_V", 7)])).two is False
    assert stages(run, 0, drawn(run, onset, back=[("W_V", -1)])).onset["W_V"] is None


def test_the_ranks_are_those_of_the_matrices():
    run = brief()
    ranks = []
    for i in range(len(run)):
        values = [np.linalg.svd(m)[1] for m in matrices(run.experiment.model, run.at(i)).values()]
        shares = [value / value.sum() for value in values]
        ranks.append([np.exp(-(s * np.log(s)).sum()) for s in shares])
    assert stages(run) == stages(run, 0, np.array(ranks))


@pytest.mark.parametrize(
    ("name", "two", "before", "after"),
    [
        ("anchors, γ = 0.8", False, "W_K", "FFN out"),
        ("anchors, γ = 0.8, SGD", None, "W_V", "FFN in"),
        ("anchors, γ = 0.5", None, None, None),
    ],
)
def test_stored_runs(name, two, before, after):
    """With AdamW W_Q and W_K are the first, with SGD they are not; a large start shows nothing."""
    found = stages(STORED[name])
    assert found.two is two
    if before is None:
        assert set(found.onset.values()) == {None}
    else:
        assert found.onset[before] < found.onset[after]


def test_a_matrix_of_rank_one_has_none_to_lose():
    found = stages(brief(d_head=1))
    assert {*found.onset} == {"FFN in", "FFN out"}
    assert found.two is None
    assert stages(brief(d_ff=1)).two is None


def test_the_lab_says_and_marks_it():
    lab = AttentionLab()

    def text():
        return html.unescape(re.sub("<[^>]+>", "", lab.verdict.value))

    assert "stages" not in text(), "there are heads only"
    lab.choose((ANCHORS["anchors, γ = 0.8"],))
    run = STORED["anchors, γ = 0.8"]
    head, told = stages_verdict(run, stages(run))
    assert head == "✘ Not the two stages:"
    assert told in text()
    marks = ATTENTION_TABLE.events(lab._moment(0))
    assert [mark.index for mark in marks] == sorted(mark.index for mark in marks)
    assert [mark for mark in marks if mark.kind == "condense"] == stages(run).events(run)
    assert {"plateau", "escape", "end"} < {mark.kind for mark in marks}
    lab.stop()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: stages(brief(), 1), "layer must be a whole number from 0 to 0, but is 1"),
        (lambda: stages(brief(), 0, np.ones((2, 3))), r"ranks must have the shape .* \[2, 3\]"),
        (
            lambda: stages(train(Experiment(TwoLayer(1, 3), three_tanh(), SGD(steps=2)))),
            "those of a Transformer, not of TwoLayer",
        ),
    ],
)
def test_bad_input(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()
