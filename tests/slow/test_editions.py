"""Every edition of every notebook runs in a fresh kernel, gives nothing away, and makes slides."""

import pytest
from test_editions import RUN, SHORT, SOURCES, check_expected, check_run, check_slides

from condensekit import editions

pytestmark = pytest.mark.slow
LONG = [name for name in SOURCES if name not in SHORT]
REST = [(name, one) for name in SOURCES for one in editions.EDITIONS if (name, one) not in RUN]


@pytest.mark.parametrize(("name", "edition"), REST)
def test_it_runs_in_a_fresh_kernel(name, edition, tmp_path):
    check_run(name, edition, tmp_path)


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", LONG)
def test_a_student_is_given_no_expected_value(name):
    check_expected(name)


@pytest.mark.parametrize("name", LONG)
def test_slides_are_a_heading_and_what_is_shown(name):
    check_slides(name)
