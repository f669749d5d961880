"""What an edition folds is folded where students meet it, and runs."""

import nbformat
import pytest
from browser_server import LAB, NOTEBOOK, opened
from playwright.sync_api import expect

from condensekit import editions
from condensekit.editions.student import TITLE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "place", [LAB, pytest.param(NOTEBOOK, marks=pytest.mark.slow)], ids=["Lab", "Notebook 7"]
)
def test_a_check_is_folded_to_its_title_and_runs(place, browser, server):
    source = "seen = []\nprint('said')\nassert seen.append(1) is None"
    cells = [nbformat.v4.new_code_cell(text, id=name) for name, text in
             {"one": source, "two": "print('ran', seen)"}.items()]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(editions.student(notebook), server.root / "folded.ipynb")
    page = opened(browser, server, "folded.ipynb", place=place)
    expect(page.get_by_text("ran [1]")).to_be_visible(timeout=60_000)
    expect(page.locator(".jp-InputPlaceholder")).to_have_text(TITLE)
    assert page.get_by_text("assert seen").count() == 0
    page.locator(".jp-InputPlaceholder .jp-Placeholder-content").click()
    expect(page.get_by_text("assert seen")).to_be_visible()
    page.close()
    server.close_sessions()
