"""A disk that is full while a lab is written, as a page or a picture: `tests/test_full_disk.py`."""

import pytest
from cases import LABS
from saboteurs import full_disk
from test_faults import SURVIVED
from test_full_disk import pytestmark, survives

from condensekit import cli

assert pytestmark


@pytest.mark.parametrize("name", ["a.png", "b.svg", "c.pdf", "d.jpg", "e.eps", "f.svgz"])
def test_a_picture_of_a_lab_is_there_as_a_whole_or_not_at_all(name, tmp_path, record_property):
    lab, path = LABS["recovery"].make(), tmp_path / name
    lab.run(live=False)
    drawn = lab.figure()
    record_property(SURVIVED, survives(lambda: drawn.savefig(path), path, 4))
    lab.close()


def test_a_replay_is_there_as_a_whole_or_not_at_all(tmp_path, record_property):
    lab, path = LABS["recovery"].make(), tmp_path / "lab.html"
    lab.run(live=False)
    before = lab.state()
    record_property(SURVIVED, survives(lambda: lab.replay(path), path, 5))
    assert lab.state() == before
    lab.close()


def test_the_scripts_of_many_pages_are_whole_or_not_there(tmp_path, record_property):
    """And the page that is left without them is not written either."""
    lab = LABS["rank"].make()
    (tmp_path / "whole").mkdir()
    lab.replay(tmp_path / "whole" / "lab.html", libraries="scripts")
    scripts = {one.name: one.read_bytes() for one in (tmp_path / "whole" / "scripts").iterdir()}
    sizes = sorted(map(len, scripts.values()))
    for room in (0, sizes[0], sizes[-1] - 1):
        folder = tmp_path / str(room)
        folder.mkdir()
        with full_disk(room), pytest.raises(OSError, match="too large") as said:
            lab.replay(folder / "lab.html", libraries="scripts")
        assert said.value.filename.startswith(str(folder / "scripts"))
        assert [one.name for one in folder.iterdir()] == ["scripts"]
        left = {one.name: one.read_bytes() for one in (folder / "scripts").iterdir()}
        assert left.items() < scripts.items()
        lab.replay(folder / "lab.html", libraries="scripts")
        left = {one.name: one.read_bytes() for one in (folder / "scripts").iterdir()}
        assert left == scripts
        record_property(SURVIVED, 1)
    lab.close()


@pytest.mark.parametrize("old", [None, b"an older page"], ids=["new", "over an older one"])
def test_the_command_says_which_page_could_not_be_written(old, tmp_path, capsys, record_property):
    path = tmp_path / "lab.html"
    command = ["replay", "RankLab", str(path)]
    if old is not None:
        path.write_bytes(old)
    for room in (0, 100_000):
        with full_disk(room):
            assert cli.main(command) == 2
        told = capsys.readouterr().err
        assert f"{path} cannot be written: File too large." in told
        assert path.exists() == (old is not None)
        assert old is None or path.read_bytes() == old
        assert not {*tmp_path.iterdir()} - {path}
        record_property(SURVIVED, 1)
    assert cli.main(command) == 0
    assert path.read_bytes().startswith(b"<!doctype html>")
