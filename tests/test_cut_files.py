"""Files of every kind that were cut: refused by name, or read as their beginning. See `cuts`.

Every byte of every file is in `tests/slow/test_cut_files_wide.py`, cut pages of labs in
`tests/browser/test_cut_pages.py`.
"""

import random

import pytest

pytest.importorskip("xarray")
import cuts

from condensekit import editions

CUT = "reliability: files cut"


def tried(kind, folder, places):
    """Cut a file at these places; one that must be whole is never read, but for the whole."""
    taken = [cuts.is_read(kind, folder, cut) for cut in places]
    assert kind.begun or not any(taken), "a piece was taken for the whole"
    assert cuts.is_read(kind, folder, len(kind.whole)), "otherwise nothing was tried"


@pytest.mark.parametrize("name", cuts.KINDS)
def test_a_file_that_is_cut_is_refused_or_read_as_its_beginning(name, tmp_path, record_property):
    kind, draw = cuts.KINDS[name], random.Random(name)
    head = range(0, kind.head, 1 + kind.head // 400)
    end = range(len(kind.whole) - 8, len(kind.whole))
    places = {*head, *end, *(draw.randrange(len(kind.whole)) for _ in range(60))}
    tried(kind, tmp_path, sorted(places))
    record_property(CUT, len(places))


def test_a_notebook_that_is_cut_is_named_and_left_as_it_is(tmp_path, record_property):
    """Nobody's work is overwritten, whatever it looks like."""
    new = editions.hand_out(tmp_path, "student").new
    draw, count = random.Random(0), 0
    wholes = {name: (tmp_path / name).read_bytes() for name in new}
    for at in (0, 1, 2, 60, None):
        pieces = {
            name: whole[: draw.randrange(len(whole)) if at is None else at]
            for name, whole in wholes.items()
        }
        for name, piece in pieces.items():
            (tmp_path / name).write_bytes(piece)
        assert editions.hand_out(tmp_path, "student") == editions.Handed((), new)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == pieces
        count += len(pieces)
    record_property(CUT, count)
