"""A disk that is full, for all that writes a file by its path: the old one stays, and is named.

Runs are in `tests/test_faults.py`, sweeps in `tests/test_sweep.py`, what students did in
`tests/test_exercises.py`, replays in `tests/slow/test_full_disk_wide.py`.
"""

import os

import pytest
from saboteurs import full_disk
from test_faults import RUN, SURVIVED

import condensekit as ck
from condensekit import cli, editions, exercises, pictures, presets
from condensekit.figures import figure
from condensekit.labs import RecoveryLab

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of a process")


@pytest.fixture(scope="module")
def drawn():
    return figure([pictures.loss(ck.train(RUN), -1)])


@pytest.fixture(scope="module")
def token():
    lab = RecoveryLab(width=6, n_samples=8, steps=20)
    yield lab.state()
    lab.close()


def survives(act, path, parts=8):
    """Try it with room for some parts of the file, over an older one and without; how often.

    The older one is of the same act.
    """
    act()
    before, tried = path.read_bytes(), 0
    others = {*path.parent.iterdir()} - {path}
    for room in range(0, len(before) * 9 // 10, len(before) // parts):
        for there in (True, False):
            if there:
                path.write_bytes(before)
            else:
                path.unlink()
            with full_disk(room), pytest.raises(OSError, match="too large") as said:
                act()
            assert said.value.filename == str(path)
            assert str(path) in str(said.value)
            assert path.exists() == there
            assert not there or path.read_bytes() == before
            assert {*path.parent.iterdir()} - {path} == others
            tried += 1
    act()
    assert path.exists()
    return tried


@pytest.mark.parametrize("name", ["a.png", "b.pdf"])
def test_a_picture_is_there_as_a_whole_or_not_at_all(name, drawn, tmp_path, record_property):
    path = tmp_path / name
    record_property(SURVIVED, survives(lambda: drawn.savefig(path, dpi=30), path, 2))


@pytest.mark.parametrize(
    ("given", "name", "begins"),
    [
        ({"fname": "plain"}, "plain.png", b"\x89PNG"),
        ({"fname": "a.b", "format": "svg"}, "a.b", b"<?xml"),
        ({"fname": "a.pdf", "dpi": 20, "facecolor": "red"}, "a.pdf", b"%PDF"),
    ],
)
def test_a_picture_is_named_and_made_as_matplotlib_does(
    given, name, begins, drawn, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    drawn.savefig(**given)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(begins)
    with pytest.raises(FileNotFoundError, match="no folder"):
        drawn.savefig(tmp_path / "no folder" / "a.png")
    with pytest.raises(ValueError, match="nothing"):
        drawn.savefig(tmp_path / "a.nothing")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_presets_that_were_kept_stay(token, tmp_path, monkeypatch, record_property):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / presets.FILE
    record_property(SURVIVED, survives(lambda: presets.keep("the first", token), path))
    presets.keep("the second", token)
    before = path.read_bytes()
    with full_disk(5), pytest.raises(OSError, match="too large"):
        presets.forget("RecoveryLab", "the second")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["report.json", "report.txt"])
def test_a_report_is_there_as_a_whole_or_not_at_all(name, nothing_done, tmp_path, record_property):
    folder = tmp_path / "reports"
    folder.mkdir()
    path = folder / name
    record_property(SURVIVED, survives(lambda: exercises.report(path), path, 4))


def test_what_an_edition_has_not_written_is_named(tmp_path, record_property):
    """What there is before is right, and never written over: see `tests/test_cli.py`."""
    folder = tmp_path / "handed"
    with full_disk(1_000), pytest.raises(OSError, match="too large") as said:
        editions.hand_out(folder)
    assert str(folder) in said.value.filename
    assert not [*folder.iterdir()]
    record_property(SURVIVED, 1)


def test_a_line_that_was_not_written_names_its_file(tmp_path, record_property):
    path = tmp_path / "lines"
    path.write_bytes(b"first\n")
    with full_disk(6), pytest.raises(OSError, match="too large") as said:
        ck.files.append_line(path, "second")
    assert said.value.filename == str(path)
    with full_disk(9), pytest.raises(OSError, match="No space left") as said:
        ck.files.append_line(path, "second")
    assert said.value.filename == str(path)
    ck.files.append_line(path, "third")
    assert path.read_bytes() == b"first\nsec\nthird\n"
    record_property(SURVIVED, 2)


def test_the_command_that_recovers_names_its_picture(tmp_path, capsys):
    path = tmp_path / "picture.png"
    command = ["recover", "--steps", "5", "--width", "5", "--png", str(path)]
    assert cli.main(command) == 0
    before = path.read_bytes()
    capsys.readouterr()
    with full_disk(1_000):
        assert cli.main(command) == 2
    assert f"File too large: {str(path)!r}" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]
