"""What a student did stays: over restarts, damaged lines, folders that cannot be written."""

import errno
import json
import os

import pytest
from waiting import side_by_side

from condensekit import exercises, files
from condensekit.exercises import Deed, Grade, keeping
from condensekit.files import append_line

DAMAGED = (
    "{",
    "5",
    "[]",
    "null",
    '{"question": 3, "did": "predicted"}',
    '{"question": "same_neurons", "did": "danced"}',
    '{"question": "same_neurons", "did": "measured", "more": 1}',
    '{"question": "same_neurons", "did": "measured", "foreseen": "yes"}',
    "\0\0\0\0",
    "[" * 100_000,
)


@pytest.fixture
def folder(tmp_path):
    exercises.keep_progress(tmp_path)
    yield tmp_path
    exercises.keep_progress(None)


def lines(folder):
    return (folder / keeping.PROGRESS).read_text().splitlines()


def row(name):
    return next(row for row in exercises.progress().rows if row.name == name)


def test_who_comes_back_finds_what_was_predicted_and_shown(folder):
    exercises.same_neurons().predict(12)
    exercises.keep_progress(folder)  # as a kernel that has just started
    said = exercises.same_neurons().predict(9)
    assert said.startswith("Recorded as prediction 2, before the measurement: `9`.")
    assert said.endswith("The first one stands: `12`.")
    exercises.same_neurons().measure()
    exercises.keep_progress(folder)
    question = exercises.same_neurons()
    assert "Recorded as prediction 3, after the measurement: `7`" in question.predict(7)
    assert [(p.answer, p.before) for p in question.predictions] == [
        (12, True), (9, True), (7, False),
    ]  # fmt: skip
    assert question.check(10).grade is Grade.INCORRECT
    assert question.check(7).message.endswith("You had predicted 12.")
    told = row("same_neurons")
    assert (told.first, told.before, told.foreseen) == ("12", True, False)
    assert (told.verdict, told.tries) == (Grade.CORRECT, 2)


@pytest.mark.parametrize(
    ("shown", "when"),
    [
        (lambda q: q.check(9, anyway=True), "A verdict"),
        (lambda q: q.solution(anyway=True), "The solution"),
    ],
)
def test_what_is_predicted_after_something_was_shown_is_no_prediction(folder, shown, when):
    shown(exercises.same_neurons())
    assert f"{when} had been shown before." in exercises.same_neurons().predict(7)
    assert not exercises.same_neurons().predictions[0].before
    assert row("same_neurons").before is False


OF_EACH_KIND = {type(make().kind): name for name, make in [*exercises.QUESTIONS.items()][::-1]}
EACH = [
    name if name in OF_EACH_KIND.values() else pytest.param(name, marks=pytest.mark.slow)
    for name in exercises.QUESTIONS
]


@pytest.mark.parametrize("name", EACH)
def test_every_kind_of_answer_is_kept(folder, name):
    make = exercises.QUESTIONS[name]
    answer = make().investigate().mistakes[0].answer
    make().predict(answer)
    kind = make().kind
    assert make().predictions == (exercises.Prediction(kind.read(answer), True),)
    assert len(lines(folder)) == 1


def test_what_is_no_answer_leaves_no_line(folder):
    for answer in (..., None, "nine", float("nan"), object()):
        exercises.same_neurons().predict(answer)
        exercises.same_neurons().check(answer)
    exercises.same_neurons().measure()
    exercises.grade({"same_neurons": 7})
    assert not (folder / keeping.PROGRESS).exists()
    assert row("same_neurons").verdict is Grade.NOT_ATTEMPTED


def test_damaged_lines_are_said_and_stay(folder):
    exercises.same_neurons().predict(12)
    with (folder / keeping.PROGRESS).open("a") as file:
        file.write("\n".join(DAMAGED) + "\n\n" + '{"question": "same_neu')  # a torn line
    with (folder / keeping.PROGRESS).open("ab") as file:
        file.write(b"\xff\xfe")
    before = (folder / keeping.PROGRESS).read_bytes()
    said = exercises.same_neurons().predict(9)
    told = (
        f"{len(DAMAGED) + 1} lines of {folder / keeping.PROGRESS} cannot be read, and stay as they"
    )
    assert told in said
    assert told in str(exercises.progress())
    assert told in exercises.progress()._repr_html_()
    assert [p.answer for p in exercises.same_neurons().predictions] == [12, 9]
    assert (folder / keeping.PROGRESS).read_bytes().startswith(before)


@pytest.mark.parametrize("answer", [None, "twelve", {"a": 1}, 0.5])
def test_a_prediction_that_is_none_is_left_out(folder, answer):
    line = json.dumps({"question": "same_neurons", "did": "predicted", "answer": answer})
    append_line(folder / keeping.PROGRESS, line)
    assert exercises.same_neurons().predictions == ()
    exercises.same_neurons().predict(9)
    assert row("same_neurons").first == "9"


