"""Labs without pandas: none of them imports it, and what needs it finds it."""

import subprocess
import sys

import pytest

LABS = "from condensekit import labs; import bqplot, sys"


def _done(script, before=LABS):
    """What a script says in a Python of its own."""
    command = [sys.executable, "-c", f"{before}\n{script}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split() or done.stderr


@pytest.mark.slow
def test_no_lab_imports_it():
    every = "[getattr(labs, name)() for name in labs.__all__ if name[-3:] == 'Lab' != name]"
    assert _done(f"print(len({every}), 'pandas' in sys.modules)") == ["9", "False"]


USES = {
    "a class made of a table": (
        "radar = bqplot.Radar; import pandas; print(radar.data.klass is pandas.DataFrame)"
    ),
    "the same by its name": "from bqplot import Radar; print(Radar is bqplot.Radar)",
    "the same from its module": (
        "from bqplot.plotting_widgets import Radar; print(Radar is bqplot.Radar)"
    ),
    "dates": (
        "import numpy as np, pandas; from bqplot import Lines\n"
        "days = np.array([*pandas.date_range('2020-01-01', periods=2)], dtype=object)\n"
        "scales = {'x': bqplot.DateScale(), 'y': bqplot.LinearScale()}\n"
        "sent = Lines(x=days, y=[1, 2], scales=scales).get_state('x')['x']\n"
        "print(sent['type'] == 'date' or sent)"
    ),
    "columns of a table": (
        "import pandas; table = pandas.DataFrame({'x': [1.0, 2.0]})\n"
        "print(bqplot.Lines(x=table['x']).x.tolist() == [1, 2])"
    ),
    "its own import": "import pandas; print(pandas.DataFrame({'x': [1]}).x.sum() == 1)",
    "names that are not there": (
        "print(not hasattr(bqplot, 'Radars') and not hasattr(bqplot, '__x__'))"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", USES.values(), ids=USES)
def test_what_needs_it_finds_it(script):
    assert _done(script) == ["True"]
    assert _done(script, "import pandas, bqplot") == ["True"]


MEANWHILE = """
import sys, threading, condensekit
from condensekit.widgets import light
told = []
def elsewhere():
    {script}
with light._later("pandas"):
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
import pandas
print(told == [pandas.DataFrame], type(pandas).__name__)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        "import pandas; told.append(pandas.DataFrame)",
        "from pandas import DataFrame; told.append(DataFrame)",
        "from pandas.core.api import DataFrame; told.append(DataFrame)",
        "import pandas.core.frame as frame; told.append(frame.DataFrame)",
    ],
)
def test_another_thread_that_imports_it_meanwhile_gets_it(script):
    assert _done("", MEANWHILE.format(script=script)) == ["True", "module"]


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import pandas", "import bqplot"])
def test_what_is_imported_already_stays(first):
    script = "import pandas; print('__getattr__' in vars(bqplot), 'pandas' in sys.modules)"
    assert _done(script, f"{first}\n{LABS}") == ["False", "True"]


@pytest.mark.slow
def test_an_import_that_fails_leaves_nothing_behind():
    script = (
        "import sys; sys.modules['bqscales'] = None\n"
        "try: from condensekit import labs\n"
        "except ImportError: pass\n"
        "print([name for name in sys.modules if name in ('pandas', 'bqplot.plotting_widgets')])"
    )
    assert _done(script, "") == ["[]"]
