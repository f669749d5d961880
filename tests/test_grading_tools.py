"""What docs/grading.md gives to graders, run as they run it, and by them where they are there."""

import doctest
import re
import textwrap
from pathlib import Path

import nbformat
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
def test_otter_grades_a_submission(tmp_path, answer, right):
    files = pytest.importorskip("otter.test_files")
    path = tmp_path / "same_neurons.py"
    path.write_text(OTTER)
    asked = files.OKTestFile.from_file(str(path))
    asked.run({"answers": {"same_neurons": answer}})
    assert all(result.passed for result in asked.test_case_results) is right


@SUBMISSIONS
def test_the_cell_of_nbgrader_raises_what_the_verdict_says(answer, right):
    names = {"answers": {"same_neurons": answer}}
    if right:
        exec(NBGRADER, names)
    else:
        with pytest.raises(AssertionError, match=r"the placeholder|not the number that was found"):
            exec(NBGRADER, names)


@SUBMISSIONS
def test_nbgrader_grades_a_submission(tmp_path, answer, right):
    apps = pytest.importorskip("nbgrader.apps")
    config = pytest.importorskip("traitlets.config").Config()
    config.CourseDirectory.root = str(tmp_path)
    own = {"grade_id": "answer", "solution": True, "grade": False, "locked": False}
    tested = {"grade_id": "check", "solution": False, "grade": True, "locked": True, "points": 1}
    cells = [
        nbformat.v4.new_code_cell('answers = {"same_neurons": ...}', metadata={"nbgrader": own}),
        nbformat.v4.new_code_cell(NBGRADER, metadata={"nbgrader": tested}),
    ]
    for cell in cells:
        cell.metadata["nbgrader"] |= {"schema_version": 3, "task": False, "cell_type": "code"}
    path = tmp_path / "source" / "one" / "one.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with apps.NbGraderAPI(config=config) as api:
        assert api.generate_assignment("one")["success"]
        released = nbformat.read(tmp_path / "release" / "one" / "one.ipynb", as_version=4)
        shown = "..." if answer is ... else answer
        released.cells[0].source = f'answers = {{"same_neurons": {shown}}}'
        handed_in = tmp_path / "submitted" / "student" / "one" / "one.ipynb"
        handed_in.parent.mkdir(parents=True)
        nbformat.write(released, handed_in)
        assert api.autograde("one", "student")["success"]
        assert api.get_submission("one", "student")["score"] == float(right)
