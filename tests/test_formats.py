"""Files and tokens of every format that there was are read for ever; and tokens are short."""

import base64
import json
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from cases import each
from often import sparsely

import condensekit as ck
from condensekit import labs, problems
from condensekit.activations import ACTIVATIONS, Activation, register
from condensekit.knobs import Settings
from condensekit.sweeps import Cells, Grid, experiment_at
from condensekit.sweeps.store import Store
from condensekit.tokens import read_moment, read_token, write_moment
from condensekit.training import formats, storage

FOLDER = Path(__file__).parent / "data" / "formats"
FORMATS = range(1, formats.SETTINGS + 1)

EXPERIMENT = ck.Experiment(
    ck.TwoLayer(1, 3, bias=False),
    problems.teacher(
        [1.0, -0.5], [[0.7], [-1.9]], [0.3, 0.8], inputs=problems.EvenlySpaced(-2.0, 3.0)
    ),
    ck.Adam(1e-2, steps=20),
    8,
    0.1,
)
"""What the stored files were trained on."""

TOKENS = {
    f"{number}, {name}": entry
    for number in FORMATS
    for name, entry in json.loads((FOLDER / f"tokens-{number}.json").read_text()).items()
}


# --- files and tokens of every format ----------------------------------------------------------


@pytest.mark.parametrize("number", FORMATS)
def test_runs_of_every_format_are_read(number):
    runs = ck.Runs.load(FOLDER / f"runs-{number}.npz")
    assert runs.experiments == (EXPERIMENT, EXPERIMENT.replace(seed=1))
    again = ck.train(EXPERIMENT)
    np.testing.assert_allclose(runs[0].loss, again.loss, rtol=1e-9)


@pytest.mark.parametrize("number", FORMATS)
def test_sweeps_of_every_format_are_read(number):
    xr = pytest.importorskip("xarray")
    with xr.open_dataset(FOLDER / f"table-{number}.nc", engine="h5netcdf") as file:
        found = file.load()
    assert Cells.of(found).grid.base == EXPERIMENT
    cell = found.isel(n_samples=1, seed=1)
    assert experiment_at(cell) == EXPERIMENT.replace(n_samples=5, seed=1)
    again = ck.train(experiment_at(cell))
    assert float(cell["loss"]) == pytest.approx(again.loss[-1], rel=1e-9)


@pytest.mark.parametrize("number", FORMATS)
def test_journals_of_every_format_are_gone_on_with(number, tmp_path):
    pytest.importorskip("xarray")
    shutil.copy(FOLDER / f"table-{number}.journal", tmp_path / "sweep.nc.journal")
    grid = Grid.of(EXPERIMENT, {"n_samples": [3, 5], "seed": range(2)})
    known = Store(tmp_path / "sweep.nc", grid, []).known
    assert [*known] == [0, 1], "two of four runs had been trained"
    again = ck.train(grid.experiments[1])
    assert known[1].loss == pytest.approx(again.loss[-1], rel=1e-9)
    with pytest.raises(ValueError, match=r"another sweep: its init_std is 0\.1, not 0\.2"):
        Store(tmp_path / "sweep.nc", Grid.of(EXPERIMENT.replace(init_std=0.2), dict(grid.axes)), [])


@each("entry", TOKENS)
def test_tokens_of_every_format_are_read(entry):
    batch, step, until, view = read_moment(entry["token"], entry["lab"])
    assert [settings.values() for settings in batch] == entry["values"]
    assert (step, until, view) == (entry["step"], entry["until"], entry["view"])
    again = write_moment(entry["lab"], batch, step, until, view)
    assert read_moment(again, entry["lab"]) == (batch, step, until, view)


def test_a_file_of_the_format_of_today_is_there():
    """Who raises the number stores a file of it; one that is there is never written again."""
    held = read_token(TOKENS[f"{formats.SETTINGS}, RecoveryLab"]["token"])["experiments"][0]
    assert held[formats.NUMBER] == formats.SETTINGS
    assert held == storage.encode(storage.decode(held))


@pytest.mark.parametrize("number", [0, 3, 2.0, "2", None, True, [1]])
def test_a_format_that_is_not_known_is_refused_by_its_number(number):
    with pytest.raises(ValueError, match=r"format .*, but formats 1 to 2 are known here"):
        storage.decode(storage.encode(EXPERIMENT) | {formats.NUMBER: number})


def test_names_in_files_are_of_one_class_each_and_never_that_of_another_format():
    names = [storage._name(kind) for kind in storage._kinds(Settings)]
    ours = [name for name in names if ":" not in name]
    assert len(set(ours)) == len(ours)
    assert "Grid" not in ours, "it is the name of another class in format 1"


@pytest.mark.slow
@pytest.mark.parametrize("name", sparsely([name for name in TOKENS if "own data" not in name], 2))
def test_labs_open_where_a_token_of_any_format_was_made(name):
    entry = TOKENS[name]
    lab = getattr(labs, entry["lab"]).from_state(entry["token"])
    batch, step, until, view = read_moment(lab.state(), entry["lab"])
    assert [settings.values() for settings in batch] == entry["values"]
    assert (step, until) == (entry["step"], entry["until"])
    assert view == {name: entry["view"].get(name, value) for name, value in view.items()}


