"""Every text of every lab and exercise is in the catalogues: what is missing is named here."""

import re

import pytest
from cases import LABS

import condensekit as ck
from condensekit import exercises, labs, languages
from condensekit.exercises.grading import NOTEBOOKS, QUESTIONS
from condensekit.labs import stage
from condensekit.presets import TALK
from condensekit.widgets.closing import parts

OTHERS = [name for name in languages.LANGUAGES if name != "en"]
KINDS = sorted({one.lab for one in TALK})
CODE = re.compile(r"<lambda>|\w*_\w*|square|arctan|xtanh|x2tanh|[\w.]+ = .*|lr .*", re.DOTALL)
"""What is code, or a name of it: of a setting, an activation, a question, a function."""


@pytest.fixture(params=OTHERS, autouse=True)
def language(request, monkeypatch, tmp_path):
    monkeypatch.setattr(stage, "REPLAY_SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)
    ck.set_language(request.param)
    before = {*languages.missing()}
    yield lambda: [one for one in languages.missing() if one not in before]
    ck.set_language("en")


def is_told(texts):
    assert [one for one in texts if not CODE.fullmatch(one)] == []


def read(lab):
    """All that is sent to the browser, at some moments of the run, with everything unfolded."""
    _send(lab)
    if lab.subject.timed and lab.runs():
        last, events = len(lab.runs()[0]) - 1, {mark.index for mark in lab.timeline.marks}
        for index in sorted({0, last // 4, last // 2, last, *events}):
            lab.timeline.go(index)
            _send(lab)
    for fold in range(len(lab.folds.titles)):
        lab.folds.selected_index = fold
        _send(lab)
    lab.folds.selected_index = None
    lab.figure()


def _send(lab):
    for widget in parts(lab):
        for name in widget.traits(spoken=True):
            widget.get_state([name])


@pytest.mark.parametrize("kind", KINDS)
def test_a_lab_and_its_presets(kind, language):
    lab = getattr(labs, kind)()
    read(lab)
    for one in TALK:
        if one.lab == kind:
            lab.show_preset(one.name)
            read(lab)
    lab.close()
    is_told(language())


@pytest.mark.parametrize("name", [name for name in LABS if name != "deep"])  # a newcomer's own
def test_a_lab_that_is_trained(name, language):
    lab = LABS[name].make()
    read(lab)
    if lab.subject.timed:
        lab.run(live=False)
        read(lab)
    lab.close()
    is_told(language())


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question(name, language):
    question = QUESTIONS[name]()
    finding = question.investigate()
    repr(question.measure())
    answers = [None, "x", 3.5, *(one.answer for one in finding.mistakes), finding.answer]
    question._repr_markdown_()
    for answer in answers:
        question.check(answer)._repr_html_()
    repr(question.predict(finding.answer))
    repr(question.predict(finding.answer))
    for answer in answers:
        question.check(answer)._repr_html_()
    repr(question.measure())
    for _ in range(len(question.hints) + 1):
        repr(question.hint())
    str(question.solution())
    is_told(language())


def test_what_was_done(language):
    exercises.progress()._repr_html_()
    for notebook in NOTEBOOKS:
        exercises.of_notebook(notebook)._repr_html_()
    is_told(language())
