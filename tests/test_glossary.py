"""The glossary says what the code does: its thresholds are those of the code, its names exist."""

import importlib
import pkgutil
import re
from inspect import isclass
from pathlib import Path

import pytest

import condensekit

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "glossary.md").read_text()
THRESHOLDS = re.findall(
    r"^\| `([A-Z]+)` \| ([0-9.]+)[^|]*(?:\\\|[^|]*)*\| `([\w.]+)` \|$", TEXT, re.M
)
ROWS = re.findall(r"^\| (\*\*.+?) \|", TEXT, re.M)
TERMS = [term for row in ROWS for term in re.findall(r"\*\*([\w ]+?)\*\*", row)]


def constant(package, name):
    """The constant of a package, or the only one of that name in its modules."""
    if hasattr(package, name):
        return getattr(package, name)
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    (value,) = {getattr(module, name) for module in modules if hasattr(module, name)}
    return value


def test_the_tables_are_read_whole():
    table = TEXT.split("## Thresholds")[1]
    assert len(THRESHOLDS) == table.count("\n| `")
    assert len(TERMS) > 20
    assert len(set(TERMS)) == len(TERMS), "one word, one meaning"


@pytest.mark.parametrize(("name", "value", "module"), THRESHOLDS)
def test_each_threshold_is_the_one_of_the_code(name, value, module):
    found = constant(importlib.import_module(module), name)
    digits = len(value.partition(".")[2])
    assert round(float(found), max(digits, 4 if found < 1 else digits)) == float(value)


def test_each_threshold_that_a_term_names_is_in_the_table():
    above = TEXT.split("## Thresholds")[0]
    named = set(re.findall(r"`([A-Z]{3,})`", above))
    assert named == {name for name, _, _ in THRESHOLDS}


def test_each_name_of_code_exists():
    modules = [condensekit] + [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(condensekit.__path__, "condensekit.")
        if found.name.startswith(("condensekit.meas", "condensekit.symm", "condensekit.exact"))
        or found.name in ("condensekit.dynamics", "condensekit.embedding")
    ]
    known = {name for module in modules for name in dir(module)}
    classes = [value for module in modules for value in vars(module).values() if isclass(value)]
    known |= {name for one in classes for name in getattr(one, "__annotations__", {})}
    columns = re.findall(r"\| ([^|]+) \|$", TEXT.split("## Thresholds")[0], re.M)
    spans = re.findall(r"`([a-zA-Z_.]+)[(`]", " ".join(columns))
    assert len(spans) > 25
    for span in spans:
        first = span.split(".")[0] if span.split(".")[0] in known else span.rsplit(".", 1)[-1]
        assert first in known, span


@pytest.mark.parametrize("term", TERMS)
def test_each_term_is_used(term):
    """In code, or in a notebook: a glossary of words that nobody says helps nobody."""
    files = [*ROOT.glob("condensekit/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]
    word = re.compile(r"\b" + term.replace("s as k neurons", "") + r"(s|es|d)?\b", re.I)
    assert any(word.search(path.read_text()) for path in files), term


def test_it_is_linked():
    assert "docs/glossary.md" in (ROOT / "README.md").read_text()
    assert "docs/glossary.md" in (ROOT / "CONTRIBUTING.md").read_text()
