"""Types for a user: code that uses condensekit is checked by mypy --strict, as it is installed."""

import subprocess
import sys
import sysconfig
import venv

import pytest
from site_tool import ROOT

pytest.importorskip("mypy")

RIGHT = """
import numpy as np
from condensekit import Experiment, Run, TwoLayer, Adam, recovery, three_tanh, train
import condensekit as ck

experiment = Experiment(TwoLayer(1, 20), three_tanh(), Adam(steps=100), n_samples=12)
run: Run = train(experiment)
last: float = float(run.loss[-1])
found: bool | None = recovery(run).sharp
runs: ck.Runs = train([experiment, experiment.replace(seed=1)])
saved = run.save("a.npz").name.upper()
rank: int = ck.model_rank(experiment.model, run.final).rank
"""
WRONG = {
    'TwoLayer(1, "20")': 'has incompatible type "str"; expected "int"',
    "train(experiment).los": 'has no attribute "los"',
    "recovery(experiment)": 'has incompatible type "Experiment"',
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What mypy says of lines, in an environment where condensekit is installed."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / "env", symlinks=True)
    here = sysconfig.get_path("purelib")
    there = folder / "env" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    (there / "condensekit").symlink_to(ROOT / "condensekit")
    (there / "others.pth").write_text(f"{here}\n")

    def told(code):
        (folder / "user.py").write_text(code)
        command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file="]
        command += ["--python-executable", folder / "env" / "bin" / "python", "user.py"]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        assert not done.stderr
        return done.stdout.splitlines()

    return told


def test_code_that_is_right_has_no_complaint(told):
    assert told(RIGHT) == []


def test_code_that_is_wrong_is_told_line_by_line(told):
    lines = told(RIGHT + "\n".join(WRONG) + "\n")
    assert len(lines) == len(WRONG)
    for line, said in zip(lines, WRONG.values(), strict=True):
        assert said in line
