"""Every notebook runs in a fresh kernel, translated, gives nothing away, and makes slides.

The instructor's edition runs all that the others run, and a translation runs the same code; the
English sources run with `make test`.
"""

import pytest
from test_editions import SHORT, SOURCES, check_expected, check_run, check_slides

from condensekit.languages import LANGUAGES

pytestmark = pytest.mark.slow
LONG = [name for name in SOURCES if name not in SHORT]
FOR_ALL = "instructor"


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
@pytest.mark.parametrize("name", SOURCES)
def test_it_runs_in_a_fresh_kernel(name, language, tmp_path):
    check_run(name, FOR_ALL, tmp_path, language)


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("name", LONG)
def test_a_student_is_given_no_expected_value(name):
    check_expected(name)


@pytest.mark.parametrize("name", LONG)
def test_slides_are_a_heading_and_what_is_shown(name):
    check_slides(name)
