"""Machines as people have them: locked folders, names of all alphabets, no browser."""

import os
import shutil
import subprocess
import sys

import pytest

import condensekit as ck
from condensekit import cli

NAME = "ein Ordner ü 学"
QUICK = ["--width", "20", "--steps", "200", "--n-samples", "12"]
SWEEP = ["sweep", "--n-samples", "3,4", "--init-std", "0.1,1", "--seed", "0", "--max-steps", "5"]
RUN = [sys.executable, "-c", "from condensekit.cli import main; raise SystemExit(main())"]


def as_a_user():
    """What is put before a command so that permissions hold for it; root has to give up its own."""
    if os.geteuid():
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root can write everywhere")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture
def locked(tmp_path):
    """A folder that cannot be written."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def run(arguments, folder, home):
    """A command of ours in a folder; its status, and the last line of what it says."""
    environment = os.environ | {"HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        environment.pop(name, None)
    command = [*as_a_user(), *RUN, *map(str, arguments)]
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr.strip().splitlines()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["recover", *QUICK], "The picture cannot be written to recovery.png"),
        (["lecture", "--no-browser"], "condensekit-lecture cannot be written"),
        ([*SWEEP, "--out", "a.nc"], "The table cannot be written to a.nc"),
    ],
    ids=["recover", "lecture", "sweep"],
)
def test_in_a_folder_that_cannot_be_written_it_ends_in_a_sentence(
    arguments, words, locked, tmp_path
):
    status, told = run(arguments, locked, tmp_path)
    assert status == 2
    assert len(told) == 1
    assert told[0].startswith("condensekit: ")
    assert words in told[0]
    assert not [*locked.iterdir()]


def test_in_a_home_that_cannot_be_written_the_others_work(locked, tmp_path):
    status, _ = run(["recover", *QUICK, "--png", "a.png"], tmp_path, locked)
    assert status == 0
    assert (tmp_path / "a.png").exists()
    status, _ = run([*SWEEP, "--out", "a.nc"], tmp_path, locked)
    assert status == 0
    assert (tmp_path / "a.nc").exists()


def test_in_a_home_that_cannot_be_written_the_lecture_says_what_to_do(locked, tmp_path):
    status, told = run(["lecture", "--no-browser"], tmp_path, locked)
    assert status == 2
    assert len(told) == 1
    assert f"JupyterLab keeps its own files in {locked}" in told[0]
    assert "HOME" in told[0]
    assert not (tmp_path / "condensekit-lecture").exists()


def test_a_file_that_cannot_be_written_is_named(locked, tmp_path):
    trained = ck.train(ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(1), ck.Adam(steps=2)))
    for path in (tmp_path / "nowhere" / "a.npz", tmp_path):
        with pytest.raises(OSError, match=str(path)) as raised:
            trained.save(path)
        assert ".part" not in str(raised.value)
    with pytest.raises(OSError, match=r"nowhere\.csv"):
        ck.read_csv(tmp_path / "nowhere.csv")


def test_names_have_spaces_and_letters_of_all_alphabets(tmp_path, capsys, monkeypatch):
    folder = tmp_path / NAME
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert cli.main(["recover", *QUICK, "--png", f"{NAME}.png"]) == 0
    assert f"{NAME}.png" in capsys.readouterr().out
    assert cli.main([*SWEEP, "--out", f"{NAME}.nc", "--png", f"{NAME} 2.png"]) == 0
    assert {file.name for file in folder.iterdir()} == {
        f"{NAME}.png",
        f"{NAME}.nc",
        f"{NAME} 2.png",
    }
    run = ck.train(ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(1), ck.Adam(steps=2)))
    run.save(f"{NAME}.npz")
    assert ck.Run.load(folder / f"{NAME}.npz").loss.tolist() == run.loss.tolist()
    (folder / f"{NAME}.csv").write_text("x,y\n0,1\n1,2\n2,3\n", encoding="utf-8")
    assert ck.read_csv(f"{NAME}.csv") == ck.own_data([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])


def test_without_a_browser_the_lecture_is_served_and_its_address_said(tmp_path):
    """A real JupyterLab, in a folder whose name has letters of all alphabets."""
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": "", "DISPLAY": ""}
    with subprocess.Popen(
        [*RUN, "lecture", str(tmp_path / NAME)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    ) as process:
        told = []
        try:
            for line in process.stdout:
                told.append(line)
                if "http://127.0.0.1" in line or len(told) > 500:
                    break
        finally:
            process.terminate()
            process.wait(60)
    assert any("http://127.0.0.1" in line for line in told), "".join(told)
    assert (tmp_path / NAME / "05-recovery.ipynb").exists()
