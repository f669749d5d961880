"""Heads that find a head from few samples: cells of the record, trained again."""

import pytest
from test_head_recovery import CELLS, again

SOME = [cell for cell in CELLS if cell.seed == 2 and cell.n_samples in (3, 6, 9)]


@pytest.mark.parametrize("cell", SOME, ids=str)
def test_cells_come_out_again(cell):
    again(cell)
