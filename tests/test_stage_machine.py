"""Anything in any order, in two labs: they tell the truth, refuse with reasons, and end.

Longer and more sequences, in every lab, are in `tests/slow/test_stage_machines.py`.
"""

import pytest
from stage_machine import explore, told


@pytest.mark.parametrize("name", ["condensation", "rank"])
def test_anything_in_any_order(name, record_property):
    tally = explore(name, 2, 12)
    assert tally["states checked"] > tally["sequences"]
    for what, count in told(tally):
        record_property(what, count)
