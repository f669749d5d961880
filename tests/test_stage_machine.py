"""Anything in any order, in every lab: it tells the truth, refuses with reasons, and ends.

Longer and many more sequences are in `tests/slow/test_stage_machines.py`.
"""

import pytest
from cases import LABS
from stage_machine import explore, told

KINDS = {case.kind: name for name, case in LABS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_anything_in_any_order(kind, record_property):
    tally = explore(KINDS[kind], 2, 12)
    assert tally["states checked"] > tally["sequences"]
    for what, count in told(tally):
        record_property(what, count)
