"""Faults at many more moments and places than `tests/test_faults.py` tries."""

import pytest
from cases import LABS
from faults import TRAINED, interrupt_lab, interrupt_sweep, interrupt_training
from test_faults import SURVIVED, UNCLOSED

MOMENTS = dict.fromkeys(["recovery", "condensation", "heads", "kernels", "phase", "deep"], 8)
MOMENTS["regimes"] = 2  # of a family of networks


@pytest.mark.parametrize("name", TRAINED)
def test_ctrl_c_at_many_moments_of_a_training(name, record_property):
    record_property(SURVIVED, sum(interrupt_training(TRAINED[name], 200)))


@pytest.mark.filterwarnings("ignore::ResourceWarning", UNCLOSED)
def test_ctrl_c_at_many_moments_of_a_sweep(tmp_path, record_property):
    record_property(SURVIVED, interrupt_sweep(tmp_path, 24))


@pytest.mark.parametrize("name", [name for name in LABS if name in MOMENTS])
def test_ctrl_c_at_many_moments_of_a_lab(name, record_property):
    record_property(SURVIVED, interrupt_lab(name, MOMENTS[name]))
