"""Sweeps of which a process is killed, and those that another processor has begun."""

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch
from saboteurs import AXES, FLOW, KillsAt, KillsOnce, scheduler, workers_of
from test_faults import SURVIVED
from waiting import until

import condensekit as ck
from condensekit.sweeps import FAILED, connect


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


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("when", ["before it begins", "as it is handed over", "half way", "done"])
def test_a_scheduler_that_is_gone_is_said_and_costs_no_run(
    when, here, tmp_path, caplog, record_property
):
    """The last of them: all is trained, and waits to be fetched."""
    (tmp_path / "dask").mkdir()
    path = tmp_path / "map.nc"
    heard, ended = [], []

    with scheduler(tmp_path / "dask") as (address, process):
        client = connect(address, timeout=10.0)
        client.wait_for_workers(1, timeout=60.0)
        submit = client.submit

        def end():
            process.kill()
            ended.append(process.wait())

        def submitted(*given, **options):
            found = submit(*given, **options)
            if not ended:
                end()
            return found

        def told(progress):
            heard.append(progress.done)
            if when == "done":
                until(
                    lambda: all(one.status == "finished" for one in client.futures.values()), "end"
                )
            if not ended:
                end()

        if when == "before it begins":
            end()
        if when == "as it is handed over":
            client.submit = submitted
        kind, words = ConnectionError, r"scheduler is gone.*\.$"
        if when == "before it begins":  # perhaps heard of before it is asked
            kind, words = (kind, ValueError), rf"{words}|not connected to a scheduler"
        with pytest.raises(kind, match=words) as said:
            ck.sweep(FLOW, client, path=path, on_block=told, **AXES)
        client.close()
    assert ended == [-signal.SIGKILL]
    kept = heard[-1] if heard else 0
    if when in ("half way", "done"):
        assert 0 < kept < 12
    if when != "before it begins":
        assert f"What had ended, {kept} runs, is kept beside {path}; the same" in str(said.value)
    again = []
    found = ck.sweep(FLOW, path=path, on_block=lambda one: again.append(one.done), **AXES)
    assert again[0] == (kept or 4), "nothing is trained again"
    assert found.equals(here)
    assert {*tmp_path.iterdir()} == {path, tmp_path / "dask"}
    record_property(SURVIVED, 1)


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
