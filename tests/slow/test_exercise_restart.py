"""A kernel that starts again knows what was predicted, and what had been shown by then."""

import subprocess
import sys

import pytest

from condensekit import exercises
from condensekit.exercises import keeping

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    exercises.keep_progress(tmp_path)
    yield tmp_path
    exercises.keep_progress(None)


def new_kernel(folder, code):
    """Run code in a Python of its own, in that folder."""
    header = "from condensekit import exercises\n"
    return subprocess.run(
        [sys.executable, "-c", header + code], cwd=folder, capture_output=True, text=True,
        check=True, timeout=120,
    ).stdout  # fmt: skip


def test_a_new_kernel_knows_what_was_predicted_and_shown(folder):
    new_kernel(folder, "q = exercises.same_neurons(); q.predict(12)")
    said = new_kernel(
        folder,
        "q = exercises.same_neurons(); print(q.predict(9)); q.measure(); print(q.check(10))",
    )
    assert (
        "Recorded as prediction 2, before the measurement: `9`. The first one stands: `12`" in said
    )
    question = exercises.same_neurons()
    assert [(p.answer, p.before) for p in question.predictions] == [(12, True), (9, True)]
    again = question.predict(7)
    assert "Recorded as prediction 3, after the measurement: `7`" in again
    assert [p.before for p in question.predictions] == [True, True, False]
    assert question.check(7).message.endswith("You had predicted 12.")


def test_without_a_word_it_is_the_folder_of_the_notebook(tmp_path):
    new_kernel(tmp_path, "exercises.same_neurons().predict(12)")
    assert [path.name for path in tmp_path.iterdir()] == [keeping.PROGRESS]
