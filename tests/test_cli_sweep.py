"""The command ``condensekit sweep``, run as a user runs it."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from often import sparsely
from saboteurs import full_disk, workers_of
from test_cli import size_of_png
from waiting import until

from condensekit import cli, extras
from condensekit.sweeps import execute

SMALL = ["--width", "8", "--optimizer", "adam", "--steps", "30"]
AXES = ["--n-samples", "8:13:2", "--init-std", "1e-3,1", "--seed", "0:2"]


def opened(path):
    with xr.open_dataset(path, engine="h5netcdf") as file:
        return file.load()


def test_it_ends_with_a_table_a_map_in_letters_and_a_picture(tmp_path, capsys):
    table = tmp_path / "map.nc"
    assert cli.main(["sweep", *SMALL, *AXES, "--out", str(table)]) == 0
    told = capsys.readouterr().out
    assert "12 runs" in told
    assert "12 budget" in told
    assert "       8      10      12" in told
    found = opened(table)
    assert found.test_loss.dims == ("n_samples", "init_std", "seed")
    assert (found.n_samples.values.tolist(), found.seed.values.tolist()) == ([8, 10, 12], [0, 1])
    rows = [line for line in told.splitlines() if line.startswith(("0.001 ", "    1 "))]
    assert len(rows) == 2
    for row in rows:
        name, left, right = (
            row.replace("*", "").replace("|", " | ", 1).split(None, 1)[0],
            *row.split("|"),
        )
        logs = [float(text) for text in (left.split()[1:] + right.split())]
        median = np.log10(found.test_loss.sel(init_std=float(name)).median("seed"))
        np.testing.assert_allclose(logs, median, atol=0.051)
        assert len(left.split()) == 2, "of 8, 10 and 12 samples theory allows 10 and 12"
    width, height = size_of_png(tmp_path / "map.png")
    assert min(width, height) > 300


@pytest.mark.slow
def test_processes_give_the_same_table(tmp_path):
    for name, more in (("a.nc", []), ("b.nc", ["--processes", "2"])):
        assert cli.main(["sweep", *SMALL, *AXES, *more, "--out", str(tmp_path / name)]) == 0
    assert opened(tmp_path / "a.nc").equals(opened(tmp_path / "b.nc"))


def test_one_axis_gives_a_table_without_a_map(tmp_path, capsys):
    table = tmp_path / "map.nc"
    assert cli.main(["sweep", *SMALL, "--seed", "3,1,2", "--out", str(table)]) == 0
    assert opened(table).seed.values.tolist() == [3, 1, 2]
    assert "log10" not in capsys.readouterr().out
    assert [*tmp_path.iterdir()] == [table]


def _lines(file):
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_an_axis_of_names_has_a_map_too(tmp_path, capsys):
    axes = ["--activation", "tanh,relu", "--init-std", "1e-6,1", "--png", str(tmp_path / "a.png")]
    assert cli.main(["sweep", *SMALL, *axes, "--out", str(tmp_path / "map.nc")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert ["1e-6", "1"] in [line.split() for line in told]
    assert [line[:4] for line in told if line[:4] in ("tanh", "relu")] == ["relu", "tanh"]
    assert min(size_of_png(tmp_path / "a.png")) > 300


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("more", sparsely([[], ["--processes", "2"]], 2))
def test_ctrl_c_keeps_and_the_same_command_goes_on(more, tmp_path):
    """A real process and a real signal, which a terminal sends to all that belong to it."""
    command = [sys.executable, "-c", "from condensekit.cli import main; raise SystemExit(main())"]
    command += ["sweep", "--width", "30", "--optimizer", "adam", "--steps", "3000", *more]
    command += ["--n-samples", "5:8", "--seed", "0:60", "--out", str(tmp_path / "map.nc")]
    journal = tmp_path / "map.nc.journal"
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        start_new_session=True,
    ) as process:
        assert "Ctrl+C" in process.stdout.readline()
        try:
            until(lambda: _lines(journal) > 1, "row in the journal", 120)
            assert bool(workers_of(process.pid)) == bool(more)
        finally:
            os.killpg(process.pid, signal.SIGINT)
        rest, complaints = process.communicate()
    assert (process.returncode, complaints) == (130, "")
    assert "cancelled" in rest
    assert not workers_of(process.pid)
    ends = opened(tmp_path / "map.nc").outcome.values
    assert 0 < (ends == "budget").sum() < ends.size


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--n-samples", "0:3"], ["n_samples", "from 1", "0"]),
        (["--n-samples", "3:3"], ["n_samples", "empty", "3:3"]),
        (["--n-samples", "3:9:0"], ["n_samples", "3:9:0"]),
        (["--n-samples", "a:b"], ["n_samples", "a:b"]),
        (["--seed", "0:1000000000"], ["seed", "100,000"]),
        (["--init-std", "1:2"], ["init_std", "list", "1:2"]),
        (["--init-std", "1e-3,nan"], ["init_std", "nan"]),
        (["--activation", "tanh,swish"], ["activation", "swish"]),
        (["--seed", "1,1"], ["seed", "twice"]),
        (["--lr", "1e-3,1e-2"], ["lr", "knobs here"]),
        (["--processes", "0"], ["processes", "from 1", "0"]),
        (["--out", "no/such/folder/map.nc"], ["cannot be written"]),
        (["--out", "."], ["folder", "table"]),
        (["--out", ""], ["folder", "table"]),
        (["--scheduler", ""], ["address", "tcp://"]),
        (["--png", "no/such/folder/x.png"], ["no/such/folder/x.png", "--png"]),
        (["--png", "."], ["folder", "picture"]),
        (["--png", "x.unknown"], ["x.unknown", ".png", ".svg"]),
        (["--png", "x"], [".png", ".svg"]),
        (["--scheduler", "tcp://127.0.0.1:9"], ["No Dask scheduler", "tcp://127.0.0.1:9"]),
    ],
)
def test_bad_settings_are_answered_in_one_line(arguments, words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "condensekit.cli_sweep.connect", lambda address: execute.connect(address, 0.5)
    )
    assert cli.main(["sweep", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("condensekit: ")
    assert told.count("\n") == 1
    for word in words:
        assert word in told
    assert not [*tmp_path.iterdir()]


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_full_disk_is_said_in_one_line_and_the_same_command_goes_on(tmp_path, capsys):
    command = ["sweep", *SMALL, *AXES, "--out", str(tmp_path / "map.nc")]
    with full_disk(10_000):
        assert cli.main(command) == 2
    told = capsys.readouterr().err
    assert told.startswith("condensekit: ")
    assert (told.count("\n"), "too large" in told) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["map.nc.journal"]
    assert cli.main(command) == 0
    assert (opened(tmp_path / "map.nc").outcome == "budget").all()


def test_a_missing_extra_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert cli.main(["sweep"]) == 2
    assert "pip install 'condensekit[sweep]'" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
