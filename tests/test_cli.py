"""The commands, run as a user runs them, in this process."""

import os
import socket
import struct
import subprocess
import sys

import nbformat
import pytest
from saboteurs import full_disk
from waiting import until

from condensekit import cli, editions, extras
from condensekit.files import shipped

QUICK = ["--width", "20", "--steps", "200", "--n-samples", "12"]


@pytest.fixture
def jupyter(monkeypatch):
    """What would be started instead of JupyterLab."""
    started = []
    monkeypatch.setattr(cli, "_become", lambda command: started.append(command) or 0)
    return started


def size_of_png(path):
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", head[16:])


def test_recover_ends_with_a_verdict_and_a_picture(tmp_path, capsys):
    picture = tmp_path / "picture.png"
    assert cli.main(["recover", *QUICK, "--png", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "60 parameters, 12 samples, 200 steps" in told
    assert "Allowed by theory: 12 samples >= 9" in told
    assert "Not reached by training" in told
    width, height = size_of_png(picture)
    assert width > 800
    assert height > 600


def test_recover_says_which_setting_diverged_and_draws_what_there_is(tmp_path, capsys):
    picture = tmp_path / "picture.png"
    options = ["--optimizer", "gd", "--lr", "0.1", "--png", str(picture)]
    assert cli.main(["recover", *options]) == 0
    assert "lr = 0.1" in capsys.readouterr().out
    assert picture.exists()


def test_ctrl_c_keeps_what_was_trained(tmp_path):
    """A real process and a real signal."""
    command = [sys.executable, "-c", "from condensekit.cli import main; raise SystemExit(main())"]
    command += ["recover", "--steps", "10000000", "--png", str(tmp_path / "picture.png")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert "Ctrl+C" in process.stdout.readline()
        process.send_signal(cli.signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "500 neurons (1,500 parameters)" in rest
    assert (tmp_path / "picture.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--width", "0"], ["width", "from 1 to 40,000", "0"]),
        (["--n-samples", "1001"], ["n_samples", "1,000", "1001"]),
        (["--init-std", "nan"], ["init_std", "nan"]),
        (["--activation", "swish"], ["activation", "swish", "tanh"]),
        (["--png", "no/such/folder/x.png"], ["no/such/folder/x.png", "--png"]),
        (["--png", "."], ["folder"]),
        (["--png", "x.unknown"], ["x.unknown", ".png", ".svg"]),
        (["--png", "x"], [".png", ".svg"]),
    ],
)
def test_bad_settings_are_answered_in_one_line(arguments, words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["recover", *QUICK, *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("condensekit: ")
    assert told.count("\n") == 1
    for word in words:
        assert word in told
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "extra", "module"),
    [
        (["recover"], "plot", "matplotlib"),
        (["lecture"], "lab", "bqplot"),
        (["app"], "app", "voila"),
        (["app"], "lab", "bqplot"),
    ],
)
def test_a_missing_extra_is_named(arguments, extra, module, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == module else found(name))
    assert cli.main(arguments) == 2
    assert f"pip install 'condensekit[{extra}]'" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_lecture_opens_a_copy_and_never_overwrites_it(tmp_path, jupyter, capsys):
    folder = tmp_path / "mine"
    assert cli.main(["lecture", str(folder), "--port", "0", "--no-browser"]) == 0
    copy = folder / "05-recovery.ipynb"
    source = nbformat.read(shipped("notebooks") / copy.name, as_version=4)
    held = {cell.source for cell in nbformat.read(copy, as_version=4).cells}
    assert {cell.source for cell in source.cells if cell.cell_type == "markdown"} < held
    assert not any("NBVAL" in text for text in held), "the edition for students"
    assert "New in it: " in capsys.readouterr().out
    command = jupyter[0]
    assert f"--ServerApp.root_dir={folder}" in command
    assert "--LabApp.default_url=/doc/tree/00-welcome.ipynb" in command, "which leads to the others"
    assert (folder / "00-welcome.ipynb").exists()
    assert command[-2:] == ["--no-browser", "--port=0"]
    assert "--MappingKernelManager.cull_idle_timeout=1800" in command
    copy.write_text("my own notes")
    (folder / "other.txt").write_text("mine too")
    assert cli.main(["lecture", str(folder)]) == 0
    assert copy.read_text() == "my own notes"
    assert (folder / "other.txt").read_text() == "mine too"
    told = capsys.readouterr().out
    assert "Left as you have them" in told
    assert "New in it" not in told


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
@pytest.mark.parametrize("room", [0, 100, 8_192, 60_000])
def test_a_notebook_is_copied_as_a_whole_or_not_at_all(room, tmp_path, jupyter, capsys):
    """On a disk that is full: what there is is right, and the next call copies the rest."""
    editions.hand_out(tmp_path / "whole")
    originals = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    folder = tmp_path / "mine"
    folder.mkdir()
    with full_disk(room):
        assert cli.main(["lecture", str(folder)]) == 2
    assert "cannot be written: File too large" in capsys.readouterr().err
    assert not jupyter
    assert len([*folder.iterdir()]) < len(originals)
    for path in folder.iterdir():
        assert path.read_bytes() == originals[path.name]
    assert cli.main(["lecture", str(folder)]) == 0
    assert "Left as you have them" not in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == originals


@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_each_edition_is_copied_into_a_folder_of_its_own(
    edition, tmp_path, jupyter, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lecture"]) == 0
    assert cli.main(["lecture", "--edition", edition]) == 0
    told = capsys.readouterr().out
    folder = tmp_path / cli._FOLDERS[edition]
    assert f"{edition} edition: {folder}" in told
    assert "Left as you have them" not in told
    assert f"--ServerApp.root_dir={folder}" in jupyter[-1]
    assert len([*tmp_path.iterdir()]) == len({"student", edition})
    solved = '"solves":' in (folder / "10-exercises.ipynb").read_text()
    assert solved is (edition != "student")


def test_a_lecture_in_another_language(tmp_path, jupyter, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lecture", "--language", "zh", "--edition", "solutions"]) == 0
    folder = tmp_path / "condensekit-solutions-zh"
    assert f"--ServerApp.root_dir={folder}" in jupyter[-1]
    assert "欢迎" in (folder / "00-welcome.ipynb").read_text(encoding="utf-8")
    assert cli.main(["lecture", "--language", "zh", "--in-place"]) == 2
    assert "The originals are in English" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ["--edition", "teacher"],
        ["--edition", "student", "--in-place"],
        ["--language", "Klingon"],
    ],
)
def test_an_edition_that_there_is_not_and_originals_of_one_are_refused(more, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["lecture", *more])
    assert ended.value.code == 2
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "options", [["--port", "0", "--no-browser"], ["--no-browser", "--port=0"]], ids=["two", "one"]
)
def test_the_number_of_a_port_is_no_folder(options, tmp_path, jupyter, monkeypatch):
    """As the README writes it, without a folder."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lecture", *options]) == 0
    assert jupyter[0][-2:] == ["--no-browser", "--port=0"]
    assert [path.name for path in tmp_path.iterdir()] == ["condensekit-lecture"]


@pytest.mark.parametrize("given", [["={}"], ["", "{}"]], ids=["one", "two"])
def test_options_of_a_reader_stand_for_ours(given, tmp_path, jupyter):
    """JupyterLab refuses an option that is there twice."""
    name = "--MappingKernelManager.cull_idle_timeout"
    first, *rest = (text.format(60) for text in given)
    cli.main(["lecture", str(tmp_path), name + first, *rest])
    command = " ".join(jupyter[0])
    assert command.count(name) == 1
    assert f"{name}=60" in command or f"{name} 60" in command
    assert "--MappingKernelManager.cull_interval=60" in command


def test_authors_open_the_originals(tmp_path, jupyter, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lecture", "--in-place"]) == 0
    assert f"--ServerApp.root_dir={shipped('notebooks').resolve()}" in jupyter[0]
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize("said", [True, False])
def test_it_also_serves_where_the_only_user_is_root(root, said, tmp_path, jupyter, monkeypatch):
    monkeypatch.setattr(cli, "_root", lambda: root)
    cli.main(["lecture", str(tmp_path), *["--allow-root"][:said]])
    assert jupyter[0].count("--allow-root") == (root or said)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, jupyter, capsys):
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["lecture", str(tmp_path / "file" / "folder")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert not jupyter


def test_a_port_in_use_is_said_before_anything_starts(tmp_path, jupyter, capsys):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert cli.main(["lecture", str(tmp_path), f"--port={port}"]) == 2
        assert f"Port {port} cannot be used" in capsys.readouterr().err
    assert not jupyter


def test_unknown_options_of_recover_are_refused():
    with pytest.raises(SystemExit) as ended:
        cli.main(["recover", "--wdith", "3"])
    assert ended.value.code == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot become another there")
def test_what_stops_the_command_stops_the_server(tmp_path, monkeypatch):
    """A real server: the process that was started is the one that serves."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / name))
    command = [sys.executable, "-m", "condensekit.cli", "lecture", str(tmp_path / "mine")]
    command += ["--port=0", "--no-browser", "--IdentityProvider.token=secret"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        found = tmp_path / "RUNTIME_DIR" / f"jpserver-{process.pid}.json"
        try:
            until(found.exists, "running server", 60)
        finally:
            process.terminate()
            process.wait(30)
    assert (tmp_path / "mine" / "05-recovery.ipynb").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--steps", "20"], "--steps means Adam, not the flow"),
        (["--lr", "0.01", "--steps", "20"], "--lr and --steps mean Adam, not the flow"),
        (["--steps", "20", "--optimizer", "gd"], None),
        (["--max-steps", "5"], None),
    ],
    ids=str,
)
def test_what_an_option_means_is_said(arguments, told, capsys, tmp_path):
    size = ["--width", "5", "--n-samples", "8", "--png", str(tmp_path / "a.png")]
    assert cli.main(["recover", *size, *arguments]) == 0
    said = capsys.readouterr().out
    assert (told in said) if told else ("not the flow" not in said)
