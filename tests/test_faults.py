"""What may go wrong around a run: Ctrl+C at any moment, a full disk, a killed process, torn files.

More of each is in `tests/slow/test_faults_everywhere.py`.
"""

import os
import signal
import subprocess
import sys
import time

import pytest
from faults import TRAINED, interrupt_lab, interrupt_sweep, interrupt_training
from saboteurs import full_disk

import condensekit as ck
from condensekit import files
from condensekit.files import FORGOTTEN, whole_file
from condensekit.training import loop, record

SURVIVED = "reliability: faults survived"
UNCLOSED = "ignore::pytest.PytestUnraisableExceptionWarning"
"""Of a file that Ctrl+C met just when it was to be closed: Python closes it, and complains."""


@pytest.mark.parametrize("name", TRAINED)
def test_ctrl_c_at_any_moment_of_a_training_gives_its_beginning_or_nothing(name, record_property):
    raised, kept = interrupt_training(TRAINED[name], 40)
    assert raised, "before the first step there is nothing to be kept"
    assert kept > raised
    record_property(SURVIVED, raised + kept)


@pytest.mark.filterwarnings("ignore::ResourceWarning", UNCLOSED)
def test_ctrl_c_at_any_moment_of_a_sweep_costs_no_run(tmp_path, record_property):
    record_property(SURVIVED, interrupt_sweep(tmp_path, 2))


@pytest.mark.parametrize("name", ["recovery", "phase"])
def test_ctrl_c_at_any_moment_of_a_lab_leaves_it_true_and_ready(name, record_property):
    record_property(SURVIVED, interrupt_lab(name, 4))


# --- files ---------------------------------------------------------------------------------------

RUN = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(1), ck.Adam(1e-2, steps=5), 6, 0.3)


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_full_disk_leaves_the_old_file_wherever_it_is_full(tmp_path, record_property):
    path, run = tmp_path / "runs.npz", ck.train(RUN)
    run.save(path)
    before = path.read_bytes()
    rooms = range(0, len(before), len(before) // 25)
    for room in rooms:
        with full_disk(room), pytest.raises(OSError, match="too large"):
            run.save(path)
        assert path.read_bytes() == before
        assert [*tmp_path.iterdir()] == [path]
    run.save(path)
    record_property(SURVIVED, len(rooms))


KILLED = """
import os, signal, sys
sys.path.insert(0, os.path.dirname({files!r}))
from files import whole_file
with whole_file(sys.argv[1]) as file:
    file.write(b"half of it")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
SLOW = """
import os, sys
sys.path.insert(0, os.path.dirname({files!r}))
from files import whole_file
with whole_file(sys.argv[1]) as file:
    file.write(b"first half, ")
    file.flush()
    print("begun", flush=True)
    sys.stdin.readline()
    file.write(b"second half")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals, and files that can be held")
def test_what_a_killed_process_left_is_removed_by_the_next_that_writes(tmp_path, record_property):
    path = tmp_path / "a file"
    path.write_bytes(b"old")
    others = [tmp_path / ".another file.x.part", tmp_path / ".a file.notes"]
    for other in others:
        other.touch()
        os.utime(other, (0.0, 0.0))
    command = [sys.executable, "-W", "ignore", "-c", KILLED.format(files=files.__file__), str(path)]
    ended = subprocess.run(command, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    (part,) = {*tmp_path.iterdir()} - {path, *others}
    slow = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SLOW.format(files=files.__file__), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with slow:
        assert slow.stdout.readline() == "begun\n"
        (living,) = {*tmp_path.iterdir()} - {path, part, *others}
        long_ago = time.time() - FORGOTTEN - 60.0
        for one in (part, living):
            os.utime(one, (long_ago, long_ago))
        with whole_file(path) as file:
            file.write(b"new")
        assert {*tmp_path.iterdir()} == {path, living, *others}, "nobody holds it, but the other"
        assert path.read_bytes() == b"new"
        slow.communicate("go on\n")
    assert path.read_bytes() == b"first half, second half"
    assert {*tmp_path.iterdir()} == {path, *others}
    record_property(SURVIVED, 2)


WRITES = """
import os, sys
sys.path.insert(0, os.path.dirname({files!r}))
from files import whole_file
for _ in range(200):
    with whole_file(sys.argv[1]) as file:
        for _ in range(20):
            file.write(sys.argv[2].encode() * 1000)
"""


def test_two_processes_that_save_to_one_path_leave_one_whole_file(tmp_path, record_property):
    path = tmp_path / "a file"
    script = WRITES.format(files=files.__file__)
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(path), letter]) for letter in "ab"
    ]
    found = set()
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            found.add(path.read_bytes())
    assert [writer.wait() for writer in writers] == [0, 0]
    assert found | {path.read_bytes()} <= {letter * 20_000 for letter in (b"a", b"b")}
    assert [*tmp_path.iterdir()] == [path]
    record_property(SURVIVED, 400)


# --- memory and clock ----------------------------------------------------------------------------


def test_runs_that_do_not_fit_into_memory_are_refused_before_they_start(
    monkeypatch, record_property
):
    """One of them would fit; a container may have less than the machine."""
    monkeypatch.setattr(loop.Batch, "advance", pytest.fail)
    one = record._record_bytes(RUN)
    assert one == 6 * RUN.model.n_parameters * 8
    monkeypatch.setattr(record, "_machine_bytes", lambda: 3 * one - 1)
    with pytest.raises(
        ValueError, match=r"3 runs, the largest of 15 parameters .* takes 0 GB: more"
    ):
        ck.train([RUN.replace(seed=seed) for seed in range(3)])
    monkeypatch.setattr(record, "_machine_bytes", lambda: one - 1)
    with pytest.raises(ValueError, match=r"A run of 15 parameters .* at 6 steps"):
        ck.train(RUN)
    record_property(SURVIVED, 2)


@pytest.mark.parametrize(("text", "known"), [("4096\n", 4096), ("max\n", None), (None, None)])
def test_the_memory_of_a_container_is_what_it_may_use(text, known, tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(record, "CONTAINER", ())
    machine = record._machine_bytes.__wrapped__()
    if text is not None:
        limit.write_text(text)
    monkeypatch.setattr(record, "CONTAINER", (str(limit),))
    assert record._machine_bytes.__wrapped__() == (known or machine)


def test_a_clock_that_is_set_back_changes_no_run_and_no_file(
    monkeypatch, tmp_path, record_property
):
    whole, now = ck.train(RUN), [time.time()]

    def back():
        now[0] -= 3600.0
        return now[0]

    for name in ("time", "perf_counter", "monotonic"):
        monkeypatch.setattr(time, name, back)
    run = ck.train(RUN)
    run.save(tmp_path / "runs.npz")
    again = ck.Run.load(tmp_path / "runs.npz")
    for one in (run, again):
        assert one.outcome is whole.outcome
        assert one.loss.tolist() == whole.loss.tolist()
    record_property(SURVIVED, 1)
