"""The user's own machine: whatever is set on it, the run is the same, or a sentence says why not.

What torch has set is asked of every model in `test_defaults`; here of one run with all that comes
of it, in `same_run`. Processes that begin anew are in `test_users_machine`.
"""

import asyncio
import contextlib
import locale
import multiprocessing
import random
import threading
import warnings

import numpy as np
import pytest
import same_run
import torch


@contextlib.contextmanager
def _set(change, value, back):
    change(value)
    try:
        yield
    finally:
        change(back)


def _language(name):
    """A locale, if the machine has it."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pytest.skip(f"the machine has no locale {name}")
    return _set(lambda one: locale.setlocale(locale.LC_ALL, one), name, before)


SETTINGS = {
    "numbers of 16 bits by default": lambda: _set(
        torch.set_default_dtype, torch.float16, torch.float32
    ),
    "numbers of 64 bits by default": lambda: _set(
        torch.set_default_dtype, torch.float64, torch.float32
    ),
    "the device meta by default": lambda: _set(torch.set_default_device, "meta", None),
    "no gradients": torch.no_grad,
    "inference mode": torch.inference_mode,
    "deterministic algorithms": lambda: _set(torch.use_deterministic_algorithms, True, False),
    "denormal numbers are zero": lambda: _set(torch.set_flush_denormal, True, False),
    "four threads": lambda: _set(torch.set_num_threads, 4, 1),
    "errors of NumPy raised": lambda: np.errstate(all="raise"),
    "NumPy prints as of old": lambda: np.printoptions(precision=1, legacy="1.13"),
    "warnings are errors": lambda: warnings.catch_warnings(action="error"),
    "the locale C": lambda: _language("C"),
    "a German locale": lambda: _language("de_DE.UTF-8"),
    "seeds of others": lambda: _set(_all_seeds, 5, 0),
}


def _all_seeds(seed):
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002  as people do
    random.seed(seed)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return same_run.whole(tmp_path_factory.mktemp(same_run.NAME))


def same(found, expected):
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


@pytest.mark.parametrize("name", SETTINGS)
def test_whatever_is_set_the_run_is_the_same(name, expected, tmp_path, record_property):
    with SETTINGS[name]():
        found = same_run.whole(tmp_path)
    same(found, expected)
    record_property("reliability: settings of the user's machine", 1)


def test_in_a_running_event_loop_the_run_is_the_same(expected, tmp_path, record_property):
    async def cell():
        return same_run.whole(tmp_path)

    same(asyncio.run(cell()), expected)
    record_property("reliability: settings of the user's machine", 1)


def test_in_another_thread_the_run_is_the_same(expected, tmp_path, record_property):
    found = {}
    thread = threading.Thread(target=lambda: found.update(same_run.whole(tmp_path)))
    thread.start()
    thread.join(120.0)
    assert not thread.is_alive()
    same(found, expected)
    record_property("reliability: settings of the user's machine", 1)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_in_a_forked_process_the_run_is_the_same(expected, tmp_path, record_property):
    context = multiprocessing.get_context("fork")
    near, far = context.Pipe(duplex=False)
    child = context.Process(target=lambda: far.send_bytes(same_run.digest(tmp_path).encode()))
    child.start()
    assert near.poll(120.0), "it hangs"
    assert near.recv_bytes().decode() == same_run.fingerprint(expected)
    child.join(60.0)
    assert child.exitcode == 0
    record_property("reliability: settings of the user's machine", 1)
