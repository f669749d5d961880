"""The moving picture of the README."""

import itertools
from pathlib import Path

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
ROOT = Path(__file__).parents[1]


def test_it_moves_from_the_start_of_the_run_to_its_end_and_is_small():
    path = ROOT / "docs" / "recovery.gif"
    assert "docs/recovery.gif" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert path.stat().st_size < 600_000
    with Image.open(path) as picture:
        seen = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            seen.append(np.asarray(picture.convert("L"), float))
    assert len(seen) > 24
    moved = [float(np.abs(a - b).mean()) for a, b in itertools.pairwise(seen)]
    assert np.mean(np.array(moved) > 0.02) > 0.9
    assert float(np.abs(seen[0] - seen[-1]).mean()) > 1.0
