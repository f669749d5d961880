"""What docs/grading.md gives to graders, graded by them; in an environment that has them."""

import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from otter.test_files import OKTestFile
from traitlets.config import Config

PAGE = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
_, OTTER, NBGRADER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

SUBMISSIONS = pytest.mark.parametrize(("answer", "right"), [(7, True), (9, False), (..., False)])


@SUBMISSIONS
def test_otter_grades_a_submission(tmp_path, answer, right):
    path = tmp_path / "same_neurons.py"
    path.write_text(OTTER)
    asked = OKTestFile.from_file(str(path))
    asked.run({"answers": {"same_neurons": answer}})
    assert all(result.passed for result in asked.test_case_results) is right


@pytest.mark.filterwarnings("ignore:Object of type")  # of nbgrader itself
@SUBMISSIONS
def test_nbgrader_grades_a_submission(tmp_path, answer, right):
    config = Config()
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
    config.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "exchange").mkdir()
    api = NbGraderAPI(config=config)
    assert api.generate_assignment("one")["success"]
    released = nbformat.read(tmp_path / "release" / "one" / "one.ipynb", as_version=4)
    shown = "..." if answer is ... else answer
    released.cells[0].source = f'answers = {{"same_neurons": {shown}}}'
    handed_in = tmp_path / "submitted" / "student" / "one" / "one.ipynb"
    handed_in.parent.mkdir(parents=True)
    nbformat.write(released, handed_in)
    assert api.autograde("one", "student")["success"]
    assert api.get_submission("one", "student")["score"] == float(right)
