"""A process that begins on another machine: the same run, or a sentence. See `same_run`."""

import multiprocessing
import os
import subprocess
import sys

import arguments
import bad_values
import pytest
import same_run
import test_bad_inputs
from test_arguments import FUNCTIONS, call, taken
from test_machines import as_a_user, locked
from test_users_settings import SETTINGS

assert locked

ENVIRONMENTS = {
    "of a locale that there is not": {"LC_ALL": "tlh_KX.UTF-8", "LANG": "tlh_KX"},
    "with warnings as errors": {"PYTHONWARNINGS": "error::RuntimeWarning,error::UserWarning"},
    "without assertions and docstrings": {"PYTHONOPTIMIZE": "2"},
    "with another hash": {"PYTHONHASHSEED": "12345"},
    "in development mode": {"PYTHONDEVMODE": "1"},
    "in another zone of time": {"TZ": "Pacific/Kiritimati"},
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return same_run.digest(tmp_path_factory.mktemp("expected"))


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which no name of a file has any letter but those of ASCII."""


def begun(folder, environment, before=(), here=None):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    return subprocess.run(
        [*before, sys.executable, same_run.__file__, str(folder)],
        check=False,
        env=environment,
        cwd=here,
        capture_output=True,
        text=True,
        timeout=240,
    )


def printed(*given):
    done = begun(*given)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.split()[-1]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_in_a_process_of_its_own_the_run_is_the_same(name, expected, tmp_path, record_property):
    folder = tmp_path / same_run.NAME
    folder.mkdir()
    assert printed(folder, ENVIRONMENTS[name], (), folder) == expected
    record_property("reliability: settings of the user's machine", 1)


def test_in_a_locale_without_these_letters_a_path_is_refused(tmp_path, record_property):
    done = begun(tmp_path, ASCII)
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("ValueError: path must be a path with letters of this machine, but is")
    record_property("reliability: settings of the user's machine", 1)


def test_with_a_home_that_cannot_be_written_the_run_is_the_same(
    locked,
    expected,
    tmp_path,
    record_property,
):
    home = {"HOME": str(locked), "XDG_CACHE_HOME": str(locked), "MPLCONFIGDIR": str(locked)}
    assert printed(tmp_path, home, as_a_user(), locked) == expected
    assert not [*locked.iterdir()]
    record_property("reliability: settings of the user's machine", 1)


def test_in_a_spawned_process_the_run_is_the_same(expected, tmp_path, record_property):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(same_run.digest, (tmp_path,)) == expected
    record_property("reliability: settings of the user's machine", 1)


OTHERWISE = {"fill", "hand_out"}
"""They say how far a piece of time went, and which files are new: another answer every time."""
QUICK = [name for name in FUNCTIONS if name not in test_bad_inputs.LONG | OTHERWISE]


def answers():
    """What every public function says of its good arguments."""
    found = {}
    for name in QUICK:
        needed = taken(name)[2]
        found[name] = str(test_bad_inputs.seen(test_bad_inputs.outcome(FUNCTIONS[name], needed)))
    return found


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    arguments.good()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("answers"))
        return answers()


@pytest.mark.parametrize("name", SETTINGS)
def test_whatever_is_set_every_public_function_says_the_same(
    name, known, tmp_path, monkeypatch, record_property
):
    monkeypatch.chdir(tmp_path)
    with SETTINGS[name]():
        found = answers()
    assert [one for one in known if found[one] != known[one]] == []
    record_property("reliability: settings of the user's machine", 1)


@pytest.mark.parametrize("name", ["confirm", "displacements", "transpose_example"])
def test_bad_inputs_of_what_takes_long(name, tmp_path, monkeypatch, record_property):
    """See `test_bad_inputs`; good values are left out, as each of them takes seconds."""
    monkeypatch.chdir(tmp_path)
    function, (good, found, needed) = FUNCTIONS[name], taken(name)
    count = 0
    for argument in found:
        for one in bad_values.kinds(good[argument]).values() if argument in good else ():
            if one.clean is bad_values.REFUSED:
                with bad_values.nothing_changes(one.value), pytest.raises(ValueError) as error:
                    call(function, needed | {argument: one.value})
                test_bad_inputs.sentence(error.value, argument, one.value)
                count += 1
    record_property("reliability: bad inputs", count)
