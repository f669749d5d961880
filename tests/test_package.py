"""The package: public names, and what importing it does not bring along."""

import ast
import functools
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import condensekit as ck

CORE = (
    *("activations", "derivatives", "embedding", "exact", "experiments", "knobs", "measures"),
    *("models", "optimizers", "problems", "records", "sweeps", "symbolic", "symmetry"),
    *("tokens", "training", "twins", "training.loop", "training.runs", "training.storage"),
)


@functools.cache
def _after(statement):
    """Names of the modules that are loaded after a statement, in a Python of its own."""
    script = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return {*json.loads(done.stdout)}


def test_importing_it_imports_no_widget_library():
    loaded = _after("import condensekit")
    assert "condensekit.training.loop" in loaded
    roots = {name.split(".")[0] for name in loaded}
    unwanted = {"ipywidgets", "bqplot", "IPython", "traitlets", "ipykernel", "matplotlib", "xarray"}
    unwanted |= {"dask", "distributed", "h5netcdf", "threadpoolctl"}
    assert not roots & unwanted
    inside = {name.split(".")[1] for name in loaded if name.startswith("condensekit.")}
    assert not inside & {"labs", "views", "pictures", "figures", "exercises"}


@pytest.mark.slow
def test_what_takes_long_to_import_comes_where_it_is_first_needed():
    slow = {"sympy", "mpmath", "flint", "xarray", "dask", "matplotlib", "pandas"}
    later = {"dynamics", "exact", "measures", "records", "sweeps", "symbolic", "symmetry", "twins"}
    for statement, inside in (("import condensekit", later), ("import condensekit.labs", set())):
        loaded = _after(statement)
        assert not slow & {name.split(".")[0] for name in loaded}
        assert not {f"condensekit.{name}" for name in inside} & loaded
    asked = "import condensekit as ck; assert ck.activations.ACTIVATIONS['square'].multiplicity()"
    assert "sympy" in _after(f"{asked} == 2")
    given = "model = ck.TwoLayer(1, 1); start = ck.params(model, a=[1], w=[[1]], b=[0])"
    asked = f"import condensekit as ck; {given}; assert ck.exact_rank(model, start) == 3"
    assert "flint" in _after(asked)


@pytest.mark.slow
def test_names_that_come_later_are_told_and_are_the_same():
    told = _after("import condensekit as ck; assert {*ck.__all__} <= {*dir(ck)}")
    assert "condensekit.sweeps" not in told
    back = "pickle.loads(pickle.dumps(ck.sweep)) is ck.sweep is ck.sweeps.sweep"
    assert "condensekit.sweeps" in _after(f"import pickle, condensekit as ck; assert {back}")
    assert "condensekit.symbolic" in _after("from condensekit import *; symbolic.symbolic_rank")


@pytest.mark.slow
def test_the_headline_run_opens_without_a_widget_library():
    opened = "import condensekit as ck; run = ck.records.recorded_run(ck.records.RECOVERY)"
    loaded = _after(f"{opened}; assert run.test_loss[-1] < 1e-6; ck.twins.torch_code(run, -1)")
    assert not {"ipywidgets", "bqplot", "IPython", "traitlets"} & loaded


@pytest.mark.parametrize("name", ["", *CORE])
def test_public_names_are_real_and_sorted(name):
    module = importlib.import_module(".".join(["condensekit", name]).rstrip("."))
    assert len(set(module.__all__)) == len(module.__all__)

    def place(name):  # constants, classes, functions, each by name
        return not name.isupper(), not name[0].isupper(), name

    assert sorted(module.__all__, key=place) == list(module.__all__)
    for public in module.__all__:
        assert not public.startswith("_")
        value = getattr(module, public)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{public} has no docstring"


def test_everything_of_the_lecture_is_reachable_from_one_name():
    experiment = ck.Experiment(ck.TwoLayer(1, 3), ck.problems.three_tanh(), ck.Adam(steps=2))
    assert ck.train(experiment).outcome is ck.Outcome.BUDGET
    assert ck.measures.recovery is ck.recovery
    assert ck.exact.optimistic_sample_size is ck.optimistic_sample_size


