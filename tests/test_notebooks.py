"""What nbval does not see: a checked cell without a stored output compares nothing."""

import base64
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_checked_cells_have_stored_outputs_and_others_store_no_widget(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    checked = [cell for cell in code if "NBVAL_CHECK_OUTPUT" in cell.source]
    assert checked, "a notebook makes claims, and a claim is checked"
    for cell in checked:
        assert cell.outputs, cell.source
    asserting = [cell for cell in code if "assert " in cell.source]
    assert asserting
    assert "widgets" not in notebook.metadata
    assert not [out for cell in code for out in cell.outputs if "error" in out.output_type]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_where_a_lab_stands_a_page_without_a_kernel_says_so(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [cell for cell in code if re.search(r"^(lab|\w+Lab\(.*\))$", cell.source, re.MULTILINE)]
    for cell in shown:
        line, picture = [out for out in cell.outputs if "data" in out]
        assert "is not running here" in line.data["text/plain"]
        assert {*line.data} == {"text/plain"}, "what is stored is the same in every run"
        assert {*picture.data} == {"image/png"}
        assert base64.b64decode(picture.data["image/png"]).startswith(b"\x89PNG")
        kind = line.data["text/plain"].split()[0]
        assert picture.metadata["image/png"]["alt"].startswith(f"{kind}: ")
    assert shown or "condensekit.labs" not in "".join(cell.source for cell in code)
