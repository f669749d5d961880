"""The package: public names, and what importing it does not bring along."""

import importlib
import inspect
import json
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