def test_the_version_stands_in_one_place():
    described = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    assert "version" not in described["project"]
    source = Path(described["tool"]["hatch"]["version"]["path"])
    assert source == Path("condensekit/__init__.py")
    assert ck.__version__.count(".") == 2


# --- one meaning per name ----------------------------------------------------------------------

SHARED = {"FORMAT": "each kind of file has its own"}
"""Names of two constants, and why."""


PICTURES = ("pictures", "figures")
"""A picture is named as what it shows, and is called with its package before: only they may."""


ABOVE = ("labs", "tables", "subjects", "views", *PICTURES, "cli_sweep")
"""Where a constant may be a module's own, as a width or a title: only its public ones are asked."""


def _modules():
    names = [found.name for found in pkgutil.walk_packages(ck.__path__, "condensekit.")]
    return [importlib.import_module(name) for name in names if not name.endswith("__main__")]


def test_no_public_name_has_two_meanings():
    meanings = {}
    for module in _modules():
        if module.__name__.split(".")[1] in PICTURES:
            continue
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            meanings.setdefault(name, {}).setdefault(id(value), module.__name__)
    twice = {name: [*of.values()] for name, of in meanings.items() if len(of) > 1}
    assert not twice


def test_no_constant_has_two_meanings():
    """Constants that two modules define are private to both, or differ in name."""
    places = {}
    for module in _modules():
        if module.__name__.split(".")[1] in ABOVE:
            continue
        for statement in ast.parse(inspect.getsource(module)).body:
            for target in _assigned(statement):
                if target.isupper() and not target.startswith("_"):
                    places.setdefault(target, set()).add(module.__name__)
    twice = {name: of for name, of in places.items() if len(of) > 1 and name not in SHARED}
    assert not twice


def test_values_stay_what_they_are():
    """All but two that take notes: what an archive holds, and what a trait of a widget has had."""
    changing = set()
    for module in _modules():
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            for mark in getattr(node, "decorator_list", []):
                if ast.unparse(mark).startswith("dataclasses.dataclass") and (
                    "frozen=True" not in ast.unparse(mark)
                ):
                    changing.add(node.name)
    assert changing == {"Stored", "_Track"}


def _assigned(statement):
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    return [part.id for part in parts if isinstance(part, ast.Name)]


# --- sizes -------------------------------------------------------------------------------------


def _lines(*folders):
    files = [file for name in folders for file in (Path(ck.__file__).parent / name).rglob("*.py")]
    return {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}


@pytest.mark.parametrize(
    ("folders", "most"), [(("labs",), 2_500), (("labs", "pictures", "views", "frames"), 6_000)]
)
def test_labs_and_pictures_stay_small(folders, most):
    assert len(folders) * 400 < sum(_lines(*folders).values()) <= most


def test_no_module_is_long():
    assert not {name: n for name, n in _lines(".").items() if n > 350}


# --- labs --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_labs_are_there_without_an_import_of_their_own():
    script = "import condensekit as ck; before = set(sys.modules); ck.labs.RecoveryLab"
    assert "condensekit.labs" in _after(script)
    assert "condensekit.labs" not in _after("import condensekit as ck; dir(ck)")


def test_without_the_extra_it_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("condensekit.labs")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(vars(ck), "labs", raising=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    for name in [name for name in sys.modules if name.startswith("condensekit.views")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'condensekit\[lab\]'"):
        ck.labs  # noqa: B018


@pytest.mark.slow
def test_figures_are_there_without_an_import_of_their_own():
    assert "condensekit.figures" in _after("import condensekit as ck; ck.figures.draw")
    assert "matplotlib" not in _after("import condensekit as ck; dir(ck)")


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="module 'condensekit' has no attribute 'lab'"):
        ck.lab  # noqa: B018
