"""What docs/grading.md gives to graders, run as they run it, and by them where they are there."""

import doctest
import re
import textwrap
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "grading.md").read_text()
LINES, OTTER, NBGRADER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

SUBMISSIONS = pytest.mark.parametrize(("answer", "right"), [(7, True), (9, False), (..., False)])


def test_the_first_lines_print_a_verdict(capsys):
    exec(LINES, {})
    assert capsys.readouterr().out == "incorrect\n"


@SUBMISSIONS
def test_the_file_of_otter_is_a_doctest_that_tells_right_from_wrong(answer, right):
    given = {}
    exec(OTTER, given)
    (suite,) = given["test"]["suites"]
    (case,) = suite["cases"]
    names = {"answers": {"same_neurons": answer}}
    code = textwrap.dedent(case["code"])
    asked = doctest.DocTestParser().get_doctest(code, names, "same_neurons", None, None)
    found = doctest.DocTestRunner(verbose=False).run(asked, out=lambda _: None)
    assert found.attempted == 3
    assert (found.failed == 0) is right


@SUBMISSIONS
def test_the_cell_of_nbgrader_raises_what_the_verdict_says(answer, right):
    names = {"answers": {"same_neurons": answer}}
    if right:
        exec(NBGRADER, names)
    else:
        with pytest.raises(AssertionError, match=r"the placeholder|not the number that was found"):
            exec(NBGRADER, names)


def test_the_editions_that_the_page_names_are_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (line,) = re.findall(r"`(editions\.hand_out\(.*?\))`", PAGE)
    (first,) = re.findall(r"`(from condensekit import editions)`", PAGE)
    exec(f"{first}\n{line}", {})
    written = {path.name: path.read_text() for path in (tmp_path / "release").iterdir()}
    assert "exercises.same_neurons().judge(answer)" in written["10-exercises.ipynb"]
