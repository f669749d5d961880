"""Executors that give up, errors that say anything: what a sweep has trained is kept, and told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import xarray as xr
from cases import SMALL
from test_faults import SURVIVED

import condensekit as ck

QUICK, AXES = SMALL.replace(steps=2), {"n_samples": [3, 5, 8], "seed": [0, 1]}


def test_what_an_executor_calls_off_is_an_error_that_says_what_is_kept(tmp_path, record_property):
    """A scheduler that is gone: `tests/slow/test_sweep_killed.py`."""
    path, go_on = tmp_path / "map.nc", threading.Event()

    def waits(run):
        """The first block ends; the second waits, and the third has not begun."""
        return float(run.experiment.n_samples == 3 or go_on.wait(60.0))

    measures = {"k": waits}
    for given in (path, None):
        go_on.clear()
        with ThreadPoolExecutor(1) as executor:

            def off(_, executor=executor):
                executor.shutdown(wait=False, cancel_futures=True)
                go_on.set()

            with pytest.raises(ConnectionError, match="called the work off") as said:
                ck.sweep(QUICK, executor, given, off, measures, **AXES)
        told = str(said.value)
        assert (f" is kept beside {path}; the same call goes on" in told) == (given is not None)
        assert ("Without a path nothing of this sweep is kept." in told) == (given is None)
    heard = []
    again = ck.sweep(QUICK, None, path, lambda one: heard.append(one.done), measures, **AXES)
    assert 2 <= heard[0] < 6, "what was kept is not trained again"
    assert again.equals(ck.sweep(QUICK, measures=measures, **AXES))
    record_property(SURVIVED, 2)


@pytest.mark.parametrize("words", ["a\0b", "half of a letter \ud800", "end\0"])
def test_whatever_an_error_says_the_table_is_written(words, tmp_path):
    def speaks(run):
        if run.experiment.seed == 1:
            raise ArithmeticError(words)
        return 2.0

    path, told = tmp_path / "map.nc", words.replace("\0", "\\0").replace("\ud800", "\\ud800")
    found = ck.sweep(QUICK, path=path, measures={"k": speaks}, seed=[0, 1])
    assert f"k: {told}" in found.message.values[1]
    with xr.open_dataset(path, engine="h5netcdf") as file:
        assert file.load().message.equals(found.message)
