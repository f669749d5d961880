"""Each extra alone: an environment that holds what it asks for, and nothing else, does its work."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from test_editions import SOURCES, code, solved
from test_editions import asked as questions
from test_long_notebooks import LONG

from condensekit import editions, exercises

ROOT = Path(__file__).parents[2]
DESCRIBED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = DESCRIBED["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def asked(extra):
    """Names of all distributions that condensekit asks for with an extra, and these in turn."""
    found, front = set(), [("condensekit", extra)]
    while front:
        name, extras = front.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if (key, extras) in found:
            continue
        found.add((key, extras))
        for line in importlib.metadata.requires(key) or []:
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or marker.evaluate({"extra": extras}):
                front += [(needed.name, one) for one in {"", *needed.extras}]
    return {name for name, _ in found} - {"condensekit"}


def environment(folder, extra):
    """A folder with links to these distributions, as the only one that Python will look in."""
    for name in asked(extra):
        files = importlib.metadata.files(name) or []
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(importlib.metadata.distribution(name).locate_file(top))
    for package in PACKAGES:
        (folder / package).symlink_to(ROOT / package)
    return folder


@pytest.fixture(scope="module")
def environments(tmp_path_factory):
    """One for each extra; "" is without any."""
    made = {}

    def of(extra):
        if extra not in made:
            made[extra] = environment(tmp_path_factory.mktemp(extra or "none"), extra)
        return made[extra]

    return of


def does(folder, code, cwd):
    """Run code there; its status, and all that it says."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONPATH": str(folder)}
    variables |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    # What a distribution keeps beside its modules: the scripts of widgets.
    variables["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")
    done = subprocess.run(
        [sys.executable, "-S", "-W", "ignore", "-c", code],
        check=False,
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


COMMAND = "from condensekit.cli import main; raise SystemExit(main({!r}.split()))"
RECOVER = "recover --width 20 --n-samples 12 --steps 50 --png a.png"
SWEEP = "sweep --n-samples 3,4 --init-std 0.1,1 --max-steps 5 --out a.nc"
TRAIN = """
import condensekit as ck
model = ck.TwoLayer(1, 3)
run = ck.train(ck.Experiment(model, ck.three_tanh(1), ck.GradientFlow(max_steps=9), n_samples=5))
run.save("a.npz")
assert ck.Run.load("a.npz").experiment == run.experiment
assert ck.exact_rank(model, run.final) == ck.model_rank(model, run.final).rank == 9
assert ck.optimistic_sample_size(model, target_width=3) == 9
"""


def test_an_environment_holds_nothing_else(environments, tmp_path):
    for module in ("scipy", "matplotlib", "bqplot", "xarray", "hypothesis", "IPython"):
        status, told = does(environments(""), f"import {module}", tmp_path)
        assert (status, "ModuleNotFoundError" in told) == (1, True), told


def test_without_any_extra_it_trains_and_says_what_is_missing(environments, tmp_path):
    assert does(environments(""), TRAIN, tmp_path) == (0, "")
    for command, extra in [(RECOVER, "plot"), (SWEEP, "sweep"), ("lecture", "lab")]:
        status, told = does(environments(""), COMMAND.format(command), tmp_path)
        assert (status, f"pip install 'condensekit[{extra}]'" in told) == (2, True), told
    status, told = does(environments(""), "import condensekit.labs", tmp_path)
    assert (status, "pip install 'condensekit[lab]'" in told) == (1, True), told


@pytest.mark.parametrize(
    ("extra", "command", "made"),
    [
        ("plot", RECOVER, ["a.png"]),
        ("sweep", SWEEP, ["a.nc"]),
        ("lab", RECOVER, ["a.png"]),
        ("lab", SWEEP, ["a.nc", "a.png"]),
        ("lab", "replay FactorizationLab a.html", ["a.html"]),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else None,
)
def test_an_extra_does_its_work_alone(environments, extra, command, made, tmp_path):
    status, told = does(environments(extra), COMMAND.format(command), tmp_path)
    assert status == 0, told
    assert sorted(file.name for file in tmp_path.glob("a.*")) == sorted(made)


def test_the_app_alone_writes_its_pages(environments, tmp_path):
    code = "from condensekit.app import write_pages; write_pages('pages')"
    status, told = does(environments("app"), code, tmp_path)
    assert status == 0, told
    assert len([*(tmp_path / "pages").glob("*Lab.ipynb")]) == 9


FOLDS = """
import condensekit.labs as labs
kinds = {name: kind for name, kind in vars(labs).items() if hasattr(kind, "replay")}
del kinds["Lab"]
assert len(kinds) == 9
for name, kind in kinds.items():
    lab = kind()
    for fold in range(len(lab.folds.titles)):
        lab.folds.selected_index = fold
    if name == "FactorizationLab":  # its flow in plain torch takes a moment; 500 neurons, minutes
        for lines in (lab.code(), lab.torch_code()):
            exec(lines, {"__name__": "read"})
    lab.figure()
    lab.close()
"""


def test_with_the_labs_every_fold_and_its_lines_run(environments, tmp_path):
    status, told = does(environments("lab"), FOLDS, tmp_path)
    assert status == 0, told


RUN = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source, allowed, correct in json.load(open("cells.json")):
    done = shell.run_cell(source)
    if not allowed:
        done.raise_error()
    if correct:
        shown, _ = shell.display_formatter.format(done.result)
        assert f"<b>\u2713 {correct}</b>" in shown["text/html"], source
"""


@pytest.mark.parametrize(("language", "correct"), [("zh", "正确。")])
@pytest.mark.parametrize("name", [name for name in SOURCES if name not in LONG])
def test_with_the_labs_every_notebook_runs_translated(
    environments, name, language, correct, tmp_path
):
    """The instructor's edition, which runs all that others run, and whose answers are right.

    The English sources run with `make test`, and the long ones, in English alone, beside this.
    """
    notebook = editions.edition(SOURCES[name], "instructor", language)
    right = [id(cell) for cell in solved(notebook).values()]
    cells = [
        (
            cell.source,
            "raises-exception" in cell.metadata.get("tags", []),
            id(cell) in right and correct,
        )
        for cell in code(notebook)
    ]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    status, told = does(environments("lab"), RUN, tmp_path)
    assert status == 0, told[-3000:]
    assert not (tmp_path / exercises.keeping.PROGRESS).exists(), "nobody has answered"
    if any("grade(answers)" in source for source, _, _ in cells):
        graded = re.findall(r"^(\w+) +not attempted$", told, re.MULTILINE)
        assert sorted(graded) == sorted(questions(name))