# --- classes of one's own ----------------------------------------------------------------------

NOTEBOOK = """
import dataclasses
import condensekit as ck

@dataclasses.dataclass(frozen=True)
class Teacher(ck.problems.Problem):
    slope: float = 2.0
    inputs = ck.problems.EvenlySpaced()
    noise_std = 0.0

    def target(self, x):
        return self.slope * x[:, 0]
"""
FRESH = """
import sys
import condensekit as ck
for read in (ck.Run.load, lambda token: ck.tokens.read_moment(token, "RecoveryLab")):
    try:
        print(read(sys.argv.pop(1)))
    except ValueError as error:
        print(error)
"""


@pytest.mark.slow
def test_a_class_of_a_notebook_named_like_ours_is_read_there_and_asked_for_elsewhere(tmp_path):
    names = {"__name__": "__main__"}
    exec(NOTEBOOK, names)
    own = ck.Experiment(ck.TwoLayer(1, 3), names["Teacher"](3.0), ck.Adam(steps=2), 5)
    path = ck.train(own).save(tmp_path / "run")
    token = write_moment("RecoveryLab", [own], 0, 2, {})
    assert ck.Run.load(path).experiment == own
    assert read_moment(token, "RecoveryLab")[0] == [own]
    recorded = ck.records.recorded_run(ck.records.CONDENSATION)
    assert type(recorded.experiment.problem) is problems.Teacher

    command = [sys.executable, "-c", FRESH, str(path), token]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 2
    for line in done.stdout.splitlines():
        assert "'__main__:Teacher' is not a kind of settings" in line
        assert "define the class Teacher, first" in line
        assert "damaged" not in line


def test_an_activation_of_a_notebook_is_asked_for_by_name(tmp_path):
    gelu = Activation("gelu", torch.nn.functional.gelu)
    own = ck.Experiment(ck.TwoLayer(1, 3, gelu), problems.three_tanh(), ck.Adam(steps=2), 5)
    path = ck.train(own).save(tmp_path / "run")
    token = write_moment("RecoveryLab", [own], 0, 2, {})
    del ACTIVATIONS["gelu"]
    for read in (lambda: ck.Run.load(path), lambda: read_moment(token, "RecoveryLab")):
        with pytest.raises(ValueError, match="The activation 'gelu' is not known here") as caught:
            read()
        assert "damaged" not in str(caught.value)
    register(gelu)
    try:
        assert ck.Run.load(path).experiment == read_moment(token, "RecoveryLab")[0][0] == own
    finally:
        del ACTIVATIONS["gelu"]


# --- tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lab", [name for name in TOKENS if name.startswith("2, ")])
def test_tokens_are_short(lab):
    entry = TOKENS[lab]
    batch, _, until, view = read_moment(entry["token"], entry["lab"])
    own = "own data" in lab
    for step in (0, 7, until // 3, 987_654):
        assert len(write_moment(entry["lab"], batch, step, until, view)) < (200 if own else 60)


def test_the_words_of_tokens_stay_for_ever():
    """Another byte, and all tokens that were sent around could not be read any more."""
    words = (Path(ck.__file__).parent / "token_words_2.txt").read_bytes()
    assert (len(words), zlib.crc32(words)) == (8_162, 4_017_510_273)


@pytest.mark.parametrize("number", FORMATS)
def test_a_changed_character_is_noticed(number):
    token = TOKENS[f"{number}, RecoveryLab, turned"]["token"]
    for place in range(4, len(token)):
        for other in "A_z"[: 1 if number == 1 else 3]:
            changed = token[:place] + other + token[place + 1 :]
            if changed != token and not _same_bytes(changed, token):
                with pytest.raises(ValueError, match="token"):
                    read_token(changed)
    for length in range(len(token)):
        with pytest.raises(ValueError, match="token"):
            read_token(token[:length])


def _same_bytes(one, other):
    """The last character of Base64 has bits that say nothing."""
    tails = [text.rpartition("-")[2] for text in (one, other)]
    if one[: -len(tails[0])] != other[: -len(tails[1])]:
        return False
    first, second = (base64.urlsafe_b64decode(tail + "=" * (-len(tail) % 4)) for tail in tails)
    return first == second


def test_a_token_of_a_later_version_is_refused_by_its_number():
    with pytest.raises(ValueError, match="version 3, but versions 1 to 2"):
        read_token("ck3-abc")


def test_a_token_that_grows_without_end_is_refused():
    packer = zlib.compressobj(9, wbits=-15)
    bomb = b"0000" + packer.compress(b" " * 60_000_000) + packer.flush()
    with pytest.raises(ValueError, match="damaged"):
        read_token(f"ck2-{base64.urlsafe_b64encode(bomb).decode().rstrip('=')}")
