"""Executors that give up, errors that say anything: what a sweep has trained is kept, and told."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import xarray as xr
from cases import SMALL
from test_faults import SURVIVED

import condensekit as ck

QUICK, AXES = SMALL.replace(steps=2), {"n_samples": [3, 5, 8], "seed": [0, 1]}


def test_what_an_executor_calls_off_is_an_error_that_says_what_is_kept(tmp_path, record_property):
    """A scheduler that is gone: `tests/slow/test_sweep_killed.py`."""
    path, whole = tmp_path / "map.nc", ck.sweep(QUICK, **AXES)
    for given in (path, None):
        with ThreadPoolExecutor(1) as executor:
            off = partial(executor.shutdown, wait=False, cancel_futures=True)
            with pytest.raises(ConnectionError, match="called the work off") as said:
                ck.sweep(QUICK, executor, given, on_block=lambda _, off=off: off(), **AXES)
        told = str(said.value)
        assert (f" is kept beside {path}; the same call goes on" in told) == (given is not None)
        assert ("Without a path nothing of this sweep is kept." in told) == (given is None)
    heard = []
    again = ck.sweep(QUICK, path=path, on_block=lambda one: heard.append(one.done), **AXES)
    assert heard[0] >= 2, "what was kept is not trained again"
    assert again.equals(whole)
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
