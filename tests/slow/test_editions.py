"""Every notebook gives nothing away, and makes slides; that all run is in `test_extras`."""

import pytest
from test_editions import SHORT, SOURCES, check_expected, check_slides

pytestmark = pytest.mark.slow
LONG = [name for name in SOURCES if name not in SHORT]


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", LONG)
def test_a_student_is_given_no_expected_value(name):
    check_expected(name)


@pytest.mark.parametrize("name", LONG)
def test_slides_are_a_heading_and_what_is_shown(name):
    check_slides(name)