def test_a_line_of_a_question_of_tomorrow_stays(folder):
    append_line(folder / keeping.PROGRESS, '{"question": "tomorrow", "did": "measured"}')
    assert exercises.progress().done == 0
    assert exercises.progress().remark == ""


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_cannot_be_written_is_known_here_and_written_later(folder, monkeypatch, number):
    def refused(path, line):
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_line", refused)
        said = exercises.same_neurons().predict(12)
        assert said.startswith("Locked: `12`.")
        assert f"{os.strerror(number)}. It is known until this kernel ends" in said
        assert "Predict first" not in exercises.same_neurons().measure()
        assert "could not be written" in exercises.same_neurons().check(9).message
        assert exercises.same_neurons().predictions[0].before
        assert row("same_neurons").tries == 1
        assert "could not be written" in exercises.progress().remark
    exercises.same_neurons().predict(7)
    assert [json.loads(line)["did"] for line in lines(folder)] == [
        "predicted", "measured", "checked", "predicted",
    ]  # fmt: skip
    assert exercises.progress().remark == ""


def test_a_folder_in_the_place_of_the_file_is_said(folder):
    (folder / keeping.PROGRESS).mkdir()
    assert "could not be written" in exercises.same_neurons().predict(12)
    assert exercises.same_neurons().predictions[0].answer == 12


def _writes(folder, name):
    exercises.keep_progress(folder)
    for number in range(50):
        keeping.add(Deed(name, "predicted", number + 1), [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_two_notebooks_at_once_keep_all_lines(folder):
    side_by_side(_writes, (folder, "same_neurons"), (folder, "first_lines"))
    for make in (exercises.same_neurons, exercises.first_lines):
        assert [p.answer for p in make().predictions] == [*range(1, 51)]


def test_a_line_that_was_cut_off_does_not_take_the_next_with_it(tmp_path, monkeypatch):
    path = tmp_path / "text"
    path.write_bytes(b"whole\ncut o")
    append_line(path, "next")
    assert path.read_bytes() == b"whole\ncut o\nnext\n"

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, text):
            return self.file.write(text[:3])

    opened = type(path).open
    with monkeypatch.context() as patch:
        patch.setattr(files.Path, "open", lambda *a, **k: Full(opened(*a, **k)))
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            append_line(path, "no room")
    append_line(path, "last")
    assert path.read_bytes() == b"whole\ncut o\nnext\nno \nlast\n"


def test_nothing_is_kept_where_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exercises.keep_progress(None)
    exercises.same_neurons().predict(12)
    assert [*tmp_path.iterdir()] == []
    assert exercises.same_neurons().predictions == ()


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"folder must be a folder that there is, but is '.*nowhere'"
    ):
        exercises.keep_progress(tmp_path / "nowhere")


# --- the tables --------------------------------------------------------------------------------


def test_the_report_has_what_was_begun(folder):
    question = exercises.same_neurons()
    question.predict(12)
    question.measure()
    question.hint()
    question.check(9)
    question.solution()
    question.check(7)
    exercises.first_lines().solution(anyway=True)
    found = exercises.report(folder / "mine.json")
    assert [row.name for row in found.rows] == ["first_lines", "same_neurons"]
    stored = json.loads((folder / "mine.json").read_text())["exercises"]
    assert stored[1] == {
        "name": "same_neurons", "notebook": "06", "first": "12", "before": True, "foreseen": False,
        "verdict": "correct", "tries": 2, "hints": 1, "solution": True, "anyway": "",
    }  # fmt: skip
    exercises.report(folder / "mine.txt")
    text = (folder / "mine.txt").read_text()
    assert text == f"{found}\n"
    assert "12 (before the measurement, not right)" in text
    assert "correct after 2 tries, 1 hint, solution read" in text
    assert "not attempted; solution read" in text
    assert text.startswith("1 of 2 exercises correct, 1 predicted.")
    with pytest.raises(ValueError, match=r"path must end in \.json or \.txt, but is 'mine\.xml'"):
        exercises.report("mine.xml")


def test_a_try_after_the_right_answer_does_not_count(folder):
    for answer in (7, 9, 7):
        exercises.same_neurons().check(answer, anyway=True)
    assert row("same_neurons").told == "correct after 1 try"


