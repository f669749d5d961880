"""Sweeps of which a process is killed, and those that another processor has begun."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch
from saboteurs import AXES, FLOW, KillsAt, KillsOnce, workers_of

import condensekit as ck
from condensekit.sweeps import FAILED


@pytest.fixture(scope="module")
def here():
    return ck.sweep(FLOW, **AXES)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_process_costs_nothing_and_none_is_left_behind(here, tmp_path):
    before, during = workers_of(os.getpid()), []  # other tests have pools that live on
    found = ck.sweep(
        FLOW,
        2,
        on_block=lambda _: during.extend(workers_of(os.getpid())),
        measures={"k": KillsOnce(tmp_path / "done")},
        **AXES,
    )
    assert (tmp_path / "done").exists()
    assert (found.k == 1.0).all()
    assert found.drop_vars("k").equals(here)
    assert {*during} - {*before}
    assert {*workers_of(os.getpid())} <= {*before}


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_run_that_kills_every_process_is_given_up_alone(here):
    found = ck.sweep(FLOW, 1, measures={"k": KillsAt(8)}, **AXES)
    assert (found.outcome.sel(n_samples=8) == FAILED).all()
    assert "ended abruptly" in found.message.sel(n_samples=8).values[0, 0]
    rest = {"n_samples": [3, 11]}
    assert found.drop_vars("k").sel(rest).equals(here.sel(rest))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_pool_that_a_killed_process_has_broken_costs_nothing(here, tmp_path):
    with ProcessPoolExecutor(1, multiprocessing.get_context("forkserver")) as executor:
        found = ck.sweep(FLOW, executor, measures={"k": KillsOnce(tmp_path / "done")}, **AXES)
    assert (tmp_path / "done").exists()
    assert found.drop_vars("k").equals(here)


ELSEWHERE = """
import os
import condensekit as ck
from saboteurs import AXES, FLOW
found = ck.sweep(FLOW, path={path!r}, on_block=lambda progress: {ending}, **AXES)
print(found.attrs["processor"])
"""


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() == "DEFAULT", reason="there is nothing less"
)
@pytest.mark.parametrize("left", ["the file", "the journal"])
def test_a_sweep_is_not_finished_by_another_processor(left, tmp_path):
    path, folder = tmp_path / "map.nc", str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, *sys.path])}
    ending = "True" if left == "the file" else "os._exit(0)"  # before the table is written
    script = ELSEWHERE.format(path=str(path), ending=ending)
    told = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"ATEN_CPU_CAPABILITY": "default"},
        check=True,
        capture_output=True,
        text=True,
    )
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert [*before] == ["map.nc" if left == "the file" else "map.nc.journal"]
    assert told.stdout.startswith("torch DEFAULT, NumPy " if left == "the file" else "")
    with pytest.raises(ValueError, match=r"begun with processor torch DEFAULT, .*, not torch "):
        ck.sweep(FLOW, path=path, **AXES)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
