"""Stored files that are cut at every byte, and sets of digits at every byte of their heads."""

import random

import pytest

pytest.importorskip("xarray")
import cuts
from test_cut_files import CUT, tried

MOST = 30_000
"""Bytes of a file that is cut at each of them; a larger one is at so many places of its body."""


@pytest.mark.parametrize("name", cuts.KINDS)
def test_a_file_that_is_cut_anywhere_is_refused_or_read_as_its_beginning(
    name, tmp_path, record_property
):
    kind, draw = cuts.KINDS[name], random.Random(name)
    size = len(kind.whole)
    places = range(size)
    if size > MOST:
        body = {draw.randrange(kind.head, size) for _ in range(4_000)}
        places = sorted({*range(kind.head), *range(size - 200, size), *body})
    tried(kind, tmp_path, places)
    record_property(CUT, len(places))
