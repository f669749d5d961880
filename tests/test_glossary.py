"""The glossary says what the code does: its thresholds are those of the code, its names exist."""

import importlib
import pkgutil
import re
from inspect import isclass
from pathlib import Path

import pytest
import torch

import condensekit
from condensekit import Experiment, GradientFlow, TwoLayer, model_rank, three_tanh, train
from condensekit.measures import simplicity

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "glossary.md").read_text()
THRESHOLDS = re.findall(
    r"^\| `([A-Z]+)` \| ([0-9.e-]+)[^|]*(?:\\\|[^|]*)*\| `([\w.]+)` \|$", TEXT, re.M
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
    assert float(value) == pytest.approx(found, rel=1e-3)


def test_no_threshold_has_a_second_meaning():
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(condensekit.__path__, "condensekit.")
        if not found.name.endswith("__main__")
    ]
    for name, _, _ in THRESHOLDS:
        found = [vars(module).get(name) for module in modules]
        values = {value for value in found if isinstance(value, int | float)}
        assert len(values) == 1, f"{name} is {values}"


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


@pytest.mark.parametrize(
    ("activation", "idle", "silent"), [("tanh", 2, 1), ("relu", 0, 1), ("square", 0, 0)]
)
def test_what_idle_and_silent_neurons_add_to_the_rank(activation, idle, silent):
    """The table names tanh, as others have other numbers."""
    two = TwoLayer(1, 2, activation)
    params = two.init(torch.Generator().manual_seed(0), 1.0)

    def rank(*more):
        values = dict(zip("awb", map(torch.tensor, zip(*more, strict=True)), strict=True))
        values["w"] = values["w"][:, None]
        both = {name: torch.cat([leaf, values[name].double()]) for name, leaf in params.items()}
        return model_rank(TwoLayer(1, 2 + len(more), activation), both).rank

    alone = model_rank(two, params).rank
    assert rank((1.0, 0.0, 0.0), (2.0, 0.0, 0.0)) == alone + idle
    assert rank((0.0, 0.4, 0.2)) == alone + silent
    assert rank((0.0, 0.0, 0.0)) == alone


def test_early_in_a_run_it_acts_as_one_neuron_and_is_not_condensed():
    flow = GradientFlow(max_steps=100)
    run = train(Experiment(TwoLayer(1, 50), three_tanh(), flow, n_samples=20, init_std=1e-3))
    acts = simplicity(run.experiment.model, run.at(8), run.experiment.data())
    assert acts.acts_as == 1
    assert "not condensed" in str(acts)


@pytest.mark.parametrize("term", TERMS)
def test_each_term_is_used(term):
    """In code, or in a notebook: a glossary of words that nobody says helps nobody."""
    files = [*ROOT.glob("condensekit/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]
    word = re.compile(r"\b" + term.replace("s as k neurons", "") + r"(s|es|d)?\b", re.I)
    assert any(word.search(path.read_text()) for path in files), term


def test_it_is_linked():
    assert "docs/glossary.md" in (ROOT / "README.md").read_text()
    assert "docs/glossary.md" in (ROOT / "CONTRIBUTING.md").read_text()
