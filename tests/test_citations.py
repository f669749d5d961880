"""The papers that notebooks and README name are in the file that others cite from."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"arXiv:\s*(\d{4}\.\d{4,5})")
CITED = NUMBER.findall((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_every_paper_of_the_list_is_in_the_citation_file():
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## How to cite")[1]
    named = NUMBER.findall(text)
    assert len(named) == len(set(named)) >= 9
    assert set(named) == set(CITED)


def test_every_paper_that_is_named_anywhere_is_in_the_citation_file():
    """In notebooks as a reader sees them, in code and in texts."""
    files = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("condensekit/**/*.py")]
    files += [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/**/*.md")]
    named = {no: path.name for path in files for no in NUMBER.findall(path.read_text("utf-8"))}
    assert set(named) <= set(CITED), {no: named[no] for no in set(named) - set(CITED)}
    assert len(CITED) == len(set(CITED))


@pytest.mark.parametrize("name", ["00-welcome", "08-symmetry", "03-cnn-mnist", "04-transformer"])
def test_notebooks_name_their_sources(name):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    text = " ".join(cell.source for cell in notebook.cells)
    source = "2510.09564" if name.startswith("08") else "2504.09484"
    assert source in NUMBER.findall(text)
    assert source in CITED


def test_definition_and_theorem_are_named_with_their_paper():
    sources = [*(ROOT / "condensekit" / "symmetry").glob("*.py"), ROOT / "README.md"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources}
    naming = {name: text for name, text in texts.items() if "Theorem 4.1" in text}
    assert {"README.md", "proofs.py"} <= naming.keys()
    for name, text in naming.items():
        assert "2510.09564" in text, name
