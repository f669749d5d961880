"""Anything in any order in every lab, for longer than `tests/test_stage_machine.py`."""

import pytest
from cases import LABS
from stage_machine import explore, told


@pytest.mark.parametrize("name", LABS)
def test_anything_in_any_order_for_long(name, record_property):
    tally = explore(name, 5, 25)
    assert tally["states checked"] > tally["sequences"]
    for what, count in told(tally):
        record_property(what, count)
