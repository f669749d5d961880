"""What nbval does not see: a checked cell without a stored output compares nothing."""

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
