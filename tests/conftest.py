"""One thread, one seed, and the same examples every time."""

import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # read once, when NumPy and torch are imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import hypothesis
import pytest
import torch

from condensekit import exercises

hypothesis.settings.register_profile(
    "laws", derandomize=True, deadline=None, database=None, max_examples=25
)
hypothesis.settings.load_profile("laws")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # of a shell that sends tests to the back
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = [] if find_spec("nbgrader") else ["graders"]  # they have their own environment


SLOW = Path(__file__).parent / "slow"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """All of `tests/slow` is slow, as is what is marked in other files."""
    for item in items:
        if item.path.is_relative_to(SLOW):
            item.add_marker("slow")


@pytest.fixture(autouse=True, scope="module")
def _widgets_end_with_their_file():
    """What stays open is told every change of language, and is walked through by `gc`."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()


@pytest.fixture(autouse=True)
def _deterministic():
    """Every test starts from one seed, with one thread, and leaves the generator as it found it."""
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def nothing_done(tmp_path):
    """Progress is kept in a folder that holds none yet."""
    exercises.keep_progress(tmp_path)
    yield tmp_path
    exercises.keep_progress(None)


@pytest.fixture
def nothing_kept():
    """Questions remember for themselves, and write no file."""
    exercises.keep_progress(None)
    yield
    exercises.keep_progress(None)