def test_progress_shows_every_question_in_words_and_as_html(folder):
    exercises.small_initialization().predict("large wins")
    shown = exercises.progress()
    assert [row.name for row in shown.rows] == [*exercises.QUESTIONS]
    assert "'large wins' (before the measurement)" in str(shown)
    assert repr(shown) == str(shown)
    assert shown._repr_html_().count("<tr>") == 1 + len(exercises.QUESTIONS)
    fresh = exercises.enough_samples()
    fresh.predict(type("F", (), {"__call__": lambda s, m, k, d, bias: m, "__name__": "<b>"})())
    assert "&lt;b&gt;" in exercises.progress()._repr_html_()


def test_each_notebook_shows_its_own(folder):
    for name, makers in exercises.NOTEBOOKS.items():
        shelf = exercises.of_notebook(name)
        for make in makers:
            assert f"exercises.{make.__name__}()" in str(shelf)
            assert make().title in str(shelf)
            assert make.__name__ in shelf._repr_html_()
    with pytest.raises(ValueError, match=r"notebook must be one of .*, but is '10'"):
        exercises.of_notebook("10")


def test_the_exercises_of_a_notebook_are_not_called_untouched_where_nothing_is_kept(folder):
    exercises.same_neurons().check(7, anyway=True)
    assert "correct after 1 try" in str(exercises.of_notebook("06"))
    exercises.keep_progress(None)
    shelf = exercises.of_notebook("06")
    assert {told for *_, told in shelf.rows} == {"not known"}
    for shown in (str(shelf), shelf._repr_html_()):
        assert "Nothing is kept (`keep_progress(None)`)" in shown
        assert "not attempted" not in shown


@pytest.mark.parametrize("asked", [lambda q, **a: q.solution(**a), lambda q, **a: q.check(9, **a)])
@pytest.mark.parametrize("kept", [True, False], ids=["a file", "nowhere"])
def test_who_has_not_predicted_is_asked_to_first(folder, kept, asked):
    if not kept:
        exercises.keep_progress(None)
    question = exercises.same_neurons()
    question.hint()
    for _ in range(2):
        assert "Predict first" in str(asked(question))
    assert [deed.did for deed in question.deeds] == ["hint"], "nothing was shown"
    assert "Predict first" not in str(asked(question, anyway=True))
    assert "Predict first" not in str(asked(question)), "once is enough"


@pytest.mark.parametrize("asked", [lambda q: q.solution(), lambda q: q.check(9)])
@pytest.mark.parametrize(
    "begin", [lambda q: q.predict(12), lambda q: q.check(12, anyway=True)], ids=["guess", "try"]
)
@pytest.mark.usefixtures("folder")
def test_who_has_predicted_or_tried_is_shown_all(begin, asked):
    begin(exercises.same_neurons())
    assert "Predict first" not in str(asked(exercises.same_neurons()))


@pytest.mark.parametrize(
    ("shown", "what"),
    [
        (lambda q: q.solution(anyway=True), "the solution"),
        (lambda q: q.check(9, anyway=True), "a verdict"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_the_record_says_what_was_shown_to_who_had_not_predicted(shown, what):
    assert row("same_neurons").anyway == ""
    shown(exercises.same_neurons())
    assert row("same_neurons").anyway == what
    assert row("same_neurons").prediction == f"none ({what} was shown anyway)"
    exercises.same_neurons().predict(7)
    assert row("same_neurons").anyway == what
    assert row("same_neurons").prediction == "7 (after something was shown)"
    exercises.first_lines().predict(2)
    exercises.first_lines().solution()
    assert row("first_lines").anyway == ""


def test_a_hint_that_is_read_again_in_another_kernel_counts_once(folder):
    for _ in range(3):
        exercises.same_neurons().hint()
    again = exercises.same_neurons()
    for _ in range(2 * len(again.hints)):
        again.hint()
    assert row("same_neurons").hints == len(again.hints)


def test_a_table_of_what_is_kept_nowhere_says_so(folder):
    exercises.keep_progress(None)
    exercises.same_neurons().check(7, anyway=True)
    for found in (exercises.progress(), exercises.report()):
        assert found.done == 0
        assert "Nothing is kept (`keep_progress(None)`)" in str(found)
        assert "Nothing is kept" in json.loads(found.json())["remark"]
    exercises.keep_progress(folder)
    assert exercises.progress().remark == ""


@pytest.mark.parametrize(("again", "right"), [(7, True), (9, False)])
def test_whether_a_prediction_was_right_is_not_told_of_one_whose_line_is_damaged(
    folder, again, right
):
    first = exercises.same_neurons()
    first.predict(12 if right else 7)
    first.measure()
    path = folder / "exercises-progress.jsonl"
    path.write_text(path.read_text()[1:])
    exercises.same_neurons().predict(again)
    assert row("same_neurons").foreseen is None
    exercises.same_neurons().check(7)
    assert row("same_neurons").foreseen is right
    told = ", right" if right else ", not right"
    assert row("same_neurons").prediction == f"{again} (after something was shown{told})"
