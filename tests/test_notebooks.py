"""What nbval does not see: a checked cell without a stored output compares nothing."""

import base64
import re
from pathlib import Path

import nbformat
import pytest

from condensekit import exercises

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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_picture_has_a_text_for_those_who_do_not_see_it(path):
    """Pictures of labs, figures of matplotlib, and those in texts, stored or written."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    for out in outputs:
        data = out.get("data", {})
        for kind in (kind for kind in data if kind.startswith("image/")):
            assert len(out.metadata[kind]["alt"]) > 20
        assert "<Figure" not in data.get("text/plain", ""), "a picture that nobody sees"
        texts += [data.get(kind, "") for kind in ("text/markdown", "text/html")]
    for text in texts:
        assert all(len(alt) > 5 for alt in re.findall(r"!\[([^\]]*)\]\(", text))
        assert all(re.search(r'alt="[^"]{6}', tag) for tag in re.findall(r"<img[^>]*>", text))
        assert "<svg" not in text


def test_each_leads_to_the_one_before_the_contents_and_the_next():
    names = [path.stem for path in NOTEBOOKS]
    for k, path in enumerate(NOTEBOOKS):
        first = nbformat.read(path, as_version=4).cells[0].source.splitlines()
        (way,) = (line for line in first if re.match(r"\[(← )?\d\d-.*(contents|→)\]", line))
        links = re.findall(r"\[([^\]]*)\]\(([^)]*)\.ipynb\)", way)
        before = [(f"← {names[k - 1]}", names[k - 1]), ("contents", names[0])] if k else []
        after = [(f"{name} →", name) for name in names[k + 1 : k + 2]]
        assert links == before + after


@pytest.mark.usefixtures("nothing_done")
@pytest.mark.parametrize("path", NOTEBOOKS[:-1], ids=lambda path: path.name)
def test_each_lists_its_exercises(path):
    number = path.stem[:2]
    (cell,) = (
        c for c in nbformat.read(path, as_version=4).cells if "exercises.of_notebook" in c.source
    )
    assert f'of_notebook("{number}")' in cell.source
    table = cell.outputs[0].data["text/plain"]
    assert table == str(exercises.of_notebook(number))
    assert table.count("not attempted") >= 2
