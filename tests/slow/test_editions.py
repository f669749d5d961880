"""Every notebook runs in a fresh kernel in every language, gives nothing away, and makes slides.

The instructor's edition runs all that the others run.
"""

import pytest
from test_editions import RUN, SHORT, SOURCES, check_expected, check_run, check_slides

from condensekit.languages import LANGUAGES

pytestmark = pytest.mark.slow
LONG = [name for name in SOURCES if name not in SHORT]
FOR_ALL = "instructor"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in SOURCES if (name, FOR_ALL) not in RUN])
def test_it_runs_in_a_fresh_kernel(name, language, tmp_path):
    check_run(name, FOR_ALL, tmp_path, language)


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", LONG)
def test_a_student_is_given_no_expected_value(name):
    check_expected(name)


@pytest.mark.parametrize("name", LONG)
def test_slides_are_a_heading_and_what_is_shown(name):
    check_slides(name)
